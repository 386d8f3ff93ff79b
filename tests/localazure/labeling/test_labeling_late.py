"""Numbers that take long: the last one stands meanwhile, and it is told when the new one is there."""

import threading
from typing import Any, cast

import pytest

from localazure.labeling.queue.late import Late
from localazure.labeling.types import Project


class _Number:
    """What `Late` looks at of a project."""

    number = 1


PROJECT = cast("Project", _Number())


def test_what_is_there_soon_is_given_at_once() -> None:
    late = Late(lambda _: 7, nothing=0, patience_s=5)
    told: list[int] = []
    late.watch(told.append)
    assert (late.of(PROJECT), late.of(PROJECT), told) == (7, 7, [])


def test_the_last_one_stands_until_the_new_one_is_there_and_that_is_told() -> None:
    go, told, results = threading.Event(), threading.Event(), iter((1, 2))

    def work(_: Any) -> int:
        result = next(results)
        if result == 2:
            go.wait(5)
        return result

    late = Late(work, nothing=0, patience_s=0.05)
    late.watch(lambda _: told.set())
    assert late.of(PROJECT) == 1
    assert (late.of(PROJECT), late.of(PROJECT)) == (1, 1)
    go.set()
    assert told.wait(5)
    with pytest.raises(StopIteration):
        late.of(PROJECT)


def test_nothing_stands_before_the_first_result() -> None:
    go = threading.Event()
    late = Late(lambda _: go.wait(5), nothing=False, patience_s=0.01)
    assert late.of(PROJECT) is False
    go.set()
