"""Requests about deployments: put, get, list, delete, validate, what-if, cancel, export, operations.

Owns: what these answer, and starting deployments, nested ones as well. Leaves: running them to `run.py`.
"""

import dataclasses
import re
import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.admission import check_group
from localazure.arm.answers import Answer, ArmRequest, polling
from localazure.arm.authorization import Authorization
from localazure.arm.checks import bad_request, check_tags
from localazure.arm.deployments.acting import Acting
from localazure.arm.deployments.documents import operation_document, properties_of, public
from localazure.arm.deployments.failures import missing_here, rejected
from localazure.arm.deployments.live import Send
from localazure.arm.deployments.nested import Nested
from localazure.arm.deployments.parameters import SECURE
from localazure.arm.deployments.plan import DEPLOYMENTS, Draft
from localazure.arm.deployments.preflight import Preflight
from localazure.arm.deployments.prepare import Order, Prepared, parse_order, prepare, setting_of
from localazure.arm.deployments.records import Records
from localazure.arm.deployments.run import ENDED, Run
from localazure.arm.deployments.scope import Place
from localazure.arm.deployments.template import section
from localazure.arm.deployments.values import is_object
from localazure.arm.deployments.whatif import WhatIf
from localazure.arm.deployments.work import Work, Works
from localazure.arm.gate import action_of
from localazure.arm.ids import Target, parse
from localazure.arm.listing import page
from localazure.arm.locations import location_name
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.operations import Operations

__all__ = ["Deployments"]

_RUN, _DELETE, _WHAT_IF = "arm.deployment", "arm.deployment-deleted", "arm.what-if"
_NAME = re.compile(r"[-\w._()]{1,64}")
_KEPT = 800
_SHORT_S = 0.2

Json = dict[str, Any]


