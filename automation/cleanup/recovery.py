"""What was deleted and can be brought back, and bringing it back.

Owns: which kinds can be, until when, and by which request; groups that are gone are made again first.
Leaves: what was deleted for good: nobody brings that back. Microsoft's pages on soft delete of each service say how.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from automation.azure import Arm
from automation.cleanup.kinds import ACCOUNTS, LOGS, ML, SOFT_KINDS, VAULTS, Kind
from automation.cleanup.reading import reading
from automation.cleanup.types import DeletedResource
from automation.clock import Clock
from automation.errors import LabError, Refused
from automation.progress import Progress, silent

__all__ = ["Recovered", "SoftDeleted", "list_recoverable", "recover", "unlisted_workspace"]

GROUPS_API = "2021-04-01"
AT_ONCE = 8
RECOVER_S = 600.0
_OURS = "visionlab:"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftDeleted:
    """A resource that was deleted and may be brought back.

    Attributes:
        deleted: When; None where Azure does not say.
        until: The last moment to bring it back; None where Azure does not say.
        is_listed: False for an ML workspace: no list shows whether it is there.
        why_not: Why it cannot be brought back by us; empty when it can.
        facts: What its request has to repeat.
    """

    id: str
    type: str
    name: str
    location: str
    group: str
    deleted: datetime | None = None
    until: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    is_listed: bool = True
    why_not: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of one of them; `failure` is None when it is back."""

    what: SoftDeleted
    failure: LabError | None = None


def list_recoverable(arm: Arm, subscription: str, *, tenant: str) -> tuple[SoftDeleted, ...]:
    """Everything of the subscription that is soft-deleted, as far as Azure lists it.

    Args:
        arm: Of that subscription.
        subscription: Its id.
        tenant: The directory, which a vault's request has to name.

    Raises:
        ServiceError: Something could not be listed.
    """
    found: list[SoftDeleted] = []
    for kind in SOFT_KINDS:
        if kind.deleted_path is None or kind.read_deleted is None or kind.only_where_registered:
            continue
        listed = arm.list(f"/subscriptions/{subscription}{kind.deleted_path}", api_version=kind.api_version)
        found += [_read(kind, entry, tenant) for entry in listed]
    return tuple(sorted(found, key=lambda one: one.id.lower()))


def unlisted_workspace(resource_id: str, *, location: str, tags: Mapping[str, str] | None = None) -> SoftDeleted:
    """An ML workspace that may be soft-deleted: Azure has no list of them, and keeps them 14 days."""
    parts = resource_id.strip("/").split("/")
    return SoftDeleted(
        id=resource_id,
        type=ML,
        name=parts[-1],
        location=location,
        group=parts[3],
        tags=tags or {},
        is_listed=False,
    )


def recover(
    arm: Arm, wanted: Sequence[SoftDeleted], *, clock: Clock, progress: Progress = silent
) -> tuple[Recovered, ...]:
    """Bring these back, groups first and ML workspaces last, for they live on vaults and storage accounts.

    One that fails does not keep the others. What has lost its group gets one of the same name, with the tags that say
    whose it is. Storage accounts do not come back: a workspace whose account is gone is refused by Azure.
    """
    done: list[Recovered] = []
    ready: list[SoftDeleted] = []
    lost = _make_groups(arm, wanted)
    for one in wanted:
        failure = lost.get(_group_id(one.id).lower()) or _refusal(one, clock.now())
        if failure is not None:
            done.append(Recovered(what=one, failure=failure))
        else:
            ready.append(one)

    def bring_back(one: SoftDeleted) -> Recovered:
        try:
            version = _VERSIONS[one.type.lower()]
            if arm.find(one.id, api_version=version) is not None:
                return Recovered(what=one, failure=Refused(f"{one.name} is there: nothing to bring back"))
            arm.put(one.id, _BODIES[one.type.lower()](one), api_version=version, deadline_s=RECOVER_S)
        except LabError as exc:
            return Recovered(what=one, failure=exc)
        return Recovered(what=one)

    for is_workspace in (False, True):
        turn = [one for one in ready if (one.type == ML) is is_workspace]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for recovered in pool.map(bring_back, turn):
                done.append(recovered)
                progress(len(done), len(wanted), recovered.what.name)
    return tuple(sorted(done, key=lambda one: one.what.id.lower()))


