"""Starting deployments: checked, recorded with the operation that runs them, and nested ones below others.

Owns: what is stored of a deployment before its first step. Leaves: running to `run.py`, requests to `service.py`.
"""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.admission import check_group
from localazure.arm.authorization import Authorization
from localazure.arm.deployments.documents import properties_of
from localazure.arm.deployments.failures import rejected
from localazure.arm.deployments.nested import Nested
from localazure.arm.deployments.plan import DEPLOYMENTS, Draft
from localazure.arm.deployments.preflight import Preflight
from localazure.arm.deployments.prepare import Order, Prepared, prepare, setting_of
from localazure.arm.deployments.records import ENDED, Records
from localazure.arm.deployments.scope import Place
from localazure.arm.deployments.work import Work, Works
from localazure.arm.ids import Target, parse
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.operations import Operations

__all__ = ["RUN", "Starting", "active"]

RUN = "arm.deployment"
_KEPT = 800

Json = dict[str, Any]


class Starting:
    """Starts deployments."""

    def __init__(
        self,
        world: World,
        operations: Operations,
        authorization: Authorization,
        works: Works,
        preflight: Preflight,
    ) -> None:
        self._world = world
        self._operations = operations
        self._authorization = authorization
        self._records = Records(world.store)
        self._works = works
        self._preflight = preflight

    def replaceable(self, deployment_id: str) -> Json | None:
        """The deployment that has the name already. AzureError 409 while it is under way."""
        old = self._records.shown(deployment_id)
        if old is not None and old["properties"]["provisioningState"] not in ENDED:
            raise active(old)
        return old

    def prepared(self, target: Target, place: Place, order: Order, location: str | None) -> Prepared:
        return prepare(order, setting_of(self._world, place, target.name or "", order, location=location))

    def check(self, prepared: Prepared, caller: Caller) -> None:
        problems = self._preflight.problems(prepared, caller)
        if problems:
            raise rejected(problems)

    def begin(
        self,
        deployment_id: str,
        prepared: Prepared,
        caller: Caller,
        extra: Mapping[str, Any],
        *,
        above: Json | None,
        depth: int = 0,
    ) -> Json:
        """Record a deployment and the operation that runs it; in one transaction of the caller's."""
        now, run, order, place = arm_time(self._world.clock.now()), str(uuid.uuid4()), prepared.order, prepared.place
        operation = self._operations.start(RUN, {"id": deployment_id, "run": run}, seconds=0)
        properties = properties_of(prepared)
        properties |= {"provisioningState": "Running", "timestamp": now, "duration": "PT0S", "correlationId": run}
        name = deployment_id.rsplit("/", 1)[-1]
        document: Json = {"id": deployment_id, "name": name, "type": DEPLOYMENTS, **extra, "properties": properties}
        document |= {"_operation": operation, "_run": run, "_begun": now}
        known = prepared.scope.secret if above is None else frozenset[str]()
        secret = [parameter for parameter in prepared.values if f"parameters.{parameter}".lower() in known]
        how = {"scope": "inner" if order.inner else "outer"}
        mode = "Complete" if order.complete else "Incremental"
        self._records.begin(
            document,
            {
                "name": name,
                "place": {"subscription": place.subscription, "group": place.group},
                "location": extra.get("location"),
                "properties": {"mode": mode, "template": dict(order.template), "expressionEvaluationOptions": how},
                "values": {key: value for key, value in prepared.values.items() if key not in secret},
                "secret": secret,
                "caller": dataclasses.asdict(caller),
                "above": above,
                "depth": depth,
            },
        )
        self._works.add(deployment_id, prepared, caller, None if above is None else above["id"])
        self._forget_old(place.id)
        return document

    def begin_below(self, work: Work, draft: Draft, nested: Nested) -> str:
        """Start a nested deployment; it inherits the caller, and what it is handed."""
        self._authorization.require(work.caller, draft.id, f"{DEPLOYMENTS}/write")
        place = nested.place
        target = parse(draft.id)
        if place.group and self._world.resources.get(place.id) is None:
            check_group(self._world, target)
        self.replaceable(draft.id)
        depth = (self._records.run(work.id) or {"depth": 0})["depth"] + 1
        setting = setting_of(self._world, place, draft.name, nested.order, location=nested.location)
        outer = None if nested.outer is None else dataclasses.replace(nested.outer, runtime=None)
        prepared = prepare(nested.order, setting, outer=outer, depth=depth, hidden=nested.hidden)
        self.check(prepared, work.caller)
        extra: Json = {"location": nested.location} if nested.location and not place.group else {}
        extra |= {"tags": dict(nested.tags)} if nested.tags else {}
        above = None
        if outer is not None:
            above = {"id": work.id, "loops": dict(draft.scope.loops), "loop": draft.scope.loop}
        begun = self.begin(draft.id, prepared, work.caller, extra, above=above, depth=depth)
        return begun["_operation"]

    def _forget_old(self, scope: str) -> None:
        """Like Azure, keep the latest 800 of a scope."""
        if self._records.count(scope) <= _KEPT:
            return
        for document in self._records.list(scope)[_KEPT:]:
            if document["properties"]["provisioningState"] in ENDED:
                self._records.forget(document["id"])


def active(document: Mapping[str, Any]) -> AzureError:
    """A deployment that is under way is neither replaced nor deleted."""
    return AzureError(
        409,
        "DeploymentActive",
        f"Unable to edit or replace deployment '{document['name']}': previous deployment from "
        f"'{document['_begun']}' is still active. Please see https://aka.ms/arm-deploy for usage details.",
    )
