"""Counts kept by triggers equal what counting says."""

import sqlite3
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localazure.labeling.labels import Label
from localazure.labeling.queue import answers
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACTS = ("put", "skip", "propose", "reopen", "keep", "drop")
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(1, 3), st.lists(st.sampled_from("abc"), max_size=4)), max_size=12
)
FIRST_VERSION = """
CREATE TABLE task (project INTEGER NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', version INTEGER NOT NULL DEFAULT 0, width INTEGER, height INTEGER, changed TEXT,
    PRIMARY KEY (project, number)) WITHOUT ROWID;
CREATE TABLE label (project INTEGER NOT NULL, task INTEGER NOT NULL, place INTEGER NOT NULL, class TEXT NOT NULL,
    x REAL, y REAL, w REAL, h REAL, polygon BLOB, confidence REAL NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (project, task, place)) WITHOUT ROWID;
INSERT INTO task (project, number, path, name, state) VALUES
    (7, 1, 'a.jpg', 'a.jpg', 'labeled'), (7, 2, 'b.jpg', 'b.jpg', 'prelabeled');
INSERT INTO label (project, task, place, class, confidence, source) VALUES
    (7, 1, 0, 'a', 1, 'import'), (7, 1, 1, 'a', 1, 'import'), (7, 1, 2, 'b', 1, 'import'), (7, 2, 0, 'a', 1, 'import');
PRAGMA user_version=1;
"""


@pytest.fixture
def tables() -> Generator[Tables]:
    opened = Tables(None)
    yield opened
    opened.close()


def do(tables: Tables, act: str, task: int, classes: list[str]) -> None:
    labels = [Label(class_key=key) for key in classes]
    with tables.write() as db:
        if act == "put":
            answers.put(db, 1, task, state="labeled", labels=labels, source="person", who="ada", at=AT)
        elif act == "skip":
            answers.put(db, 1, task, state="skipped", labels=(), source="person", who="ada", at=AT)
        elif act == "propose":
            answers.propose(db, 1, task, labels, at=AT)
        elif act == "drop":
            db.execute("DELETE FROM label WHERE project=1 AND task=? AND place=0", (task,))
        else:
            answers.reopen(db, 1, task, at=AT, keep_as_defaults=act == "keep")


@given(steps=STEPS)
@settings(max_examples=60, deadline=None)
def test_labels_and_pictures_of_a_class_are_counted_and_proposals_are_not(
    steps: list[tuple[str, int, list[str]]],
) -> None:
    tables = Tables(None)
    Tasks(tables).add(1, ["a.jpg", "b.jpg", "c.jpg"], at_most=9)
    for step in steps:
        do(tables, *step)
    with tables.read() as db:
        kept = db.execute("SELECT class, labels, tasks FROM class_tally WHERE labels <> 0 OR tasks <> 0").fetchall()
        counted = db.execute(
            "SELECT class, count(*), count(DISTINCT task) FROM label JOIN task ON number=label.task"
            " WHERE state NOT IN ('open', 'prelabeled') GROUP BY class"
        ).fetchall()
    tables.close()
    assert kept == counted


def test_answers_are_counted_by_person_day_and_state(tables: Tables) -> None:
    rows = [(1, "ada", "2026-11-20T10", "labeled"), (2, "ada", "2026-11-20T23", "labeled")]
    rows += [(3, "ada", "2026-11-21T00", "skipped"), (1, "bob", "2026-11-20T11", "labeled")]
    with tables.write() as db:
        db.executemany("INSERT INTO answer VALUES (1, ?, ?, 0, ?, 2.5, ?, '[]')", rows)
        db.execute("UPDATE answer SET state='skipped' WHERE task=2")
    with tables.read() as db:
        counts = db.execute("SELECT person, day, state, count FROM answer_tally WHERE count > 0").fetchall()
    assert counts == [
        ("ada", "2026-11-20", "labeled", 1),
        ("ada", "2026-11-20", "skipped", 1),
        ("ada", "2026-11-21", "skipped", 1),
        ("bob", "2026-11-20", "labeled", 1),
    ]


def test_a_file_of_the_first_version_is_counted_once(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "labeling.sqlite3")
    old.executescript(FIRST_VERSION)
    old.close()
    tables = Tables(tmp_path / "labeling.sqlite3")
    with tables.read() as db:
        counted = db.execute("SELECT class, labels, tasks FROM class_tally").fetchall()
        sources = db.execute("SELECT task, source FROM label ORDER BY task, place").fetchall()
    tables.close()
    assert counted == [("a", 2, 1), ("b", 1, 1)]
    assert sources == [(1, "import")] * 3 + [(2, "prelabel")]
