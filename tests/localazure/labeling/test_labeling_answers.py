"""How a task gets labels, loses them and is proposed some, and what is written down about it."""

import dataclasses
from collections.abc import Generator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from localazure.labeling.history import Event, History
from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.labels import dump as dump_labels
from localazure.labeling.labels import parse as parse_labels
from localazure.labeling.project_settings import ProjectSettings, SettingsTable
from localazure.labeling.queue import answers
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Counts, TaskLabels, Tasks
from localazure.labeling.times import stamp
from tests.localazure.labeling.labeling_lab import FakeClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOX = Label(class_key="apple", box=(0.1, 0.2, 0.3, 0.4), source="prelabel", confidence=0.75)
RING = Label(class_key="pear", box=(0.0, 0.0, 0.5, 0.5), polygon=((0.0, 0.0, 0.5, 0.0, 0.5, 0.5),), source="person")


@pytest.fixture
def tables() -> Generator[Tables]:
    """Project 1 has tasks 1 and 2."""
    tables = Tables(None)
    Tasks(tables).add(1, ["a.jpg", "b.jpg"], at_most=10)
    yield tables
    tables.close()


def _task(tables: Tables, number: int = 1) -> dict[str, Any]:
    names = "state, version, round, wanted, review, labeled_by, labeled_at"
    with tables.read() as db:
        row = db.execute(f"SELECT {names} FROM task WHERE project=1 AND number=?", (number,)).fetchone()
    return dict(zip(names.split(", "), row, strict=True))


def _labels(tables: Tables, number: int = 1) -> tuple[Label, ...]:
    with tables.read() as db:
        return of_tasks(db, 1, [number]).get(number, ())


def _put(tables: Tables, *labels: Label, state: str = "labeled", review: str = "") -> None:
    with tables.write() as db:
        answers.put(db, 1, 1, state=state, labels=labels, source="person", who="ann@x.org", at=NOW, review=review)


def test_put_finishes_a_task_and_takes_it_out_of_the_queue(tables: Tables) -> None:
    with tables.write() as db:
        db.execute("INSERT INTO lease VALUES (1, 1, 'bob@x.org', 'token', '2027', 1)")
    _put(tables, BOX, RING)
    assert _labels(tables) == (dataclasses.replace(BOX, source="person"), RING)
    assert _task(tables) == {
        "state": "labeled",
        "version": 1,
        "round": 0,
        "wanted": 0,
        "review": "",
        "labeled_by": "ann@x.org",
        "labeled_at": "2026-11-20T12:00:00.000000Z",
    }
    with tables.read() as db:
        assert db.execute("SELECT count(*) FROM lease").fetchone() == (0,)
        assert db.execute("SELECT assigned, count FROM waiting").fetchall() == [("", 1)]


def test_putting_again_replaces_what_was_there(tables: Tables) -> None:
    _put(tables, BOX, RING)
    _put(tables, RING)
    assert (_labels(tables), _task(tables)["version"]) == ((RING,), 2)


def test_a_reopened_task_has_no_labels_and_is_wanted_again(tables: Tables) -> None:
    SettingsTable(tables).write(1, ProjectSettings(overlap=3))
    _put(tables, BOX, review="approved")
    with tables.write() as db:
        answers.reopen(db, 1, 1, at=NOW)
    assert _labels(tables) == ()
    assert _task(tables) == {
        "state": "open",
        "version": 2,
        "round": 1,
        "wanted": 3,
        "review": "",
        "labeled_by": None,
        "labeled_at": None,
    }


def test_labels_kept_as_defaults_are_pre_labels(tables: Tables) -> None:
    _put(tables, BOX)
    with tables.write() as db:
        answers.reopen(db, 1, 1, at=NOW, keep_as_defaults=True)
    assert (_labels(tables), _task(tables)["state"]) == ((dataclasses.replace(BOX, source="default"),), "prelabeled")


