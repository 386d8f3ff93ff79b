"""Acting on one step: the PUT in the caller's name, and looking after it until the resource is settled.

Owns: the record of a step; a request and its record are one transaction, so nothing is done twice.
Leaves: the order to `run.py`, ARM's rules to the requests themselves.
"""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from localazure.arm.answers import Answer
from localazure.arm.deployments.documents import duration
from localazure.arm.deployments.failures import ExpressionError, unprocessable
from localazure.arm.deployments.live import Send, request_to
from localazure.arm.deployments.nested import Nested, is_nested, nested_of
from localazure.arm.deployments.plan import Draft
from localazure.arm.deployments.records import Records
from localazure.arm.deployments.work import Work
from localazure.arm.ids import key
from localazure.arm.resources import Resource
from localazure.arm.table import TABLE
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["Acting", "Below", "superfluous"]

Json = dict[str, Any]
_SETTLED = {"Succeeded", "Failed", "Canceled"}


class Below(Protocol):
    """Starts nested deployments."""

    def begin_below(self, work: Work, draft: Draft, nested: Nested) -> str:
        """Start it and return its operation."""
        ...


class Acting:
    """Begins steps and looks after them."""

    def __init__(self, world: World, operations: Operations, records: Records, send: Send, below: Below) -> None:
        self._world = world
        self._operations = operations
        self._records = records
        self._send = send
        self._below = below

    def begin(self, work: Work, draft: Draft) -> Json:
        step = self._new(draft.id, draft.type, draft.name, "Create")
        step["nested"] = is_nested(draft)
        if draft.existing:
            step["action"] = "Read"
            return self._settle(work.id, draft.key, step, "OK")
        try:
            with self._world.store.transaction():
                return self._create(work, draft, step)
        except AzureError as error:
            return self._fail(work.id, draft.key, step, error)
        except ExpressionError as error:
            return self._fail(work.id, draft.key, step, unprocessable(f"resource '{draft.id}'", error))

    def _create(self, work: Work, draft: Draft, step: Json) -> Json:
        scope = work.live_scope(draft.scope)
        if step["nested"]:
            step["operation"] = self._below.begin_below(work, draft, nested_of(draft, scope))
            self._records.keep_step(work.id, draft.key, step)
            return step
        body = draft.content(scope)
        answer = self._send(request_to("PUT", draft.id, work.caller, version=draft.api_version, body=body))
        step["code"] = {200: "OK", 201: "Created", 202: "Accepted"}.get(answer.status, str(answer.status))
        return self._begun(work.id, draft.key, step, answer)

    def _begun(self, deployment_id: str, name: str, step: Json, answer: Answer) -> Json:
        link = answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location")
        if link is None and not self._unsettled(step["id"]):
            return self._settle(deployment_id, name, step, step["code"])
        step["operation"] = None if link is None else link.split("?", 1)[0].rsplit("/", 1)[-1]
        self._records.keep_step(deployment_id, name, step)
        return step

    def look(self, deployment_id: str, name: str, step: Json) -> Json:
        """How a step under way stands now."""
        operation = None
        try:
            operation = None if step["operation"] is None else self._operations.get(step["operation"])
        except AzureError as error:
            if error.code != "OperationNotFound":
                raise
        if operation is not None and operation.ended is None:
            return step
        if operation is not None and operation.error is not None:
            step |= {"error": operation.error, "code": "Conflict"}
            return self._ended(deployment_id, name, step, "Failed")
        if operation is not None and operation.status == "Canceled":
            canceled = AzureError(409, "DeploymentCanceled", f"The deployment '{step['name']}' was canceled.")
            return self._fail(deployment_id, name, step, canceled)
        if operation is None and self._unsettled(step["id"]):
            return step
        if step["action"] == "Create" and (self._resource(step["id"]) or {}).get("provisioningState") == "Failed":
            failed = AzureError(
                409, "ResourceDeploymentFailure", f"The resource '{step['id']}' ended in state 'Failed'."
            )
            return self._fail(deployment_id, name, step, failed)
        return self._settle(deployment_id, name, step, "OK")

    def clear_away(self, work: Work, begun: Mapping[str, Json]) -> bool:
        """Complete mode: delete what the template does not have. False once all of it is gone."""
        under_way = any(step["action"] == "Delete" and step["state"] == "Running" for step in begun.values())
        for resource in superfluous(self._world, work.prepared.place.id, {draft.key for draft in self._kept(work)}):
            name = f"delete {key(resource['id'])}"
            if name in begun:
                continue
            step = self._new(resource["id"], resource["type"], resource["name"], "Delete")
            try:
                with self._world.store.transaction():
                    version = TABLE[resource["type"].lower()].api_version
                    answer = self._send(request_to("DELETE", resource["id"], work.caller, version=version))
                    step["code"] = "OK" if answer.status != 202 else "Accepted"
                    self._begun(work.id, name, step, answer)
            except AzureError as error:
                self._fail(work.id, name, step, error)
            under_way = True
        return under_way

    def _kept(self, work: Work) -> list[Draft]:
        """Resources of this deployment and of those nested in it, as far as they are at the same place."""
        kept = list(work.prepared.steps.drafts)
        for draft in work.prepared.steps.drafts:
            shown = self._records.shown(draft.id) if is_nested(draft) else None
            made: list[Json] = (shown or {"properties": {}})["properties"].get("outputResources") or []
            kept.extend(dataclasses.replace(draft, id=entry["id"]) for entry in made)
        return kept

    def note_outputs(self, deployment_id: str, began: str) -> None:
        """The operation that stands for the outputs."""
        step = self._new(f"{deployment_id}/outputs", "", "", "EvaluateDeploymentOutput")
        step["begun"] = began
        self._settle(deployment_id, "outputs", step, "OK")

    def _new(self, resource_id: str, kind: str, name: str, action: str) -> Json:
        return {
            "id": resource_id,
            "type": kind,
            "name": name,
            "action": action,
            "nested": False,
            "state": "Running",
            "operation": None,
            "code": "Accepted",
            "error": None,
            "begun": arm_time(self._world.clock.now()),
            "ended": None,
            "duration": "PT0S",
            "tracking": str(uuid.uuid4()),
        }

    def _settle(self, deployment_id: str, name: str, step: Json, code: str) -> Json:
        step["code"] = code
        return self._ended(deployment_id, name, step, "Succeeded")

    def _fail(self, deployment_id: str, name: str, step: Json, error: AzureError) -> Json:
        words = {400: "BadRequest", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 501: "NotImplemented"}
        step |= {"error": error.error(), "code": words.get(error.status, str(error.status))}
        return self._ended(deployment_id, name, step, "Failed")

    def _ended(self, deployment_id: str, name: str, step: Json, state: str) -> Json:
        now = self._world.clock.now()
        step |= {"state": state, "ended": arm_time(now), "duration": duration(step["begun"], now)}
        self._records.keep_step(deployment_id, name, step)
        return step

    def _resource(self, resource_id: str) -> Json | None:
        resource = self._world.resources.get(resource_id)
        return None if resource is None else dict(resource.get("properties") or {})

    def _unsettled(self, resource_id: str) -> bool:
        properties = self._resource(resource_id)
        return properties is not None and properties.get("provisioningState", "Succeeded") not in _SETTLED


def superfluous(world: World, place_id: str, kept: set[str]) -> list[Resource]:
    """Top-level resources of a group that a template does not have: complete mode deletes them."""
    found: list[Resource] = []
    for resource in world.resources.under(place_id):
        row = TABLE.get(resource["type"].lower())
        top = row is not None and row.name.count("/") == 1 and not row.extension
        if top and key(resource["id"]) not in kept:
            found.append(resource)
    return found
