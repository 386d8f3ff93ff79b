import numpy as np
import pytest

from localazure.training.errors import Diverged
from localazure.training.mlp import Extras, Mlp, MlpSettings, fit_mlp, one_hot, softmax
from localazure.training.projection import fit_projection

SETTINGS = MlpSettings(seed=1, epochs=30, hidden=24, dropout=0.0, input_dropout=0.0, batch=64)
Rows = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def either_or(count: int) -> tuple[Rows, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Two numbers; the class is whether their signs differ: no straight line parts them."""
    rows = np.random.default_rng(0).normal(0, 1, (count, 2)).astype(np.float32)
    return rows, (rows[:, 0] * rows[:, 1] < 0).astype(np.int64)


def weights_of(network: Mlp) -> bytes:
    return b"".join(part.tobytes() for part in (network.w1, network.b1, network.w2, network.b2, network.w3, network.b3))


def test_it_learns_what_no_line_can_part() -> None:
    rows, labels = either_or(600)
    network = fit_mlp(rows[:400], one_hot(labels[:400], 2), settings=SETTINGS)
    right = network.probabilities(rows[400:]).argmax(1) == labels[400:]
    assert right.mean() > 0.93


def test_it_learns_numbers_beside_the_classes_where_they_count() -> None:
    rows, labels = either_or(600)
    values = np.stack([rows[:, 0], rows[:, 1], -rows[:, 0], np.zeros(600, np.float32)], 1)
    network = fit_mlp(
        rows, one_hot(labels, 2), settings=SETTINGS, extras=Extras(values=values, weights=np.ones(600, np.float32))
    )
    assert np.abs(network.raw(rows)[:, 2:] - values).mean() < 0.15


def test_the_same_seed_gives_the_same_weights() -> None:
    rows, labels = either_or(200)
    settings = MlpSettings(seed=3, epochs=3)
    first, second = (fit_mlp(rows, one_hot(labels, 2), settings=settings) for _ in range(2))
    other = fit_mlp(rows, one_hot(labels, 2), settings=MlpSettings(seed=4, epochs=3))
    assert weights_of(first) == weights_of(second)
    assert weights_of(first) != weights_of(other)


def test_a_row_without_weight_teaches_nothing() -> None:
    rows, labels = either_or(400)
    wrong = labels.copy()
    wrong[200:] = 1 - wrong[200:]
    weights = np.concatenate([np.ones(200), np.zeros(200)]).astype(np.float32)
    network = fit_mlp(rows, one_hot(wrong, 2), settings=SETTINGS, weights=weights)
    assert (network.probabilities(rows).argmax(1) == labels).mean() > 0.9


def test_numbers_that_run_away_are_reported() -> None:
    rows, labels = either_or(100)
    rows[0, 0] = np.nan
    with pytest.raises(Diverged):
        fit_mlp(rows, one_hot(labels, 2), settings=MlpSettings(seed=1, epochs=1))


def test_each_epoch_is_told_and_may_stop() -> None:
    rows, labels = either_or(50)
    epochs: list[int] = []
    fit_mlp(rows, one_hot(labels, 2), settings=MlpSettings(seed=1, epochs=4), each_epoch=epochs.append)
    assert epochs == [1, 2, 3, 4]


def test_few_rows_are_gone_over_more_often() -> None:
    rows, labels = either_or(50)
    epochs: list[int] = []
    settings = MlpSettings(seed=1, epochs=2, batch=32, least_steps=9)
    fit_mlp(rows, one_hot(labels, 2), settings=settings, each_epoch=epochs.append)
    assert epochs[-1] == 5  # two steps an epoch


def test_probabilities_sum_to_one_even_for_large_logits() -> None:
    np.testing.assert_allclose(softmax(np.array([[1e4, 0, -1e4], [1, 1, 1]], np.float32)), [[1, 0, 0], [1 / 3] * 3])


def test_a_projection_keeps_what_varies_most() -> None:
    rng = np.random.default_rng(2)
    hidden = rng.normal(0, 1, (500, 2)).astype(np.float32)
    rows = hidden @ rng.normal(0, 1, (2, 30)).astype(np.float32) + rng.normal(0, 0.01, (500, 30)).astype(np.float32)
    projection = fit_projection(rows, 2, seed=1)
    low = projection(rows)
    back = low @ np.linalg.pinv(low) @ (hidden - hidden.mean(0))
    assert np.abs(back - (hidden - hidden.mean(0))).max() < 0.1


def test_a_projection_of_three_rows_is_possible() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    low = fit_projection(rows, 256, seed=1)(rows)
    assert low.shape == (3, 1)  # they lie on one line
    assert np.diff(low[:, 0]) == pytest.approx(np.diff(low[:, 0])[0])


def test_rows_that_do_not_vary_project_to_nothing() -> None:
    rows = np.ones((5, 4), np.float32)
    assert not fit_projection(rows, 2, seed=1)(rows).any()
