"""Makes a clean-up plan: looks, selects, prices. Nothing is changed.

Owns: putting these together, and what a plan is refused for before anybody looks.
Leaves: looking to `survey.py`, the choice to `select.py`, the file to `plan_file.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from automation.azure import Arm, Cloud
from automation.cleanup.plan_file import sealed
from automation.cleanup.select import select
from automation.cleanup.survey import survey
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import CleanupPlan, Item, Rules, Survey
from automation.clock import Clock
from automation.cost import monthly_price
from automation.errors import ConfigError
from automation.progress import Progress, silent

__all__ = ["demand_blocklist", "look", "make_cleanup_plan", "plan_of"]

MOST_DAYS = 90


def make_cleanup_plan(
    arm: Arm,
    target: Target,
    *,
    cloud: Cloud,
    clock: Clock,
    rules: Rules | None = None,
    valid_days: int = 7,
    known: Sequence[Item] = (),
    progress: Progress = silent,
) -> CleanupPlan:
    """What would go and what would stay, in the order of deletion, sealed with its hash.

    Args:
        arm: Of that cloud.
        target: What is to go.
        cloud: Where; its subscription and tenant become part of the plan.
        clock: Its day in UTC decides what has expired.
        rules: How the target is meant.
        valid_days: For how long the plan may be run.
        known: Items of which somebody else knows, like the ML workspaces that a stack's state has.
        progress: Hears what is looked at.

    Raises:
        ConfigError: The target is looked for in the whole subscription and the blocklist is empty; the limit is
            unusable; the sign-in names no subscription.
        ServiceError: Something could not be listed.
    """
    rules = rules or Rules()
    found = look(arm, target, cloud=cloud, rules=rules, known=known, progress=progress)
    return plan_of(found, target, cloud=cloud, clock=clock, rules=rules, valid_days=valid_days)


def look(
    arm: Arm,
    target: Target,
    *,
    cloud: Cloud,
    rules: Rules,
    known: Sequence[Item] = (),
    progress: Progress = silent,
) -> Survey:
    """Everything that a plan of this target is made of. Raises as `make_cleanup_plan` does."""
    demand_blocklist(target, rules)
    if not cloud.subscription_id:
        raise ConfigError("the subscription is not known", hint="name it: --subscription ID")
    return survey(arm, target, subscription=cloud.subscription_id, rules=rules, known=known, progress=progress)


def plan_of(
    found: Survey, target: Target, *, cloud: Cloud, clock: Clock, rules: Rules, valid_days: int = 7
) -> CleanupPlan:
    """The plan of what was found. Raises ConfigError for a limit that is unusable."""
    if not 1 <= valid_days <= MOST_DAYS:
        raise ConfigError(f"a plan is valid for 1 to {MOST_DAYS} days, not {valid_days}", hint="mend --valid-for")
    now = clock.now().astimezone(UTC).replace(microsecond=0)
    chosen = select(found, target, rules, now.date())
    return sealed(
        CleanupPlan(
            id="",
            made=now,
            valid_until=now + timedelta(days=valid_days),
            cloud=cloud.name,
            tenant=cloud.tenant_id or "",
            subscription=cloud.subscription_id,
            target=target,
            rules=rules,
            groups=chosen.groups,
            items=tuple(_priced(item) for item in chosen.items),
            kept=chosen.kept,
            confirm=target.confirm(cloud.subscription_id),
        )
    )


def demand_blocklist(target: Target, rules: Rules) -> None:
    """A target that is looked for in the whole subscription needs a blocklist. Raises ConfigError without one."""
    if target.is_wide and not any(pattern.strip() for pattern in rules.blocklist):
        raise ConfigError(
            f"{target} is looked for in the whole subscription, and no blocklist says what must stay",
            hint="name at least one group that must never go: --blocklist NAME, or VISIONLAB_BLOCKLIST",
        )
    if target.kind is TargetKind.EXPIRED and rules.grace_days < 0:
        raise ConfigError("the grace is below 0 days", hint="mend --grace")


def _priced(item: Item) -> Item:
    """Soft-deleted things cost nothing that a table of prices knows."""
    if item.is_deleted:
        return item
    return replace(item, monthly=monthly_price(item.type, sku=item.sku, location=item.location))
