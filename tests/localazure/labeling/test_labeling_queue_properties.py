"""Whatever people do, in whatever order: what the queue wants, who holds what, and what is counted stay right."""

from collections import Counter
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from localazure.errors import AzureError
from localazure.labeling.history import History
from localazure.labeling.labels import Label
from localazure.labeling.queue import answers
from localazure.labeling.queue.answers import FINISHED
from localazure.labeling.queue.assigning import Assigning
from localazure.labeling.queue.leases import held, time_out
from localazure.labeling.queue.shares import let_go
from localazure.labeling.tasks import read_counts
from localazure.labeling.times import stamp
from tests.localazure.labeling.labeling_desk import CLASSES, NOW, Desk, open_desk

PEOPLE = st.sampled_from(["ann", "bob", "cat"])
TASKS = st.integers(1, 4)
KEYS = st.sampled_from(["apple", "pear"])
STATES = st.sampled_from(["labeled", "labeled", "skipped"])
_TASK = "SELECT number, state, round, wanted, version, review, assigned, fault FROM task ORDER BY number"
# What a person may be given, looked for in the whole of the queue.
_FREE = (
    "SELECT number FROM task t WHERE wanted>0 AND fault<>'missing' AND coalesce(assigned, ?1)=?1"
    " AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.task=number AND l.person=?1 AND l.living=1)"
    " AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.task=number AND a.person=?1 AND a.round=t.round)"
    " ORDER BY assigned IS NULL, rank, number"
)