def _make_groups(arm: Arm, wanted: Iterable[SoftDeleted]) -> dict[str, LabError]:
    """Make the groups that are gone; what could not be made, by the group's id in lower case."""
    failed: dict[str, LabError] = {}
    groups: dict[str, list[SoftDeleted]] = {}
    for one in wanted:
        groups.setdefault(_group_id(one.id).lower(), []).append(one)
    for held in groups.values():
        at = _group_id(held[0].id)
        said = [(name, value) for one in held for name, value in one.tags.items()]
        tags = {name: value for name, value in said if name.lower().startswith(_OURS)}
        try:
            if arm.find(at, api_version=GROUPS_API) is None:
                arm.put(at, {"location": held[0].location, "tags": tags}, api_version=GROUPS_API)
        except LabError as exc:
            failed[at.lower()] = exc
    return failed


def _refusal(one: SoftDeleted, now: datetime) -> Refused | None:
    if one.why_not:
        return Refused(f"{one.name}: {one.why_not}")
    if one.until is not None and now >= one.until:
        return Refused(f"{one.name} could be brought back until {one.until:%Y-%m-%d %H:%M} UTC")
    return None


def _read(kind: Kind, entry: dict[str, Any], tenant: str) -> SoftDeleted:
    operation = f"list deleted {kind.label}s"
    found = reading(cast("Callable[[dict[str, Any]], DeletedResource]", kind.read_deleted), entry, operation)
    properties = cast("Mapping[str, Any]", entry.get("properties") or {})
    return SoftDeleted(
        id=found.original_id,
        type=found.type,
        name=found.name,
        location=found.location,
        group=found.original_id.strip("/").split("/")[3],
        deleted=reading(lambda _: _moment(properties.get("deletionDate")), entry, operation),
        until=reading(lambda _: _moment(properties.get("scheduledPurgeDate")), entry, operation),
        tags=found.tags,
        why_not="" if found.type.lower() in _BODIES else f"visionlab cannot bring back a {kind.label}",
        facts={"tenant": tenant, **{name: entry[name] for name in ("kind", "sku") if entry.get(name)}},
    )


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str) or not text:
        return None
    when = datetime.fromisoformat(text)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _account(one: SoftDeleted) -> dict[str, Any]:
    return {
        "location": one.location,
        **{name: one.facts[name] for name in ("kind", "sku") if name in one.facts},
        "properties": {"restore": True},
    }


def _vault(one: SoftDeleted) -> dict[str, Any]:
    """A recovered vault keeps its own settings; the request has to name these all the same."""
    sku = {"family": "A", "name": "standard"}
    properties = {"tenantId": one.facts.get("tenant", ""), "sku": sku, "createMode": "recover"}
    return {"location": one.location, "properties": properties}


def _log_workspace(one: SoftDeleted) -> dict[str, Any]:
    """A workspace of the same name, group and region is the old one again, with its data."""
    return {"location": one.location, "properties": {}}


def _ml_workspace(one: SoftDeleted) -> dict[str, Any]:
    identity = {"type": "SystemAssigned"}
    return {
        "location": one.location,
        "identity": identity,
        "properties": {"allowRecoverSoftDeletedWorkspace": True},
    }


_BODIES: Mapping[str, Callable[[SoftDeleted], dict[str, Any]]] = {
    ACCOUNTS.lower(): _account,
    VAULTS.lower(): _vault,
    LOGS.lower(): _log_workspace,
    ML.lower(): _ml_workspace,
}

_VERSIONS = {kind.type.lower(): kind.api_version for kind in SOFT_KINDS}


def _group_id(resource_id: str) -> str:
    return "/" + "/".join(resource_id.strip("/").split("/")[:4])
