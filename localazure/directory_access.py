"""Principals of all kinds, for whoever asks: applications of the directory, identities of resources, this machine's.

Owns: joining `entra`, `graph` and `arm`, which do not know each other. Leaves: proving who somebody is to `entra`.
"""

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from localazure.arm.checks import child
from localazure.arm.resources import Resource, Resources
from localazure.clock import Clock
from localazure.entra.applications import Application, Certificate, Federation, Secret, digest_of
from localazure.entra.assertions import Assertions
from localazure.entra.issuers import Issuers
from localazure.entra.keys import SigningKey
from localazure.entra.managed import Managed, ManagedTokens
from localazure.entra.service import TokenService
from localazure.entra.tokens import Tokens
from localazure.graph.applications import Applications, Principals
from localazure.graph.credentials import Credentials
from localazure.graph.directory import APPLICATIONS, PRINCIPALS, Directory, Entry
from localazure.graph.endpoints import Services
from localazure.graph.groups import Groups
from localazure.graph.seed import machine_identity
from localazure.graph.users import Users
from localazure.settings import Settings
from localazure.store import Store

__all__ = [
    "DirectoryApplications",
    "Entra",
    "MachineIdentities",
    "ResourceIdentities",
    "build_entra",
    "graph_services",
    "principal_type",
]

_USER_ASSIGNED = "Microsoft.ManagedIdentity/userAssignedIdentities"
_FEDERATED = f"{_USER_ASSIGNED}/federatedIdentityCredentials"
_TYPES = {"users": "User", "groups": "Group", PRINCIPALS: "ServicePrincipal"}


class ResourceIdentities:
    """Identities of ARM resources as the directory shows them (graph.ManagedIdentities)."""

    def __init__(self, resources: Resources, settings: Settings) -> None:
        self._resources = resources
        self._settings = settings

    def principals(self) -> list[Entry]:
        return [self._principal(managed) for managed in [*self.user_assigned(), *self._system_assigned()]]

    def user_assigned(self) -> Iterator[Managed]:
        for resource in self._resources.of_type(_USER_ASSIGNED):
            said = resource["properties"]
            yield Managed(client_id=said["clientId"], object_id=said["principalId"], resource_id=resource["id"])

    def application(self, client_id: str) -> Application | None:
        """A user-assigned identity as the token endpoint sees it: its federated credentials alone prove it."""
        managed = next((m for m in self.user_assigned() if m.client_id == client_id), None)
        if managed is None:
            return None
        credentials = self._resources.of_type(_FEDERATED, f"{managed.resource_id}/")
        said = [credential["properties"] for credential in credentials]
        return Application(
            client_id=managed.client_id,
            object_id=managed.object_id,
            federations=tuple(
                Federation(issuer=s["issuer"], subject=s["subject"], audiences=tuple(s["audiences"])) for s in said
            ),
        )

    def _system_assigned(self) -> Iterator[Managed]:
        for resource in self._with_identity():
            object_id = child(resource, "identity").get("principalId")
            if object_id:
                client_id = str(uuid.uuid5(uuid.UUID(object_id), "client"))
                yield Managed(client_id=client_id, object_id=object_id, resource_id=resource["id"])

    def _with_identity(self) -> Iterator[Resource]:
        for name in ("Microsoft.CognitiveServices/accounts", "Microsoft.MachineLearningServices/workspaces"):
            yield from self._resources.of_type(name)

    def _principal(self, managed: Managed) -> Entry:
        explicit = f"/providers/{_USER_ASSIGNED}/".lower() in (managed.resource_id or "").lower()
        name = (managed.resource_id or "").rsplit("/", 1)[-1]
        return {
            "id": managed.object_id,
            "appId": managed.client_id,
            "displayName": name,
            "appDisplayName": None,
            "appOwnerOrganizationId": self._settings.tenant_id,
            "accountEnabled": True,
            "servicePrincipalType": "ManagedIdentity",
            "servicePrincipalNames": [managed.client_id],
            "alternativeNames": [f"isExplicit={explicit}", managed.resource_id],
            "appRoles": [],
            "passwordCredentials": [],
            "keyCredentials": [],
        }


class MachineIdentities:
    """Whose tokens the identity endpoint of this machine gives out (entra.Identities)."""

    def __init__(self, identities: ResourceIdentities, directory: Directory, settings: Settings) -> None:
        client_id, object_id = machine_identity(settings.tenant_id)
        self._directory = directory
        self._system = Managed(client_id=client_id, object_id=object_id, resource_id=None)
        self._identities = identities

    def system(self) -> Managed:
        return self._system

    def user_assigned(self) -> list[Managed]:
        return list(self._identities.user_assigned())

    def roles_of(self, object_id: str) -> tuple[str, ...]:
        return _roles(self._directory, object_id)


