"""Functions that programs call: who am I, keys of an account, a resource that exists already.

Owns: the table of list functions and the rule for get functions.
Leaves: resource paths to `types.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from automation.errors import ConfigError, NotFound
from automation.provision.azure_native import wire
from automation.provision.azure_native.types import PACKAGE, TYPES, Kind
from automation.provision.values import Properties, Secret

__all__ = ["run_invoke"]


class Calls(Protocol):
    def find(self, resource_id: str, *, api_version: str) -> dict[str, Any] | None: ...

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, api_version: str, deadline_s: float = 60.0
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A POST on a resource that answers with secrets."""

    of: str
    action: str
    secret: frozenset[str]


LISTINGS: Final[Mapping[str, Listing]] = {
    "storage:listStorageAccountKeys": Listing(
        of="storage:StorageAccount", action="listKeys", secret=frozenset({"keys"})
    ),
    "cognitiveservices:listAccountKeys": Listing(
        of="cognitiveservices:Account", action="listKeys", secret=frozenset({"key1", "key2"})
    ),
    "machinelearningservices:listWorkspaceKeys": Listing(
        of="machinelearningservices:Workspace",
        action="listKeys",
        secret=frozenset({"userStorageKey", "appInsightsInstrumentationKey", "notebookAccessKeys"}),
    ),
    "operationalinsights:getSharedKeys": Listing(
        of="operationalinsights:Workspace",
        action="sharedKeys",
        secret=frozenset({"primarySharedKey", "secondarySharedKey"}),
    ),
    "containerregistry:listRegistryCredentials": Listing(
        of="containerregistry:Registry", action="listCredentials", secret=frozenset({"passwords"})
    ),
}


def run_invoke(
    token: str,
    arguments: Properties,
    *,
    arm: Calls,
    subscription_id: str,
    claims: Callable[[], Mapping[str, Any]],
) -> Properties:
    """Answer a function call; keys come as secrets. Raises ConfigError for a function that is not there."""
    name = token.removeprefix(f"{PACKAGE}:")
    if name == "authorization:getClientConfig":
        who = claims()
        return {
            "clientId": str(who.get("appid") or who.get("azp") or ""),
            "objectId": str(who.get("oid") or ""),
            "subscriptionId": subscription_id,
            "tenantId": str(who.get("tid") or ""),
        }
    listing = LISTINGS.get(name)
    if listing is not None:
        kind = TYPES[listing.of]
        path = f"{wire.resource_id(kind, arguments, subscription_id)}/{listing.action}"
        answer = arm.post(path, api_version=kind.api_version)
        return {key: Secret(value) if key in listing.secret else value for key, value in answer.items()}
    kind = _got(name)
    if kind is None:
        known = ["authorization:getClientConfig", *LISTINGS, "get functions of its resource types"]
        raise ConfigError(f"the local provider has no function {token}", hint="it has " + ", ".join(known))
    resource_id = wire.resource_id(kind, arguments, subscription_id)
    found = arm.find(resource_id, api_version=kind.api_version)
    if found is None:
        raise NotFound(f"{resource_id} is not there", operation=token, status=404, code="ResourceNotFound")
    return {**wire.outputs_of(kind, found), "id": found.get("id", resource_id)}


def _got(name: str) -> Kind | None:
    """The type that "storage:getStorageAccount" asks for."""
    module, _, function = name.partition(":")
    return TYPES.get(f"{module}:{function.removeprefix('get')}") if function.startswith("get") else None
