"""Asking what was spent: of a resource group, a subscription, or a course in it.

Owns: scopes, and who asks. Leaves: field names to `automation.cost`, throttling and pages to `automation.azure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from automation.azure import Arm
from automation.cost import Money, Spent, query_body, read_by_tag, read_spent
from automation.cost.actual import QUERY, QUERY_VERSION
from automation.lab_tags import COURSE_TAG, SEAT_TAG

__all__ = ["Spending", "seat_costs", "spending"]

# Cost Management counts requests by this name; without it we share one quota with everybody who has none.
_HEADERS = {"ClientType": "visionlab"}
_DEADLINE_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent at a scope from one day to another, both included."""

    scope: str
    start: date
    end: date
    rows: tuple[Spent, ...]


def spending(arm: Arm, scope: str, *, start: date, end: date, course: str | None = None) -> Spending:
    """Each meter of each resource.

    Args:
        arm: Of the cloud.
        scope: A subscription's id, or a resource group's.
        start: The first day.
        end: The last one, which is included.
        course: Only what has this course's tag.

    Raises:
        Throttled: Cost Management asks for a longer pause than there is time.
        ServiceError: It refused, or its answer is not one.
    """
    body = query_body(start, end, where=None if course is None else (COURSE_TAG, course))
    rows = read_spent(_ask(arm, scope, body), day=end)
    return Spending(scope=scope, start=start, end=end, rows=tuple(rows))


def seat_costs(
    arm: Arm, subscription: str, course: str, *, start: date, end: date, deadline_s: float = _DEADLINE_S
) -> Mapping[str, Money]:
    """What each seat of a course has cost, by its id, in one question; raises as `spending` does."""
    body = query_body(start, end, by_tag=SEAT_TAG, where=(COURSE_TAG, course))
    pages = _ask(arm, subscription, body, deadline_s=deadline_s)
    return {found.value: found.cost for found in read_by_tag(pages, day=end) if found.value}


def _ask(
    arm: Arm, scope: str, body: Mapping[str, object], *, deadline_s: float = _DEADLINE_S
) -> list[dict[str, object]]:
    path = scope.rstrip("/") + QUERY
    return list(arm.query(path, body, api_version=QUERY_VERSION, headers=_HEADERS, deadline_s=deadline_s))
