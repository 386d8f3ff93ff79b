"""Running a deployment: step by step, each acknowledged in the store before the next, so that it survives `kill -9`.

Owns: which steps may begin, looking after those under way, the end. The handler of the long-running operation is
`advance`: it does what can be done now and asks to be called again.
Leaves: acting on one step to `acting.py`, requests to `service.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.deployments.acting import Acting
from localazure.arm.deployments.documents import duration
from localazure.arm.deployments.failures import ExpressionError, unprocessable
from localazure.arm.deployments.outputs import outputs_of
from localazure.arm.deployments.records import ENDED, Records
from localazure.arm.deployments.work import Work, Works
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import NotYet

__all__ = ["Run"]

_AGAIN_S = 0.1
_AT_ONCE = 20

Json = dict[str, Any]


class Run:
    """Advances deployments. One thread at a time advances one deployment: Operations sees to that."""

    def __init__(self, world: World, records: Records, works: Works, acting: Acting) -> None:
        self._world = world
        self._records = records
        self._works = works
        self._acting = acting

    def advance(self, payload: Json) -> Json | None:
        """Raises NotYet while there is more to do, AzureError when the deployment has failed."""
        document = self._mine(payload)
        if document is None:
            raise AzureError(404, "DeploymentNotFound", f"Deployment '{payload['id']}' could not be found.")
        state = document["properties"]["provisioningState"]
        if state == "Succeeded":
            return None
        if state in ENDED:
            raise _told(document)
        try:
            self._advance(document["id"])
        except AzureError as error:
            self._end(payload, error)
            raise
        except ExpressionError as error:
            wrong = unprocessable("the template", error)
            self._end(payload, wrong)
            raise wrong from error
        except NotYet:
            raise
        except Exception:
            # A deployment must never hang: a bug ends it, and the operation's own handler logs it.
            self._end(payload, AzureError(500, "InternalServerError", "The deployment ended in an internal error."))
            raise
        document = self._mine(payload)
        if document is not None and document["properties"]["provisioningState"] != "Succeeded":
            raise _told(document)
        return None

    def cancel(self, deployment_id: str) -> None:
        """End it as cancelled: what is under way goes on, nothing new begins."""
        for step in self._records.steps(deployment_id).values():
            if step["nested"] and step["state"] == "Running":
                self.cancel(step["id"])
        with self._world.store.transaction():
            document = self._records.shown(deployment_id)
            if document is None or document["properties"]["provisioningState"] in ENDED:
                return
            error = AzureError(409, "DeploymentCanceled", f"The deployment '{document['name']}' was canceled.")
            self._close(document, "Canceled", error.error())

    def _mine(self, payload: Mapping[str, Any]) -> Json | None:
        """The document, unless another deployment has taken its name."""
        document = self._records.shown(payload["id"])
        return None if document is None or document["_run"] != payload["run"] else document

    def _advance(self, deployment_id: str) -> None:
        work = self._works.get(deployment_id)
        begun = self._records.steps(deployment_id)
        for name, step in begun.items():
            if step["state"] == "Running":
                begun[name] = self._acting.look(deployment_id, name, step)
        states = {name: step["state"] for name, step in begun.items()}
        ready = [
            step
            for name, step in work.prepared.steps.steps.items()
            if name not in states and all(states.get(before) == "Succeeded" for before in step.after)
        ]
        for step in ready[:_AT_ONCE]:
            if self._canceled(deployment_id):
                return
            self._acting.begin(work, step.draft)
        if ready or "Running" in states.values():
            raise NotYet(0.0 if len(ready) > _AT_ONCE else _AGAIN_S)
        self._finish(work, begun)

    def _canceled(self, deployment_id: str) -> bool:
        document = self._records.shown(deployment_id)
        return document is None or document["properties"]["provisioningState"] == "Canceled"

    def _finish(self, work: Work, begun: Mapping[str, Json]) -> None:
        failed = [step for step in begun.values() if step["state"] == "Failed"]
        if failed:
            details: list[Json] = [
                {**step["error"], "target": step["id"]} for step in sorted(failed, key=lambda step: step["begun"])
            ]
            raise AzureError(
                409,
                "DeploymentFailed",
                "At least one resource deployment operation failed. Please list deployment operations for details. "
                "Please see https://aka.ms/arm-deployment-operations for usage details.",
                details=details,
            )
        if work.prepared.order.complete and self._acting.clear_away(work, begun):
            raise NotYet(_AGAIN_S)
        began = arm_time(self._world.clock.now())
        outputs = outputs_of(work.prepared.template, work.live_scope())
        with self._world.store.transaction():
            document = self._records.shown(work.id)
            if document is None or document["properties"]["provisioningState"] in ENDED:
                return
            if outputs:
                self._acting.note_outputs(work.id, began)
            document["properties"]["outputs"] = outputs
            made = [draft for draft in work.prepared.steps.drafts if not draft.existing]
            document["properties"]["outputResources"] = [{"id": draft.id} for draft in made]
            self._close(document, "Succeeded", None)

    def _end(self, payload: Mapping[str, Any], error: AzureError) -> None:
        with self._world.store.transaction():
            document = self._mine(payload)
            if document is not None and document["properties"]["provisioningState"] not in ENDED:
                self._close(document, "Failed", error.error())

    def _close(self, document: Json, state: str, error: Mapping[str, Any] | None) -> None:
        now = self._world.clock.now()
        properties = document["properties"]
        properties |= {"provisioningState": state, "timestamp": arm_time(now)}
        properties["duration"] = duration(document["_begun"], now)
        if error is not None:
            properties["error"] = dict(error)
        self._records.keep(document)
        self._works.drop(document["id"])


def _told(document: Mapping[str, Any]) -> AzureError:
    """The error that ended it, again: the operation was not ended when the server was."""
    error: dict[str, Any] = document["properties"].get("error") or {}
    return AzureError(
        409,
        str(error.get("code") or "DeploymentFailed"),
        str(error.get("message") or ""),
        details=error.get("details") or (),
    )
