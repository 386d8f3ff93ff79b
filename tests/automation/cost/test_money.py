"""Sums of money: properties that hold whatever is added."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from automation.cost import Money, estimate, parts_of, total
from automation.cost.estimate import Training, Work
from automation.cost.money import spelled

amounts = st.decimals(min_value=0, max_value=10**6, places=6)
moneys = st.builds(
    Money,
    amount=amounts,
    currency=st.sampled_from(["USD", "EUR"]),
    per=st.just("month"),
    dated=st.dates(min_value=date(2020, 1, 1), max_value=date(2026, 1, 1)),
)
parts = st.lists(st.none() | moneys, max_size=12)


@settings(max_examples=60)
@given(parts)
def test_a_sum_keeps_every_amount_and_counts_every_unknown(found: list[Money | None]) -> None:
    made = total(found, per="month")
    known = [money for money in found if money is not None]
    assert made.unknown == len(found) - len(known)
    for summed in made.amounts:
        same = [money for money in known if money.currency == summed.currency]
        assert summed.amount == sum((money.amount for money in same), Decimal(0))
        assert summed.dated == min(money.dated for money in same)
    assert {money.currency for money in made.amounts} == {money.currency for money in known}
    assert str(made).startswith("at least") == bool(made.unknown and known)


@settings(max_examples=60)
@given(amounts)
def test_something_is_never_written_as_nothing(amount: Decimal) -> None:
    assert (Decimal(spelled(amount).replace(",", "")) == 0) == (amount == 0)


@settings(max_examples=20)
@given(st.integers(1, 300), st.integers(0, 5000), st.integers(0, 24))
def test_seats_cost_what_one_costs_times_their_number(seats: int, pictures: int, hours: int) -> None:
    seat = parts_of({"course": "botany", "seat": "a", "customVision": True, "customVisionSku": "S0"})
    trainings = (Training(name="m", budget_hours=hours),)
    work = Work(pictures=pictures, picture_bytes=pictures * 10**6, trainings=trainings, predictions=pictures)
    one, many = (estimate([("seat", count, seat, work)], region="eastus") for count in (1, seats))
    for single, together in ((one.idle_total, many.idle_total), (one.run_total, many.run_total)):
        assert abs(single.amounts[0].amount * seats - together.amounts[0].amount) < Decimal("1e-9")
        assert (single.unknown, together.unknown) == (0, 0)
