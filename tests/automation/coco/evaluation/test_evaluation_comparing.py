"""Two runs on the same pictures: the figure is that of the evaluation, and the interval knows chance from skill."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automation.coco.evaluation import Options, compare_runs, evaluate_files, outcome_columns, read_outcomes
from automation.errors import ConfigError, DatasetError


def run(folder: Path, name: str, right: list[bool], *, boxes: bool = True, **changes: Any) -> Path:
    """A run on pictures with one label each, of which the given ones are found."""
    ids = range(1, len(right) + 1)

    def entry(image: int, category: int, *, off: bool = False, **more: object) -> dict[str, Any]:
        box = {"bbox": [60 if off else 10, 10, 30, 20]} if boxes else {}
        return {"image_id": image, "category_id": category, **box, **more}

    truth = {
        "images": [{"id": n, "file_name": f"{n}.png", "width": 100, "height": 80} for n in ids],
        "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
        "annotations": [entry(n, 1 + n % 2, id=n) for n in ids],
    }
    results = [
        entry(n, 1 + n % 2 if boxes or ok else 2 - n % 2, off=not ok, score=round(0.5 + n / 1000, 3))
        for n, ok in zip(ids, right, strict=True)
    ]
    (folder / "gt.json").write_text(json.dumps(truth), "utf-8")
    (folder / "dt.json").write_text(json.dumps(results), "utf-8")
    done = evaluate_files(folder / "gt.json", folder / "dt.json", Options())
    (folder / name).write_text(json.dumps({**outcome_columns(done), **changes}), "utf-8")
    figure = done.figure("mAP50" if boxes else "accuracy")
    assert figure is not None
    (folder / f"{name}.value").write_text(str(figure.value), "utf-8")
    return folder / name


@pytest.mark.parametrize("boxes", [True, False])
def test_the_figure_is_the_evaluations_own(tmp_path: Path, *, boxes: bool) -> None:
    random = np.random.default_rng(5)
    names = [
        run(tmp_path, name, (random.random(40) < share).tolist(), boxes=boxes)
        for name, share in (("a", 0.5), ("b", 0.9))
    ]
    (found,) = compare_runs([read_outcomes(path) for path in names], resamples=200)
    assert found.figure == ("mAP50" if boxes else "accuracy")
    assert [found.first, found.second] == pytest.approx(
        [float(path.with_name(f"{path.name}.value").read_text()) for path in names], abs=1e-9
    )
    assert found.low < found.difference < found.high
    assert found.certain
    assert found.low > 0


def test_small_differences_may_be_chance_and_a_seed_repeats(tmp_path: Path) -> None:
    one = run(tmp_path, "a", [True, False] * 15)
    two = run(tmp_path, "b", [True, False] * 14 + [True, True])
    runs = [read_outcomes(one), read_outcomes(two)]
    (found,) = compare_runs(runs, resamples=100, seed=3)
    assert not found.certain
    assert compare_runs(runs, resamples=100, seed=3) == [found]
    assert compare_runs(runs, resamples=100, seed=4) != [found]
    (same,) = compare_runs([runs[0], runs[0]], resamples=20)
    assert (same.difference, same.low, same.high) == (0, 0, 0)


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    one = run(tmp_path, "a", [True] * 3)
    two = run(tmp_path, "b", [True] * 4)
    with pytest.raises(ConfigError, match="nothing to compare with"):
        compare_runs([read_outcomes(one)])
    with pytest.raises(DatasetError) as caught:
        compare_runs([read_outcomes(one), read_outcomes(two)])
    assert "its truth is another one" in caught.value.findings[0].message


@pytest.mark.parametrize(
    "changes",
    [
        {"images": [1]},
        {"labels": {"image": [0], "class": [7]}},
        {"labels": {"image": [0], "class": []}},
        {"predictions": {"image": [0, 1], "class": [0], "score": [0.5], "hit": [1]}},
        {"predictions": {"image": [-1], "class": [0], "score": [0.5], "hit": [1]}},
        {"predictions": {"image": [2**70], "class": [0], "score": [0.5], "hit": [1]}},
        {"classes": 5},
        {"images": [], "labels": {"image": [], "class": []}},
    ],
)
def test_damaged_outcomes_are_findings(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DatasetError):
        read_outcomes(run(tmp_path, "a", [True, False, True], **changes))
