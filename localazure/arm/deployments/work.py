"""Deployments under way, in memory: their plans, and the values of secure parameters, which lie nowhere else.

Owns: making them again after a restart from what is stored, and what cannot be made again.
Leaves: what is stored to `records.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from localazure.arm.deployments.live import Live, Send
from localazure.arm.deployments.prepare import Prepared, parse_order, prepare, setting_of
from localazure.arm.deployments.records import Records
from localazure.arm.deployments.scope import Place, Scope
from localazure.arm.types import World
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["Work", "Works"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One deployment under way."""

    id: str
    prepared: Prepared
    caller: Caller
    live: Live

    def live_scope(self, scope: Scope | None = None) -> Scope:
        """A scope that reaches the running resources."""
        return replace(scope or self.prepared.scope, runtime=self.live)


class Works:
    """All deployments under way."""

    def __init__(self, world: World, records: Records, send: Send) -> None:
        self._world = world
        self._records = records
        self._send = send
        self._works: dict[str, Work] = {}

    def add(self, deployment_id: str, prepared: Prepared, caller: Caller, above: str | None) -> None:
        """A deployment that begins now; `above` is the one in whose scope it computes."""
        self._works[deployment_id.lower()] = self._made(deployment_id, prepared, caller, above)

    def drop(self, deployment_id: str) -> None:
        """It has ended: its secrets go."""
        self._works.pop(deployment_id.lower(), None)

    def get(self, deployment_id: str) -> Work:
        """AzureError when the server has forgotten the secrets that it needs."""
        work = self._works.get(deployment_id.lower())
        if work is None:
            work = self._again(deployment_id)
            self._works[deployment_id.lower()] = work
        return work

    def _made(self, deployment_id: str, prepared: Prepared, caller: Caller, above: str | None) -> Work:
        outer = None if above is None else self.get(above).live
        live = Live(prepared.steps, caller, self._send, above=outer)
        return Work(id=deployment_id, prepared=prepared, caller=caller, live=live)

    def _again(self, deployment_id: str) -> Work:
        run = self._records.run(deployment_id)
        if run is None:
            raise AzureError(404, "DeploymentNotFound", f"Deployment '{deployment_id}' could not be found.")
        if run["secret"]:
            raise AzureError(
                409,
                "DeploymentFailed",
                "The local Azure was restarted while this deployment was under way. The values of its secure "
                f"parameters ({', '.join(run['secret'])}) are kept in memory only: send the deployment again.",
            )
        place = Place(subscription=run["place"]["subscription"], group=run["place"]["group"])
        order = parse_order(
            {"properties": run["properties"]}, in_group=place.group is not None, nested=run["depth"] > 0
        )
        setting = setting_of(self._world, place, run["name"], order, location=run["location"])
        prepared = prepare(order, setting, outer=self._outer(run), values=run["values"], depth=run["depth"])
        who = run["caller"]
        caller = Caller(
            object_id=who["object_id"], app_id=who["app_id"], audience=who["audience"], roles=tuple(who["roles"])
        )
        return self._made(deployment_id, prepared, caller, None if run["above"] is None else run["above"]["id"])

    def _outer(self, run: Mapping[str, Any]) -> Scope | None:
        above = run["above"]
        if above is None:
            return None
        scope = self.get(above["id"]).prepared.scope
        return replace(scope, loops=above["loops"], loop=above["loop"])
