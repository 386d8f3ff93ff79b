"""What this machine still says about things that a clean-up has deleted: states of stacks, seats of courses.

Owns: finding it in the state folder, and emptying the state of a stack of which nothing is left.
Leaves: deleting in Azure to `automation.cleanup`, seats to `visionlab course down`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from automation.errors import LabError

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan
    from automation.workflow.workbench import Workbench

__all__ = ["forget_stacks", "state_left"]


def forget_stacks(bench: "Workbench", plan: "CleanupPlan") -> list[str]:
    """Empty the state of each stack of this folder whose resources were all planned, after they are proved gone.

    Returns:
        The stacks' names.
    """
    names = [name for name, ids in _stacks(bench.home) if ids and all(_is_planned(at, plan) for at in ids)]
    for name in names:
        bench.open_stack(name, {}).forget()
    return names


def state_left(home: Path, plan: "CleanupPlan") -> list[str]:
    """Stacks whose state lists planned things, and a course's seats that are not marked as gone."""
    found = [
        f"the state of stack {name} still lists {count} of them: visionlab lab refresh, or lab down"
        for name, ids in _stacks(home)
        if (count := sum(_is_planned(at, plan) for at in ids))
    ]
    return [*found, *_seats_left(home, plan)]


def _seats_left(home: Path, plan: "CleanupPlan") -> Iterator[str]:
    from automation.cleanup import TargetKind
    from automation.course import list_courses, read_course

    target = plan.target
    if target.kind not in {TargetKind.COURSE, TargetKind.SEATS} or target.name not in list_courses(home):
        return
    try:
        course = read_course(home, target.name)
    except LabError as exc:
        yield f"the file of course {target.name} cannot be read: {exc.message}"
        return
    wanted = set(target.values) if target.kind is TargetKind.SEATS else {seat.id for seat in course.seats}
    there = [seat.id for seat in course.seats if seat.is_there and seat.id in wanted]
    if there:
        many = f"{len(there)} seat{'s' * (len(there) != 1)}"
        yield f"the course {target.name} still has {many} on its list: visionlab course down takes them off"


def _stacks(home: Path) -> Iterator[tuple[str, list[str]]]:
    """The stacks of the embedded engine in a state folder, and the ids of what each has in Azure."""
    for path in sorted((home / "stacks").glob("*.json")):
        try:
            document = cast("dict[str, Any]", json.loads(path.read_bytes()))
            resources = cast("list[dict[str, Any]]", document["deployment"].get("resources") or [])
            ids = [str(resource.get("id") or "") for resource in resources]
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            continue  # half-written by a run that is at work, or none of ours
        yield path.stem, [at for at in ids if at.startswith("/subscriptions/")]


def _is_planned(at: str, plan: "CleanupPlan") -> bool:
    """Whether it is planned itself, or lies below what is."""
    parts = at.lower().rstrip("/").split("/")
    planned = {item.id.lower() for item in plan.items}
    return any("/".join(parts[:count]) in planned for count in range(5, len(parts) + 1))
