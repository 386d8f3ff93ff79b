import numpy as np
import pytest

from localazure.training.channels import CHANNELS, channels, work_size


@pytest.mark.parametrize(("shape", "expected"), [((48, 64), (24, 32)), ((33, 47), (16, 23)), ((16, 16), (8, 8))])
def test_there_are_forty_planes_of_half_the_size(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    planes = channels(pixels)
    assert planes.shape == (*expected, CHANNELS)
    assert planes.dtype == np.float32


def test_a_grey_wall_has_lightness_and_nothing_else() -> None:
    planes = channels(np.full((32, 32, 3), 128, np.uint8))
    there = np.abs(planes).max((0, 1)) > 0.01
    assert np.flatnonzero(there).tolist() == [0, 11, 12]
    assert planes[8, 8, 0] == pytest.approx(0.536, abs=0.005)


def test_an_edge_shows_in_its_own_orientation() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, 32:] = 255
    orientations = channels(pixels)[:, :, 14:20].mean((0, 1))
    assert orientations.argmax() == 0  # the gradient is horizontal
    assert orientations[3] < orientations[0] / 100


def test_the_longer_side_gets_the_working_size() -> None:
    assert work_size(np.zeros((50, 100, 3), np.uint8), 256).shape == (128, 256, 3)
    assert work_size(np.zeros((1000, 10, 3), np.uint8), 256).shape == (256, 16, 3)
