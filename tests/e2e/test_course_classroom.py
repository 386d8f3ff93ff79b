"""A course as its teacher has it once seats are up: run, seen, graded, extended, archived."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from automation.clock import SystemClock
from automation.course import read_course
from automation.course.archive import archive_seat, check_archive
from automation.course.seat_labels import export_seat_labels
from automation.course.types import shared_stack
from automation.storage import BlobPlace, BlobStore
from automation.workflow import read_lab
from automation.workflow.wanted import WANTED
from automation.workflow.workbench import Workbench

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SOON, LATER, LATEST = ((datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (30, 40, 50))
ROSTER = f"email,name,expiry,size\nanna@example.org,Student One,{SOON},\nbert@example.org,Student Two,{LATEST},small\n"


def test_a_course_once_its_seats_are_up(shell: Any) -> None:
    home: Path = shell.folder / ".visionlab"
    (shell.folder / "botany.csv").write_text(ROSTER)
    shell.run("course", "up", "botany.csv", "--create-people", "--small", "--yes")
    anna, bert = (seat.id for seat in read_course(home, "botany").seats)
    lab_file = home / "courses" / "botany" / "seats" / anna / "lab.yaml"

    # bert's seat is small: its labels are in a workspace of the course, and come out of another account
    # one seat does the whole exercise, by what the teacher starts; a second time nothing is done again
    (ran,) = shell.json("course", "run", anna)
    assert (ran["state"], ran["result"]["models"]["fruitdetector"]["meanAveragePrecision50"] >= 0.5) == ("done", True)
    assert "every step was done already" in shell.run("run", str(lab_file))
    (begun,) = shell.json("course", "run", "bert@example.org", "--until", "labels")
    assert begun["state"] == "done"

    found = {seat["seat"]: seat for seat in shell.json("course", "status")["seats"]}
    assert (found[anna]["done"], found[bert]["done"]) == (list(WANTED), list(WANTED)[:4])
    assert [seat["drift"] for seat in found.values()] == [[], []]
    assert found[anna]["expires"] == SOON

    graded = {result["seat"]: result for result in shell.json("course", "results", "--scale", "pass=0.5,fail=0")}
    assert (graded[anna]["grade"], graded[bert]["grade"]) == ("pass", None)
    assert graded[bert]["models"][0]["note"] == "not trained"

    # the resources are the course's: a seat's own commands leave them alone
    assert "those of the seat" in _refused(shell, "lab", "down", "--yes", "-f", str(lab_file))
    assert shell.json("course", "status")["drift"] == []

    pages = shell.json("course", "handouts", "--out", "pages", "--labeling-hours", "2")["written"]
    assert "/labeling/join#" in Path(shell.folder / pages[bert]).read_text()

    extended = shell.json("course", "extend", "--until", LATER, "--yes")
    assert ([row["seat"] for row in extended["extended"]], extended["failed"]) == ([anna], [])
    assert [seat["drift"] for seat in shell.json("course", "status")["seats"]] == [[], []]

    _archive_and_lose(home, anna)
    (lost, kept) = shell.json("course", "status")["seats"]
    assert (lost["state"], kept["state"]) == ("missing", "up")
    assert lost["drift"] == ["up by the course's file, and Azure has nothing of it"]


def _refused(shell: Any, *words: str) -> str:
    process = shell.start(*words)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    return str(err)


def _archive_and_lose(home: Path, seat_id: str) -> None:
    """Archive the seat twice, then delete its group behind the course's back, and look at the archive again."""
    course = read_course(home, "botany")
    seat = course.seat(seat_id)
    assert seat is not None
    lab = read_lab(course.seat_folder(seat_id))
    bench = Workbench(lab, home=lab.folder / ".visionlab", environment=os.environ, clock=SystemClock())
    own = Workbench(lab, home=home, environment=os.environ, clock=SystemClock())
    try:
        shared = own.open_stack(shared_stack("botany"), {}, settings="local").shared_outputs()
        store = BlobStore(shared.blob_endpoint, bench.cloud, bench.tokens, rest=bench.rest)
        into = BlobPlace(store=store, container=shared.archive)
        source = [BlobPlace(store=bench.blobs, container=name) for name in bench.outputs().containers]
        reports = [
            archive_seat(
                course,
                seat,
                source=source,
                into=into,
                exports=lambda: export_seat_labels(lab, bench),
                clock=SystemClock(),
            )
            for _ in range(2)
        ]
        assert [(report.new, report.folder) for report in reports] == [
            (True, f"{seat_id}/1/"),
            (False, f"{seat_id}/1/"),
        ]
        bench.arm.delete(bench.outputs().resource_group_id, api_version="2021-04-01")
        assert check_archive(into, f"{seat_id}/1/") == []
        manifest = json.loads(store.get(shared.archive, f"{seat_id}/1/manifest.json", limit_bytes=1_000_000))
        names = [blob["name"] for blob in manifest["blobs"]]
        assert "labels/Custom_Object_Detection_Labeling.json" in names
        assert sum(name.startswith("blobs/training-images/") and name.endswith(".jpg") for name in names) == 18
    finally:
        bench.close()
        own.close()
