"""What a training needs on each back end, before it is started; and what it took, when it was.

Owns: which back ends there are and what is known of each. Leaves: the service's formulas to `automation.training`, the
time on this machine to the local Azure. What nobody published is unknown here, and never 0.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automation.coco.file_statistics import file_statistics
from automation.cost import Money, location_of, parts_of, training_price
from automation.local import ask_training_s
from automation.progress import Progress, silent
from automation.training import Estimate, ModelKind, estimate
from automation.workflow.costing import lab_settings

if TYPE_CHECKING:
    from automation.workflow.lab_types import DatasetPlan, ModelPlan
    from automation.workflow.workbench import Workbench

__all__ = [
    "Actual",
    "BackEndEstimate",
    "Material",
    "TrainingEstimate",
    "estimate_model",
    "estimate_training",
    "material_of",
]

SWITCHED_OFF = "Image Analysis model customization was switched off on 31 March 2025"
NO_PRICE = "its price is not in visionlab's table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is learnt from."""

    kind: ModelKind
    pictures: int
    classes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackEndEstimate:
    """One back end.

    Attributes:
        seconds: How long the training takes there; None where that is unknown.
        money: What the whole budget costs by the price table; None where that is unknown, and where it costs nothing.
        costs: Whether it costs anything: the local Azure does not.
        note: Why something is unknown, or what else to know.
    """

    back_end: str
    target: str
    possible: bool
    seconds: float | None
    money: Money | None
    note: str
    costs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """What a training took: `seconds` by the clock, and the minutes that the service counts for the bill.

    `money` is what these minutes cost by the price table; nothing is paid for them on the local Azure.
    """

    status: str
    seconds: float | None
    billed_minutes: int | None
    money: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEstimate:
    """`name` is the model's or the file's."""

    name: str
    material: Material
    budget_hours: int
    need: Estimate
    back_ends: tuple[BackEndEstimate, ...]
    actual: Actual | None = None


def estimate_model(bench: "Workbench", plan: "ModelPlan", *, progress: Progress = silent) -> TrainingEstimate:
    """A model of lab.yaml. What is not labeled yet counts nothing."""
    dataset = next(entry for entry in bench.lab.datasets if entry.name == plan.train)
    material = _of_dataset(bench, plan, dataset, progress)
    return estimate_training(plan.name, material, plan.budget_hours, bench=bench, actual=_actual(bench, plan.name))


def material_of(path: Path, kind: ModelKind | None = None, *, progress: Progress = silent) -> Material:
    """What is in a COCO file: with boxes it teaches a detector, unless `kind` says otherwise."""
    found = file_statistics(path, progress=progress)
    told = kind or (ModelKind.OBJECT_DETECTION if found.boxes else ModelKind.IMAGE_CLASSIFICATION)
    return Material(kind=told, pictures=found.images - found.unlabeled_images, classes=len(found.categories))


def estimate_training(
    name: str, material: Material, budget_hours: int, *, bench: "Workbench | None" = None, actual: Actual | None = None
) -> TrainingEstimate:
    """Every back end. The local Azure is asked when it runs, and not started for it."""
    return TrainingEstimate(
        name=name,
        material=material,
        budget_hours=budget_hours,
        need=estimate(material.kind, material.pictures),
        back_ends=(
            _local(material, budget_hours, bench),
            BackEndEstimate(
                back_end="image-analysis", target="azure", possible=False, seconds=None, money=None, note=SWITCHED_OFF
            ),
            _custom_vision(budget_hours, bench),
            _automl(budget_hours, bench),
        ),
        actual=actual,
    )


def _custom_vision(hours: int, bench: "Workbench | None") -> BackEndEstimate:
    settings = _settings(bench)
    sku = str(settings.get("customVisionSku") or "F0") if settings.get("customVision") == "true" else "S0"
    money = training_price("custom-vision", hours, sku=sku, location=location_of(settings))
    note = f"{sku}; quick training has no budget, advanced whole hours"
    return BackEndEstimate(
        back_end="custom-vision", target="azure", possible=True, seconds=None, money=money, note=_dated(note, money)
    )


def _automl(hours: int, bench: "Workbench | None") -> BackEndEstimate:
    settings = _settings(bench)
    machine = next((part.sku for part in parts_of(settings) if part.type.endswith("/computes")), "")
    money = training_price("automl", hours, machine=machine, location=location_of(settings))
    note = machine or "no computeCluster is named"
    return BackEndEstimate(
        back_end="automl",
        target="azure",
        possible=True,
        seconds=None,
        money=money,
        note=_dated(f"{note}; limited by trials and minutes, not by money", money),
    )


def _settings(bench: "Workbench | None") -> dict[str, Any]:
    return {} if bench is None else lab_settings(bench.lab.stack, bench.lab.program_settings())


def _dated(note: str, money: Money | None) -> str:
    if money is None:
        return f"{note}; {NO_PRICE}"
    region = f", of {money.region}" if money.region else ""
    return f"{note}; price of {money.dated}{region}"


def _local(material: Material, budget_hours: int, bench: "Workbench | None") -> BackEndEstimate:
    connection = None if bench is None or bench.local is None else bench.local.connection()
    kind = "detector" if material.kind is ModelKind.OBJECT_DETECTION else "classifier"
    seconds, possible, note = None, True, "the local Azure does not run: `visionlab local start`, and it is asked"
    if not material.pictures:
        note = "no picture is labeled yet"
    elif connection is not None:
        found = ask_training_s(
            connection,
            kind=kind,
            pictures=material.pictures,
            classes=max(material.classes, 1),
            budget_hours=budget_hours,
        )
        if found is None:
            note = "the local Azure gave no estimate"
        else:
            seconds, least = found
            possible = seconds is not None
            note = (
                "on a busy machine; an idle one takes about half"
                if possible
                else f"the budget is too small: it takes {least:.0f} seconds at least"
            )
    return BackEndEstimate(
        back_end="image-analysis",
        target="local",
        possible=possible,
        seconds=seconds,
        money=None,
        note=note,
        costs=False,
    )


def _of_dataset(bench: "Workbench", plan: "ModelPlan", dataset: "DatasetPlan", progress: Progress) -> Material:
    if dataset.coco_file is not None:
        return material_of(dataset.coco_file, plan.kind, progress=progress)
    project = bench.labeling.find(dataset.labeling or "")
    if project is None:
        return Material(kind=plan.kind, pictures=0, classes=0)
    return Material(kind=plan.kind, pictures=project.completed, classes=len(project.spec.classes))


def _actual(bench: "Workbench", name: str) -> Actual | None:
    found = bench.vision.models.find(name)
    if found is None:
        return None
    seconds = None
    if found.status.is_final and found.created is not None and found.updated is not None:
        seconds = (found.updated - found.created).total_seconds()
    minutes = found.cost_minutes
    money = None if minutes is None else training_price("image-analysis", Decimal(minutes) / 60)
    return Actual(status=found.status_text, seconds=seconds, billed_minutes=minutes, money=money)
