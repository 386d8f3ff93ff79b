"""Resources that were never made here: soft-deleted namesakes which a fault rule puts in the way of a new resource.

Owns: what such a namesake looks like. Leaves: refusing the new one, listing and purging the old one to those who do so
with any soft-deleted resource.
"""

from datetime import timedelta
from typing import Any

from localazure.arm.answers import ArmRequest
from localazure.arm.locations import location_name
from localazure.arm.table import TABLE
from localazure.arm.types import World
from localazure.clock import arm_time

__all__ = ["haunt"]

_TOLD = ("kind", "sku", "tags")


def haunt(world: World, request: ArmRequest) -> None:
    """Before a resource is created: if a rule says so, one of its name was there once and is soft-deleted."""
    target = request.target
    row = TABLE.get((target.type or "").lower())
    if row is None or row.soft is None or world.resources.get(target.id) is not None:
        return
    if not world.faults.ghost(target.id):
        return
    location = location_name(str(request.body.get("location") or "")) or ""
    given: Any = request.body.get("properties")
    properties: dict[str, Any] = dict(given) if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownArgumentType] JSON
    for path in row.secrets:
        properties.pop(path.rsplit(".", 1)[-1], None)
    properties |= {"provisioningState": "Succeeded"} if row.has_state else {}
    ghost = {
        "id": target.id,
        "name": target.name or "",
        "type": row.name,
        "location": location,
        "properties": properties,
        "systemData": {"createdAt": arm_time(world.clock.now())},
        **{name: request.body[name] for name in _TOLD if name in request.body},
    }
    world.deleted.put(ghost, kept=timedelta(days=row.soft.days))
