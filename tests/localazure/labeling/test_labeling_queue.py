"""Who gets which task, what late, repeated and contradicting answers get, and what is written down."""

import dataclasses
from collections.abc import Callable, Generator

import pytest

from localazure.errors import AzureError
from localazure.labeling.history import History
from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.queue import answers
from localazure.labeling.queue.accepting import Done
from localazure.labeling.queue.assigning import Assigning
from localazure.labeling.tables import Tables
from localazure.labeling.types import JobStatus, Project
from tests.localazure.labeling.labeling_desk import APPLE, BOXES, NOW, Desk, a_box, open_desk

ANN, BOB, CAT = "ann@x.org", "bob@x.org", "cat@x.org"
PEAR = Label(class_key="pear", source="person")
OpenDesk = Callable[..., Desk]


@pytest.fixture
def desk_of() -> Generator[OpenDesk]:
    opened: list[Tables] = []

    def open_(tasks: int, **options: object) -> Desk:
        desk = open_desk(tasks, **options)  # type: ignore[arg-type]  # handed through
        opened.append(desk.tables)
        return desk

    yield open_
    for tables in opened:
        tables.close()


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(AzureError) as caught:
        call()
    return caught.value.code


def _labels(desk: Desk, task: int) -> tuple[Label, ...]:
    with desk.tables.read() as db:
        return of_tasks(db, 1, [task]).get(task, ())


def test_no_picture_goes_to_two_people(desk_of: OpenDesk) -> None:
    desk = desk_of(5)
    assert (desk.take(ANN, 2), desk.take(BOB, 2), desk.take(CAT, 2)) == ([1, 2], [3, 4], [5])
    assert (desk.take("dan@x.org"), desk.column("wanted")) == ([], [0, 0, 0, 0, 0])


def test_ones_own_tasks_come_first_with_the_same_lease(desk_of: OpenDesk) -> None:
    desk = desk_of(5)
    first = desk.taken(ANN, 2)
    desk.wait(10)
    again = desk.taken(ANN, 3)
    assert [view.number for view, _ in again.tasks] == [1, 2, 3]
    assert [lease.token for _, lease in again.tasks[:2]] == [lease.token for _, lease in first.tasks]
    assert again.tasks[0][1].until == "2026-11-20T12:25:00.000000Z"


def test_what_a_page_has_seen_is_not_given_again(desk_of: OpenDesk) -> None:
    desk = desk_of(5)
    desk.take(ANN, 2)
    assert (desk.take(ANN, 2, seen=(1, 2)), desk.take(ANN, 5, seen=(3,))) == ([3, 4], [1, 2, 4, 5])


def test_nobody_hoards(desk_of: OpenDesk) -> None:
    desk = desk_of(80)
    held: list[int] = []
    for _ in range(6):
        held += desk.take(ANN, 16, seen=tuple(held))
    assert held == list(range(1, 65))


def test_the_queue_follows_its_rank(desk_of: OpenDesk) -> None:
    desk = desk_of(3)
    with desk.tables.write() as db:
        db.execute("UPDATE task SET rank=-number")
    assert desk.take(ANN, 3) == [3, 2, 1]


