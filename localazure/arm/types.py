"""What a resource type is: the row of the table.

Owns: the shape of a row and of what its hooks are handed. Leaves: the rows to `table_*.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from localazure.arm.ids import Target
from localazure.arm.resources import Deleted, Resource, Resources
from localazure.clock import Clock
from localazure.faults import Faults
from localazure.store import Store

__all__ = ["ActionHook", "CreateStyle", "LongAction", "Making", "ResourceType", "SoftDelete", "World", "deny_name"]


class CreateStyle(Enum):
    """How Azure answers the PUT that creates."""

    OK = "200"
    CREATED = "201"
    BODY = "200, state in the body"
    CREATED_LATER = "201, goes on by itself"
    CREATED_ASYNC = "201 + Azure-AsyncOperation"
    ACCEPTED_LOCATION = "202 + Location"
    ACCEPTED_ASYNC = "202 + Azure-AsyncOperation + Location"


class ContainerStore(Protocol):
    """Containers of the blob server (blob.containers)."""

    def put(self, account: str, name: str, *, public_access: str, metadata: Mapping[str, str]) -> bool: ...
    def delete_all(self, account: str) -> None: ...
    def sas(self, account: str, name: str, *, permissions: str, expires: datetime) -> str: ...


class VaultSecrets(Protocol):
    """Secrets of vaults, as ARM shows them (vault.by_arm). A vault is one of `vaults.py`."""

    def put(self, vault: Any, name: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]: ...
    def patch(self, vault: Any, name: str, body: Mapping[str, Any]) -> dict[str, Any]: ...
    def get(self, vault: Any, name: str) -> dict[str, Any]: ...
    def list(self, vault: Any) -> Sequence[dict[str, Any]]: ...


class KeyStore(Protocol):
    """Access keys of accounts (arm.keys)."""

    def get(self, resource_id: str) -> tuple[str, str]: ...
    def create(self, resource_id: str, *, kind: str) -> tuple[str, str]: ...
    def regenerate(self, resource_id: str, index: int, *, kind: str) -> tuple[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What hooks may look at and act on."""

    origin: str
    blob_origin: str
    page_size: int
    tenant_id: str
    subscription_id: str
    clock: Clock
    store: Store
    resources: Resources
    deleted: Deleted
    keys: KeyStore
    containers: ContainerStore
    secrets: VaultSecrets
    storage_changed: Callable[[], None]
    purged: Callable[[str, str], None]
    faults: Faults
    principal_type: Callable[[str], str | None] = lambda _: None


@dataclass(slots=True, kw_only=True)
class Making:
    """One PUT or PATCH on its way: `resource` is what will be stored; hooks check it and add computed properties."""

    world: World
    target: Target
    body: Mapping[str, Any]
    resource: Resource
    old: Resource | None
    now: str

    @property
    def properties(self) -> dict[str, Any]:
        return self.resource["properties"]

    @property
    def old_properties(self) -> Mapping[str, Any]:
        return {} if self.old is None else self.old["properties"]


Hook = Callable[[Making], None]
ActionHook = Callable[[World, Resource, Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LongAction:
    """An action that is answered 202. `begin` refuses or marks the resource at once; what `finish` gives is the result.

    `finish` may run twice, after a crash, and the resource may have changed meanwhile: it looks before it acts.
    """

    seconds: float
    begin: Callable[[World, Resource, Mapping[str, Any]], None]
    finish: Callable[[World, Resource], dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftDelete:
    """Kept after deletion. `restores` tells from the body whether a PUT of the same name brings it back, `keeps` what
    comes back with it of what lies below.
    """

    days: float
    status: int
    code: str
    message: str
    restores: Callable[[Mapping[str, Any]], bool]
    keeps: Callable[[Resource], bool] = lambda _below: False
    purge_query: str | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One row: everything that distinguishes a type. Whatever is not said here works alike for all.

    `deletable` may refuse a DELETE by its query; `arranged` filters and sorts a list by its query;
    `updates_created` types answer 201 to every PUT.
    `early_actions` may be asked for before the resource exists: they get no more than its id, name and type.
    """

    name: str
    api_version: str
    create: CreateStyle = CreateStyle.OK
    create_s: float = 0.0
    unsettled: str = "Creating"
    delete_s: float | None = None
    name_rule: str | None = None
    bad_name: tuple[str, str] = ("InvalidResourceName", "The resource name '{name}' is invalid.")
    located: bool = False
    extension: bool = False
    parent_optional: bool = False
    required: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    make: Hook | None = None
    created: Hook | None = None
    deletable: Callable[[World, Resource, Mapping[str, str]], None] | None = None
    deleting: Callable[[World, Resource], None] | None = None
    soft: SoftDelete | None = None
    unique: tuple[str, str] | None = None
    busy: tuple[str, str] | None = None
    secrets: tuple[str, ...] = ()
    arranged: Callable[[list[Resource], Mapping[str, str]], list[Resource]] | None = None
    page_size: int | None = None
    actions: Mapping[str, ActionHook] = field(default_factory=dict[str, ActionHook])
    early_actions: Mapping[str, ActionHook] = field(default_factory=dict[str, ActionHook])
    long_actions: Mapping[str, LongAction] = field(default_factory=dict[str, LongAction])
    has_state: bool = True
    updates_created: bool = False

    @property
    def leaf(self) -> str:
        """The name without the namespace."""
        return self.name.split("/", 1)[1]


def deny_name(name: str, row: ResourceType) -> tuple[str, str]:
    """Code and message for a name that breaks the row's rule."""
    code, message = row.bad_name
    return code, message.replace("{name}", name)
