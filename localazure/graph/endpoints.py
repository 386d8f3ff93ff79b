"""Every path of Graph that the local Azure has, as one literal list.

Owns: which request goes to which service, and which permission it needs. Leaves: HTTP and envelopes to `routes.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from localazure.graph.applications import Applications, Principals
from localazure.graph.credentials import Credentials
from localazure.graph.directory import APPLICATIONS, GROUPS, PRINCIPALS, USERS, Directory, Entry
from localazure.graph.errors import bad_request, not_found, not_here
from localazure.graph.groups import Groups, referenced
from localazure.graph.kinds import KINDS
from localazure.graph.listing import Paging, list_mixed, list_of, selected
from localazure.graph.users import Users

__all__ = ["ENDPOINTS", "Asked", "Endpoint", "Reply", "Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the paths lead to."""

    directory: Directory
    users: Users
    groups: Groups
    applications: Applications
    principals: Principals
    credentials: Credentials
    tenant_id: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: the parts of its path, its query and its body."""

    parts: Mapping[str, str]
    body: Mapping[str, Any]
    paging: Paging

    def __getitem__(self, name: str) -> str:
        return self.parts[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: `context` is what `@odata.context` says after `$metadata`."""

    status: int = 200
    body: Entry | None = None
    context: str | None = None


Handler = Callable[[Services, Asked], Reply]


@dataclass(frozen=True)
class Endpoint:
    """One path with its method. Reading asks for Directory.Read.All, writing for Directory.ReadWrite.All."""

    method: str
    template: str
    handle: Handler
    reads: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        text = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.template))
        return re.compile(text, re.IGNORECASE)


_DONE = Reply(status=204)
_GETTERS: Mapping[str, Callable[[Services, str], Entry]] = {
    USERS: lambda s, name: s.users.get(name),
    GROUPS: lambda s, name: s.groups.get(name),
    APPLICATIONS: lambda s, name: s.applications.get(name),
    PRINCIPALS: lambda s, name: s.principals.get(name),
}


def _one(kind: str, entry: Entry, asked: Asked, status: int = 200) -> Reply:
    shown = KINDS[kind].show(entry, selected(KINDS[kind], asked.paging.query))
    return Reply(status=status, body=shown, context=f"{kind}/$entity")


def _several(found: list[tuple[str, Entry]], asked: Asked) -> Reply:
    return Reply(body=list_mixed(found, asked.paging), context="directoryObjects")


def _values(values: list[Any], context: str) -> Reply:
    return Reply(body={"value": values}, context=context)


def _done(act: Callable[[Services, Asked], object]) -> Handler:
    def handle(services: Services, asked: Asked) -> Reply:
        act(services, asked)
        return _DONE

    return handle


