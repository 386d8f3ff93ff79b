"""Groups of pictures that look alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from localazure.training.grouping import ROW_VALUES, appearance, group


def picture(kind: int, seed: int) -> Image.Image:
    """Reddish noise, bluish stripes, or dark."""
    rng = np.random.default_rng([kind, seed])
    pixels = rng.integers(90, 150, (40, 60, 3))
    if kind == 0:
        pixels[..., 0] += 90
    elif kind == 1:
        pixels[:, ::4, 2] += 100
    else:
        pixels //= 3
    return Image.fromarray(pixels.astype(np.uint8))


def test_pictures_of_one_kind_come_into_one_group() -> None:
    kinds = [number % 3 for number in range(18)]
    rows = np.stack([appearance(picture(kind, seed)) for seed, kind in enumerate(kinds)])
    assert rows.shape == (18, ROW_VALUES)
    groups = group(rows, seed=0, count=3)
    assert {kind: len({int(groups.numbers[at]) for at in range(kind, 18, 3)}) for kind in range(3)} == {
        0: 1,
        1: 1,
        2: 1,
    }
    assert len(set(groups.numbers.tolist())) == 3
    again = group(rows, seed=0, count=3)
    assert (again.numbers == groups.numbers).all()


def test_groups_that_are_neighbours_are_alike() -> None:
    rows = np.array([[float(place), 0.0] for place in (9, 0, 5, 9, 0, 5, 5)], np.float32)
    groups = group(rows, seed=0, count=3)
    assert groups.numbers.tolist() in ([2, 1, 0, 2, 1, 0, 0], [1, 2, 0, 1, 2, 0, 0])
    along = group(np.array([[float(x)] for x in (0, 0, 0, 1, 2, 3)], np.float32), seed=0, count=4)
    assert along.numbers.tolist() == [0, 0, 0, 1, 2, 3]


def test_no_rows_have_no_groups_and_one_row_has_one() -> None:
    assert group(np.zeros((0, 4), np.float32), seed=0).numbers.tolist() == []
    assert group(np.ones((1, 4), np.float32), seed=0).numbers.tolist() == [0]


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 40), seed=st.integers(0, 5))
def test_every_row_has_a_group(count: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)
    groups = group(rows, seed=seed)
    assert len(groups.numbers) == count
    assert groups.numbers.min() >= 0
    assert np.isfinite(groups.distances).all()
    assert groups.distances.tolist() == pytest.approx(np.abs(groups.distances).tolist())


def test_rows_that_are_all_equal_are_one_group() -> None:
    assert len(set(group(np.ones((5, 4), np.float32), seed=0).numbers.tolist())) == 1
