"""The journal survives whatever stops its writer; the lock lets one run in."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from automation.errors import LabBusy
from automation.workflow.journal import Journal
from automation.workflow.lock import lab_lock


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


CLOCK = StillClock()


def test_what_was_done_is_known_after_reopening(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j.jsonl", clock=CLOCK)
    first.begin_run("r1")
    first.start("images", "f1")
    first.note("images", "half", 3)
    first.finish("images", {"sent": 5}, 1.25)
    first.start("train", "f2")
    first.note("train", "cleared", ["m"])

    again = Journal(tmp_path / "j.jsonl", clock=CLOCK)

    images, train = again.steps["images"], again.steps["train"]
    assert (images.done, images.result, images.seconds, images.fingerprint) == (True, {"sent": 5}, 1.25, "f1")
    assert (train.done, train.notes, again.runs) == (False, {"cleared": ["m"]}, 1)


@pytest.mark.parametrize("cut", [2, 10, 40])
def test_a_torn_last_line_is_sealed_and_skipped(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "j.jsonl"
    journal = Journal(path, clock=CLOCK)
    journal.start("images", "f1")
    journal.finish("images", {"sent": 5}, 1)
    path.write_bytes(path.read_bytes()[:-cut])

    again = Journal(path, clock=CLOCK)
    assert again.steps["images"].done is False
    again.finish("images", {"sent": 6}, 2)

    assert Journal(path, clock=CLOCK).steps["images"].result == {"sent": 6}


def test_notes_stay_for_the_same_inputs_and_go_with_others(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", clock=CLOCK)
    journal.start("train", "f1")
    journal.note("train", "cleared", True)
    journal.fail("train", "killed")
    journal.start("train", "f1")
    assert journal.steps["train"].notes == {"cleared": True}
    journal.start("train", "f2")
    assert journal.steps["train"].notes == {}


def test_forgetting_and_closing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", clock=CLOCK)
    journal.begin_run("r1")
    journal.start("train", "f1")
    journal.finish("train", {}, 1)
    journal.forget("train")
    assert Journal(journal.path, clock=CLOCK).steps == {}

    journal.close("torn down")
    assert not journal.path.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["j.20261120T120000000000.closed.jsonl"]
    assert Journal(journal.path, clock=CLOCK).runs == 0


def test_every_line_is_whole_json_readable_by_its_owner_only(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", clock=CLOCK)
    journal.begin_run("r1")
    assert [json.loads(line) for line in journal.path.read_text().splitlines()] == [
        {"at": "2026-11-20T12:00:00.000+00:00", "event": "run", "run": "r1"}
    ]
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_a_second_run_is_refused_and_told_who_holds_the_lab(tmp_path: Path) -> None:
    holding = lab_lock(tmp_path / "lock", command="visionlab run lab.yaml", clock=CLOCK)
    with holding, pytest.raises(LabBusy, match=r"`visionlab run lab.yaml`, process \d+ on .*, since 2026-11-20T12:00"):  # noqa: SIM117 # the inner one raises
        with lab_lock(tmp_path / "lock", command="other", clock=CLOCK):
            pass
    with lab_lock(tmp_path / "lock", command="third", clock=CLOCK):
        pass


def test_the_lock_of_a_killed_process_does_not_count(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from automation.clock import SystemClock\n"
        "from automation.workflow.lock import lab_lock\n"
        "with lab_lock(Path(sys.argv[1]), command='dead', clock=SystemClock()): os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, tmp_path / "lock"], check=False)
    assert killed.returncode == -9
    assert "dead" in (tmp_path / "lock").read_text()

    with lab_lock(tmp_path / "lock", command="visionlab run", clock=CLOCK):
        assert "visionlab run" in (tmp_path / "lock").read_text()


def test_why_a_step_failed_and_when_the_last_line_was_written_are_known(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", clock=StillClock())
    assert journal.last_at is None
    journal.start("train", "f1")
    journal.fail("train", "the service said no")
    again = Journal(tmp_path / "j.jsonl", clock=StillClock())
    assert (again.steps["train"].failure, again.last_at) == ("the service said no", "2026-11-20T12:00:00.000+00:00")
    again.start("train", "f1")
    assert again.steps["train"].failure == ""
