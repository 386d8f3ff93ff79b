"""Every drill, met by the real commands: they come through, or stop with the right words and go on later."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from tests.e2e.conftest import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

LAB = """\
name: drilled
settings: {suffix: %s}
images: {training-images: {path: photos}}
datasets: {things: {container: training-images, coco: {file: labels.json}}}
models: {finder: {kind: image-classification, train: things}}
"""
PICTURES = 6


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One lab folder and one local Azure for all drills; each leaves no drill on behind it."""
    folder = tmp_path_factory.mktemp("drilled")
    (folder / "photos").mkdir()
    images, labels = list[dict[str, Any]](), list[dict[str, Any]]()
    for number in range(1, PICTURES + 1):
        kind = number % 2
        picture = Image.effect_noise((64, 64), 40 + number).convert("RGB")
        picture.paste((200, 30, 30) if kind else (30, 30, 200), (8, 8, 56, 56))
        picture.save(folder / "photos" / f"p{number}.jpg")
        images.append({"id": number, "file_name": f"photos/p{number}.jpg", "width": 64, "height": 64})
        labels.append({"id": number, "image_id": number, "category_id": kind + 1})
    kinds = [{"id": 1, "name": "blue"}, {"id": 2, "name": "red"}]
    (folder / "labels.json").write_text(json.dumps({"images": images, "annotations": labels, "categories": kinds}))
    (folder / "lab.yaml").write_text(LAB % "abc123")
    shell = Shell(folder)
    shell.json("local", "start", "--role-delay", "0")
    yield shell
    shell.start("local", "stop").communicate(timeout=60)


def failed(lab: Shell, *command: str, expect: int = 1) -> dict[str, Any]:
    """What a command that is to fail says."""
    return lab.json(*command, expect=expect)["error"]


def throttled(lab: Shell) -> None:
    lab.json("local", "drill", "throttled", "--count", "3")
    begun = time.monotonic()
    assert lab.json("lab", "up")["changes"]["create"] == 14
    assert time.monotonic() - begun > 2  # three answers asked for a second each, of which two may overlap


def diverged(lab: Shell) -> None:
    """A whole run stops at the step, and goes on there."""
    for _ in range(2):
        lab.json("local", "drill", "training-diverged")
        error = failed(lab, "run", "lab.yaml")
        assert (error["step"], error["message"].endswith("made this training fail [diverged]")) == ("train", True)
        assert error["hint"] == (
            "check the labels, add pictures, or train again; then `visionlab run lab.yaml --resume` goes on from here"
        )


def training(drill: str, code: str) -> Callable[[Shell], None]:
    def meet(lab: Shell) -> None:
        lab.json("local", "drill", drill)
        error = failed(lab, "model", "train", "finder")
        assert (error["code"], error["type"], bool(error["hint"])) == (code, "OperationFailed", True)

    return meet


_TRAININGS = {
    "notEnoughBudget": "training-budget",
    "datasetCorrupt": "training-corrupt",
    "datasetNotFound": "training-no-dataset",
    "unknown": "training-unknown",
}


def cut_uploads(lab: Shell) -> None:
    lab.json("local", "drill", "cut-uploads", "--count", "5000")
    error = failed(lab, "images", "upload")
    assert error["message"].startswith("upload p")
    assert error["hint"] == "run the command again: what has arrived is not sent a second time"
    lab.json("local", "drill", "cut-uploads", "--count", "3")  # in place of the one before
    sent = lab.json("images", "upload")["training-images"]
    assert len(sent["uploaded"]) + len(sent["skipped"]) == PICTURES
    again = lab.json("images", "upload")["training-images"]
    assert (again["uploaded"], len(again["skipped"])) == ([], PICTURES)
    assert state(lab, "cut-uploads")["on"] is False


def foreign_lock(lab: Shell) -> None:
    lab.json("local", "drill", "foreign-lock")
    error = failed(lab, "lab", "down", "--yes")
    assert "held-by-the-platform-team" in error["message"]
    assert lab.json("lab", "status")["provisioned"] is True
    lab.json("local", "drill", "foreign-lock", "--off")


def stuck_deletion(lab: Shell) -> None:
    lab.json("local", "drill", "stuck-deletion")
    waiting = lab.start("lab", "down", "--yes", "--json")
    wait_until_deleting(lab)
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 3, f"{out}\n{err}"
    assert "repeat the command" in json.loads(out)["error"]["hint"]
    lab.json("local", "drill", "stuck-deletion", "--off")
    assert lab.json("lab", "down", "--yes")["left_behind"] == []


def soft_deleted_name(lab: Shell) -> None:
    lab.json("local", "drill", "soft-deleted-name")
    error = failed(lab, "lab", "up")
    assert "[FlagMustBeSetForRestore]" in error["message"]
    assert "suffix" in error["hint"]
    seen = {row["name"]: row for row in lab.json("doctor", expect=1)["checks"]}
    assert seen["soft-deleted"]["health"] == "failure"
    assert lab.json("lab", "down", "--yes")["left_behind"] == []


def purge_deadlock(lab: Shell) -> None:
    lab.json("local", "drill", "purge-deadlock")
    error = failed(lab, "lab", "up")
    assert "Soft-deleted workspace exists" in error["message"]
    assert error["hint"].startswith("a deleted workspace keeps this name for 14 days")
    assert lab.json("lab", "down", "--yes")["left_behind"] == []
    (lab.folder / "lab.yaml").write_text(LAB % "abc124")


def slow_roles(lab: Shell) -> None:
    """The lab is made here, by the name that the deadlock before does not block."""
    lab.json("local", "drill", "slow-roles")
    lab.json("lab", "up")
    waiting = lab.start("images", "upload")
    assert waiting.stderr is not None
    assert "waiting for the role assignment on container training-images" in waiting.stderr.readline()
    lab.json("local", "drill", "slow-roles", "--off")
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, f"{out}\n{err}"


# In an order in which each finds the lab as it needs it: up, down, or up by another name.
SCENES: dict[str, Callable[[Shell], None]] = {
    "throttled": throttled,
    "cut-uploads": cut_uploads,
    "training-diverged": diverged,
    **{drill: training(drill, code) for code, drill in _TRAININGS.items()},
    "foreign-lock": foreign_lock,
    "stuck-deletion": stuck_deletion,
    "soft-deleted-name": soft_deleted_name,
    "purge-deadlock": purge_deadlock,
    "slow-roles": slow_roles,
}


@pytest.mark.parametrize("drill", SCENES)
def test_the_commands_meet_each_drill(lab: Shell, drill: str) -> None:
    SCENES[drill](lab)
    lab.json("local", "drill", drill, "--off")


def test_every_drill_is_met() -> None:
    from localazure.drills import DRILLS

    assert {row.name for row in DRILLS} == set(SCENES)


def state(lab: Shell, drill: str) -> dict[str, Any]:
    return next(one for one in lab.json("local", "drill")["drills"] if one["name"] == drill)


def wait_until_deleting(lab: Shell) -> None:
    """Until the group's deletion has begun: its drill has struck."""
    end = time.monotonic() + 30
    while state(lab, "stuck-deletion")["on"]:
        assert time.monotonic() < end, "the group was not deleted in time"
