import numpy as np
import pytest

from localazure.training.raster import summed
from localazure.training.windows import (
    FEATURES,
    QUICK_FEATURES,
    Table,
    dense_windows,
    look,
    usual_aspects,
)


@pytest.fixture
def planes() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(3).random((20, 30, 5), np.float32)


def test_cells_are_the_means_of_their_pixels(planes: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    cells = Table(summed(planes)).cells(np.array([[3, 2, 15, 14]], np.float32), 3)
    expected = [planes[y : y + 4, x : x + 4].mean((0, 1)) for y in (2, 6, 10) for x in (3, 7, 11)]
    assert cells.shape == (1, 9, 5)
    np.testing.assert_allclose(cells[0], expected, rtol=1e-4)


def test_a_ring_is_what_lies_between_two_boxes(planes: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    outer, inner = np.array([[2, 2, 12, 10]], np.float32), np.array([[4, 4, 8, 8]], np.float32)
    ring = Table(summed(planes)).ring_means(outer, inner)
    mask = np.zeros((20, 30), np.bool_)
    mask[2:10, 2:12] = True
    mask[4:8, 4:8] = False
    np.testing.assert_allclose(ring[0], planes[mask].mean(0), rtol=1e-4)


def test_boxes_beyond_the_picture_are_cut_there(planes: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    cells = Table(summed(planes)).cells(np.array([[-10, -10, 40, 40]], np.float32), 1)
    np.testing.assert_allclose(cells[0, 0], planes.mean((0, 1)), rtol=1e-4)


def test_windows_are_thousands_and_inside() -> None:
    windows = dense_windows(128, 96, (0.5, 0.8, 1.2, 2.0))
    assert 4_000 < len(windows) < 9_000
    assert windows.min() == 0
    assert windows[:, [0, 2]].max() == 128
    assert windows[:, [1, 3]].max() == 96
    assert (windows[:, 2:] - windows[:, :2]).min() > 3


def test_even_a_tiny_picture_has_a_window() -> None:
    assert len(dense_windows(8, 8, (1.0,))) >= 1


def test_the_usual_aspects_are_quantiles_of_the_boxes() -> None:
    boxes = np.array([[0, 0, width, 10] for width in (10, 20, 30, 40, 50)], np.float32)
    assert usual_aspects(boxes) == pytest.approx((1.248, 2.391, 3.524, 4.656), abs=0.01)


def test_a_view_describes_windows_with_the_declared_number_of_values() -> None:
    view = look(np.random.default_rng(1).integers(0, 256, (96, 128, 3)).astype(np.uint8))
    boxes = np.array([[0, 0, 64, 48], [10, 10, 20, 30]], np.float32)
    full, quick = view.features(boxes), view.quick_features(boxes)
    assert (full.shape, quick.shape) == ((2, FEATURES), (2, QUICK_FEATURES))
    assert full[:, -4:].tolist() == [[1, 1, 1, 1], [0, 0, 0, 0]]  # which edges they touch
