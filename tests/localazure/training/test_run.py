from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from localazure.training import load_model
from localazure.training.classifier import ClassifierModel
from localazure.training.job import Job, JobImage
from localazure.training.run import run_job

SMALL_BUDGET_S = 15.0  # pays for the smallest trainings only; nobody looks at the clock here

Draw = Callable[[Path, int, int], Sequence[Any]]


def plain_pictures(folder: Path, count: int) -> list[JobImage]:
    """Red and blue pictures in turn; the label says which."""
    images: list[JobImage] = []
    for number in range(count):
        label = number % 2
        shade = 150 + 20 * (number // 2)
        noise = Image.effect_noise((48, 48), 20).convert("RGB")
        colour = Image.new("RGB", (48, 48), ((shade, 30, 30), (30, 30, shade))[label])
        Image.blend(noise, colour, 0.8).save(folder / f"{number}.png")
        images.append(JobImage(path=f"{number}.png", labels=[label]))
    return images


def run(job: Job, folder: Path) -> tuple[dict[str, Any], str, list[float]]:
    told: list[float] = []
    metrics, source = run_job(
        job, folder, progress=lambda fraction, _stage, _detail: told.append(fraction), cancelled=lambda: False
    )
    return metrics, source, told


def test_a_classifier_without_evaluation_set_is_judged_by_pictures_it_had_not_seen(tmp_path: Path) -> None:
    images = plain_pictures(tmp_path, 4)
    job = Job(kind="classifier", classes=["red", "blue", "never"], images=images, budget_s=SMALL_BUDGET_S, seed=1)
    metrics, source, told = run(job, tmp_path)
    assert source == "cross-validation"
    assert metrics["accuracyTop1"] == 1.0
    assert metrics["tagPerformance"] == {"red": {"accuracy": 1.0}, "blue": {"accuracy": 1.0}}
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert isinstance(load_model(tmp_path / "model.vlm"), ClassifierModel)


@pytest.mark.parametrize(("count", "seen"), [(1, 0), (2, 2)])
def test_the_smallest_classifier_sets_are_judged_honestly(tmp_path: Path, count: int, seen: int) -> None:
    images = plain_pictures(tmp_path, count)
    job = Job(kind="classifier", classes=["red", "blue"], images=images, budget_s=SMALL_BUDGET_S, seed=1)
    metrics, _, _ = run(job, tmp_path)
    assert metrics["accuracyTop1"] == 0.0  # a fold that never saw a class cannot know it
    assert len(metrics["tagPerformance"]) == seen


def test_a_detector_without_evaluation_set_says_where_its_metrics_come_from(draw: Draw, tmp_path: Path) -> None:
    drawn = draw(tmp_path, 2, 1)
    images = [JobImage(path=one.path.name, labels=one.labels, boxes=one.boxes) for one in drawn]
    metrics, source, told = run(
        Job(kind="detector", classes=["disc", "square"], images=images, budget_s=6, seed=1), tmp_path
    )
    assert source == "cross-validation"
    assert set(metrics) == {
        "averagePrecision",
        "meanAveragePrecision30",
        "meanAveragePrecision50",
        "meanAveragePrecision75",
        "tagPerformance",
    }
    assert told == sorted(told)
