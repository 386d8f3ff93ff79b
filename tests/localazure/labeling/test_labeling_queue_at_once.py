"""Many people at the same time, over one file."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localazure.errors import AzureError
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.tables import Tables
from tests.localazure.labeling.labeling_desk import open_desk

_BY_PROJECT = r"SCAN \w+|SEARCH \w+ .*\(project=\?\)$"


@pytest.mark.parametrize(("people", "overlap"), [(6, 1), (6, 3), pytest.param(50, 1, marks=pytest.mark.e2e)])
def test_nothing_is_lost_or_given_twice(tmp_path: Path, people: int, overlap: int) -> None:
    """Everybody takes a few at a time until nothing is left; some give back, some send twice what they sent."""
    tasks = people * (20 if people > 8 else 6)
    desk = open_desk(tasks, overlap=overlap, path=tmp_path / "labeling.sqlite3")

    def work(person: str) -> list[int]:
        done: list[int] = []
        turn = 0
        while numbers := desk.take(person, 3):
            turn += 1
            if turn % 7 == 3:
                given_back = numbers.pop()
                desk.queue.release(desk.project, person, [(given_back, desk.tokens[person, given_back])])
            given = [desk.answer(number, person) for number in numbers]
            for _ in range(1 + turn % 2):
                if given:
                    desk.queue.submit(desk.project, person, f"{person}-{turn}", given)
            done += numbers
        return done

    with ThreadPoolExecutor(people) as pool:
        done = list(pool.map(work, [f"p{number}@example.org" for number in range(people)]))
    counted = Counter(number for numbers in done for number in numbers)
    assert counted == dict.fromkeys(range(1, tasks + 1), overlap)
    assert set(desk.column("state")) == {"labeled"}
    with desk.tables.read() as db:
        assert db.execute("SELECT count(*) FROM answer").fetchone() == (tasks * overlap,)
        assert db.execute("SELECT count(*) FROM history WHERE what='submitted'").fetchone() == (tasks * overlap,)
        assert db.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    desk.tables.close()


def test_no_statement_of_the_queue_looks_through_a_whole_project(tmp_path: Path) -> None:
    """A statement that finds its rows by the project alone grows slower with every picture."""
    desk = open_desk(300, overlap=2, gold_every=2, path=tmp_path / "labeling.sqlite3")
    asked: set[str] = set()
    with desk.tables.write() as db:
        for number in range(1, 101):
            db.execute("UPDATE task SET gold=1, state='labeled', wanted=0 WHERE number=?", (number,))
            db.execute("INSERT INTO gold VALUES (1, ?, '[]')", (number,))
        db.set_trace_callback(asked.add)
    for person in ("ann", "bob", "ann"):
        numbers = desk.take(person, 4)
        tokens = [(number, desk.tokens[person, number]) for number in numbers]
        desk.queue.renew(desk.project, person, tokens)
        desk.submit(person, *[desk.answer(number, person) for number in numbers[:2]])
        desk.queue.release(desk.project, person, tokens[2:])
    with desk.tables.write() as db:
        db.set_trace_callback(None)
        slow: set[str] = set()
        for query in asked:
            if query.startswith(("--", "BEGIN", "COMMIT")):
                continue
            for row in db.execute("EXPLAIN QUERY PLAN " + query.replace("-Inf", "-9e999")):
                allowed = ("SEARCH tally ", "SCAN json_each ", "SEARCH task USING INDEX task_gold ")
                if "max(n)" not in query and re.match(_BY_PROJECT, row[3]) and not row[3].startswith(allowed):
                    slow.add(f"{row[3]}: {query}")
    desk.tables.close()
    assert len(asked) > 40
    assert sorted(slow) == []


def test_of_two_pages_of_one_person_one_wins(tmp_path: Path) -> None:
    desk = open_desk(30, path=tmp_path / "labeling.sqlite3")
    desk.settings.write(1, ProjectSettings())
    numbers = [*desk.take("ann", 16), *desk.take("ann", 14, seen=tuple(range(1, 17)))]

    def send(page: int) -> list[int]:
        taken: list[int] = []
        for number in numbers:
            try:
                desk.queue.submit(desk.project, "ann", f"{page}-{number}", [desk.answer(number, "ann")])
            except AzureError as error:
                if error.code != "AlreadyDone":
                    raise
            else:
                taken.append(number)
        return taken

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(send, (1, 2))
    assert sorted([*first, *second]) == numbers
    desk.tables.close()


def test_the_file_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """Another process sees it at once: it is in the file, not in a cache of this one."""
    path = tmp_path / "labeling.sqlite3"
    desk = open_desk(1, path=path)
    desk.take("ann")
    desk.do("ann", 1)
    other = Tables(path)
    with other.read() as db:
        assert db.execute("SELECT state FROM task").fetchall() == [("labeled",)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    desk.tables.close()
