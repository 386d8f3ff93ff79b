import numpy as np
import pytest

from localazure.training.augment import augmented


@pytest.mark.parametrize("seed", range(12))
def test_the_box_goes_where_the_thing_goes(seed: int) -> None:
    pixels = np.full((120, 160, 3), 30, np.uint8)
    pixels[20:60, 100:150] = 220
    changed, [box] = augmented(pixels, np.array([[100, 20, 150, 60]], np.float32), np.random.default_rng(seed))
    rows, columns = np.nonzero(changed.mean(2) > 75)
    seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(box, seen, atol=2.5)


def test_the_same_dice_give_the_same_picture() -> None:
    pixels, boxes = np.full((40, 60, 3), 90, np.uint8), np.zeros((0, 4), np.float32)
    first, _ = augmented(pixels, boxes, np.random.default_rng(4))
    second, _ = augmented(pixels, boxes, np.random.default_rng(4))
    other, _ = augmented(pixels, boxes, np.random.default_rng(5))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
