"""How lists of machine learning are asked for: listViewType, tags, hash, $orderBy and the like. Pure.

Owns: the meaning of these query parameters. Leaves: paging to `listing.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import bad_request, child
from localazure.arm.resources import Resource

__all__ = ["arranged_assets", "arranged_jobs"]

_VIEWS = ("activeonly", "archivedonly", "all")


def arranged_assets(found: list[Resource], query: Mapping[str, str]) -> list[Resource]:
    """Containers and versions, by name unless $orderBy says otherwise."""
    found = _in_view(found, query.get("listviewtype"))
    if wanted := query.get("hash"):
        found = [item for item in found if child(item["properties"], "properties").get("hash_sha256") == wanted]
    for name, field in (("version", None), ("stage", "stage")):
        if given := query.get(name):
            found = [item for item in found if given == (item["name"] if field is None else _property(item, field))]
    if tags := query.get("tags"):
        pairs = [tuple(part.split("=", 1)) for part in tags.split(",") if part]
        found = [item for item in found if all(_has_tag(item, pair) for pair in pairs)]
    if order := query.get("orderby"):
        field, _, direction = order.partition(" ")
        key = {"createdtime": "createdAt", "modifiedtime": "lastModifiedAt"}.get(field.lower())
        if key is None:
            raise bad_request("UserError", f"$orderBy '{order}' is invalid: createdtime or modifiedtime, asc or desc.")
        # The sort keeps the order of equals, so the one made last comes first also within one tick of the clock.
        found = sorted(found, key=lambda item: str(child(item, "systemData").get(key, "")))
        return found[::-1] if direction.strip().lower() == "desc" else found
    return found


def arranged_jobs(found: list[Resource], query: Mapping[str, str]) -> list[Resource]:
    """The newest first, as Azure's studio and clients show them."""
    found = _in_view(found, query.get("listviewtype"))
    if kind := query.get("jobtype"):
        found = [job for job in found if str(job["properties"].get("jobType", "")).lower() == kind.lower()]
    if tag := query.get("tag"):
        found = [job for job in found if _has_tag(job, tuple(tag.split("=", 1)))]
    return sorted(found, key=lambda job: str(child(job, "systemData").get("createdAt", "")), reverse=True)


def _in_view(found: list[Resource], view: str | None) -> list[Resource]:
    view = (view or "ActiveOnly").lower()
    if view not in _VIEWS:
        raise bad_request("UserError", f"listViewType '{view}' is invalid: ActiveOnly, ArchivedOnly or All.")
    return [item for item in found if view == "all" or bool(_property(item, "isArchived")) is (view == "archivedonly")]


def _property(item: Resource, name: str) -> Any:
    return item["properties"].get(name)


def _has_tag(item: Resource, pair: tuple[str, ...]) -> bool:
    tags = child(item["properties"], "tags")
    return pair[0] in tags and (len(pair) == 1 or tags[pair[0]] == pair[1])
