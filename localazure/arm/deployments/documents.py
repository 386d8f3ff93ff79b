"""Deployments and their operations as answers show them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from localazure.arm.deployments.arguments import find_key
from localazure.arm.deployments.order import Steps
from localazure.arm.deployments.outputs import shown_type
from localazure.arm.deployments.plan import DEPLOYMENTS, Draft
from localazure.arm.deployments.prepare import Prepared, template_hash
from localazure.arm.deployments.template import section
from localazure.arm.deployments.unique import murmur64
from localazure.arm.ids import key

__all__ = ["duration", "operation_document", "properties_of", "public"]


def public(document: Mapping[str, Any]) -> dict[str, Any]:
    """A deployment without what is only ours."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def duration(start: str, end: datetime) -> str:
    """ISO 8601, as ARM writes it."""
    seconds = max((end - datetime.fromisoformat(start)).total_seconds(), 0.0)
    return f"PT{seconds:.7f}S"


def properties_of(prepared: Prepared) -> dict[str, Any]:
    """What does not change while it runs."""
    types: dict[str, set[str]] = {}
    for draft in prepared.steps.drafts:
        namespace, leaf = draft.type.split("/", 1)
        types.setdefault(namespace, set()).add(leaf)
    return {
        "templateHash": template_hash(prepared.order.template),
        "parameters": _parameters(prepared),
        "mode": "Complete" if prepared.order.complete else "Incremental",
        "providers": [
            {
                "namespace": namespace,
                "resourceTypes": [{"resourceType": leaf, "locations": [None]} for leaf in sorted(leaves)],
            }
            for namespace, leaves in sorted(types.items())
        ],
        "dependencies": list(_dependencies(prepared.steps)),
    }


def operation_document(deployment_id: str, step: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a deployment's operations, from the record of a step."""
    name = f"{murmur64(key(step['id'] + step['action']).encode()):016X}"
    properties: dict[str, Any] = {
        "provisioningOperation": step["action"],
        "provisioningState": step["state"],
        "timestamp": step["ended"] or step["begun"],
        "duration": step["duration"],
        "trackingId": step["tracking"],
        "serviceRequestId": step["tracking"],
        "statusCode": step["code"],
    }
    if step["type"]:
        properties["targetResource"] = _resource(step["id"], step["type"], step["name"])
    if step["error"]:
        properties["statusMessage"] = {"status": "Failed", "error": step["error"]}
    return {"id": f"{deployment_id}/operations/{name}", "operationId": name, "properties": properties}


def _parameters(prepared: Prepared) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in prepared.values.items():
        declaration = prepared.template.parameters[find_key(prepared.template.parameters, name) or name]
        kind = str(section(declaration, "type")).lower()
        secret = f"parameters.{name}".lower() in prepared.scope.secret
        shown[name] = {"type": shown_type(kind)} if secret else {"type": shown_type(kind), "value": value}
    return shown


def _dependencies(steps: Steps) -> Iterable[dict[str, Any]]:
    for step in steps.steps.values():
        before = [steps.steps[name].draft for name in sorted(step.after) if name in steps.steps]
        if before:
            yield {"dependsOn": [_draft(draft) for draft in before], **_draft(step.draft)}


def _draft(draft: Draft) -> dict[str, str]:
    return _resource(draft.id, draft.type, draft.name)


def _resource(resource_id: str, kind: str, name: str) -> dict[str, str]:
    shown = DEPLOYMENTS if kind.lower() == DEPLOYMENTS.lower() else kind
    return {"id": resource_id, "resourceType": shown, "resourceName": name}