def _by_ids(services: Services, asked: Asked) -> Reply:
    ids = asked.body.get("ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 1000:  # pyright: ignore[reportUnknownArgumentType] JSON
        raise bad_request("'ids' must be a list of 1 to 1000 ids.")
    types = {str(name).lower() for name in asked.body.get("types") or ("directoryobject",)}
    found = [services.directory.any(str(name)) for name in dict.fromkeys(ids)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] JSON
    fitting = [item for item in found if item is not None and {KINDS[item[0]].title.lower(), "directoryobject"} & types]
    return _values([KINDS[kind].show(entry, typed=True) for kind, entry in fitting], "directoryObjects")


def _object(services: Services, asked: Asked) -> Reply:
    found = services.directory.any(asked["id"])
    if found is None:
        raise not_found(asked["id"])
    kind, entry = found
    return Reply(body=KINDS[kind].show(entry, typed=True), context="directoryObjects/$entity")


def _me(_services: Services, _asked: Asked) -> Reply:
    raise bad_request("/me request is only valid with delegated authentication flow.")


def _organization(services: Services, _asked: Asked) -> Reply:
    domain = {"name": services.domain, "isDefault": True, "isInitial": True, "type": "Managed", "capabilities": "Email"}
    tenant = {"id": services.tenant_id, "displayName": "visionlab", "verifiedDomains": [domain], "tenantType": "AAD"}
    return _values([tenant], "organization")


def _no_grants(_services: Services, _asked: Asked) -> Reply:
    raise not_here("delegated permissions, for nobody signs in as a user; application permissions it has")


def _made(kind: str, make: Callable[[Services, Asked], Entry]) -> Handler:
    return lambda s, a: _one(kind, make(s, a), a, 201)


def _crud(
    kind: str,
    create: Callable[[Services, Asked], Entry],
    update: Callable[[Services, Asked], None],
    delete: Callable[[Services, Asked], None],
) -> tuple[Endpoint, ...]:
    getter = _GETTERS[kind]
    return (
        Endpoint("GET", f"/{kind}", lambda s, a: Reply(
            body=list_of(KINDS[kind], s.directory.entries(kind), a.paging), context=kind)),
        Endpoint("POST", f"/{kind}", _made(kind, create)),
        Endpoint("GET", f"/{kind}/{{id}}", lambda s, a: _one(kind, getter(s, a["id"]), a)),
        Endpoint("PATCH", f"/{kind}/{{id}}", _done(update)),
        Endpoint("DELETE", f"/{kind}/{{id}}", _done(delete)),
    )  # fmt: skip


def _passwords(kind: str) -> tuple[Endpoint, ...]:
    getter = _GETTERS[kind]
    return (
        Endpoint("POST", f"/{kind}/{{id}}/addPassword", lambda s, a: Reply(
            body=s.credentials.add_password(kind, getter(s, a["id"]), a.body), context="passwordCredential")),
        Endpoint("POST", f"/{kind}/{{id}}/removePassword", _done(
            lambda s, a: s.credentials.remove_password(kind, getter(s, a["id"]), a.body))),
    )  # fmt: skip


def _owners(kind: str) -> tuple[Endpoint, ...]:
    owner = f"/{kind}/{{id}}/owners"
    return (
        Endpoint("GET", owner, lambda s, a: _several(s.groups.owners(kind, a["id"]), a)),
        Endpoint("POST", f"{owner}/$ref", _done(lambda s, a: s.groups.add_owner(kind, a["id"], referenced(a.body)))),
        Endpoint("DELETE", f"{owner}/{{owner}}/$ref", _done(
            lambda s, a: s.groups.remove_owner(kind, a["id"], a["owner"]))),
    )  # fmt: skip


def _memberships(kind: str) -> tuple[Endpoint, ...]:
    def id_of(s: Services, a: Asked) -> str:
        return _GETTERS[kind](s, a["id"])["id"] if kind in _GETTERS else a["id"]

    def all_groups(s: Services, a: Asked) -> Reply:
        return _values([e["id"] for _, e in s.groups.groups_of(id_of(s, a), transitive=True)], "Collection(Edm.String)")

    return (
        Endpoint("POST", f"/{kind}/{{id}}/getMemberGroups", all_groups, reads=True),
        Endpoint("POST", f"/{kind}/{{id}}/checkMemberGroups", lambda s, a: _values(
            [*s.groups.check(id_of(s, a), a.body)], "Collection(Edm.String)"), reads=True),
        Endpoint("GET", f"/{kind}/{{id}}/memberOf", lambda s, a: _several(
            s.groups.groups_of(id_of(s, a), transitive=False), a)),
        Endpoint("GET", f"/{kind}/{{id}}/transitiveMemberOf", lambda s, a: _several(
            s.groups.groups_of(id_of(s, a), transitive=True), a)),
    )  # fmt: skip


_FEDERATIONS = "/applications/{id}/federatedIdentityCredentials"
_GRANTED = "/servicePrincipals/{id}/appRoleAssignments"

ENDPOINTS: tuple[Endpoint, ...] = (
    *_crud(USERS, lambda s, a: s.users.create(a.body), lambda s, a: s.users.update(a["id"], a.body),
           lambda s, a: s.users.delete(a["id"])),
    *_crud(GROUPS, lambda s, a: s.groups.create(a.body), lambda s, a: s.groups.update(a["id"], a.body),
           lambda s, a: s.groups.delete(a["id"])),
    *_crud(APPLICATIONS, lambda s, a: s.applications.create(a.body),
           lambda s, a: s.applications.update(a["id"], a.body), lambda s, a: s.applications.delete(a["id"])),
    *_crud(PRINCIPALS, lambda s, a: s.principals.create(a.body), lambda s, a: s.principals.update(a["id"], a.body),
           lambda s, a: s.principals.delete(a["id"])),
    Endpoint("POST", "/invitations", lambda s, a: Reply(
        status=201, body=s.users.invite(a.body), context="invitations/$entity")),
    Endpoint("GET", "/groups/{id}/members", lambda s, a: _several(s.groups.members(a["id"], transitive=False), a)),
    Endpoint("GET", "/groups/{id}/transitiveMembers",
             lambda s, a: _several(s.groups.members(a["id"], transitive=True), a)),
    Endpoint("POST", "/groups/{id}/members/$ref", _done(lambda s, a: s.groups.add(a["id"], referenced(a.body)))),
    Endpoint("DELETE", "/groups/{id}/members/{member}/$ref", _done(lambda s, a: s.groups.remove(a["id"], a["member"]))),
    *(endpoint for kind in (USERS, GROUPS, PRINCIPALS, "directoryObjects") for endpoint in _memberships(kind)),
    *(endpoint for kind in (GROUPS, APPLICATIONS, PRINCIPALS) for endpoint in _owners(kind)),
    *_passwords(APPLICATIONS),
    *_passwords(PRINCIPALS),
    Endpoint("GET", _FEDERATIONS, lambda s, a: _values(
        s.credentials.federations(s.applications.get(a["id"])), "federatedIdentityCredentials")),
    Endpoint("POST", _FEDERATIONS, lambda s, a: Reply(status=201, context="federatedIdentityCredentials/$entity",
             body=s.credentials.add_federation(s.applications.get(a["id"]), a.body))),
    Endpoint("GET", f"{_FEDERATIONS}/{{name}}", lambda s, a: Reply(context="federatedIdentityCredentials/$entity",
             body=s.credentials.federation(s.applications.get(a["id"]), a["name"]))),
    Endpoint("PATCH", f"{_FEDERATIONS}/{{name}}", _done(
        lambda s, a: s.credentials.change_federation(s.applications.get(a["id"]), a["name"], a.body))),
    Endpoint("DELETE", f"{_FEDERATIONS}/{{name}}", _done(
        lambda s, a: s.credentials.remove_federation(s.applications.get(a["id"]), a["name"]))),
    Endpoint("GET", _GRANTED, lambda s, a: _values(s.principals.granted(a["id"]), "appRoleAssignments")),
    Endpoint("POST", _GRANTED, lambda s, a: Reply(
        status=201, body=s.principals.grant(a["id"], a.body), context="appRoleAssignments/$entity")),
    Endpoint("DELETE", f"{_GRANTED}/{{assignment}}", _done(lambda s, a: s.principals.revoke(a["id"], a["assignment"]))),
    Endpoint("POST", "/directoryObjects/getByIds", _by_ids, reads=True),
    Endpoint("GET", "/directoryObjects/{id}", _object),
    Endpoint("GET", "/organization", _organization),
    Endpoint("GET", "/oauth2PermissionGrants", lambda _s, _a: _values([], "oauth2PermissionGrants")),
    Endpoint("POST", "/oauth2PermissionGrants", _no_grants),
    Endpoint("GET", "/me", _me, reads=True),
    Endpoint("GET", "/me/ownedObjects", _me, reads=True),
)  # fmt: skip
