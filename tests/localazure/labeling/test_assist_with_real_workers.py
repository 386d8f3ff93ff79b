"""The assistance with its real worker over small drawn pictures: it learns what people drew, and stops when told."""

import io
import random
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from localazure.labeling.assist import AssistWork
from localazure.labeling.assist.experiments import Kind, State
from localazure.labeling.labels import Label
from localazure.labeling.types import AnnotationType, Project
from localazure.worker_process import WorkerTimes
from tests.localazure.labeling.assist_lab import NUMBER, AssistLab, a_project

COLOURS = {"apple": "crimson", "banana": "gold"}
Box = tuple[float, float, float, float]
OpenReal = Callable[..., AssistLab]


def draw(seed: int, shown: tuple[str, ...] = ("apple", "banana")) -> tuple[bytes, dict[str, Box]]:
    """A light picture with a disc of each colour, and the discs' boxes as fractions."""
    chance = random.Random(seed)
    image = Image.new("RGB", (160, 120), "white")
    pen = ImageDraw.Draw(image)
    boxes: dict[str, Box] = {}
    for place, (name, colour) in enumerate(COLOURS.items()):
        side = chance.randint(30, 44)
        x, y = place * 80 + chance.randint(2, 30), chance.randint(5, 60)
        if name in shown:
            pen.ellipse((x, y, x + side - 1, y + side - 1), fill=colour)
            boxes[name] = (x / 160, y / 120, side / 160, side / 120)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue(), boxes


@pytest.fixture
def open_real(tmp_path: Path) -> Generator[OpenReal]:
    opened: list[AssistLab] = []

    def open_(pictures: list[bytes], project: Project, *, database: Path | None = None) -> AssistLab:
        command = (sys.executable, "-m", "localazure.labeling.assist.worker")
        times = WorkerTimes(look_s=0.02)
        lab = AssistLab(
            tmp_path / "assist", [], project=project, database=database, real=AssistWork(command=command, times=times)
        )
        opened.append(lab)
        names = [f"{number:02}.png" for number in range(1, len(pictures) + 1)]
        for name, data in zip(names, pictures, strict=True):
            lab.blobs.blobs[f"acct/training-images/{name}"] = data
        lab.tasks.add(NUMBER, names, at_most=1_000)
        lab.set(enabled=False, budget_minutes=0.1)
        lab.assist.start()
        return lab

    yield open_
    for lab in opened:
        lab.close()


def overlap(one: Box, other: Box) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(0.0, across) * max(0.0, down)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


@pytest.mark.server
def test_boxes_are_learned_and_proposed(open_real: OpenReal) -> None:
    scenes = [draw(seed) for seed in range(8)]
    pictures = [data for data, _ in scenes]
    pictures[5] = b"this is no picture"
    pictures[7] = b"nor is this"
    lab = open_real(pictures, a_project())
    lab.set(enabled=False, budget_minutes=0.15)
    for number in (1, 2, 3, 4, 6):
        lab.label(number, labels=[Label(class_key=key, box=box) for key, box in scenes[number - 1][1].items()])
    lab.assist.ask(lab.project, Kind.TRAINING)
    assert lab.assist.wait_idle(50)
    training = lab.last(Kind.TRAINING)
    assert training.state is State.COMPLETED, training.detail
    assert (training.detail["pictures"], training.detail["unreadable"]) == (4, 1)
    assert training.detail["metrics"]["meanAveragePrecision50"] >= 0.8
    assert lab.column("state")[4:] == ["prelabeled", "labeled", "prelabeled", "open"]
    for number in (5, 7):
        best = {label.class_key: label.box for label in reversed(lab.labels(number)) if label.box is not None}
        assert set(best) == set(COLOURS)
        for key, box in best.items():
            assert overlap(box, scenes[number - 1][1][key]) > 0.5


@pytest.mark.e2e
def test_polygons_are_proposed_as_outlines(open_real: OpenReal) -> None:
    scenes = [draw(seed) for seed in range(5)]
    lab = open_real([data for data, _ in scenes], a_project(AnnotationType.INSTANCE_SEGMENTATION))
    for number, (_, boxes) in enumerate(scenes[:4], start=1):
        diamonds = {
            key: (x + w / 2, y, x + w, y + h / 2, x + w / 2, y + h, x, y + h / 2) for key, (x, y, w, h) in boxes.items()
        }
        lab.label(number, labels=[Label(class_key=key, polygon=(ring,)) for key, ring in diamonds.items()])
    lab.assist.ask(lab.project, Kind.TRAINING)
    assert lab.assist.wait_idle(50)
    assert {label.class_key for label in lab.labels(5)} == set(COLOURS)
    for label in lab.labels(5):
        assert label.polygon is not None
        assert len(label.polygon[0]) >= 6
        assert all(0 <= value <= 1 for value in label.polygon[0])


@pytest.mark.e2e
def test_several_answers_are_learned_and_alike_pictures_are_grouped(open_real: OpenReal) -> None:
    shown = [(), ("apple",), ("banana",), ("apple", "banana")] * 4
    lab = open_real(
        [draw(seed, some)[0] for seed, some in enumerate(shown)],
        a_project(AnnotationType.CLASSIFICATION, several=True),
    )
    for number, some in enumerate(shown[:12], start=1):
        lab.label(number, labels=[Label(class_key=key) for key in some])
    lab.set(enabled=False, budget_minutes=0.15, threshold=0.5)
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.assist.ask(lab.project, Kind.CLUSTERING)
    assert lab.assist.wait_idle(50)
    assert lab.last(Kind.TRAINING).state is State.COMPLETED, lab.last(Kind.TRAINING).detail
    assert [sorted(label.class_key for label in lab.labels(number)) for number in range(13, 17)] == [
        [],
        ["apple"],
        ["banana"],
        ["apple", "banana"],
    ]
    groups = lab.column("grp")
    assert {groups[0], groups[4], groups[8], groups[12]}.isdisjoint({groups[3], groups[7], groups[11], groups[15]})


@pytest.mark.e2e
def test_a_training_is_cancelled_within_seconds_and_its_process_is_gone(open_real: OpenReal) -> None:
    scenes = [draw(seed) for seed in range(4)]
    lab = open_real([data for data, _ in scenes], a_project())
    for number, (_, boxes) in enumerate(scenes, start=1):
        lab.label(number, labels=[Label(class_key=key, box=box) for key, box in boxes.items()])
    lab.set(enabled=False, budget_minutes=600)
    number = lab.assist.ask(lab.project, Kind.TRAINING).number
    lab.until_at_work(Kind.TRAINING, "samples")
    assert len(list((lab.folder / "jobs").iterdir())) == 1
    assert lab.assist.cancel(NUMBER, number)
    assert lab.assist.wait_idle(10)
    assert lab.states() == [("training", "Canceled")]
    assert list((lab.folder / "jobs").iterdir()) == []
