"""Usage over a time: what the meter has written, by day, resource and meter, in Azure's units.

Owns: joining counts with the resources they are of, and the hours for which resources existed.
Leaves: grouping to `query.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from localazure.costs.kinds import METERS, Resource, standing
from localazure.costs.meter import COUNTS, LIVES, Meter
from localazure.store import Store

__all__ = ["Row", "Usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """So much of one meter, on one day. Dimensions by their names in Cost Management, in lower case."""

    day: str
    quantity: float
    dimensions: dict[str, str]
    tags: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Life:
    resource: Resource
    since: datetime
    until: datetime | None


class Usage:
    """What was used below a scope."""

    def __init__(self, store: Store, meter: Meter) -> None:
        self._store, self._meter = store, meter

    def rows(self, scope: str, start: datetime, end: datetime) -> list[Row]:
        """All of it from `start` up to `end`, whole days; what is counted at this moment is written first."""
        self._meter.refresh(scope)
        under = scope.lower().rstrip("/") + "/"
        lives = [_life(doc) for _, doc in self._store.list(LIVES, under)]
        known = {life.resource.id.lower(): life.resource for life in lives}
        found: dict[tuple[str, str, str], float] = {}
        for number in range((end.date() - start.date()).days + 1):
            day = (start.date() + timedelta(days=number)).isoformat()
            for key, doc in self._store.list(COUNTS, f"{day}|{under}"):
                _, resource_id, meter = key.split("|", 2)
                found[(day, resource_id, meter)] = float(doc["quantity"])
        for life in lives:
            name = standing(life.resource)
            if name is not None:
                for day, hours in _hours(life, start, end):
                    at = (day, life.resource.id.lower(), name)
                    found[at] = found.get(at, 0.0) + hours
        return [_row(at, quantity, known) for at, quantity in sorted(found.items()) if quantity > 0]


def _life(doc: dict[str, object]) -> _Life:
    tags = doc["tags"]
    return _Life(
        resource=Resource(
            id=str(doc["id"]),
            type=str(doc["type"]),
            location=str(doc["location"]),
            sku=str(doc["sku"]),
            tags={str(name): str(value) for name, value in tags.items()} if isinstance(tags, dict) else {},  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] JSON
        ),
        since=datetime.fromisoformat(str(doc["since"])),
        until=None if doc["until"] is None else datetime.fromisoformat(str(doc["until"])),
    )


def _hours(life: _Life, start: datetime, end: datetime) -> Iterator[tuple[str, float]]:
    """The hours of each day on which a resource existed, within the time that is asked for."""
    at, until = max(life.since, start), min(life.until or end, end)
    while at < until:
        midnight = datetime.combine(at.date() + timedelta(days=1), time(), tzinfo=UTC)
        yield at.date().isoformat(), (min(midnight, until) - at).total_seconds() / 3600
        at = midnight


def _row(at: tuple[str, str, str], quantity: float, known: dict[str, Resource]) -> Row:
    day, resource_id, name = at
    meter, resource = METERS[name], known.get(resource_id)
    parts = resource_id.split("/")
    group = parts[4] if len(parts) > 4 else ""
    kind = resource.type if resource else ""
    return Row(
        day=day,
        quantity=quantity / meter.per,
        dimensions={
            "resourceid": resource_id,
            "resourcegroup": group,
            "resourcegroupname": group,
            "resourcetype": kind.lower(),
            "resourcelocation": resource.location if resource else "",
            "servicename": meter.category,
            "metercategory": meter.category,
            "meter": meter.name,
            "unitofmeasure": meter.unit,
            "chargetype": "Usage",
            "publishertype": "Azure",
            "subscriptionid": parts[2],
        },
        tags={key.lower(): value for key, value in (resource.tags if resource else {}).items()},
    )
