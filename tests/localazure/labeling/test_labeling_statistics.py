"""The statistics of a project, kept until something changes, and the events that tell of them."""

import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from localazure.labeling import labels
from localazure.labeling.labels import Label
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.queue import answers
from localazure.labeling.review import gold
from localazure.labeling.times import stamp
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab

P = f"/labeling/v1.0{WORKSPACE}/projects/fruit"
APPLE, BANANA = (Label(class_key=key, box=(0.1, 0.1, 0.5, 0.5), source="person") for key in ("apple", "banana"))


@pytest.fixture
def fruit(labeling: LabelingLab) -> LabelingLab:
    """Two of three pictures answered by Ada, half an hour apart, the first a gold one that Bob got half right."""
    labeling.created()
    now = labeling.clock.now()
    give(labeling, 1, at=now - timedelta(minutes=30), seconds=10.0, given=[APPLE, APPLE, BANANA])
    give(labeling, 2, at=now, seconds=2.0, given=[APPLE])
    with labeling.service.tables.write() as db:
        gold.know(db, 1, 1, [APPLE])
        gold.answer(db, 1, 1, "bob@x.org", state="labeled", labels=[APPLE, BANANA], iou=0.5, at=now)
    labeling.service.people.put(WORKSPACE, 1, "ada@x.org", name="Ada", team=None, role=None)
    return labeling


def give(lab: LabelingLab, task: int, *, at: datetime, seconds: float, given: list[Label]) -> None:
    person = "ada@x.org"
    with lab.service.tables.write() as db:
        row = (task, person, stamp(at), seconds, labels.dump(given))
        db.execute("INSERT INTO answer VALUES (1, ?, ?, 0, ?, ?, 'labeled', ?)", row)
        answers.put(db, 1, task, state="labeled", labels=given, source="person", who=person, at=at)
        lab.service.tables.touch(1)


def statistics(lab: LabelingLab) -> dict[str, Any]:
    answer = lab.client.get(f"{P}/statistics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.json()


def test_statistics_say_how_far_it_is_and_who_did_what(fruit: LabelingLab) -> None:
    found = statistics(fruit)
    assert found["progress"] == {
        "total": 3,
        "labeled": 2,
        "skipped": 0,
        "review": 0,
        "prelabeled": 0,
        "open": 1,
        "approved": 0,
    }
    assert found["classes"] == [
        {"key": "apple", "name": "Apple", "labels": 3, "tasks": 2, "agreement": None},
        {"key": "banana", "name": "Banana", "labels": 1, "tasks": 1, "agreement": None},
    ]
    assert found["people"] == [
        {
            "email": "ada@x.org",
            "name": "Ada",
            "labeled": 2,
            "skipped": 0,
            "rejected": 0,
            "medianSeconds": 10.0,
            "perHour": 600.0,
            "gold": {"answered": 0, "right": 0, "score": None},
            "agreement": None,
        },
        {
            "email": "bob@x.org",
            "name": "bob@x.org",
            "labeled": 0,
            "skipped": 0,
            "rejected": 0,
            "medianSeconds": None,
            "perHour": None,
            "gold": {"answered": 1, "right": 0, "score": 0.6667},
            "agreement": None,
        },
    ]
    assert found["perDay"] == [{"date": "2026-11-20", "labeled": 2, "skipped": 0}]
    assert found["eta"] == {"remaining": 1, "perHour": 4.0, "hours": 0.25}
    assert (found["agreement"], found["experiments"]) == (None, [])


def test_a_day_without_answers_leaves_the_rate_open(fruit: LabelingLab) -> None:
    fruit.clock.time += timedelta(days=1)
    assert statistics(fruit)["eta"] == {"remaining": 1, "perHour": None, "hours": None}


def test_agreement_is_told_of_the_project_its_classes_and_its_people(fruit: LabelingLab) -> None:
    with fruit.service.tables.write() as db:
        row = ("bob@x.org", stamp(fruit.clock.now()), labels.dump([APPLE, BANANA]))
        db.execute("INSERT INTO answer VALUES (1, 2, ?, 0, ?, 3, 'labeled', ?)", row)
        db.execute("UPDATE task SET agreement=0.67 WHERE number=2")
    found = statistics(fruit)
    assert found["agreement"] == pytest.approx(2 / 3)
    assert [one["agreement"] for one in found["classes"]] == [1.0, 0.0]
    assert {one["agreement"] for one in found["people"]} == {found["agreement"]}


def test_two_answers_for_a_picture_are_one_picture_of_the_rate(fruit: LabelingLab) -> None:
    with fruit.service.tables.write() as db:
        document = msgspec.json.encode(ProjectSettings(overlap=2))
        db.execute(
            "INSERT INTO settings VALUES (1, ?) ON CONFLICT DO UPDATE SET document=excluded.document", (document,)
        )
    assert statistics(fruit)["eta"] == {"remaining": 1, "perHour": 2.0, "hours": 0.5}


def test_the_document_is_kept_until_the_project_changes(fruit: LabelingLab, monkeypatch: pytest.MonkeyPatch) -> None:
    service = fruit.service
    project = service.projects.get(WORKSPACE, "fruit")
    first = service.statistics.document(project)
    assert service.statistics.document(project) is first
    with service.tables.write() as db:
        service.history.add(db, 1, "ada@x.org", "paused")
    second = service.statistics.document(project)
    assert json.loads(second)["history"][0]["what"] == "paused"
    with service.tables.write():
        service.tables.touch(2)
    assert service.statistics.document(project) is second
    fruit.clock.time += timedelta(seconds=31)
    assert service.statistics.document(project) is not second
