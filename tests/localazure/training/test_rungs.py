import pytest

from localazure.training.errors import NotEnoughBudget
from localazure.training.rungs import choose_rung, rungs

HOUR = 3600.0


@pytest.mark.parametrize("pictures", [1, 3, 23, 53, 500, 5000])
def test_an_hour_pays_for_the_good_rung(pictures: int) -> None:
    assert choose_rung(pictures, HOUR) == rungs(pictures)[1]


def test_a_long_budget_pays_for_the_thorough_rung() -> None:
    assert choose_rung(53, 3 * HOUR) == rungs(53)[0]


def test_the_fewer_pictures_the_more_variations_of_each() -> None:
    assert [choose_rung(pictures, HOUR).copies for pictures in (1, 23, 53, 500)] == [8, 8, 6, 1]


def test_a_small_budget_gets_a_smaller_rung() -> None:
    copies = [choose_rung(53, budget_s).copies for budget_s in (3600, 60, 35)]
    assert copies == sorted(copies, reverse=True)
    assert copies[-1] == 1


def test_rungs_get_cheaper_down_the_ladder() -> None:
    costs = [rung.cost_s(53) for rung in rungs(53)]
    assert costs == sorted(costs, reverse=True)


def test_too_small_a_budget_is_refused_with_the_least_and_the_right_one() -> None:
    with pytest.raises(NotEnoughBudget) as caught:
        choose_rung(100_000, HOUR)
    assert str(caught.value) == (
        "training on 100000 pictures needs at least 12 hours and should have 12 hours; the budget is 60 minutes"
    )


def test_large_data_sets_give_fewer_samples_a_view() -> None:
    assert choose_rung(53, HOUR).share == 1
    assert choose_rung(5000, HOUR).share == pytest.approx(0.125)
