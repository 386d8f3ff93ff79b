"""Looks at everything a clean-up must know. Whatever cannot be listed is an error: not seeing is not "nothing there".

Owns: the requests and reading their answers. A subscription is seen by a handful of listings, however many groups it
has; only kinds whose own service says more are asked one by one.
Leaves: every decision to `select.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, cast

from automation.azure import Arm
from automation.cleanup.kinds import DATASTORE, ML, SOFT_KINDS, Kind, row_of
from automation.cleanup.reading import (
    read_datastore,
    read_group,
    read_lock,
    read_resource,
    read_role,
    reading,
)
from automation.cleanup.select import concerns
from automation.cleanup.targets import Target
from automation.cleanup.types import DeletedResource, GroupSurvey, Item, Lock, Resource, Rules, Survey
from automation.errors import NotFound
from automation.lab_tags import COURSE_TAG, SEAT_TAG, SHARED_SEAT, tag_of
from automation.progress import Progress, silent

__all__ = [
    "DEPLOYMENTS_API",
    "RESOURCES_API",
    "ROLES_API",
    "deleted_in",
    "survey",
]

RESOURCES_API = DEPLOYMENTS_API = "2021-04-01"
LOCKS_API, ROLES_API = "2020-05-01", "2022-04-01"
AT_ONCE = 8
_NO_SUCH_PROVIDER = "invalidresourcenamespace"
_NO_RULES = Rules()


def survey(
    arm: Arm,
    target: Target,
    *,
    subscription: str,
    known: Sequence[Item] = (),
    rules: Rules = _NO_RULES,
    progress: Progress = silent,
) -> Survey:
    """Everything of the subscription that may concern the target.

    Args:
        arm: Of the subscription's cloud.
        target: What will be selected; of other groups the details are left out.
        subscription: Its id.
        known: The items of a plan that is run or verified. An ML workspace of it that is no longer there may be
            soft-deleted, which no list shows; and what goes last may outlive the group that says whose it is.
        rules: As they will be selected by.
        progress: Hears what is looked at.

    Raises:
        ServiceError: Something could not be listed, or an entry could not be read.
    """
    at = f"/subscriptions/{subscription}"
    progress(0, 4, "looking at resources")
    listed = arm.list(f"{at}/resources", api_version=RESOURCES_API, params={"$expand": "createdTime"})
    resources = [reading(read_resource, entry, "list resources") for entry in listed]
    groups = [
        reading(read_group, entry, "list resource groups")
        for entry in arm.list(f"{at}/resourceGroups", api_version=RESOURCES_API)
    ]
    progress(1, 4, "looking at locks and roles")
    locks = _locks(arm, at)
    roles_path = f"{at}/providers/Microsoft.Authorization/roleAssignments"
    roles = tuple(
        reading(read_role, entry, "list role assignments") for entry in arm.list(roles_path, api_version=ROLES_API)
    )
    deployments = [
        reading(read_resource, entry, "list deployments")
        for entry in arm.list(f"{at}/providers/Microsoft.Resources/deployments", api_version=DEPLOYMENTS_API)
    ]
    progress(2, 4, "looking at what is soft-deleted")
    deleted = _with_known(deleted_in(arm, subscription), resources, known)
    found = _by_group(resources, groups, locks, deleted)
    progress(3, 4, "looking at details")
    seen = (_with_group(arm, entry) for entry in found if concerns(target, entry, rules))
    concerned = _detailed(arm, at, list(seen))
    own_locks = {lock.id for entry in concerned for lock in entry.locks}
    return Survey(
        subscription=subscription,
        groups=tuple(concerned),
        locks=tuple(lock for lock in locks if lock.id not in own_locks),
        roles=roles,
        elsewhere=(*deployments, *_datastores(arm, concerned, resources)),
        known={item.id.lower(): item.tags for item in known},
    )


def _datastores(arm: Arm, concerned: Iterable[GroupSurvey], resources: Iterable[Resource]) -> Iterator[Resource]:
    """The datastores of seats in the workspace that their course shares; lists of resources do not show them."""
    courses = {
        course
        for entry in concerned
        for each in (*([entry.group] if entry.group else ()), *entry.deleted)
        if (course := tag_of(each.tags, COURSE_TAG)) and tag_of(each.tags, SEAT_TAG) != SHARED_SEAT
    }
    kind = row_of(DATASTORE)
    for shared in resources:
        is_shared = shared.type.lower() == ML.lower() and tag_of(shared.tags, SEAT_TAG) == SHARED_SEAT
        if kind is not None and is_shared and tag_of(shared.tags, COURSE_TAG) in courses:
            for entry in arm.list(f"{shared.id}/datastores", api_version=kind.api_version):
                yield reading(read_datastore, entry, "list datastores")


def deleted_in(arm: Arm, subscription: str) -> tuple[DeletedResource, ...]:
    """What was deleted in the subscription and is still kept, of every kind that can be listed."""
    at = f"/subscriptions/{subscription}"
    found: list[DeletedResource] = []
    for kind in SOFT_KINDS:
        if kind.deleted_path is None or kind.read_deleted is None:
            continue
        if kind.only_where_registered and not _is_registered(arm, at, kind):
            continue
        listed = arm.list(at + kind.deleted_path, api_version=kind.api_version)
        found += [reading(kind.read_deleted, entry, f"list deleted {kind.label}s") for entry in listed]
    return tuple(found)


def _is_registered(arm: Arm, at: str, kind: Kind) -> bool:
    """Whether there can be any: Azure unregisters no provider that still has resources."""
    namespace = kind.type.partition("/")[0]
    try:
        found = arm.get(f"{at}/providers/{namespace}", api_version=RESOURCES_API)
    except NotFound as exc:
        if exc.code.lower() == _NO_SUCH_PROVIDER:
            return False
        raise
    return str(found.get("registrationState") or "").lower() not in {"notregistered", "unregistered"}


def _by_group(
    resources: Iterable[Resource],
    groups: Iterable[tuple[Resource, str]],
    locks: Iterable[Lock],
    deleted: Iterable[DeletedResource],
) -> list[GroupSurvey]:
    """What was listed, group by group; one that is gone, or that nobody may see, has no `group`."""
    own: dict[str, tuple[Resource | None, str]] = {group.id.lower(): (group, by) for group, by in groups}
    in_it: dict[str, list[Resource]] = defaultdict(list)
    of_lock: dict[str, list[Lock]] = defaultdict(list)
    left: dict[str, list[DeletedResource]] = defaultdict(list)
    for resource in resources:
        in_it[_group_id(resource.id)].append(resource)
    for lock in locks:
        of_lock[_group_id(lock.id)].append(lock)
    for entry in deleted:
        left[_group_id(entry.original_id)].append(entry)
    return [
        GroupSurvey(
            group=own.get(at, (None, ""))[0],
            managed_by=own.get(at, (None, ""))[1],
            resources=tuple(in_it[at]),
            locks=tuple(of_lock[at]),
            deleted=tuple(left[at]),
        )
        for at in sorted({*own, *in_it, *left})
    ]


def _with_known(
    deleted: Iterable[DeletedResource], resources: Iterable[Resource], known: Sequence[Item]
) -> list[DeletedResource]:
    items = {item.id.lower(): item for item in known}
    live = {resource.id.lower() for resource in resources}
    found = [
        replace(entry, tags=items[at].tags) if not entry.tags and (at := entry.original_id.lower()) in items else entry
        for entry in deleted
    ]
    listed = {entry.original_id.lower() for entry in found}
    found += [
        DeletedResource(
            original_id=item.id,
            type=item.type,
            name=item.name,
            location=item.location,
            tags=item.tags,
            is_listed=False,
        )
        for at, item in items.items()
        if item.type.lower() == ML.lower() and at not in live and at not in listed
    ]
    return found


def _with_group(arm: Arm, entry: GroupSurvey) -> GroupSurvey:
    """A group that the list of groups did not show is asked for: it came or went while we looked."""
    if entry.group is not None or not entry.resources:
        return entry
    at = "/".join(entry.resources[0].id.split("/")[:5])
    found = arm.find(at, api_version=RESOURCES_API)
    if found is None:
        return replace(entry, resources=())
    group, managed_by = reading(read_group, found, "get resource group")
    return replace(entry, group=group, managed_by=managed_by)


def _detailed(arm: Arm, at: str, concerned: Sequence[GroupSurvey]) -> list[GroupSurvey]:
    """The same groups with what single services say of their resources, several asked at once."""
    everything = [resource for entry in concerned for resource in entry.resources]
    versions = _api_versions(arm, at, {resource.type for resource in everything if row_of(resource.type) is None})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = iter(list(pool.map(partial(_details_of, arm), everything)))
    return [
        replace(
            entry,
            resources=tuple(
                replace(
                    answer,
                    api_version=row.api_version
                    if (row := row_of(answer.type))
                    else versions.get(answer.type.lower(), ""),
                )
                for answer in (next(answers) for _ in entry.resources)
            ),
        )
        for entry in concerned
    ]


def _api_versions(arm: Arm, at: str, types: Iterable[str]) -> dict[str, str]:
    """The newest api-version of each type that has no row, as its provider says; previews where nothing else is."""
    found: dict[str, str] = {}
    for namespace in sorted({kind.partition("/")[0].lower() for kind in types}):
        provider = arm.find(f"{at}/providers/{namespace}", api_version=RESOURCES_API) or {}
        for entry in cast("list[dict[str, Any]]", provider.get("resourceTypes") or ()):
            versions = sorted(cast("list[str]", entry.get("apiVersions") or ()), reverse=True)
            stable = [version for version in versions if not version.lower().endswith("preview")]
            if versions:
                found[f"{namespace}/{str(entry.get('resourceType')).lower()}"] = (stable or versions)[0]
    return found


def _details_of(arm: Arm, resource: Resource) -> Resource:
    """The resource with what only its own service says of it."""
    kind = row_of(resource.type)
    if kind is None or not kind.has_details:
        return resource
    entry = arm.find(resource.id, api_version=kind.api_version) or {}
    properties = cast("Mapping[str, Any]", entry.get("properties") or {})
    return replace(
        resource,
        needs=tuple(str(value) for name in kind.needs if (value := properties.get(name))),
        linked=tuple(str(value) for name in kind.own if (value := properties.get(name))),
        purge_protected=bool(kind.protected and properties.get(kind.protected)),
    )


def _locks(arm: Arm, scope: str) -> tuple[Lock, ...]:
    listed = arm.list(f"{scope}/providers/Microsoft.Authorization/locks", api_version=LOCKS_API)
    return tuple(reading(read_lock, entry, "list locks") for entry in listed)


def _group_id(resource_id: str) -> str:
    """The id of the group that something is in, in lower case; empty for what is in none."""
    parts = resource_id.lower().strip("/").split("/")
    inside = len(parts) >= 4 and parts[2] == "resourcegroups"  # subscriptions, id, resourcegroups, name
    return "/" + "/".join(parts[:4]) if inside else ""
