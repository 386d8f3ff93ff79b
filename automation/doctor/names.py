"""Checks of names: those that somebody has, and those that a deleted resource still keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from automation.doctor.service import Service
from automation.doctor.types import Finding, failure, fine
from automation.provision.asked import AskedResource

__all__ = ["check_soft_deleted", "check_taken_names"]

ACCOUNTS, VAULTS = "Microsoft.CognitiveServices/accounts", "Microsoft.KeyVault/vaults"
STORAGE, REGISTRIES = "Microsoft.Storage/storageAccounts", "Microsoft.ContainerRegistry/registries"
LOGS, WORKSPACES = "Microsoft.OperationalInsights/workspaces", "Microsoft.MachineLearningServices/workspaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCall:
    """How a service is asked whether a name is free.

    Attributes:
        body: What is sent for a name that the lab asks for; None when there is nothing to ask.
        free: The field of the answer that says so.
    """

    action: str
    api_version: str
    body: Callable[[AskedResource], dict[str, Any] | None]
    free: str = "nameAvailable"


def _subdomain(one: AskedResource) -> dict[str, Any] | None:
    properties = one.inputs.get("properties")
    name = cast("dict[str, Any]", properties).get("customSubDomainName") if isinstance(properties, dict) else None
    return {"subdomainName": name, "type": ACCOUNTS, "kind": one.kind} if isinstance(name, str) else None


# Names that are the only ones in the world; names within a group are the group's own matter.
CALLS: Mapping[str, NameCall] = {
    STORAGE: NameCall(
        action="Microsoft.Storage/checkNameAvailability",
        api_version="2024-01-01",
        body=lambda one: {"name": one.name, "type": STORAGE},
    ),
    VAULTS: NameCall(
        action="Microsoft.KeyVault/checkNameAvailability",
        api_version="2023-07-01",
        body=lambda one: {"name": one.name, "type": VAULTS},
    ),
    REGISTRIES: NameCall(
        action="Microsoft.ContainerRegistry/checkNameAvailability",
        api_version="2023-07-01",
        body=lambda one: {"name": one.name, "type": REGISTRIES},
    ),
    ACCOUNTS: NameCall(
        action="Microsoft.CognitiveServices/checkDomainAvailability",
        api_version="2024-10-01",
        body=_subdomain,
        free="isSubdomainAvailable",
    ),
}


def check_taken_names(service: Service) -> Finding:
    """That names which are unique in the world are free, or are this lab's own."""
    kept = {one.id for one, _ in _kept(service)}
    taken, asked, own = list[str](), 0, 0
    for one in service.asked():
        call = CALLS.get(one.type)
        body = call.body(one) if call and one.name else None
        if call is None or body is None or one.id in kept:
            continue
        asked += 1
        answer = service.check_name(call.action, body, call.api_version)
        if answer.get(call.free) is not False:
            continue
        if one.id and service.resource(one.id, str(one.inputs.get("azureApiVersion") or call.api_version)):
            own += 1
            continue
        why = str(answer.get("message") or answer.get("reason") or "it is taken").rstrip(".")
        taken.append(f"{one.type.rpartition('/')[2]} {one.name}: {why}")
    if taken:
        return failure(f"taken: {'; '.join(taken)}", "set another `suffix` under `settings:` (3 to 8 letters, digits)")
    here = f", {own} of them there already and in this lab's group" if own else ""
    return fine(f"{asked} names that must be unique in the world were asked for{here}" if asked else "none to ask for")


def check_soft_deleted(service: Service) -> Finding:
    """That no deleted resource keeps a name of the lab's."""
    kept = _kept(service)
    silent = any(one.type == WORKSPACES for one in service.asked())
    if kept:
        said = ", ".join(f"{one.type.rpartition('/')[2]} {one.name}" for one, _ in kept)
        return failure(f"deleted, and still keeping their names: {said}", f"purge: `{kept[0][1]}`")
    note = "; Azure lists no deleted ML workspaces, so of their names it tells nothing" if silent else ""
    return fine(f"no deleted resource keeps a name of the lab's{note}")


def _kept(service: Service) -> list[tuple[AskedResource, str]]:
    """What the lab asks for and a deleted one keeps, with the command that purges it."""
    found: list[tuple[AskedResource, str]] = []
    asked = [one for one in service.asked() if one.id]
    kinds = {one.type for one in asked}
    accounts = {_key(gone): gone for gone in service.deleted_accounts()} if ACCOUNTS in kinds else {}
    vaults = {str(gone.get("name")).lower() for gone in service.deleted_vaults()} if VAULTS in kinds else set[str]()
    logs = {str(gone.get("id")).lower() for gone in service.deleted_log_workspaces()} if LOGS in kinds else set[str]()
    for one in asked:
        group, at = (one.id or "").split("/")[4], (one.id or "").lower()
        if one.type == ACCOUNTS and (gone := accounts.get((group.lower(), one.name.lower()))) is not None:
            place = gone.get("location") or one.location
            found.append((one, f"az cognitiveservices account purge -l {place} -g {group} -n {one.name}"))
        elif one.type == VAULTS and one.name.lower() in vaults:
            found.append((one, f"az keyvault purge -n {one.name}"))
        elif one.type == LOGS and at in logs:
            found.append((one, f"az monitor log-analytics workspace delete --force -g {group} -n {one.name}"))
    return found


def _key(gone: Mapping[str, Any]) -> tuple[str, str]:
    """Group and name of .../locations/{location}/resourceGroups/{group}/deletedAccounts/{name}."""
    parts = str(gone.get("id") or "").lower().split("/")
    return (parts[-3] if len(parts) > 2 else "", parts[-1])
