"""The classifier's parts: what is measured, the vocabulary, the heads and the choice between them."""

import numpy as np
import pytest

from localazure.training.arrays import F32, U8
from localazure.training.classifier_features import PLACE_VALUES, WHOLE_VALUES, centre_weights, see
from localazure.training.classifier_heads import CANDIDATES, HEADS, Rows, blended, choose, fit_heads
from localazure.training.classifier_logistic import fit_logistic
from localazure.training.classifier_rungs import choose_classifier_rung, classifier_rungs
from localazure.training.classifier_views import varied
from localazure.training.classifier_words import COUNTS_A_WORD, fit_vocabulary
from localazure.training.errors import NotEnoughBudget
from localazure.training.mlp import softmax


def _picture(seed: int, height: int = 64, width: int = 96) -> U8:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _clouds(per_class: int, values: int, apart: float) -> tuple[F32, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Two clouds of points whose first value differs by `apart`."""
    labels = np.arange(2 * per_class) % 2
    rows = np.random.default_rng(5).normal(size=(2 * per_class, values)).astype(np.float32)
    rows[:, 0] += np.float32(apart) * labels
    return rows, labels


def _nothing() -> None:
    pass


def test_a_picture_is_a_row_for_the_whole_and_one_per_place() -> None:
    sight = see(_picture(0))
    assert sight.whole.shape == (WHOLE_VALUES,)
    assert sight.places.shape == (sight.rows * sight.columns, PLACE_VALUES)
    assert (sight.rows, sight.columns) == (11, 16)
    assert np.isfinite(sight.whole).all()
    assert np.isfinite(sight.places).all()


def test_a_uniform_picture_has_no_spread() -> None:
    sight = see(np.full((32, 32, 3), 90, np.uint8))
    assert np.isfinite(sight.whole).all()
    assert float(sight.places[:, 0].std()) < 1e-5


def test_the_whole_does_not_change_when_the_picture_is_mirrored() -> None:
    picture = np.tile(_picture(1, 32, 32), (1, 2, 1))
    colours = slice(0, 13)  # orientations do change
    there, back = see(picture).whole[colours], see(np.ascontiguousarray(picture[:, ::-1])).whole[colours]
    assert there == pytest.approx(back, abs=1e-3)


def test_weights_are_largest_in_the_middle_and_together_one() -> None:
    weights = centre_weights(5, 7, 0.25)
    assert float(weights.sum()) == pytest.approx(1)
    assert np.unravel_index(int(weights.argmax()), weights.shape) == (2, 3)


def test_the_vocabulary_tells_two_kinds_of_place_apart() -> None:
    rng = np.random.default_rng(3)
    places = rng.normal(0, 1e-4, (200, PLACE_VALUES)).astype(np.float32)
    places[100:, :10] += 5
    vocabulary = fit_vocabulary(places, 2, seed=0)
    nearest = np.linalg.norm(vocabulary.to_words(places)[:, None] - vocabulary.words[None], axis=2).argmin(1)
    assert len(set(nearest[:100].tolist())) == len(set(nearest[100:].tolist())) == 1
    assert nearest[0] != nearest[100]


def test_there_are_never_more_words_than_places() -> None:
    sight = see(_picture(2, 32, 32))
    vocabulary = fit_vocabulary(sight.places[:7], 400, seed=0)
    assert len(vocabulary.words) == 7
    assert vocabulary.counts(sight).shape == (7 * COUNTS_A_WORD,)


def test_same_places_and_seed_give_the_same_words() -> None:
    places = see(_picture(4)).places
    first, second = (fit_vocabulary(places, 20, seed=1).words for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, fit_vocabulary(places, 20, seed=2).words)


def test_logistic_regression_finds_the_value_that_differs() -> None:
    rows, labels = _clouds(50, 6, apart=6)
    head = fit_logistic(rows, labels, 2)
    assert float((head.logits(rows).argmax(1) == labels).mean()) == 1.0
    assert int(np.abs(head.weights[:, 1]).argmax()) == 0


def test_logistic_regression_agrees_with_the_solution_by_newton() -> None:
    rows, labels = _clouds(40, 3, apart=1)
    head = fit_logistic(rows, labels, 2)
    x = np.hstack([(rows - head.mean) / head.spread, np.ones((80, 1))]).astype(np.float64)
    # Two classes: both columns mirror each other, so half of their difference is what Newton finds.
    line = np.zeros(4)
    pull = np.diag([1, 1, 1, 0]) * (1 / 0.1) / 2
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(x @ line)))
        bend = (x * (chance * (1 - chance))[:, None]).T @ x + pull
        line = line - np.linalg.solve(bend, x.T @ (chance - labels) + pull @ line)
    found = np.append(head.weights[:, 1] - head.weights[:, 0], head.bias[1] - head.bias[0])
    assert found == pytest.approx(line, abs=1e-3)


def test_a_class_without_pictures_gets_the_least_probability() -> None:
    rows, labels = _clouds(20, 4, apart=4)
    chances = softmax(fit_logistic(rows, labels, 3).logits(rows))
    assert (chances[:, 2] < chances[:, :2].max(1)).all()


def test_the_head_that_does_better_on_unseen_pictures_is_chosen() -> None:
    useful, labels = _clouds(30, 8, apart=8)
    useless = np.random.default_rng(9).normal(size=(60, 40)).astype(np.float32)
    numbers = np.arange(60)
    for good, bad in (HEADS, HEADS[::-1]):
        rows = Rows(values={good: useful, bad: useless}, pictures=numbers, labels=labels)
        choice = choose(rows, 2, numbers % 4, each_step=_nothing)
        assert choice.uses == (good,)
        assert choice.unseen_accuracy >= 0.95


def test_copies_of_a_held_out_picture_are_held_out_too() -> None:
    """Rows that only name their picture, with labels by chance, cannot be predicted when the grouping is right."""
    rng = np.random.default_rng(1)
    pictures = np.repeat(np.arange(40), 4)
    labels = rng.integers(0, 2, 40)[pictures]
    names = rng.normal(size=(40, 30)).astype(np.float32)[pictures]
    rows = Rows(values=dict.fromkeys(HEADS, names), pictures=pictures, labels=labels)
    choice = choose(rows, 2, np.arange(40) % 5, each_step=_nothing)
    assert choice.unseen_accuracy < 0.75
    assert choice.temperature > 1.5


def test_with_one_fold_there_is_nothing_to_compare() -> None:
    rows = Rows(
        values=dict.fromkeys(HEADS, np.ones((1, 3), np.float32)),
        pictures=np.zeros(1, np.int64),
        labels=np.zeros(1, int),
    )
    choice = choose(rows, 2, np.zeros(1, np.int64), each_step=_nothing)
    assert (choice.uses, choice.temperature) == (CANDIDATES[0], 1.0)
    assert list(fit_heads(rows, 2, choice.uses, each_step=_nothing)) == list(HEADS)


def test_two_heads_speak_with_the_mean_of_their_log_probabilities() -> None:
    sure, unsure = np.array([[4.0, 0.0]], np.float32), np.array([[0.0, 0.0]], np.float32)
    joint = softmax(blended([sure, unsure]))
    assert joint[0, 0] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-4)


def test_variations_keep_the_kind_of_array_and_differ() -> None:
    picture = _picture(6)
    one, two = (varied(picture, np.random.default_rng(seed)) for seed in (0, 1))
    assert one.dtype == two.dtype == np.uint8
    assert one.shape[2] == 3
    assert one.shape != two.shape or not np.array_equal(one, two)
    assert np.array_equal(one, varied(picture, np.random.default_rng(0)))


def test_a_tiny_picture_can_be_varied() -> None:
    assert varied(_picture(7, 16, 16), np.random.default_rng(0)).shape[2] == 3


def test_the_rung_follows_from_size_and_budget_alone() -> None:
    best, middle, least = classifier_rungs(30)
    assert (best.copies, middle.copies, least.copies) == (10, 4, 1)
    assert choose_classifier_rung(30, 3, 3600) == best
    assert choose_classifier_rung(30, 3, middle.cost_s(30, 3)) == middle
    assert choose_classifier_rung(30, 3, least.cost_s(30, 3)) == least
    assert [rung.copies for rung in classifier_rungs(10_000)] == [1, 1, 1]


def test_thirty_pictures_are_expected_to_take_at_most_thirty_seconds() -> None:
    assert choose_classifier_rung(30, 3, 30) == classifier_rungs(30)[0]


def test_a_budget_that_is_too_small_says_what_is_needed() -> None:
    with pytest.raises(NotEnoughBudget, match=r"on 30 pictures needs at least 7 seconds .*; the budget is 1 seconds"):
        choose_classifier_rung(30, 3, 1.5)
