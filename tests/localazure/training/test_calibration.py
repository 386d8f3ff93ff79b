import numpy as np
import pytest

from localazure.training.calibration import Calibration, fit_calibration, hits
from localazure.training.cascade import Found
from localazure.training.truth import Truth


def test_scores_that_promise_too_much_are_put_right() -> None:
    rng = np.random.default_rng(1)
    chance = rng.random(4000)
    right = rng.random(4000) < chance
    boasting = chance**0.3
    calibrated = fit_calibration(boasting, right)(boasting)
    for low in (0.1, 0.3, 0.5, 0.7):
        inside = (calibrated >= low) & (calibrated < low + 0.2)
        assert right[inside].mean() == pytest.approx(low + 0.1, abs=0.05)


def test_the_order_of_scores_stays() -> None:
    scores = np.linspace(0.001, 0.999, 50)
    hostile = fit_calibration(scores, scores < 0.5)  # good scores were wrong, bad ones right
    assert (np.diff(hostile(scores)) > 0).all()


def test_with_little_to_learn_from_scores_stay_about_as_they_are() -> None:
    scores = np.array([0.9, 0.2])
    calibrated = fit_calibration(scores, np.array([True, False]))(scores)
    np.testing.assert_allclose(calibrated, scores, atol=0.08)


def test_with_nothing_to_learn_from_nothing_changes() -> None:
    assert fit_calibration(np.zeros(0), np.zeros(0, np.bool_)) == Calibration()


def test_each_thing_is_found_once_by_the_best_answer_of_its_class() -> None:
    found = Found(
        boxes=np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 10], [30, 30, 40, 40]], np.float32),
        scores=np.array([0.6, 0.8, 0.9, 0.7], np.float32),
        labels=np.array([0, 0, 1, 0]),
    )
    truth = Truth(boxes=np.array([[0, 0, 10, 10]], np.float32), labels=np.array([0]))
    assert hits(found, truth).tolist() == [False, True, False, False]
