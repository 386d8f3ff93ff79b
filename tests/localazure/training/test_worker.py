"""The worker as the server sees it: a process, a folder, a pipe."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from localazure.training import load_model
from localazure.training.detector_model import DetectorModel
from localazure.training.pictures import open_image

Draw = Callable[[Path, int, int], Sequence[Any]]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts workers with a pipe as standard input, and ends those that a test left behind."""
    running: list[subprocess.Popen[bytes]] = []

    def started(folder: Path, **options: Any) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "localazure.training.worker", str(folder)]
        with (folder / "worker.log").open("wb") as log:
            process = subprocess.Popen[bytes](command, stdin=subprocess.PIPE, stderr=log, **options)
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()  # closes the pipe as well


def rows(drawn: Sequence[Any]) -> list[dict[str, object]]:
    return [{"path": one.path.name, "boxes": one.boxes, "labels": one.labels} for one in drawn]


def write_job(folder: Path, **changes: object) -> None:
    job = {"kind": "detector", "classes": ["disc", "square"], "evaluation_images": None, "budget_s": 10.0, "seed": 3}
    (folder / "job.json").write_text(json.dumps(job | changes))


def result_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


def finish(process: "subprocess.Popen[bytes]") -> int:
    """Wait with the pipe open, as the server does."""
    return process.wait(timeout=50)


def wait_for(path: Path) -> None:
    """Until the worker has written it. The only clock here is the worker's own, so we look again and again."""
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"no {path.name} after 30 s"
        time.sleep(0.02)


def long_job(folder: Path, draw: Draw) -> None:
    write_job(folder, images=rows(draw(folder, 3, 1)) * 40, budget_s=10_000.0)


def test_a_job_ends_with_a_model_and_its_metrics(start: Start, draw: Draw, tmp_path: Path) -> None:
    drawn = draw(tmp_path, 3, 1)
    write_job(tmp_path, images=rows(drawn[:2]), evaluation_images=rows(drawn[2:]), budget_s=60.0)
    assert finish(start(tmp_path)) == 0
    result = result_of(tmp_path)
    assert result.get("message") is None
    assert (result["status"], result["metrics_from"]) == ("succeeded", "evaluation")
    assert set(result["metrics"]["tagPerformance"]) == {"disc", "square"}
    assert 0 < result["metrics"]["meanAveragePrecision50"] <= 1
    assert 0 < result["seconds"] < 50
    progress = json.loads((tmp_path / "progress.json").read_text())
    assert (progress["stage"], progress["fraction"]) == ("evaluating", 1.0)
    model = load_model(tmp_path / "model.vlm")
    assert isinstance(model, DetectorModel)
    assert len(model.predict(open_image(drawn[2].path))) >= 2
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("how", ["file", "signal"])
def test_a_cancel_is_heard(start: Start, draw: Draw, tmp_path: Path, how: str) -> None:
    long_job(tmp_path, draw)
    process = start(tmp_path)
    wait_for(tmp_path / "progress.json")
    if how == "file":
        (tmp_path / "cancel").touch()
    else:
        process.send_signal(signal.SIGTERM)
    assert finish(process) == 0
    assert result_of(tmp_path) == {"status": "cancelled"}
    assert not (tmp_path / "model.vlm").exists()


def test_the_worker_ends_with_whoever_holds_its_pipe(start: Start, draw: Draw, tmp_path: Path) -> None:
    long_job(tmp_path, draw)
    process = start(tmp_path)
    wait_for(tmp_path / "progress.json")
    assert process.stdin
    process.stdin.close()
    process.stdin = None
    assert finish(process) in {0, 3}
    assert not (tmp_path / "model.vlm").exists()


def test_a_corrupt_picture_is_named(start: Start, draw: Draw, tmp_path: Path) -> None:
    drawn = draw(tmp_path, 2, 1)
    drawn[1].path.write_bytes(drawn[1].path.read_bytes()[:-3000])
    write_job(tmp_path, images=rows(drawn))
    assert finish(start(tmp_path)) == 0
    result = result_of(tmp_path)
    assert (result["status"], result["code"]) == ("failed", "datasetCorrupt")
    assert result["message"].startswith(f"{drawn[1].path.name}: the picture is damaged")


def test_too_small_a_budget_is_told_before_the_work(start: Start, draw: Draw, tmp_path: Path) -> None:
    write_job(tmp_path, images=rows(draw(tmp_path, 2, 1)), budget_s=1.0)
    assert finish(start(tmp_path)) == 0
    result = result_of(tmp_path)
    assert (result["status"], result["code"]) == ("failed", "notEnoughBudget")
    assert "needs at least" in result["message"]


def test_a_full_disk_is_told(start: Start, draw: Draw, tmp_path: Path) -> None:
    Image.effect_noise((64, 64), 30).convert("RGB").save(tmp_path / "one.png")
    write_job(tmp_path, images=[{"path": "one.png", "boxes": [[5, 5, 30, 30]], "labels": [0]}])
    limit = 40_000  # enough for the result, not for the model
    process = start(tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert finish(process) == 0
    result = result_of(tmp_path)
    assert (result["status"], result["code"]) == ("failed", "unknown")
    assert "File too large" in result["message"]
    assert not (tmp_path / "model.vlm").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "poet"}, "Invalid enum value 'poet'"),
        ({"images": []}, "no images"),
        ({"images": [{"path": "a.png", "labels": [2], "boxes": [[0, 0, 1, 1]]}]}, "label that is no class index"),
        ({"images": [{"path": "a.png", "labels": [0], "boxes": []}]}, "0 boxes and 1 labels"),
        ({"kind": "classifier", "images": [{"path": "a.png", "labels": [0, 1]}]}, "exactly one label"),
        ({"seed": "x"}, "Expected `int`"),
    ],
    ids=str,
)
def test_a_job_that_makes_no_sense_is_told(tmp_path: Path, changes: dict[str, object], reason: str) -> None:
    from localazure.training.worker import main

    write_job(tmp_path, **({"images": [{"path": "a.png", "labels": [0], "boxes": [[0, 0, 1, 1]]}]} | changes))
    assert main([str(tmp_path)]) == 0
    result = result_of(tmp_path)
    assert (result["status"], result["code"]) == ("failed", "datasetCorrupt")
    assert reason in result["message"]


def test_without_a_job_there_is_usage_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    from localazure.training.worker import main

    assert main([]) == 2
    assert "JOB_DIR" in capsys.readouterr().err


def test_the_package_itself_loads_no_numpy() -> None:
    code = "import sys, localazure.training; raise SystemExit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ.copy(), check=False).returncode == 0