def test_pictures_that_are_gone_are_not_handed_out(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    with desk.tables.write() as db:
        db.execute("UPDATE task SET fault='missing' WHERE number=1")
    taken = desk.taken(ANN, 2)
    assert ([view.number for view, _ in taken.tasks], taken.remaining) == ([2], 1)


def test_an_answer_finishes_the_task_and_is_written_down(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    desk.take(ANN, 2)
    result = desk.submit(ANN, desk.answer(1, ANN), desk.answer(2, ANN, state="skipped"))
    assert result.tasks == (Done(1, "labeled", 1), Done(2, "skipped", 1))
    assert (result.counts.labeled, result.counts.skipped, result.remaining) == (1, 1, 0)
    assert (_labels(desk, 1), desk.column("labeled_by")) == ((APPLE,), [ANN, ANN])
    lines = History(desk.tables, desk.clock).last(1)
    assert [(line.what, line.task, line.who, line.detail) for line in lines] == [
        ("skipped", 2, ANN, {"seconds": 1.5}),
        ("submitted", 1, ANN, {"seconds": 1.5}),
    ]


def test_a_submission_is_all_or_nothing(desk_of: OpenDesk) -> None:
    desk = desk_of(3)
    desk.take(ANN, 2)
    desk.take(BOB)
    assert _code(lambda: desk.submit(ANN, desk.answer(1, ANN), desk.answer(3, ANN))) == "LeaseOver"
    assert (desk.column("state"), desk.column("wanted")) == (["open"] * 3, [0, 0, 0])
    assert _code(lambda: desk.submit(ANN, desk.answer(1, ANN), desk.answer(1, ANN))) == "UserError"


def test_a_submission_sent_again_gets_the_same_answer(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    told: list[Project] = []
    desk.queue.on_answered(told.append)
    desk.take(ANN)
    given = desk.answer(1, ANN)
    first = desk.submit(ANN, given, submission="one")
    desk.project = dataclasses.replace(desk.project, status=JobStatus.PAUSED)
    assert desk.submit(ANN, given, submission="one").tasks == first.tasks
    assert (desk.column("version"), len(told)) == ([1, 0], 1)


def test_the_same_answer_in_another_submission_is_refused(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.take(ANN)
    desk.do(ANN, 1)
    assert _code(lambda: desk.do(ANN, 1)) == "AlreadyDone"
    assert _code(lambda: desk.do(ANN, 1, version=1)) == "AlreadyDone"


def test_a_late_answer_is_taken_while_nobody_else_is_at_the_task(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.take(ANN)
    desk.wait(16)
    assert desk.do(ANN, 1).tasks == (Done(1, "labeled", 1),)
    assert desk.column("wanted") == [0]


def test_a_late_answer_is_refused_when_somebody_else_has_the_task(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.take(ANN)
    desk.wait(16)
    assert desk.take(BOB) == [1]
    assert _code(lambda: desk.do(ANN, 1)) == "LeaseOver"
    desk.wait(16)
    assert desk.do(ANN, 1).tasks == (Done(1, "labeled", 1),)
    assert _code(lambda: desk.do(BOB, 1)) == "AlreadyDone"


def test_a_lease_lasts_as_long_as_the_settings_say(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.settings.write(1, ProjectSettings(lease_minutes=2))
    desk.take(ANN)
    desk.wait(1.9)
    assert desk.take(BOB) == []
    desk.wait(0.1)
    assert desk.take(BOB) == [1]


def test_a_rejected_task_submitted_late_is_refused(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.take(ANN)
    desk.do(ANN, 1)
    with desk.tables.write() as db:
        answers.reopen(db, 1, 1, at=NOW)
    assert _code(lambda: desk.do(ANN, 1)) == "VersionConflict"
    assert _code(lambda: desk.do(ANN, 1, version=2)) == "LeaseOver"
    assert desk.take(ANN) == [1]
    assert desk.do(ANN, 1, version=2).tasks == (Done(1, "labeled", 3),)


def test_a_correction_meanwhile_makes_the_answer_too_late(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.take(ANN)
    with desk.tables.write() as db:
        answers.put(db, 1, 1, state="labeled", labels=[PEAR], source="correction", who=BOB, at=NOW)
    assert _code(lambda: desk.do(ANN, 1)) == "AlreadyDone"
    assert [label.class_key for label in _labels(desk, 1)] == ["pear"]


def test_an_answer_needs_the_lease_of_whoever_gives_it(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    desk.take(ANN)
    stolen = desk.answer(1, BOB, lease=desk.tokens[ANN, 1])
    assert _code(lambda: desk.submit(BOB, stolen)) == "LeaseOver"
    assert _code(lambda: desk.submit(ANN, desk.answer(1, ANN, lease="made up \u00e9"))) == "LeaseOver"
    assert _code(lambda: desk.do(ANN, 2)) == "LeaseOver"
    assert _code(lambda: desk.do(ANN, 99)) == "TaskNotFound"


def test_what_is_given_back_goes_to_others(desk_of: OpenDesk) -> None:
    desk = desk_of(1)
    desk.take(ANN)
    desk.queue.release(desk.project, BOB, [(1, desk.tokens[ANN, 1])])
    assert desk.take(BOB) == []
    for _ in range(2):
        desk.queue.release(desk.project, ANN, [(1, desk.tokens[ANN, 1]), (7, "never")])
    assert desk.column("wanted") == [1]
    assert _code(lambda: desk.do(ANN, 1)) == "LeaseOver"
    assert desk.take(BOB) == [1]


def test_leases_are_prolonged_and_brought_back_to_life(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    desk.take(ANN, 2)
    pairs = [(task, desk.tokens[ANN, task]) for task in (1, 2)]
    desk.wait(14)
    assert [lease.task for lease in desk.queue.renew(desk.project, ANN, pairs)] == [1, 2]
    desk.wait(15)
    assert desk.take(BOB) == [1]
    renewed = desk.queue.renew(desk.project, ANN, pairs)
    assert [(lease.task, lease.until) for lease in renewed] == [(2, "2026-11-20T12:44:00.000000Z")]
    assert (desk.column("wanted"), desk.take(CAT)) == ([0, 0], [])


def test_a_paused_project_hands_out_and_takes_nothing(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    desk.take(ANN)
    desk.project = dataclasses.replace(desk.project, status=JobStatus.PAUSED)
    assert _code(lambda: desk.take(ANN)) == "NotRunning"
    assert _code(lambda: desk.do(ANN, 1)) == "NotRunning"


def test_a_person_with_a_share_gets_it_first_and_nobody_else_does(desk_of: OpenDesk) -> None:
    desk = desk_of(4)
    with desk.tables.write() as db:
        db.execute("UPDATE task SET assigned=? WHERE number IN (1, 4)", (ANN,))
    bob, ann = desk.taken(BOB, 1), desk.taken(ANN, 3)
    assert ([view.number for view, _ in bob.tasks], bob.remaining) == ([2], 2)
    assert ([view.number for view, _ in ann.tasks], ann.remaining) == ([1, 4, 3], 3)
    assert desk.take(BOB, 4) == [2]


def test_an_overlap_gives_a_picture_to_that_many_people(desk_of: OpenDesk) -> None:
    desk = desk_of(2, overlap=2)
    assert (desk.take(ANN, 2), desk.take(BOB), desk.take(CAT, 2)) == ([1, 2], [1], [2])
    assert desk.column("wanted") == [0, 0]
    ann = desk.do(ANN, 1)
    assert (ann.tasks, ann.remaining, desk.column("state")) == ((Done(1, "labeled", 0),), 1, ["open", "open"])
    assert _code(lambda: desk.do(ANN, 1)) == "AlreadyDone"
    assert desk.do(BOB, 1).tasks == (Done(1, "labeled", 1),)
    assert (desk.column("state"), desk.column("agreement")) == (["labeled", "open"], [1.0, None])
    assert _labels(desk, 1) == (Label(class_key="apple", source="consensus"),)


def test_nobody_answers_a_picture_twice_in_a_round(desk_of: OpenDesk) -> None:
    desk = desk_of(1, overlap=2)
    desk.take(ANN)
    desk.do(ANN, 1)
    taken = desk.taken(ANN)
    assert (taken.tasks, taken.remaining) == ((), 0)
    desk.take(BOB)
    desk.do(BOB, 1)
    with desk.tables.write() as db:
        answers.reopen(db, 1, 1, at=NOW)
    taken = desk.taken(ANN)
    assert ([view.number for view, _ in taken.tasks], taken.remaining) == ([1], 1)


def test_with_an_overlap_nothing_before_ones_place_in_the_queue_is_overlooked(desk_of: OpenDesk) -> None:
    desk = desk_of(5, overlap=2)
    assert (desk.take(BOB), desk.take(CAT), desk.take(ANN)) == ([1], [1], [2])
    desk.do(ANN, 2)
    desk.queue.release(desk.project, BOB, [(1, desk.tokens[BOB, 1])])
    assert desk.take(ANN) == [1]
    desk.do(ANN, 1)
    assert (desk.take(ANN, seen=(3,)), desk.take(ANN, 2)) == ([4], [4, 3])
    desk.do(ANN, 3)
    desk.do(ANN, 4)
    with desk.tables.write() as db:
        answers.reopen(db, 1, 2, at=NOW)
        db.execute("UPDATE task SET rank=-1 WHERE number=5")
    assert desk.take(ANN, 5) == [5, 2]


def test_with_an_overlap_a_new_order_of_the_queue_counts_at_once(desk_of: OpenDesk) -> None:
    desk = desk_of(4, overlap=2)
    for number in (1, 2):
        assert desk.take(ANN) == [number]
        desk.do(ANN, number)
    with desk.tables.write() as db:
        db.execute("UPDATE task SET rank=-1 WHERE number=4")
    assert desk.take(ANN) == [4]


def test_with_an_overlap_a_share_is_answered_first_by_its_person_then_by_others(desk_of: OpenDesk) -> None:
    desk = desk_of(1, overlap=2)
    with desk.tables.write() as db:
        db.execute("UPDATE task SET assigned=?", (ANN,))
    assert (desk.take(BOB), desk.take(ANN)) == ([], [1])
    desk.do(ANN, 1)
    assert (desk.column("assigned"), desk.take(ANN)) == ([None], [])
    assigning = Assigning(desk.tables, History(desk.tables, desk.clock))
    assert assigning.run(1, ANN, who=CAT, tasks=[1]) == 0
    assert assigning.run(1, ANN, who=CAT, share=1) == 0
    assert desk.take(BOB) == [1]


def test_people_who_disagree_leave_a_picture_for_the_review(desk_of: OpenDesk) -> None:
    desk = desk_of(1, overlap=2)
    desk.take(ANN)
    desk.take(BOB)
    desk.do(ANN, 1, APPLE)
    result = desk.do(BOB, 1, PEAR)
    assert (desk.column("state"), desk.column("agreement"), _labels(desk, 1)) == (["review"], [0.0], ())
    assert (result.counts.review, result.tasks) == (1, (Done(1, "labeled", 1),))


def test_boxes_of_two_people_are_averaged(desk_of: OpenDesk) -> None:
    desk = desk_of(1, kind=BOXES, overlap=2)
    desk.take(ANN)
    desk.take(BOB)
    desk.do(ANN, 1, a_box(0.0, 0.0, 0.5, 0.5))
    desk.do(BOB, 1, a_box(0.0, 0.0, 0.5, 0.75))
    assert _labels(desk, 1) == (Label(class_key="apple", box=(0.0, 0.0, 0.5, 0.625), source="consensus"),)


def test_the_overlap_is_fixed_by_the_first_answer(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    desk.take(ANN)
    desk.settings.write(1, ProjectSettings(overlap=2))
    assert desk.column("wanted") == [2, 2]
    desk.do(ANN, 1)
    assert desk.column("wanted") == [1, 2]
    assert _code(lambda: desk.settings.write(1, ProjectSettings(overlap=3))) == "InvalidState"
    assert desk.settings.read(1).overlap == 2


def test_a_gold_picture_looks_like_any_other_and_keeps_its_labels(desk_of: OpenDesk) -> None:
    desk = desk_of(3, gold_every=1)
    with desk.tables.write() as db:
        answers.put(db, 1, 3, state="labeled", labels=[PEAR], source="person", who=BOB, at=NOW)
        db.execute("UPDATE task SET gold=1 WHERE number=3")
        db.execute("INSERT INTO gold SELECT 1, 3, ?", (b'[{"class_key":"pear"}]',))
    taken = desk.taken(ANN, 3)
    assert [view.number for view, _ in taken.tasks] == [3, 1, 2]
    (gold, _), (plain, _), _ = taken.tasks
    assert gold == dataclasses.replace(plain, number=3, path=gold.path, name=gold.name)
    desk.wait(16)
    assert desk.do(ANN, 3).tasks == (Done(3, "labeled", 1),)
    assert ([label.class_key for label in _labels(desk, 3)], desk.column("version")) == (["pear"], [0, 0, 1])
    with desk.tables.read() as db:
        assert db.execute("SELECT score FROM gold_answer").fetchall() == [(0.0,)]
    assert _code(lambda: desk.do(ANN, 3)) == "AlreadyDone"


def test_a_task_that_was_rejected_says_so(desk_of: OpenDesk) -> None:
    desk = desk_of(2)
    with desk.tables.write() as db:
        History(desk.tables, desk.clock).add(db, 1, BOB, "rejected", task=2)
    assert desk.taken(ANN, 2).rejected == frozenset({2})
