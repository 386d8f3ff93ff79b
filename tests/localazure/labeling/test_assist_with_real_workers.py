"""The assistance with its real worker over small drawn pictures: it learns what people drew, and stops when told."""

import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from localazure.labeling.assist.experiments import Kind, State
from localazure.labeling.labels import Label
from localazure.labeling.types import AnnotationType, Project
from tests.localazure.labeling import assist_drawings
from tests.localazure.labeling.assist_drawings import COLOURS, Box, draw, open_drawn, teach
from tests.localazure.labeling.assist_lab import NUMBER, AssistLab, a_project

ROOT = Path(__file__).resolve().parents[3]
OpenReal = Callable[..., AssistLab]


@pytest.fixture
def open_real(tmp_path: Path) -> Generator[OpenReal]:
    opened: list[AssistLab] = []

    def open_(pictures: list[bytes], project: Project) -> AssistLab:
        lab = assist_drawings.open_real(tmp_path, pictures, project=project)
        opened.append(lab)
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
    teach(lab, (0, 1, 2, 3, 5))
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
    teach(lab, range(4))
    lab.set(enabled=False, budget_minutes=600)
    number = lab.assist.ask(lab.project, Kind.TRAINING).number
    lab.until_at_work(Kind.TRAINING, "samples")
    assert len(list((lab.folder / "jobs").iterdir())) == 1
    assert lab.assist.cancel(NUMBER, number)
    assert lab.assist.wait_idle(10)
    assert lab.states() == [("training", "Canceled")]
    assert list((lab.folder / "jobs").iterdir()) == []


def workers_over(folder: Path) -> list[str]:
    """Command lines of living processes that work below this folder."""
    lines: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "assist.worker" in line and str(folder) in line:
            lines.append(line)
    return lines


@pytest.mark.e2e
def test_a_training_begins_again_after_kill_9_and_the_worker_dies_with_its_server(tmp_path: Path) -> None:
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.localazure.labeling.assist_host", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert host.stdout is not None
        assert host.stdout.readline() == "at work\n"
        assert len(workers_over(tmp_path)) == 1
    finally:
        host.kill()
        host.communicate()
    deadline = time.monotonic() + 15
    while workers_over(tmp_path):
        assert time.monotonic() < deadline
    lab = open_drawn(tmp_path, count=6)
    try:
        assert lab.states() == [("training", "Running")]
        lab.set(enabled=False, budget_minutes=0.1)
        lab.assist.start()
        assert lab.assist.wait_idle(50)
        assert lab.states() == [("training", "Completed"), ("inference", "Completed")]
        assert lab.column("state") == ["labeled"] * 4 + ["prelabeled"] * 2
        assert len(list((tmp_path / "assist" / "models").iterdir())) == 1
        assert list((tmp_path / "assist" / "jobs").iterdir()) == []
    finally:
        lab.close()
