"""The demo in a small size, undisturbed and with the local Azure killed in the middle of training."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def wait_until_training(folder: Path, deadline_s: float = 300) -> None:
    """Until the training worker has written its first progress."""
    end = time.monotonic() + deadline_s
    while not list(folder.rglob("progress.json")):
        assert time.monotonic() < end, "training did not start in time"
        time.sleep(0.05)


def without_times(model: dict[str, Any]) -> dict[str, Any]:
    return model["modelPerformance"]


def test_the_demo_ends_with_a_model_a_report_and_nothing_left(shell: Any) -> None:
    ended = shell.json("demo", "--small")

    assert ended["left_behind"] == []
    assert ended["map50"] >= 0.5
    assert [step["name"] for step in ended["steps"]][-1] == "teardown"
    assert "<svg" in Path(ended["report"]).read_text("utf-8")


def test_killing_the_local_azure_in_training_changes_nothing_in_the_outcome(shell: Any) -> None:
    shell.run("init", ".", "--template", "fruit", "--small")
    shell.json("run", "lab.yaml")
    undisturbed = shell.json("model", "show", "fruitdetector")
    shell.json("lab", "down", "--yes")
    shell.run("local", "reset", "--yes")

    again = shell.start("run", "lab.yaml", "--fresh", "--json")
    wait_until_training(shell.folder)
    endpoint = json.loads(next(shell.folder.rglob("endpoint.json")).read_text())
    os.kill(endpoint["pid"], signal.SIGKILL)
    out, err = again.communicate(timeout=600)
    disturbed = shell.json("model", "show", "fruitdetector")
    proof = shell.json("lab", "down", "--yes")

    assert again.returncode == 0, f"{out}\n{err}"
    assert without_times(disturbed) == without_times(undisturbed)
    assert proof["left_behind"] == []
