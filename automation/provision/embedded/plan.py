"""What to do with a resource, and in which order things may go. Pure: no provider, no state file.

Owns: the choice between same, update and the two ways to replace; what falls with a replaced resource; the order of
deletes and of the state file.
Leaves: doing it to `engine.py` and `removal.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto

from automation.provision.azure_native.diff import Difference
from automation.provision.embedded.paths import matches
from automation.provision.embedded.state import Resource

__all__ = ["Step", "decide", "fallen_with", "in_order", "must_go_before"]


class Step(Enum):
    SAME = auto()
    UPDATE = auto()
    CREATE_THEN_DELETE = auto()
    DELETE_THEN_CREATE = auto()


def decide(
    old: Resource,
    difference: Difference,
    *,
    replace_on_changes: Iterable[str] = (),
    delete_before_replace: bool | None = None,
) -> Step:
    """Choose the step for a resource that exists.

    Args:
        old: As the state knows it. One whose creation failed half-way is updated even when nothing changed.
        difference: Between its old inputs and the new ones.
        replace_on_changes: Paths whose change the program wants answered by a new resource.
        delete_before_replace: The program's wish; None leaves it to the provider.
    """
    wanted = tuple(replace_on_changes)
    forced = any(matches(pattern, path) for pattern in wanted for path in difference.changes)
    if difference.replaces or forced:
        first = difference.delete_before_replace if delete_before_replace is None else delete_before_replace
        return Step.DELETE_THEN_CREATE if first else Step.CREATE_THEN_DELETE
    return Step.UPDATE if difference.changes or old.init_errors else Step.SAME


def fallen_with(
    root: Resource, resources: Sequence[Resource], would_be_replaced: Callable[[Resource, frozenset[str]], bool]
) -> tuple[Resource, ...]:
    """Resources that must be deleted before `root` is, because they cannot stay what they are without it.

    Args:
        root: What is deleted before its replacement is created.
        resources: Everything in the state, dependencies first.
        would_be_replaced: Whether a resource needs a new one when these of its inputs are unknown.
    """
    gone, fallen = {root.urn}, list[Resource]()
    for resource in resources:
        touched = frozenset(name for name, urns in resource.property_dependencies.items() if not gone.isdisjoint(urns))
        if resource.urn not in gone and resource.custom and touched and would_be_replaced(resource, touched):
            gone.add(resource.urn)
            fallen.append(resource)
    return tuple(fallen)


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """Dependencies first, and otherwise by URN, so that equal states are equal files.

    What waits for its delete stands after everything that lives: it has the URN of its own replacement.
    """
    ordered: list[Resource] = []
    for condemned in (False, True):
        group = sorted((item for item in resources if item.delete is condemned), key=lambda item: (item.urn, item.id))
        by_urn: dict[str, list[Resource]] = {}
        for item in group:
            by_urn.setdefault(item.urn, []).append(item)
        placed: set[str] = set()
        for item in group:
            _place(item.urn, by_urn, placed, ordered)
    return ordered


def _place(urn: str, by_urn: Mapping[str, Sequence[Resource]], placed: set[str], ordered: list[Resource]) -> None:
    if urn in placed or urn not in by_urn:
        return
    placed.add(urn)
    for item in by_urn[urn]:
        for needed in sorted(item.needs):
            _place(needed, by_urn, placed, ordered)
    ordered.extend(by_urn[urn])


def must_go_before(victims: Sequence[Resource]) -> list[set[int]]:
    """For each victim the indexes of those that must be deleted before it, because they need it."""
    return [
        {
            index
            for index, other in enumerate(victims)
            if index != place and victim.urn in other.needs and other.urn != victim.urn
        }
        for place, victim in enumerate(victims)
    ]