def test_a_proposal_changes_only_what_nobody_has_labeled_or_is_at(tables: Tables) -> None:
    _put(tables, RING)
    with tables.write() as db:
        assert not answers.propose(db, 1, 1, [BOX], at=NOW)
        assert answers.propose(db, 1, 2, [BOX], at=NOW)
        assert answers.propose(db, 1, 2, [BOX, BOX], at=NOW)
        db.execute("INSERT INTO lease VALUES (1, 2, 'bob@x.org', 'token', '2027', 1)")
        assert not answers.propose(db, 1, 2, [], at=NOW)
        db.execute("UPDATE lease SET living=0")
    assert (_labels(tables), _labels(tables, 2)) == ((RING,), (BOX, BOX))
    assert _task(tables, 2) | {"state": "prelabeled", "version": 0, "wanted": 1} == _task(tables, 2)
    with tables.write() as db:
        assert answers.propose(db, 1, 2, [], at=NOW)
    assert (_labels(tables, 2), _task(tables, 2)["state"]) == ((), "open")


def test_the_overlap_changes_until_somebody_has_answered(tables: Tables) -> None:
    with tables.write() as db:
        db.execute("INSERT INTO lease VALUES (1, 2, 'bob@x.org', 'token', '2027', 1)")
        _put(tables, RING)
        assert answers.set_overlap(db, 1, 2)
        assert db.execute("SELECT living FROM lease").fetchall() == [(0,)]
    assert (_task(tables)["wanted"], _task(tables, 2)["wanted"]) == (0, 2)
    with tables.write() as db:
        db.execute("INSERT INTO answer VALUES (1, 2, 'bob@x.org', 0, '', 1, 'labeled', '[]')")
        assert not answers.set_overlap(db, 1, 3)
    assert _task(tables, 2)["wanted"] == 2


def test_counts_follow_every_state_and_approval(tables: Tables) -> None:
    tasks = Tasks(tables)
    assert tasks.counts(1) == Counts(total=2, open=2)
    _put(tables, RING, review="approved")
    with tables.write() as db:
        answers.propose(db, 1, 2, [BOX], at=NOW)
    assert tasks.counts(1) == Counts(total=2, labeled=1, approved=1, prelabeled=1)
    _put(tables, state="skipped", review="skip-accepted")
    assert tasks.counts(1) == Counts(total=2, skipped=1, prelabeled=1)
    tasks.drop(1)
    assert tasks.counts(1) == Counts()


def test_imported_pre_labels_leave_finished_tasks_alone(tables: Tables) -> None:
    tasks = Tasks(tables)
    _put(tables, RING)
    changes = [TaskLabels(number=number, state="prelabeled", labels=(BOX,)) for number in (1, 2)]
    assert tasks.put_labels(1, changes, now=NOW) == [1]
    assert (_labels(tables), _labels(tables, 2)) == ((RING,), (BOX,))
    assert tasks.put_labels(1, [TaskLabels(number=2, state="labeled", labels=(BOX,))], now=NOW) == []
    assert _task(tables, 2)["labeled_by"] == "import"


def test_new_tasks_want_as_many_answers_as_the_settings_say(tables: Tables) -> None:
    SettingsTable(tables).write(1, ProjectSettings(overlap=2))
    Tasks(tables).add(1, ["c.jpg"], at_most=10)
    assert _task(tables, 3)["wanted"] == 2


def test_labels_survive_their_json() -> None:
    assert parse_labels(dump_labels([BOX, RING])) == (BOX, RING)


def test_history_is_read_from_its_end(tables: Tables) -> None:
    clock = FakeClock()
    history = History(tables, clock)
    told: list[int] = []
    tables.watch(told.append)
    with tables.write() as db:
        history.add(db, 1, "ann@x.org", "submitted", task=2, detail={"seconds": 1.5})
        history.add(db, 2, "ann@x.org", "paused")
        clock.time += timedelta(seconds=1)
        history.add(db, 1, "ann@x.org", "settings")
    first = Event(
        n=1, at="2026-11-20T12:00:00.000000Z", who="ann@x.org", what="submitted", task=2, detail={"seconds": 1.5}
    )
    second = Event(n=2, at="2026-11-20T12:00:01.000000Z", who="ann@x.org", what="settings")
    assert history.last(1) == [second, first]
    assert history.last(1, top=1) == [second]
    assert history.of_task(1, 2) == [first]
    assert told == [1, 2]


def test_a_stamp_is_utc_and_sorts_by_time() -> None:
    east = datetime(2026, 11, 20, 13, tzinfo=timezone(timedelta(hours=1)))
    assert stamp(east) == "2026-11-20T12:00:00.000000Z" < stamp(NOW + timedelta(microseconds=1))
