"""What costs need of the other services: who may ask, which resources there are, what they hold, and who counts.

Owns: joining `arm`, `blob` and `vault` with `costs`, which do not know each other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, cast

from starlette.requests import Request

from localazure.arm.authorization import Authorization
from localazure.arm.gate import Gate
from localazure.arm.resources import Resources
from localazure.blobs import Blobs
from localazure.costs.kinds import METERED, SECRETS, Resource
from localazure.costs.meter import Meter
from localazure.errors import AzureError, BlobError
from localazure.vault.routes import Door
from localazure.vault.seams import Need, Vault

__all__ = ["cost_gate", "counting_door", "inventory_of", "stored_in", "watch_resources"]

_READ = "Microsoft.CostManagement/query/read"


class _Container(Protocol):
    @property
    def name(self) -> str: ...


class _Containers(Protocol):
    def list(self, account: str) -> Iterable[_Container]: ...


def cost_gate(gate: Gate, authorization: Authorization, resources: Resources) -> Callable[[Request], str]:
    """Admits who may read at the scope; gives the scope."""

    def admit(request: Request) -> str:
        admitted = gate.admit(
            request.method,
            request.url.path,
            request.query_params.get("api-version"),
            request.headers.get("authorization"),
        )
        request.state.answer_headers = dict([admitted.remaining])
        target = admitted.target
        authorization.require(admitted.caller, target.scope, _READ)
        if target.group is not None and resources.get(target.scope) is None:
            raise AzureError(404, "ResourceGroupNotFound", f"Resource group '{target.group}' could not be found.")
        return target.scope

    return admit


def inventory_of(resources: Resources) -> Callable[[], Iterator[Resource]]:
    """The metered resources that exist."""

    def inventory() -> Iterator[Resource]:
        for kind in METERED.values():
            for found in resources.of_type(kind.type):
                yield _metered(found)

    return inventory


def watch_resources(resources: Resources, meter: Meter) -> None:
    """Let the meter know when metered resources come, go or change."""
    for kind in METERED.values():
        resources.watch(kind.type, meter.changed)


def stored_in(containers: _Containers, blobs: Blobs) -> Callable[[Resource], int | None]:
    """What an account holds, in bytes; None while its blobs cannot be listed."""

    def stored(resource: Resource) -> int | None:
        account = resource.id.rsplit("/", 1)[1]
        try:
            return sum(item.size for found in containers.list(account) for item in blobs.list(account, found.name, ""))
        except (BlobError, AzureError):  # the second is what containers raise
            return None

    return stored


def counting_door(door: Door, meter: Meter) -> Door:
    """A vault's door that counts who went through it."""

    def counted(request: Request, need: Need | None, secret: str | None = None) -> Vault:
        vault = door(request, need, secret)
        meter.count(vault.id, SECRETS)
        return vault

    return counted


def _metered(found: dict[str, Any]) -> Resource:
    sku = cast("Mapping[str, object]", found.get("sku") or {})
    tags = cast("Mapping[str, object]", found.get("tags") or {})
    return Resource(
        id=found["id"],
        type=found["type"],
        location=str(found.get("location") or ""),
        sku=str(sku.get("name", "")),
        tags={name: str(value) for name, value in tags.items()},
    )
