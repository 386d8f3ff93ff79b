"""`visionlab course up` and `course down`, killed at random points and stopped by Ctrl-C, on the real local Azure."""

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NAMES = ("ann", "ben", "cem")
LAB = """\
name: tiny
images: {training-images: {path: photos}}
"""


def a_class(folder: Path, *names: str) -> None:
    """A roster and an exercise with one picture."""
    (folder / "botany.csv").write_text("email\n" + "".join(f"{name}@example.org\n" for name in names))
    if not (folder / "lab.yaml").exists():
        from PIL import Image

        (folder / "photos").mkdir()
        Image.effect_noise((80, 60), 60).convert("RGB").save(folder / "photos" / "a.jpg")
        (folder / "lab.yaml").write_text(LAB)


UP = ("course", "up", "botany.csv", "--create-people", "--exercise", "lab.yaml", "--size", "small", "--parallel", "2")
DOWN = ("course", "down", "botany.csv", "--confirm", "botany")


def killed(shell: Any, seconds: float, *arguments: str) -> bool:
    """Start a command and kill it, with all its processes but the local Azure; whether it was over before."""
    process = shell.start(*arguments)
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    over = process.poll() is not None
    if not over:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    return over


def groups_of(shell: Any) -> set[str]:
    """The names of all resource groups, out of the local Azure's own answer."""
    from automation.azure import Arm, Rest, local_cloud, local_tokens

    (endpoint,) = shell.folder.glob(".visionlab/local/endpoint.json")
    connection = json.loads(endpoint.read_text())
    cloud = local_cloud(connection)
    with Rest(cloud, local_tokens(cloud, connection["client_id"], connection["client_secret"])) as rest:
        path = f"/subscriptions/{cloud.subscription_id}/resourcegroups"
        return {str(group["name"]) for group in Arm(rest, cloud).list(path, api_version="2021-04-01")}


def seats_of(shell: Any) -> dict[str, str]:
    found = json.loads((shell.folder / ".visionlab/courses/botany/course.json").read_text())
    return {str(seat["email"]).partition("@")[0]: str(seat["state"]) for seat in found["seats"].values()}


def test_a_course_that_is_killed_again_and_again_ends_whole_and_goes_wholly(shell: Any) -> None:
    dice = random.Random(20261121)
    a_class(shell.folder, *NAMES)
    for _ in range(5):
        if killed(shell, dice.uniform(0.3, 3.5), *UP):
            break
    done = shell.json(*UP)
    assert done["failed"] == []
    assert seats_of(shell) == dict.fromkeys(NAMES, "up")
    ids = {str(seat["seat"]) for seat in done["seats"]}
    assert groups_of(shell) == {"rg-botany-shared", *(f"rg-botany-{seat}" for seat in ids)}
    assert shell.json(*UP)["ran"] == []

    a_class(shell.folder, "ann", "eve")  # two leave, one comes, and the change is killed too
    for _ in range(2):
        killed(shell, dice.uniform(0.3, 3.0), *UP, "--confirm", "botany", "--archive")
    shell.json(*UP, "--confirm", "botany", "--archive")
    there = {"ann": "up", "eve": "up"}
    assert seats_of(shell) == dict.fromkeys(NAMES, "gone") | there
    assert len(groups_of(shell)) == 3

    for _ in range(3):
        killed(shell, dice.uniform(0.2, 2.0), *DOWN)
    ended = shell.json(*DOWN)
    assert (ended["left_behind"], ended["stayed"]) == ([], {})
    assert set(seats_of(shell).values()) == {"gone"}
    assert groups_of(shell) == set()


def test_ctrl_c_ends_in_good_order_and_the_next_run_does_the_rest(shell: Any) -> None:
    a_class(shell.folder, *NAMES)
    shell.run("course", "plan", "botany.csv", "--create-people")  # the local Azure runs
    process = shell.start(*UP)
    state = shell.folder / ".visionlab" / "courses" / "botany" / "course.json"
    end = time.monotonic() + 60
    while '"state": "up"' not in (state.read_text() if state.exists() else ""):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "repeat the command to go on" in err
    assert shell.json(*UP)["failed"] == []
    assert seats_of(shell) == dict.fromkeys(NAMES, "up")


def test_two_teachers_at_once_are_told_apart(shell: Any) -> None:
    a_class(shell.folder, "ann")
    first = shell.start(*UP)
    lock = shell.folder / ".visionlab" / "courses" / "botany" / "lock"
    end = time.monotonic() + 30
    while not (lock.exists() and lock.read_text()):
        assert time.monotonic() < end
        time.sleep(0.01)
    refused = shell.json(*UP, expect=1)["error"]
    assert refused["message"].startswith("the course botany is in use by `visionlab course up botany.csv")
    first.communicate(timeout=60)
    assert first.returncode == 0
