"""Requests about deployments: put, get, list, delete, validate, what-if, cancel, export, operations.

Owns: what these answer. Leaves: starting deployments to `starting.py`, running them to `run.py`.
"""

import re
import uuid
from typing import Any

from localazure.arm.admission import check_group
from localazure.arm.answers import Answer, ArmRequest, polling
from localazure.arm.authorization import Authorization
from localazure.arm.checks import bad_request, check_tags
from localazure.arm.deployments.acting import Acting
from localazure.arm.deployments.documents import operation_document, properties_of, public
from localazure.arm.deployments.failures import missing_here
from localazure.arm.deployments.live import Send
from localazure.arm.deployments.plan import DEPLOYMENTS
from localazure.arm.deployments.preflight import Preflight
from localazure.arm.deployments.prepare import Order, parse_order
from localazure.arm.deployments.records import ENDED, Records
from localazure.arm.deployments.run import Run
from localazure.arm.deployments.scope import Place
from localazure.arm.deployments.starting import RUN, Starting, active
from localazure.arm.deployments.template import section
from localazure.arm.deployments.values import is_object
from localazure.arm.deployments.whatif import WhatIf
from localazure.arm.deployments.work import Works
from localazure.arm.gate import action_of
from localazure.arm.ids import Target, parse
from localazure.arm.listing import page
from localazure.arm.locations import location_name
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["Deployments"]

_DELETE, _WHAT_IF = "arm.deployment-deleted", "arm.what-if"
_NAME = re.compile(r"[-\w._()]{1,64}")
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
        self._starting = Starting(world, operations, authorization, self._works, self._preflight)
        acting = Acting(world, operations, self._records, known, self._starting)
        self._run = Run(world, self._records, self._works, acting)
        operations.on(RUN, self._run.advance)
        operations.on(_DELETE, self._finish_delete)
        operations.on(_WHAT_IF, lambda payload: payload)

    def put(self, request: ArmRequest) -> Answer:
        place, order = self._asked(request)
        location = self._location(request, place)
        check_tags(request.body.get("tags"))
        self._starting.replaceable(request.target.id)
        prepared = self._starting.prepared(request.target, place, order, location)
        self._starting.check(prepared, request.caller)
        extra: Json = {"location": location} if location else {}
        if request.body.get("tags"):
            extra["tags"] = request.body["tags"]
        with self._world.store.transaction():
            old = self._starting.replaceable(request.target.id)
            document = self._starting.begin(request.target.id, prepared, request.caller, extra, above=None)
        shown = public(document)
        shown["properties"] = {**shown["properties"], "provisioningState": "Accepted"}
        headers = self._polling(request.target, document["_operation"], status=True)
        return Answer(status=201 if old is None else 200, body=shown, headers=headers)

    def validate(self, request: ArmRequest) -> Answer:
        place, order = self._asked(request)
        owner = _owner(request)
        prepared = self._starting.prepared(owner, place, order, self._location(request, place))
        self._starting.check(prepared, request.caller)
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
        prepared = self._starting.prepared(_owner(request), place, order, self._location(request, place))
        self._starting.check(prepared, request.caller)
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
            raise active(document)
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
