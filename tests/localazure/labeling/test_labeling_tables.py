"""The tables' transactions, their readers, and files of the first version."""

import sqlite3
from collections.abc import Generator
from pathlib import Path

import pytest

from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks

_FIRST_VERSION = """
CREATE TABLE task (project INTEGER NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', version INTEGER NOT NULL DEFAULT 0, width INTEGER, height INTEGER, changed TEXT,
    PRIMARY KEY (project, number)) WITHOUT ROWID;
INSERT INTO task VALUES
    (7, 1, 'a.jpg', 'a.jpg', 'labeled', 3, 10, 20, NULL), (7, 2, 'b.jpg', 'b.jpg', 'open', 0, 1, 1, NULL);
PRAGMA user_version=1;
"""


@pytest.fixture
def tables(tmp_path: Path) -> Generator[Tables]:
    tables = Tables(tmp_path / "labeling.sqlite3")
    yield tables
    tables.close()


def _teams(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM team ORDER BY name")]


def test_a_reader_sees_the_tables_as_they_were_when_it_began(tables: Tables) -> None:
    with tables.read() as before:
        assert _teams(before) == []
        with tables.write() as db:
            db.execute("INSERT INTO team VALUES ('ws', 'blue')")
            with tables.read() as inside:
                assert _teams(inside) == ["blue"]
        assert _teams(before) == []
    with tables.read() as after:
        assert _teams(after) == ["blue"]


def test_a_failure_undoes_what_was_nested_in_it_and_tells_nobody(tables: Tables) -> None:
    told: list[int] = []
    tables.watch(told.append)

    def fail() -> None:
        with tables.write() as db:
            with tables.write() as inner:
                inner.execute("INSERT INTO team VALUES ('ws', 'blue')")
                tables.touch(7)
            assert _teams(db) == ["blue"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with tables.write() as db:
        tables.touch(8)
        assert told == []
    with tables.read() as db:
        assert _teams(db) == []
    assert told == [8]


def test_a_file_of_the_first_version_keeps_its_tasks(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.executescript(_FIRST_VERSION)
    old.close()
    tables = Tables(path)
    counts = Tasks(tables).counts(7)
    assert (counts.total, counts.labeled) == (2, 1)
    with tables.read() as db:
        assert db.execute("SELECT number FROM task WHERE project=7 AND wanted>0").fetchall() == [(2,)]
    tables.close()
