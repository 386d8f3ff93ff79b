"""Checks of what the subscription offers: registered providers, regions, quotas, and the one free account of a kind."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from automation.doctor.service import Service
from automation.doctor.types import Finding, failure, fine, warning

__all__ = ["check_free_accounts", "check_providers", "check_quotas", "check_regions", "unregistered"]

ACCOUNTS = "Microsoft.CognitiveServices/accounts"
CLUSTERS = "Microsoft.MachineLearningServices/workspaces/computes"
STORAGE = "Microsoft.Storage/storageAccounts"
# These are there for everybody, without registration.
ALWAYS = frozenset({"microsoft.resources", "microsoft.authorization", "microsoft.consumption"})
SHOWN_REGIONS = 6


def unregistered(service: Service) -> dict[str, str]:
    """Resource providers that the lab needs, and how each stands that is not registered."""
    states: dict[str, str] = {}
    for namespace in sorted({one.type.partition("/")[0] for one in service.asked()}):
        if namespace.lower() in ALWAYS:
            continue
        found = service.provider(namespace)
        state = "unknown here" if found is None else str(found.get("registrationState") or "unknown")
        if state.lower() != "registered":
            states[namespace] = state
    return states


def check_providers(service: Service) -> Finding:
    states = unregistered(service)
    if not states:
        return fine("all that the lab needs are registered")
    said = ", ".join(f"{name} ({state})" for name, state in states.items())
    if all(state.lower() == "registering" for state in states.values()):
        return warning(f"still registering: {said}", "wait for some minutes")
    fix = f"`visionlab doctor --fix`, or `az provider register --namespace {next(iter(states))}`"
    return failure(f"not registered in this subscription: {said}", fix, remedy="register-providers")


def check_regions(service: Service) -> Finding:
    """That each service of the lab is offered where the lab wants it."""
    wrong: list[str] = []
    seen: dict[tuple[str, str], None] = {(one.type, one.location): None for one in service.asked() if one.location}
    for kind, location in seen:
        if kind.partition("/")[0] == "Microsoft.Resources":
            continue
        offered = _regions(service, kind)
        if offered and location not in offered:
            near = ", ".join(sorted(offered)[:SHOWN_REGIONS])
            wrong.append(f"{kind} in {location} (it is offered in {near}{' ...' * (len(offered) > SHOWN_REGIONS)})")
    if wrong:
        return failure(f"not offered: {'; '.join(wrong)}", "set another `location` under `settings:`")
    places = sorted({location for _, location in seen})
    return fine(f"{len({kind for kind, _ in seen})} services are offered in {', '.join(places) or 'no region'}")


def check_free_accounts(service: Service) -> Finding:
    """A subscription has one free account of a kind; a deleted one counts until it is purged."""
    wanted = {one.kind: one for one in service.asked() if one.type == ACCOUNTS and one.sku.upper() == "F0"}
    if not wanted:
        return fine("the lab asks for no free account")
    ours = {(one.id or "").lower() for one in wanted.values()}
    ours_gone = {tuple(at.split("/")[i] for i in (4, 8)) for at in ours if len(at.split("/")) > 8}
    taken = [
        f"{there.get('name')} in {_group(there)} ({there.get('kind')})"
        for there in service.accounts()
        if _is_free(there, wanted) and str(there.get("id")).lower() not in ours
    ]
    taken += [
        f"{gone.get('name')} of {_group(gone)} ({gone.get('kind')}), deleted and not purged"
        for gone in service.deleted_accounts()
        if _is_free(gone, wanted) and (_group(gone).lower(), str(gone.get("name")).lower()) not in ours_gone
    ]
    if not taken:
        return fine(f"the free account is not taken ({', '.join(sorted(wanted))})")
    setting = "visionSku: S1" if "ComputerVision" in wanted else "customVisionSku: S0"
    return failure(
        f"a subscription has one free account of a kind, and it is taken: {', '.join(taken)}",
        f"set `{setting}` under `settings:` (it costs), or delete and purge the other one",
    )


def check_quotas(service: Service) -> Finding:
    """Room for the storage account, and for the cores of a compute cluster with all its nodes."""
    asked, short, seen = service.asked(), list[str](), list[str]()
    for location in sorted({one.location for one in asked if one.type == STORAGE and one.location}):
        more = sum(one.type == STORAGE and one.location == location for one in asked)
        for row in service.storage_usages(location):
            used, limit = _number(row, "currentValue"), _number(row, "limit")
            if limit is not None and used is not None:
                (short if used + more > limit else seen).append(f"storage accounts in {location}: {used} of {limit}")
    for cluster in (one for one in asked if one.type == CLUSTERS):
        told, fits = _cores(service, cluster.location, cluster.inputs)
        (seen if fits else short).append(told)
    if short:
        return failure(f"no room: {'; '.join(short)}", "ask for more quota in the portal, or choose another region")
    return fine("; ".join(seen) or "nothing that the lab asks for is counted")


def _cores(service: Service, location: str, inputs: Mapping[str, Any]) -> tuple[str, bool]:
    """What a cluster needs and what there is, and whether it fits; what nobody tells fits."""
    properties = _object(_object(inputs.get("properties")).get("properties"))
    size, scale = str(properties.get("vmSize") or ""), _object(properties.get("scaleSettings"))
    nodes = _number(scale, "maxNodeCount") or 1
    row = next((one for one in service.vm_sizes(location) if str(one.get("name")).lower() == size.lower()), None)
    if row is None:
        return f"{size} is not offered in {location}", False
    family, cores = str(row.get("family") or ""), (_number(row, "vCPUs") or 0) * nodes
    for usage in service.ml_usages(location):
        if str(_object(usage.get("name")).get("value") or "").lower() != family.lower():
            continue
        used, limit = _number(usage, "currentValue") or 0, _number(usage, "limit")
        if limit is not None and limit >= 0:
            return f"{size} x {nodes}: {cores} cores, {limit - used} of {limit} free ({family})", used + cores <= limit
    return f"{size} x {nodes}: {cores} cores; no quota is told for {family}", True


def _regions(service: Service, kind: str) -> set[str]:
    namespace, _, leaf = kind.partition("/")
    found = service.provider(namespace) or {}
    rows = cast("Iterable[dict[str, Any]]", found.get("resourceTypes") or ())
    row = next((one for one in rows if str(one.get("resourceType")).lower() == leaf.lower()), None)
    return set(_plain(row.get("locations"))) if row else set()


def _plain(locations: object) -> Iterator[str]:
    for name in cast("list[object]", locations) if isinstance(locations, list) else ():
        if (plain := str(name).replace(" ", "").lower()) not in ("", "global"):
            yield plain


def _is_free(account: Mapping[str, Any], wanted: Mapping[str, object]) -> bool:
    return _object(account.get("sku")).get("name") == "F0" and account.get("kind") in wanted


def _group(account: Mapping[str, Any]) -> str:
    parts = str(account.get("id") or "").split("/")
    lower = [part.lower() for part in parts]
    return parts[lower.index("resourcegroups") + 1] if "resourcegroups" in lower[:-1] else "?"


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _number(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
