"""Gold pictures: who gets one when, and how an answer is scored."""

from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localazure.labeling.labels import Label
from localazure.labeling.queue import answers
from localazure.labeling.queue.overlap import f1, iou
from localazure.labeling.review import gold
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SQUARE = ((0.0, 0.0, 0.5, 0.0, 0.5, 0.5, 0.0, 0.5),)
SIDE = st.floats(0.05, 0.4)


def box(class_key: str, x: float, y: float, w: float, h: float) -> Label:
    return Label(class_key=class_key, box=(x, y, w, h))


@pytest.fixture
def tables() -> Generator[Tables]:
    """Thirty pictures, of which the first three are gold."""
    opened = Tables(None)
    Tasks(opened).add(1, [f"{number}.jpg" for number in range(30)], at_most=30)
    with opened.write() as db:
        for task in (1, 2, 3):
            answers.put(db, 1, task, state="labeled", labels=[Label(class_key="a")], source="person", who="x", at=AT)
            gold.know(db, 1, task, [Label(class_key="a")])
    yield opened
    opened.close()


def test_one_among_every_n_is_gold_and_each_person_gets_each_once(tables: Tables) -> None:
    given_out: dict[str, list[tuple[int, int]]] = {}
    with tables.write() as db:
        for person in ("ada", "bob"):
            for place in range(40):
                for task in gold.due(db, 1, person, every=5, first=place, count=1).values():
                    given_out.setdefault(person, []).append((place, task))
                    gold.answer(db, 1, task, person, state="labeled", labels=[], iou=0.5, at=AT)
    for rounds in given_out.values():
        assert [place // 5 for place, _ in rounds] == [0, 1, 2]
        assert sorted(task for _, task in rounds) == [1, 2, 3]
    assert given_out["ada"] != given_out["bob"]


def test_a_batch_gets_what_single_tasks_would_get(tables: Tables) -> None:
    with tables.read() as db:
        batch = gold.due(db, 1, "ada", every=4, first=2, count=16)
        single = [place for place in range(16) if gold.due(db, 1, "ada", every=4, first=2 + place, count=1)]
        assert sorted(batch) == single[:3]
        assert gold.due(db, 1, "ada", every=0, first=0, count=16) == {}
        assert gold.due(db, 2, "ada", every=1, first=0, count=4) == {}


def test_an_answer_is_scored_and_changes_no_labels(tables: Tables) -> None:
    with tables.write() as db:
        scores = [
            gold.answer(db, 1, 1, "ada", state=state, labels=[Label(class_key=key)], iou=0.5, at=AT)
            for state, key in (("skipped", "a"), ("labeled", "b"), ("labeled", "a"))
        ]
        kept = db.execute("SELECT person, task, score FROM gold_answer").fetchall()
        task = db.execute("SELECT state, version, gold, wanted FROM task WHERE number=1").fetchone()
        assert gold.forget(db, 1, 1)
        assert not gold.forget(db, 1, 1)
        assert gold.known(db, 1, 1) is None
    assert scores == [0.0, 0.0, 1.0]
    assert kept == [("ada", 1, 1.0)]
    assert task == ("labeled", 1, 1, 0)


def test_boxes_are_found_by_class_and_overlap_each_once() -> None:
    right = [box("a", 0, 0, 0.4, 0.4), box("b", 0.5, 0.5, 0.4, 0.4)]
    assert f1(right, right, least=0.5) == 1.0
    assert f1(right, [right[0], right[0]], least=0.5) == 0.5
    assert f1(right, [box("b", 0, 0, 0.4, 0.4)], least=0.5) == 0.0
    assert f1(right, [box("a", 0.2, 0, 0.4, 0.4)], least=1 / 3) == pytest.approx(2 / 3)
    assert f1([], [], least=0.5) == 1.0
    assert f1(right, [], least=0.5) == 0.0


def test_polygons_overlap_by_their_area_and_holes_are_no_area() -> None:
    triangle = Label(class_key="a", polygon=((0.0, 0.0, 0.5, 0.0, 0.0, 0.5),))
    square = Label(class_key="a", polygon=SQUARE)
    holed = Label(class_key="a", polygon=(*SQUARE, (0.0, 0.0, 0.25, 0.0, 0.25, 0.5, 0.0, 0.5)))
    assert iou(square, square) == 1.0
    assert iou(square, triangle) == pytest.approx(0.5, abs=0.01)
    assert iou(square, holed) == pytest.approx(0.5)


@given(x=SIDE, y=SIDE, w=SIDE, h=SIDE, dx=SIDE)
@settings(max_examples=40, deadline=None)
def test_a_box_as_polygon_overlaps_as_much_as_the_box(x: float, y: float, w: float, h: float, dx: float) -> None:
    def both(left: float) -> tuple[Label, Label]:
        ring = (left, y, left + w, y, left + w, y + h, left, y + h)
        return box("a", left, y, w, h), Label(class_key="a", polygon=(ring,))

    (box1, polygon1), (box2, polygon2) = both(x), both(x + dx)
    assert iou(polygon1, polygon2) == pytest.approx(iou(box1, box2), abs=1e-6)
    assert iou(box1, box2) == pytest.approx(iou(box2, box1))
