"""`visionlab run`, killed and stopped by Ctrl-C where it hurts most: in training."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def wait_until_training(folder: Path, deadline_s: float = 120) -> None:
    """Until the training worker has written its progress."""
    end = time.monotonic() + deadline_s
    while not list(folder.rglob("progress.json")):
        assert time.monotonic() < end, "training did not start in time"
        time.sleep(0.05)


def test_a_killed_run_goes_on_and_ctrl_c_asks_the_service_to_stop(shell: Any) -> None:
    shell.run("init", ".", "--template", "fruit", "--small")
    killed = shell.start("run", "lab.yaml", "--json")
    wait_until_training(shell.folder)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=30)
    begun = shell.json("model", "show", "fruitdetector")

    resumed = shell.json("run", "lab.yaml")
    trained = shell.json("model", "show", "fruitdetector")
    assert (begun["status"], trained["status"]) == ("training", "succeeded")
    assert trained["created"] == begun["created"]
    kept = {step["name"] for step in resumed["steps"] if step["skipped"]}
    assert kept == {"provision", "images", "labeling", "labels", "files", "datasets"}

    again = shell.json("run", "lab.yaml")
    assert {step["skipped"] for step in again["steps"]} == {True}

    stopped = shell.start("run", "lab.yaml", "--fresh", "--json")
    wait_until_training(shell.folder)
    os.kill(stopped.pid, signal.SIGINT)
    _, err = stopped.communicate(timeout=60)
    assert stopped.returncode == 3, err
    assert shell.json("model", "show", "fruitdetector")["status"] == "cancelled"
    assert shell.json("lab", "down", "--yes")["left_behind"] == []
