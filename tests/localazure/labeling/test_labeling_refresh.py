"""Looking into the folder again: new pictures, gone ones, those that are back; by hand and by itself."""

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localazure.labeling.jobs.filling import Filling
from localazure.labeling.jobs.places import Places
from localazure.labeling.jobs.refreshing import interval_s
from localazure.labeling.jobs.table_pictures import TablePictures
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Counts, Tasks
from tests.localazure.labeling.conftest import OpenLabeling, fill
from tests.localazure.labeling.labeling_lab import DATA, JOB, LabelingLab, job
from tests.localazure.labeling.labeling_people import PROJECT, code_of

FOLDER = "acct/training-images/"
GONE = (
    "1 of 4 pictures are gone from 'training-images/', such as 'b c.PNG'. "
    "Nobody is asked for them until they are back; their labels stay."
)


def _refresh(lab: LabelingLab) -> dict[str, Any]:
    answer = lab.client.post(f"{PROJECT}/refresh")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _messages(lab: LabelingLab) -> list[tuple[str, str]]:
    return [(one["code"], one["message"]) for one in lab.job()["properties"]["statusMessages"]]


def _faults(lab: LabelingLab) -> list[tuple[str, str]]:
    with lab.service.tables.read() as db:
        return db.execute("SELECT path, fault FROM task ORDER BY number").fetchall()


def test_new_pictures_become_tasks_and_gone_ones_wait_until_they_are_back(labeling: LabelingLab) -> None:
    labeling.created()
    kept = labeling.blobs.blobs.pop(FOLDER + "b c.PNG")
    labeling.blobs.blobs[FOLDER + "new.jpg"] = b""
    assert _refresh(labeling) == {"added": 1, "missing": 1, "total": 4}
    assert _faults(labeling) == [("a.jpg", ""), ("b c.PNG", "missing"), ("more/a2.jpeg", ""), ("new.jpg", "")]
    assert _messages(labeling) == [
        ("MissingData", GONE),
        ("DataRefreshed", "1 new pictures came in."),
    ]
    with labeling.service.tables.read() as db:
        assert db.execute("SELECT count FROM waiting").fetchall() == [(3,)]
    labeling.blobs.blobs[FOLDER + "b c.PNG"] = kept
    assert _refresh(labeling) == {"added": 0, "missing": 0, "total": 4}
    assert [fault for _, fault in _faults(labeling)] == ["", "", "", ""]
    assert _messages(labeling) == []


def test_a_project_stays_with_the_folder_it_began_with(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.resources.put(DATA, dataUri="azureml://datastores/training_images/paths/more/")
    assert _refresh(labeling) == {"added": 0, "missing": 0, "total": 3}


def test_a_folder_that_cannot_be_listed_loses_nothing(labeling: LabelingLab) -> None:
    labeling.created()
    refreshed = labeling.job()["properties"]["progressMetrics"]["incrementalDataLastRefreshDateTime"]
    kept = dict(labeling.blobs.blobs)
    labeling.blobs.blobs.clear()
    labeling.clock.time += timedelta(minutes=1)
    assert code_of(labeling.client.post(f"{PROJECT}/refresh")) == (409, "DataRefreshFailed")
    assert [fault for _, fault in _faults(labeling)] == ["", "", ""]
    assert [code for code, _ in _messages(labeling)] == ["DataRefreshFailed"]
    assert labeling.job()["properties"]["progressMetrics"]["incrementalDataLastRefreshDateTime"] == refreshed
    labeling.blobs.blobs.update(kept)
    assert _refresh(labeling)["missing"] == 0
    assert _messages(labeling) == []


def test_a_project_with_incremental_refresh_looks_by_itself(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.blobs.blobs[FOLDER + "new.jpg"] = b""
    labeling.settle(3500)
    assert len(_faults(labeling)) == 3
    labeling.settle(200)
    assert len(_faults(labeling)) == 4


def test_by_itself_goes_on_over_a_restart_and_ends_when_it_is_turned_off(open_labeling: OpenLabeling) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    lab = open_labeling(on_disk=True)
    lab.blobs.blobs[FOLDER + "new.jpg"] = b""
    lab.settle(60)
    assert len(_faults(lab)) == 3
    lab.settle(3600)
    assert len(_faults(lab)) == 4
    body = job()
    body["dataConfiguration"] = {"dataId": DATA, "incrementalDataRefresh": "Disabled"}
    assert lab.call("PUT", JOB, json={"properties": body}).status_code == 200
    lab.blobs.blobs[FOLDER + "newer.jpg"] = b""
    lab.settle(7200)
    assert len(_faults(lab)) == 4
    assert lab.call("PUT", JOB, json={"properties": job()}).status_code == 200
    lab.settle(5)
    assert len(_faults(lab)) == 5


def test_the_less_is_left_the_sooner_it_looks() -> None:
    shares = [interval_s(Counts(total=100, labeled=labeled, skipped=1)) for labeled in (0, 48, 49, 88, 89, 99)]
    assert shares == [3600, 3600, 900, 900, 300, 300]
    assert interval_s(Counts()) == 300


def test_a_folder_is_read_at_two_thousand_pictures_a_second_and_more(labeling: LabelingLab) -> None:
    labeling.created()
    for number in range(10_000):
        labeling.blobs.blobs[f"{FOLDER}{number:06}.jpg"] = b""
    begun = time.perf_counter()
    assert _refresh(labeling)["added"] == 10_000
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("twice", [False, True])
def test_filling_survives_being_cut_off(labeling: LabelingLab, twice: bool) -> None:
    labeling.created()
    service = labeling.service
    project = service.projects.get(JOB.rsplit("/labelingJobs", 1)[0], "fruit")
    tables: Tables = service.tables
    tasks: Tasks = service.tasks
    named = TablePictures(labeling.blobs, Places(labeling.resources))
    filling = Filling(blobs=labeling.blobs, tables=tables, tasks=tasks, named=named, clock=labeling.clock)
    labeling.blobs.blobs[FOLDER + "new.jpg"] = b""
    if twice:
        filling.fill(project)
    assert filling.fill(project).total == 4


def test_a_project_of_an_earlier_version_begins_to_look_by_itself(open_labeling: OpenLabeling, tmp_path: Path) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    lab.service.close()
    with closing(sqlite3.connect(tmp_path / "state.sqlite3")) as db, db:
        db.execute("UPDATE documents SET value=json_set(value, '$.refresh_turn', 0) WHERE kind='labeling.job'")
        db.execute("DELETE FROM documents WHERE kind='operation'")
    again = open_labeling(on_disk=True)
    again.blobs.blobs[FOLDER + "new.jpg"] = b""
    for _ in range(2):
        again.service.projects.revive()
    again.settle(3700)
    assert len(_faults(again)) == 4