class DirectoryApplications:
    """Applications, and identities of resources, with what proves them (entra.Applications)."""

    def __init__(self, directory: Directory, identities: ResourceIdentities, settings: Settings) -> None:
        self._directory = directory
        self._identities = identities
        self._settings = settings

    def find(self, client_id: str) -> Application | None:
        application = self._directory.find(APPLICATIONS, "appId", client_id)
        if application is None:
            managed = self._identities.application(client_id)
            if managed is None or managed.object_id is None:
                return None
            return replace(managed, roles=_roles(self._directory, managed.object_id))
        principal = self._directory.find(PRINCIPALS, "appId", client_id)
        holders = [application] if principal is None else [application, principal]
        secrets = [secret for holder in holders for secret in self._secrets(holder)]
        if client_id == self._settings.client_id:
            secrets.append(Secret(digest=digest_of(self._settings.client_secret)))
        return Application(
            client_id=application["appId"],
            object_id=None if principal is None else principal["id"],
            enabled=principal is None or principal.get("accountEnabled") is not False,
            roles=() if principal is None else _roles(self._directory, principal["id"]),
            secrets=tuple(secrets),
            certificates=tuple(c for holder in holders for c in _certificates(holder)),
            federations=tuple(
                Federation(issuer=f["issuer"], subject=f["subject"], audiences=tuple(f["audiences"]))
                for f in self._directory.attached("federation", application["id"])
            ),
        )

    def _secrets(self, holder: Entry) -> Iterator[Secret]:
        shown = {credential["keyId"]: credential for credential in holder["passwordCredentials"]}
        for kept in self._directory.attached("secret", holder["id"]):
            credential = shown.get(kept["keyId"])
            if credential is not None:
                starts, ends = _times(credential)
                yield Secret(digest=kept["digest"], starts=starts, ends=ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entra:
    """The parts of Entra ID that others lead requests to."""

    service: TokenService
    managed: ManagedTokens
    issuers: Issuers


def build_entra(
    settings: Settings,
    *,
    store: Store,
    clock: Clock,
    key: SigningKey,
    tokens: Tokens,
    directory: Directory,
    identities: ResourceIdentities,
) -> Entra:
    """Entra ID over one directory."""

    def own_keys() -> list[dict[str, str]]:
        return key.jwks(clock.now())

    tenant = settings.tenant_id
    own = (f"https://sts.windows.net/{tenant}/", f"{settings.origin}/{tenant}/v2.0")
    issuers = Issuers(store, dict.fromkeys(own, own_keys))
    service = TokenService(
        tenant_id=tenant,
        origin=settings.origin,
        applications=DirectoryApplications(directory, identities, settings),
        assertions=Assertions(tenant_id=tenant, origin=settings.origin, issuers=issuers, clock=clock),
        tokens=tokens,
        clock=clock,
    )
    machine = MachineIdentities(identities, directory, settings)
    managed = ManagedTokens(identities=machine, service=service, tokens=tokens, clock=clock)
    return Entra(service=service, managed=managed, issuers=issuers)


def graph_services(directory: Directory, settings: Settings) -> Services:
    """Microsoft Graph over the same directory."""
    domain = f"{settings.tenant_id.split('-', maxsplit=1)[0]}.onmicrosoft.com"
    return Services(
        directory=directory,
        users=Users(directory, domain=domain),
        groups=Groups(directory),
        applications=Applications(directory, own_client_id=settings.client_id),
        principals=Principals(directory, tenant_id=settings.tenant_id, own_object_id=settings.object_id),
        credentials=Credentials(directory, digest_of),
        tenant_id=settings.tenant_id,
        domain=domain,
    )


def principal_type(directory: Directory, object_id: str) -> str | None:
    """What ARM calls the kind of a principal; None when the directory does not know it."""
    found = directory.any(object_id)
    return None if found is None else _TYPES.get(found[0])


def _roles(directory: Directory, principal_id: str) -> tuple[str, ...]:
    """The application permissions of a principal on Graph."""
    return tuple(sorted({granted["value"] for granted in directory.attached("granted", principal_id)}))


def _certificates(holder: Entry) -> Iterator[Certificate]:
    for credential in holder["keyCredentials"]:
        starts, ends = _times(credential)
        yield Certificate(der=base64.b64decode(credential["key"]), starts=starts, ends=ends)


def _times(credential: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    starts, ends = credential.get("startDateTime"), credential.get("endDateTime")
    return (
        None if starts is None else datetime.fromisoformat(starts),
        None if ends is None else datetime.fromisoformat(ends),
    )
