"""What a lab or a course will cost: a month in which nobody uses it, and a run, line by line.

Owns: the lines, their sums, and what has to be said beside them. Leaves: what there is to estimate to the callers, as
plain values, and how it looks to the CLI.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from automation.cost.money import Money, Total, total
from automation.cost.parts import VISION, Part
from automation.cost.prices import OLD_AFTER_DAYS, price_of
from automation.cost.resources import monthly_price
from automation.cost.running import BackEnd, prediction_price, training_price

__all__ = ["Estimate", "Line", "Share", "Training", "Work", "caveats", "estimate", "sentence"]

GB = Decimal(10**9)
TAXES = "list prices: taxes and discounts are not in them"
SWITCHED_OFF = "Image Analysis trains no model on Azure since 31 March 2025: its price is what the list still says"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that costs, or that does not.

    Attributes:
        of: The resource, or the step of a run.
        what: What is counted.
        money: None where its price is unknown.
        times: How many there are of it; `money` is for all of them.
    """

    of: str
    what: str
    money: Money | None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A model that is to be trained."""

    name: str
    budget_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a run works on.

    Attributes:
        pictures: That are uploaded, and kept.
        picture_bytes: All of them together.
        trainings: The models.
        predictions: Pictures that a model looks at.
    """

    pictures: int = 0
    picture_bytes: int = 0
    trainings: tuple[Training, ...] = ()
    predictions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one of a kind costs, and how many there are: a seat of a size, or the shared parts."""

    name: str
    times: int
    idle: Total
    run: Total


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """All of it.

    Attributes:
        region: The lab's; `foreign` are the regions of prices that were taken in its place.
        idle: A month in which nobody uses it.
        run: A run, from the pictures to the predictions.
        shares: One for each group that was asked for.
        oldest: The day of the oldest price that is in it.
    """

    region: str
    idle: tuple[Line, ...]
    run: tuple[Line, ...]
    idle_total: Total
    run_total: Total
    foreign: tuple[str, ...]
    shares: tuple[Share, ...]
    oldest: date | None


def estimate(groups: Sequence[tuple[str, int, Sequence[Part], Work]], *, region: str) -> Estimate:
    """Estimate parts and what is done with them.

    Args:
        groups: Name (empty for a lab), how many there are of it, the parts, and the work of one.
        region: Where everything is.
    """
    idle: list[Line] = []
    run: list[Line] = []
    shares: list[Share] = []
    for name, times, parts, work in groups:
        own_idle, own_run = list(_idle(parts, work, region)), list(_run(parts, work, region))
        idle += [_of(name, times, line) for line in own_idle]
        run += [_of(name, times, line) for line in own_run]
        shares.append(
            Share(
                name=name,
                times=times,
                idle=total([line.money for line in own_idle], per="month"),
                run=total([line.money for line in own_run], per="run"),
            )
        )
    both = [line.money for line in (*idle, *run) if line.money is not None]
    return Estimate(
        region=region,
        idle=tuple(idle),
        run=tuple(run),
        idle_total=total([line.money for line in idle], per="month"),
        run_total=total([line.money for line in run], per="run"),
        foreign=tuple(sorted({money.region for money in both if money.amount} - {"", region})),
        shares=tuple(shares),
        oldest=min((money.dated for money in both), default=None),
    )


def caveats(found: Estimate, *, today: date) -> list[str]:
    """What has to be said beside the sums."""
    said = [TAXES]
    if found.foreign:
        said.append(f"where {found.region} is not in the table, prices of {', '.join(found.foreign)} stand for it")
    if found.oldest is not None:
        old = (today - found.oldest).days > OLD_AFTER_DAYS
        said.append(
            f"the oldest price in it is of {found.oldest}" + (", look again before you rely on it" if old else "")
        )
    if any(line.of.endswith("log workspace") for line in found.idle):
        said.append(_logs(found.region))
    if any(line.what.endswith("image-analysis") and line.of.endswith("training") for line in found.run):
        said.append(SWITCHED_OFF)
    if any(line.money is None for line in (*found.idle, *found.run)):
        said.append("what is unknown is not in the sums: nobody should take it for nothing")
    return said


def sentence(found: Estimate) -> str:
    """The estimate in one line, for before something is made."""
    since = "" if found.oldest is None else f", the oldest of {found.oldest}"
    return f"in {found.region}: {found.idle_total} a month idle, {found.run_total} a run; {TAXES}{since}"


def _logs(region: str) -> str:
    row, free = price_of("logs/data", location=region), price_of("logs/free-data", location=region)
    money = None if row is None else row.of(1, per="GB")
    after = f" after the first {free.unit}" if free else ""
    return f"what the log workspace takes in is not counted: {money or 'an unknown price'}{after}"


def _of(name: str, times: int, line: Line) -> Line:
    money = None if line.money is None else line.money.times(times)
    return Line(of=f"{name}: {line.of}" if name else line.of, what=line.what, money=money, times=times)


def _idle(parts: Sequence[Part], work: Work, region: str) -> Iterable[Line]:
    gb = Decimal(work.picture_bytes) / GB
    for part in parts:
        if part.type == VISION and part.kind == "CustomVision.Training":
            row = price_of("custom-vision/images", sku=part.sku, location=region)
            money = None if row is None else row.of(work.pictures, per="month")
            yield Line(of=part.name, what=f"{part.sku}, keeps {work.pictures:,} pictures", money=money)
        elif part.type == VISION and part.kind == "CustomVision.Prediction":
            row = price_of("custom-vision/transactions", sku=part.sku, location=region)
            yield Line(of=part.name, what=part.sku, money=None if row is None else row.of(0, per="month"))
        else:
            money = monthly_price(part.type, sku=part.sku, location=region, stored_gb=gb)
            stored = f", {_size(work.picture_bytes)}" if part.type.endswith("storageAccounts") else ""
            yield Line(of=part.name, what=(part.sku or "exists") + stored, money=money)


def _run(parts: Sequence[Part], work: Work, region: str) -> Iterable[Line]:
    if work.pictures:
        row = price_of("storage/writes", sku="Standard_LRS", location=region)
        money = None if row is None else row.of(work.pictures, per="run")
        yield Line(of="images", what=f"{work.pictures:,} pictures written", money=money)
    back_end, sku, machine = _trainer(parts)
    if work.pictures and back_end == "custom-vision":
        money = prediction_price(back_end, work.pictures, sku=sku, location=region)
        yield Line(of="datasets", what=f"{work.pictures:,} pictures uploaded to {back_end}", money=money)
    for model in work.trainings:
        money = training_price(back_end, model.budget_hours, sku=sku, machine=machine, location=region)
        what = f"{model.name}: {model.budget_hours} h of budget, {back_end}"
        yield Line(of="training", what=f"{what}, {machine}" if machine else what, money=money)
    if work.predictions:
        money = prediction_price(back_end, work.predictions, sku=sku, location=region)
        yield Line(of="prediction", what=f"{work.predictions:,} pictures, {back_end}", money=money)


def _trainer(parts: Sequence[Part]) -> tuple[BackEnd, str, str]:
    """Who trains, on what tier or machine: the service that lives on where a lab has it, and a cluster before none."""
    for part in parts:
        if part.kind == "CustomVision.Training":
            return "custom-vision", part.sku, ""
    for part in parts:
        if part.type.endswith("/computes"):
            return "automl", "", part.sku
    sku = next((part.sku for part in parts if part.kind == "ComputerVision"), "")
    return "image-analysis", sku, ""


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 10**8 else f"{count / 1e6:.1f} MB"
