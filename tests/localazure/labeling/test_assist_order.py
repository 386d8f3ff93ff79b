"""The order of the queue: what each order means, for old tasks and new ones."""

import threading
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path

import pytest

from localazure.labeling.assist.experiments import Kind
from localazure.labeling.labels import Label
from localazure.labeling.types import AnnotationType
from tests.localazure.labeling.assist_lab import NUMBER, AssistLab, a_project

PROPOSAL = Label(class_key="apple", box=(0.0, 0.0, 0.5, 0.5), source="prelabel")


@pytest.fixture
def lab(tmp_path: Path) -> Generator[AssistLab]:
    """Five tasks: groups 1 0 1 - 0; the second and the fourth have proposals; the model does not know the fifth."""
    lab = AssistLab(tmp_path, [0, 1, 1, 0, 1], project=a_project(AnnotationType.CLASSIFICATION))
    for number in (2, 4):
        lab.import_prelabels(number, [PROPOSAL])
    with lab.tables.write() as db:
        for number, group, doubt in ((1, 1, 0.9), (2, 0, 0.5), (3, 1, 0.1), (4, None, 0.25), (5, 0, None)):
            db.execute(
                "UPDATE task SET grp=?, uncertainty=? WHERE project=? AND number=?", (group, doubt, NUMBER, number)
            )
    yield lab
    lab.close()


def queue(lab: AssistLab) -> list[int]:
    with lab.tables.read() as db:
        rows = db.execute("SELECT number FROM task WHERE project=? ORDER BY rank, number", (NUMBER,)).fetchall()
    return [number for (number,) in rows]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("manual", [1, 2, 3, 4, 5]),
        ("clustered", [2, 5, 1, 3, 4]),
        ("prelabeled", [4, 2, 1, 3, 5]),
        ("uncertain", [1, 2, 4, 3, 5]),
    ],
)
def test_each_order_is_what_it_is_called(lab: AssistLab, order: str, expected: list[int]) -> None:
    lab.assist.set_order(lab.project, order)
    assert queue(lab) == expected
    assert lab.settings.read(NUMBER).order == order
    lab.assist.set_order(lab.project, "manual")
    assert queue(lab) == [1, 2, 3, 4, 5]


def test_where_a_model_helps_the_listing_is_gone_over_in_even_strides(lab: AssistLab) -> None:
    lab.tasks.add(NUMBER, [f"more/{number}.jpg" for number in range(95)], at_most=999)
    lab.set(order="manual", enabled=True)
    lab.assist.order.apply(NUMBER)
    for first in (5, 12, 30):
        some = sorted(queue(lab)[:first])
        gaps = [after - before for before, after in pairwise([0, *some, 101])]
        assert max(gaps) <= 2.7 * 100 / first
    lab.set(order="manual", enabled=False)
    lab.assist.order.apply(NUMBER)
    assert queue(lab) == list(range(1, 101))


def test_the_order_of_the_settings_is_followed_and_new_tasks_have_their_place(lab: AssistLab) -> None:
    lab.assist.start()
    lab.set(order="uncertain", enabled=False)
    lab.idle()
    assert queue(lab) == [1, 2, 4, 3, 5]
    lab.tasks.add(NUMBER, ["new.jpg"], at_most=99)
    lab.idle()
    assert queue(lab) == [1, 2, 4, 3, 5, 6]


def test_an_order_that_was_not_reached_is_reached_after_the_next_start(lab: AssistLab) -> None:
    lab.set(order="uncertain", enabled=False)
    assert not lab.assist.order.is_current(NUMBER)
    lab.assist.order.apply(NUMBER, asked_to_stop=lambda: True)
    assert queue(lab) == [1, 2, 3, 4, 5]
    lab.assist.start()
    lab.idle()
    assert queue(lab) == [1, 2, 4, 3, 5]
    assert lab.assist.order.is_current(NUMBER)


def test_the_clustered_order_asks_for_groups_where_there_are_none(lab: AssistLab) -> None:
    lab.assist.start()
    lab.assist.set_order(lab.project, "clustered")
    lab.idle()
    assert lab.states() == [("clustering", "Completed")]
    assert lab.column("grp") == [0, 1, 1, 0, 1]
    assert queue(lab) == [1, 4, 2, 3, 5]
    assert lab.last(Kind.CLUSTERING).detail["groups"] == 2


def test_many_tasks_are_ranked_in_short_transactions_in_which_others_may_write(lab: AssistLab) -> None:
    lab.tasks.add(NUMBER, [f"more/{number}.jpg" for number in range(4_500)], at_most=9_999)
    lab.set(order="uncertain", enabled=False)
    turns: list[bool] = []

    def other() -> bool:
        """Between two transactions another thread gets to write."""

        def write() -> None:
            with lab.tables.write():
                turns.append(True)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(5)
        return False

    lab.assist.order.apply(NUMBER, asked_to_stop=other)
    assert len(turns) == 6
    assert queue(lab)[:4] == [1, 2, 4, 3]
    assert lab.column("rank")[4_504] == 2.0