class QueueMachine(RuleBasedStateMachine):
    desk: Desk
    overlap: int
    expected: int

    @initialize(overlap=st.integers(1, 3))
    def begin(self, overlap: int) -> None:
        self.overlap = overlap
        self.desk = open_desk(4, kind=CLASSES, overlap=overlap)
        self.accepted = Counter[tuple[str, int]]()

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.tables.close()

    @rule(person=PEOPLE, count=st.integers(1, 3), seen=st.frozensets(TASKS, max_size=2))
    def take(self, person: str, count: int, seen: frozenset[int]) -> None:
        with self.desk.tables.write() as db:
            time_out(db, 1, self.desk.clock.now())
            free = [number for (number,) in db.execute(_FREE, (person,)) if number not in seen]
            mine = [number for number in held(db, 1, person) if number not in seen]
        taken = self.desk.taken(person, count, seen=tuple(seen))
        numbers = [view.number for view, _ in taken.tasks]
        assert numbers == [*mine, *free][:count]
        assert len(numbers) == len(set(numbers)) <= count
        assert not seen & set(numbers)
        assert taken.remaining >= len(numbers)

    @rule(person=PEOPLE, task=TASKS, key=KEYS, state=STATES, stale=st.booleans())
    def submit(self, person: str, task: int, key: str, state: str, stale: bool) -> None:
        before = self._rows()[task]
        version = 0 if stale else before["version"]
        label = Label(class_key=key, source="person")
        held = self._one("SELECT count(*) FROM lease WHERE task=? AND person=? AND living=1", task, person)
        refused = ""
        try:
            self.desk.do(person, task, label, version=version, state=state)
        except AzureError as error:
            refused = error.code
        if refused:
            assert refused in ("LeaseOver", "AlreadyDone", "VersionConflict")
            assert self._rows()[task] == before
            assert not held or version != before["version"] or self._is_over(task, person)
        else:
            assert before["state"] not in FINISHED
            self.accepted[person, task] += 1

    @rule(person=PEOPLE, task=TASKS)
    def release(self, person: str, task: int) -> None:
        self.desk.queue.release(self.desk.project, person, [(task, self.desk.tokens.get((person, task), ""))])

    @rule(person=PEOPLE, task=TASKS)
    def renew(self, person: str, task: int) -> None:
        self.desk.queue.renew(self.desk.project, person, [(task, self.desk.tokens.get((person, task), ""))])

    @rule(minutes=st.sampled_from([1, 7, 16]))
    def wait(self, minutes: int) -> None:
        self.desk.wait(minutes)

    @rule(task=TASKS, keep=st.booleans())
    def reject(self, task: int, keep: bool) -> None:
        with self.desk.tables.write() as db:
            answers.reopen(db, 1, task, at=NOW, keep_as_defaults=keep)

    @rule(task=TASKS, key=KEYS, review=st.sampled_from(["", "approved"]))
    def correct(self, task: int, key: str, review: str) -> None:
        label = Label(class_key=key)
        with self.desk.tables.write() as db:
            answers.put(
                db, 1, task, state="labeled", labels=[label], source="correction", who="dan", at=NOW, review=review
            )

    @rule(task=TASKS, keys=st.lists(KEYS, max_size=2))
    def propose(self, task: int, keys: list[str]) -> None:
        with self.desk.tables.write() as db:
            answers.propose(db, 1, task, [Label(class_key=key) for key in keys], at=NOW)

    @rule(person=st.none() | PEOPLE, task=TASKS)
    def assign(self, person: str | None, task: int) -> None:
        assigning = Assigning(self.desk.tables, History(self.desk.tables, self.desk.clock))
        assigning.run(1, person, who="dan", tasks=[task])

    @rule(task=TASKS, rank=st.integers(-2, 2))
    def move(self, task: int, rank: int) -> None:
        with self.desk.tables.write() as db:
            db.execute("UPDATE task SET rank=? WHERE project=1 AND number=?", (rank, task))

    @rule(task=TASKS, fault=st.sampled_from(["", "missing"]))
    def lose(self, task: int, fault: str) -> None:
        with self.desk.tables.write() as db:
            db.execute("UPDATE task SET fault=? WHERE project=1 AND number=?", (fault, task))

    @rule(person=PEOPLE)
    def leave(self, person: str) -> None:
        with self.desk.tables.write() as db:
            let_go(db, 1, person)

    @invariant()
    def the_queue_wants_what_is_missing(self) -> None:
        for task, row in self._rows().items():
            living = self._one("SELECT count(*) FROM lease WHERE task=? AND living=1", task)
            given = self._one("SELECT count(*) FROM answer WHERE task=? AND round=?", task, row["round"])
            if row["state"] in FINISHED:
                assert (row["wanted"], living) == (0, 0)
            else:
                assert row["wanted"] == self.overlap - given - living >= 0

    @invariant()
    def nobody_is_at_a_task_that_they_have_answered(self) -> None:
        query = (
            "SELECT count(*) FROM lease l JOIN answer a USING (project, task, person) JOIN task t"
            " ON t.project=l.project AND t.number=l.task AND t.round=a.round"
        )
        assert self._one(query) == 0

    @invariant()
    def what_is_counted_is_what_a_count_finds(self) -> None:
        rows = self._rows().values()
        states = Counter(row["state"] for row in rows)
        with self.desk.tables.read() as db:
            counts = read_counts(db, 1)
            waiting = {who: count for who, count in db.execute("SELECT assigned, count FROM waiting") if count}
            pending = {who: count for who, count in db.execute("SELECT person, count FROM pending") if count}
            unsettled = db.execute(
                "SELECT a.person, count(*) FROM answer a JOIN task t ON t.number=a.task AND t.round=a.round"
                " WHERE t.state IN ('open', 'prelabeled') GROUP BY a.person"
            ).fetchall()
        assert (counts.total, counts.open, counts.prelabeled) == (4, states["open"], states["prelabeled"])
        assert (counts.labeled, counts.skipped, counts.review) == (
            states["labeled"],
            states["skipped"],
            states["review"],
        )
        assert counts.approved == sum(row["review"] == "approved" for row in rows)
        queued = [row["assigned"] or "" for row in rows if row["wanted"] > 0 and row["fault"] != "missing"]
        assert (waiting, pending) == (Counter(queued), dict(unsettled))

    @invariant()
    def every_answer_that_was_taken_is_there(self) -> None:
        with self.desk.tables.read() as db:
            rows = db.execute("SELECT person, task, count(*) FROM answer GROUP BY person, task")
            assert {(person, task): count for person, task, count in rows} == self.accepted

    def _rows(self) -> dict[int, dict[str, Any]]:
        names = ("number", "state", "round", "wanted", "version", "review", "assigned", "fault")
        with self.desk.tables.read() as db:
            return {row[0]: dict(zip(names, row, strict=True)) for row in db.execute(_TASK)}

    def _one(self, query: str, *values: object) -> int:
        with self.desk.tables.read() as db:
            return int(db.execute(query, values).fetchone()[0])

    def _is_over(self, task: int, person: str) -> bool:
        """Whether the lease was one that the clock had ended when the answer came."""
        query = "SELECT count(*) FROM lease WHERE task=? AND person=? AND until>?"
        return self._one(query, task, person, stamp(self.desk.clock.time)) == 0


QueueMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestQueue = QueueMachine.TestCase
