"""What a training needs and costs, before it is started: pure arithmetic.

Owns: the service's formulas (FAQ of Microsoft's customization samples) and findings about a budget.
Leaves: counting pictures to `coco`, starting the training to the back ends.
"""

import math
from dataclasses import dataclass

from automation.errors import Finding, Severity
from automation.training.types import ModelKind

__all__ = ["Estimate", "check_budget", "estimate"]

# kind: hours per picture, and the factors of the least and of the most that improve quality
_FORMULAS = {
    ModelKind.IMAGE_CLASSIFICATION: (0.0003334, 5, 10),
    ModelKind.OBJECT_DETECTION: (0.0066667, 3, 5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Compute hours for one training.

    Attributes:
        minimum_hours: Below this the service fails with notEnoughBudget.
        advised_hours: From here on the quality is good.
        generous_hours: More than this is not expected to help.
        least_budget: The smallest whole-hour budget that is accepted.
        advised_budget: The whole hours nearest to the advice.
    """

    minimum_hours: float
    advised_hours: float
    generous_hours: float
    least_budget: int
    advised_budget: int


def estimate(kind: ModelKind, images: int) -> Estimate:
    """The hours that a training on so many pictures takes. Budgets are whole hours, so small sets need 1."""
    per_image, low, high = _FORMULAS[kind]
    minimum = per_image * images
    least = max(1, math.ceil(minimum))
    return Estimate(
        minimum_hours=minimum,
        advised_hours=minimum * low,
        generous_hours=minimum * high,
        least_budget=least,
        advised_budget=min(max(least, round(minimum * low)), kind.most_budget_hours),
    )


def check_budget(kind: ModelKind, images: int, budget_hours: int, *, where: str) -> list[Finding]:
    """What is wrong with this budget for so many pictures: an error below the minimum, a warning below the advice."""
    need = estimate(kind, images)
    if need.least_budget > kind.most_budget_hours:
        said = f"{images} pictures need {need.least_budget} hours, and {kind.most_budget_hours} is the most there is"
        return [_finding("budget-impossible", Severity.ERROR, where, said, "train on fewer pictures")]
    hint = f"set budget_hours to {need.advised_budget}"
    if budget_hours < need.minimum_hours:
        said = f"{budget_hours} h are too few for {images} pictures: {need.minimum_hours:.2f} h is the minimum"
        return [_finding("budget-too-small", Severity.ERROR, where, said, hint)]
    if budget_hours < need.advised_budget:
        said = f"{budget_hours} h are few for {images} pictures: {need.advised_hours:.2f} h are advised"
        return [_finding("budget-small", Severity.WARNING, where, said, hint)]
    return []


def _finding(code: str, severity: Severity, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=severity, where=where, message=message, hint=hint)
