"""Columns that grow: the same numbers, in fewer bytes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automation.coco.columns import NO_ID
from automation.coco.growing import Numbers

RUN = st.tuples(st.sampled_from([1, 5, -3, NO_ID, 2**31 - 2, 2**53 - 9]), st.integers(1, 6)).map(
    lambda found: list(range(found[0], found[0] + found[1]))
)


@given(st.lists(st.one_of(RUN, st.lists(st.integers(-5, 2**40), max_size=5)), max_size=6))
def test_numbers_are_those_that_were_added(pieces: list[list[int]]) -> None:
    grown = Numbers()
    for piece in pieces:
        grown.add(np.array(piece, np.int64))
    assert grown.all.tolist() == [number for piece in pieces for number in piece]


def test_numbers_in_a_row_need_no_room_until_they_are_asked_for() -> None:
    grown = Numbers()
    for start in range(1, 1001, 100):
        grown.add(np.arange(start, start + 100))
    assert grown._pieces == [range(1, 1001)]  # pyright: ignore[reportPrivateUsage] # what is kept is the point
    assert grown.all.dtype == np.int32
    assert grown.all.tolist() == list(range(1, 1001))
