"""What keeps a lab from costing too much or from going by accident: the budget and the lock.

Owns: a budget that warns, and a lock that Azure enforces.
Leaves: stopping anything to people; a budget only sends mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, consumption

from infra.lab import Lab
from infra.settings import Settings

__all__ = ["Guardrails", "GuardrailsArgs", "budget_readers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailsArgs:
    """What to guard.

    Attributes:
        lab: The lab.
        group_id: ARM id of its resource group.
        guarded: Everything in the group: the lock comes after all of it, and so goes before all of it.
    """

    lab: Lab
    group_id: pulumi.Input[str]
    guarded: Sequence[pulumi.Resource]


class Guardrails(pulumi.ComponentResource):
    """A budget and a lock on the resource group, where they are asked for."""

    def __init__(self, name: str, args: GuardrailsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:Guardrails", name, None, opts)
        settings = args.lab.settings
        guarded = list(args.guarded)
        if settings.budget:
            budget = consumption.Budget(
                f"{name}-budget",
                budget_name=args.lab.names.budget,
                scope=args.group_id,
                amount=settings.budget.amount,
                category=consumption.CategoryType.COST,
                time_grain=consumption.TimeGrainType.MONTHLY,
                time_period=consumption.BudgetTimePeriodArgs(start_date=f"{settings.budget.start_date}T00:00:00Z"),
                notifications=_notifications(budget_readers(settings)),
                opts=pulumi.ResourceOptions(parent=self),
            )
            guarded.append(budget)
        if settings.lock:
            authorization.ManagementLockByScope(
                f"{name}-lock",
                lock_name=args.lab.names.lock,
                scope=args.group_id,
                level=authorization.LockLevel.CAN_NOT_DELETE,
                notes="Made by visionlab: set lock to false, or tear the lab down with visionlab, to remove it.",
                opts=pulumi.ResourceOptions(parent=self, depends_on=guarded),
            )
        self.register_outputs({})


def budget_readers(settings: Settings) -> list[str]:
    """Who hears of the budget: those who are named, and whose seat it is."""
    named = list(settings.budget.emails) if settings.budget else []
    person = settings.course and settings.course.person
    email = person and person.email
    return named if not email or email.lower() in {known.lower() for known in named} else [*named, email]


def _notifications(emails: Sequence[str]) -> dict[str, consumption.NotificationArgs]:
    """Mail when 80 % are spent, when all is spent, and when all is going to be spent this month."""
    kinds = consumption.ThresholdType
    when = {"actual80": (80, kinds.ACTUAL), "actual100": (100, kinds.ACTUAL), "forecast100": (100, kinds.FORECASTED)}
    return {
        key: consumption.NotificationArgs(
            enabled=True,
            operator=consumption.OperatorType.GREATER_THAN_OR_EQUAL_TO,
            threshold=threshold,
            threshold_type=kind,
            contact_emails=list(emails),
        )
        for key, (threshold, kind) in when.items()
    }
