import numpy as np

from localazure.training.boxes import clipped, corrected, corrections, iou, scaled, suppress


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array(rows, np.float32)


def test_overlap_is_intersection_over_union() -> None:
    found = iou(boxes((0, 0, 10, 10), (20, 20, 30, 30)), boxes((0, 0, 10, 10), (5, 0, 15, 10), (0, 0, 5, 5)))
    np.testing.assert_allclose(found, [[1, 1 / 3, 0.25], [0, 0, 0]], atol=1e-6)


def test_no_box_overlaps_nothing() -> None:
    assert iou(boxes((0, 0, 1, 1)), np.zeros((0, 4), np.float32)).shape == (1, 0)


def test_of_boxes_on_one_thing_the_best_stays() -> None:
    rows = boxes((0, 0, 10, 10), (1, 0, 11, 10), (40, 40, 50, 50))
    assert suppress(rows, np.array([0.5, 0.9, 0.3], np.float32), 0.5).tolist() == [1, 2]


def test_of_equal_scores_the_first_stays() -> None:
    rows = boxes((0, 0, 10, 10), (0, 0, 10, 10))
    assert suppress(rows, np.array([0.5, 0.5], np.float32), 0.5).tolist() == [0]


def test_a_correction_leads_to_the_truth() -> None:
    some, truth = boxes((10, 10, 30, 20), (0, 0, 8, 8)), boxes((12, 8, 28, 22), (1, 1, 10, 6))
    np.testing.assert_allclose(corrected(some, corrections(some, truth)), truth, atol=1e-4)


def test_boxes_are_cut_and_grown() -> None:
    assert clipped(boxes((-5, 2, 50, 9)), 20, 8).tolist() == [[0, 2, 20, 8]]
    assert scaled(boxes((10, 10, 20, 30)), 2).tolist() == [[5, 0, 25, 40]]
