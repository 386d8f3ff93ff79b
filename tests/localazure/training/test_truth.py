import numpy as np

from localazure.training.truth import folds_by_image


def labels(*rows: list[int]) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    return [np.array(row, np.int64) for row in rows]


def test_every_fold_gets_its_part_of_each_class() -> None:
    shown = labels(*[[0]] * 8, *[[1]] * 8, *[[2]] * 4)
    folds = folds_by_image(shown, 4, seed=7)
    for label in range(3):
        here = [int(fold) for fold, image in zip(folds, shown, strict=True) if label in image]
        assert set(np.bincount(here, minlength=4)) == {8 // 4 if label < 2 else 1}


def test_folds_are_of_nearly_one_size_also_with_empty_images() -> None:
    folds = folds_by_image(labels([0, 0, 1], [], [], [1], [0], [], [2]), 3, seed=1)
    assert sorted(np.bincount(folds).tolist()) == [2, 2, 3]


def test_there_are_never_more_folds_than_images() -> None:
    assert folds_by_image(labels([0], [1]), 5, seed=1).max() == 1
    assert folds_by_image(labels([0]), 5, seed=1).tolist() == [0]