class Deployments:
    """Acts on deployments at resource groups and at the subscription."""

    def __init__(
        self,
        world: World,
        operations: Operations,
        authorization: Authorization,
        send: Send,
    ) -> None:
        """`send` answers a request that a deployment makes in its caller's name, with all the checks of ARM."""
        self._world = world
        self._operations = operations
        self._authorization = authorization

        def known(request: ArmRequest) -> Answer:
            """Send, but to this subscription alone."""
            asked = request.target.subscription
            if asked is None or asked.lower() != world.subscription_id.lower():
                raise AzureError(404, "SubscriptionNotFound", f"The subscription '{asked}' could not be found.")
            return send(request)

        self._records = Records(world.store)
        self._works = Works(world, self._records, known)
        self._preflight = Preflight(world, authorization)
        self._what_if = WhatIf(world, self._preflight, known)
        acting = Acting(world, operations, self._records, known, self)
        self._run = Run(world, self._records, self._works, acting)
        operations.on(_RUN, self._run.advance)
        operations.on(_DELETE, self._finish_delete)
        operations.on(_WHAT_IF, lambda payload: payload)

    def put(self, request: ArmRequest) -> Answer:
        place, order = self._asked(request)
        location = self._location(request, place)
        check_tags(request.body.get("tags"))
        self._replaceable(request.target.id)
        prepared = self._prepared(request.target, place, order, location)
        self._check(prepared, request.caller)
        extra: Json = {"location": location} if location else {}
        if request.body.get("tags"):
            extra["tags"] = request.body["tags"]
        with self._world.store.transaction():
            old = self._replaceable(request.target.id)
            document = self._begin(request.target.id, prepared, request.caller, extra, above=None)
        shown = public(document)
        shown["properties"] = {**shown["properties"], "provisioningState": "Accepted"}
        headers = self._polling(request.target, document["_operation"], status=True)
        return Answer(status=201 if old is None else 200, body=shown, headers=headers)

    def begin_below(self, work: Work, draft: Draft, nested: Nested) -> str:
        """Start a nested deployment; it inherits the caller, and what it is handed."""
        self._authorization.require(work.caller, draft.id, f"{DEPLOYMENTS}/write")
        place = nested.place
        target = parse(draft.id)
        if place.group and self._world.resources.get(place.id) is None:
            check_group(self._world, target)
        self._replaceable(draft.id)
        depth = (self._records.run(work.id) or {"depth": 0})["depth"] + 1
        setting = setting_of(self._world, place, draft.name, nested.order, location=nested.location)
        outer = None if nested.outer is None else dataclasses.replace(nested.outer, runtime=None)
        prepared = prepare(nested.order, setting, outer=outer, depth=depth)
        self._check(prepared, work.caller)
        extra: Json = {"location": nested.location} if nested.location and not place.group else {}
        extra |= {"tags": dict(nested.tags)} if nested.tags else {}
        above = None
        if outer is not None:
            above = {"id": work.id, "loops": dict(draft.scope.loops), "loop": draft.scope.loop}
        begun = self._begin(
            draft.id, prepared, work.caller, extra, above=above, depth=depth, hidden=frozenset(nested.hidden)
        )
        return begun["_operation"]

    def validate(self, request: ArmRequest) -> Answer:
        place, order = self._asked(request)
        owner = _owner(request)
        prepared = self._prepared(owner, place, order, self._location(request, place))
        self._check(prepared, request.caller)
        properties = properties_of(prepared)
        properties |= {
            "provisioningState": "Succeeded",
            "timestamp": arm_time(self._world.clock.now()),
            "duration": "PT0S",
            "correlationId": str(uuid.uuid4()),
            "validatedResources": [{"id": draft.id} for draft, _, _ in self._preflight.resources(prepared)],
        }
        return Answer(body={"id": owner.id, "name": owner.name, "type": DEPLOYMENTS, "properties": properties})

    def what_if(self, request: ArmRequest) -> Answer:
        place, order = self._asked(request)
        prepared = self._prepared(_owner(request), place, order, self._location(request, place))
        self._check(prepared, request.caller)
        properties: Any = section(request.body, "properties")
        settings: Any = section(properties, "whatIfSettings") or {}
        ids_only = is_object(settings) and str(section(settings, "resultFormat")).lower() == "resourceidonly"
        changes = self._what_if.changes(prepared, request.caller, ids_only=ids_only)
        answer = {"status": "Succeeded", "properties": {"correlationId": str(uuid.uuid4()), "changes": changes}}
        operation = self._operations.start(_WHAT_IF, answer, seconds=_SHORT_S)
        return Answer(status=202, headers=self._polling(request.target, operation, status=False))

    def get(self, request: ArmRequest) -> Answer:
        return Answer(body=public(self._existing(request.target)))

    def head(self, request: ArmRequest) -> Answer:
        _check_scope(request.target)
        return Answer(status=204 if self._records.shown(request.target.id) else 404)

    def list(self, request: ArmRequest) -> Answer:
        _check_scope(request.target)
        check_group(self._world, request.target)
        wanted = re.fullmatch(
            r"\s*provisioningState\s+(eq|ne)\s+'(\w+)'\s*", request.query.get("filter", ""), re.IGNORECASE
        )
        if request.query.get("filter") and wanted is None:
            raise bad_request("InvalidFilterInQueryString", "Deployments are filtered by provisioningState eq '...'.")
        documents = [public(document) for document in self._records.list(request.target.scope)]
        if wanted is not None:
            equal = wanted[1].lower() == "eq"
            documents = [
                document for document in documents
                if (document["properties"]["provisioningState"].lower() == wanted[2].lower()) is equal
            ]  # fmt: skip
        return Answer(
            body=page(documents, request.query, f"{self._world.origin}{request.target.id}", self._world.page_size)
        )

    def delete(self, request: ArmRequest) -> Answer:
        _check_scope(request.target)
        document = self._records.shown(request.target.id)
        if document is None:
            return Answer(status=204)
        if document["properties"]["provisioningState"] not in ENDED:
            raise _active(document)
        payload = {"id": document["id"], "run": document["_run"]}
        operation = self._operations.start(_DELETE, payload, seconds=_SHORT_S)
        return Answer(status=202, headers=self._polling(request.target, operation, status=False))

    def cancel(self, request: ArmRequest) -> Answer:
        document = self._existing(_owner(request))
        state = document["properties"]["provisioningState"]
        if state in ENDED:
            raise AzureError(
                409,
                "DeploymentCannotBeCancelled",
                f"The deployment '{document['name']}' cannot be cancelled because its provisioning state is '{state}'.",
            )
        self._run.cancel(document["id"])
        self._operations.cancel(document["_operation"])
        return Answer(status=204)

    def export(self, request: ArmRequest) -> Answer:
        run = self._records.run(self._existing(_owner(request))["id"])
        return Answer(body={"template": {} if run is None else run["properties"]["template"]})

    def operations(self, request: ArmRequest, owner: Target) -> Answer:
        """The steps of a deployment, the latest first."""
        document = self._existing(owner)
        steps = sorted(self._records.steps(document["id"]).values(), key=lambda step: step["begun"], reverse=True)
        rows = [operation_document(document["id"], step) for step in steps]
        return Answer(body=page(rows, request.query, f"{self._world.origin}{request.target.id}", self._world.page_size))

    def bare_operations(self, request: ArmRequest) -> Answer:
        """The path of operations as some clients shorten it, without `/providers/Microsoft.Resources`."""
        scope, rest = request.target.id.rsplit("/deployments/", 1)
        target = parse(f"{scope}/providers/{DEPLOYMENTS}/{rest}")
        action, at = action_of("GET", target)
        self._authorization.require(request.caller, at, action)
        if target.name is not None:
            return self.operation(parse(target.parent), target.name)
        return self.operations(request, parse(target.id.rsplit("/", 1)[0]))

    def operation(self, owner: Target, name: str) -> Answer:
        document = self._existing(owner)
        for step in self._records.steps(document["id"]).values():
            row = operation_document(document["id"], step)
            if row["operationId"].lower() == name.lower():
                return Answer(body=row)
        raise AzureError(404, "DeploymentOperationNotFound", f"The deployment operation '{name}' could not be found.")

    def forget_group(self, group_id: str) -> None:
        """A resource group was deleted: its deployments go with it."""
        for document in self._records.list(group_id):
            self._works.drop(document["id"])
            self._records.forget(document["id"])

    def _asked(self, request: ArmRequest) -> tuple[Place, Order]:
        target = request.target
        _check_scope(target)
        name = target.name or parse(target.id.rsplit("/", 1)[0]).name or ""
        if not _NAME.fullmatch(name):
            raise bad_request(
                "InvalidDeploymentName",
                f"The provided deployment name '{name[:80]}' has these invalid characters or length: 1 to 64 letters, "
                "digits, '.', '-', '_', '(' and ')'.",
            )
        check_group(self._world, target)
        identity = section(request.body, "identity")
        if is_object(identity) and str(section(identity, "type") or "None").lower() != "none":
            raise missing_here("A deployment with an identity of its own")
        place = Place(subscription=target.subscription or "", group=target.group)
        return place, parse_order(request.body, in_group=target.group is not None)

    def _location(self, request: ArmRequest, place: Place) -> str | None:
        given = section(request.body, "location")
        if place.group is not None:
            if given is not None:
                raise bad_request(
                    "InvalidDeployment",
                    f"The 'location' property is not allowed for '{request.target.name}' at resource group scope. "
                    "Please see https://aka.ms/deploy-to-subscription for usage details.",
                )
            return None
        name = location_name(given) if isinstance(given, str) else None
        if name is None:
            raise bad_request(
                "LocationRequired" if given is None else "LocationNotAvailableForDeployment",
                f"The 'location' property must name a region for '{request.target.name}' at subscription scope. Please "
                "see https://aka.ms/deploy-to-subscription for usage details.",
            )
        old = self._records.shown(request.target.id)
        if old is not None and old.get("location") not in {None, name}:
            raise AzureError(
                409,
                "InvalidDeploymentLocation",
                f"Invalid deployment location '{name}'. The deployment '{old['name']}' already exists in location "
                f"'{old['location']}'.",
            )
        return name

    def _prepared(self, target: Target, place: Place, order: Order, location: str | None) -> Prepared:
        return prepare(order, setting_of(self._world, place, target.name or "", order, location=location))

    def _check(self, prepared: Prepared, caller: Caller) -> None:
        problems = self._preflight.problems(prepared, caller)
        if problems:
            raise rejected(problems)

    def _begin(
        self,
        deployment_id: str,
        prepared: Prepared,
        caller: Caller,
        extra: Mapping[str, Any],
        *,
        above: Json | None,
        depth: int = 0,
        hidden: frozenset[str] = frozenset(),
    ) -> Json:
        """Record a deployment and the operation that runs it; in one transaction of the caller's."""
        now, run, order, place = arm_time(self._world.clock.now()), str(uuid.uuid4()), prepared.order, prepared.place
        operation = self._operations.start(_RUN, {"id": deployment_id, "run": run}, seconds=0)
        properties = properties_of(prepared, hidden=hidden)
        properties |= {"provisioningState": "Running", "timestamp": now, "duration": "PT0S", "correlationId": run}
        name = deployment_id.rsplit("/", 1)[-1]
        document: Json = {"id": deployment_id, "name": name, "type": DEPLOYMENTS, **extra, "properties": properties}
        document |= {"_operation": operation, "_run": run, "_begun": now}
        lower = {parameter.lower() for parameter in hidden}
        secret = [
            parameter
            for parameter, declaration in prepared.template.parameters.items()
            if parameter.lower() in lower or str(section(declaration, "type")).lower() in SECURE
        ]
        secret = [] if above is not None else secret
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

    def _replaceable(self, deployment_id: str) -> Json | None:
        """The deployment that has the name already. AzureError 409 while it is under way."""
        old = self._records.shown(deployment_id)
        if old is not None and old["properties"]["provisioningState"] not in ENDED:
            raise _active(old)
        return old

    def _forget_old(self, scope: str) -> None:
        """Like Azure, keep the latest 800 of a scope."""
        if self._records.count(scope) <= _KEPT:
            return
        for document in self._records.list(scope)[_KEPT:]:
            if document["properties"]["provisioningState"] in ENDED:
                self._records.forget(document["id"])

    def _finish_delete(self, payload: Json) -> Json | None:
        with self._world.store.transaction():
            document = self._records.shown(payload["id"])
            if document is not None and document["_run"] == payload["run"]:
                self._records.forget(payload["id"])
        return None

    def _existing(self, target: Target) -> Json:
        _check_scope(target)
        document = self._records.shown(target.id)
        if document is None:
            check_group(self._world, target)
            raise AzureError(404, "DeploymentNotFound", f"Deployment '{target.name}' could not be found.")
        return document

    def _polling(self, target: Target, operation: str, *, status: bool) -> dict[str, str]:
        subscription = target.subscription or self._world.subscription_id
        return polling(
            self._world.origin,
            subscription,
            "Microsoft.Resources",
            "global",
            operation,
            status=status,
            result=not status,
        )


def _owner(request: ArmRequest) -> Target:
    """The deployment of an action."""
    return parse(request.target.id.rsplit("/", 1)[0])


def _check_scope(target: Target) -> None:
    scope = target.scope.strip("/").split("/")
    if target.subscription is None or "providers" in scope:
        raise missing_here("A deployment at the scope of a tenant, a management group or a resource")


def _active(document: Mapping[str, Any]) -> AzureError:
    return AzureError(
        409,
        "DeploymentActive",
        f"Unable to edit or replace deployment '{document['name']}': previous deployment from "
        f"'{document['_begun']}' is still active. Please see https://aka.ms/arm-deploy for usage details.",
    )
