"""Run history: what a job has done, in the words of the service that records runs; and changing how a run is described.

Owns: the documents of runs. Leaves: the jobs themselves to Resource Manager, HTTP to `routes.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.errors import AzureError
from localazure.ml.seams import Resources
from localazure.store import Store

__all__ = ["RunHistory"]

_ENDED, _ERROR = "localazure.ended", "localazure.error"
# What may change, as run history calls it and as the job does.
_TEXTS = {"displayName": "displayName", "description": "description"}


class RunHistory:
    """Runs are the jobs of a workspace. AzureError 404 for a run that there is not."""

    def __init__(self, store: Store, resources: Resources) -> None:
        self._store = store
        self._resources = resources

    def run(self, workspace_id: str, run_id: str) -> dict[str, Any]:
        """The run, as its metadata has it."""
        job = self._job(workspace_id, run_id)
        properties: Mapping[str, Any] = job["properties"]
        system: Mapping[str, Any] = job.get("systemData") or {}
        return _common(job) | {
            "rootRunId": job["name"],
            "displayName": properties.get("displayName"),
            "description": properties.get("description"),
            "hidden": bool(properties.get("isArchived")),
            "runType": "azureml.scriptrun" if properties.get("jobType") == "Command" else "automl",
            "createdUtc": system.get("createdAt"),
            "lastModifiedUtc": system.get("lastModifiedAt"),
            "outputs": {},
            "inputs": {},
        }

    def details(self, workspace_id: str, run_id: str) -> dict[str, Any]:
        """The run as streaming asks for it. There are no logs, for nothing ran."""
        job = self._job(workspace_id, run_id)
        system: Mapping[str, Any] = job.get("systemData") or {}
        return _common(job) | {"createdTimeUtc": system.get("createdAt"), "logFiles": {}, "services": {}}

    def check(self, workspace_id: str, run_id: str) -> None:
        self._job(workspace_id, run_id)

    def change(self, workspace_id: str, run_id: str, experiment: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Merge tags and properties, replace texts, hide or show; nothing else of a run can change."""
        with self._store.transaction():
            job = self._job(workspace_id, run_id)
            properties = job["properties"]
            if properties.get("experimentName") != experiment:
                raise _missing(run_id, f" in the experiment '{experiment}'")
            for theirs, ours in _TEXTS.items():
                if body.get(theirs) is not None:
                    properties[ours] = _text(body[theirs], theirs)
            if body.get("hidden") is not None:
                if not isinstance(body["hidden"], bool):
                    raise _invalid("hidden must be true or false.")
                properties["isArchived"] = body["hidden"]
            for name in ("tags", "properties"):
                properties[name] = {**(properties.get(name) or {}), **_texts(body.get(name), name)}
            self._resources.put(job)
        return self.run(workspace_id, run_id)

    def _job(self, workspace_id: str, run_id: str) -> dict[str, Any]:
        job = self._resources.get(f"{workspace_id}/jobs/{run_id}")
        if job is None:
            raise _missing(run_id)
        return job


def _common(job: Mapping[str, Any]) -> dict[str, Any]:
    properties: Mapping[str, Any] = job["properties"]
    told: Mapping[str, Any] = properties.get("properties") or {}
    compute = properties.get("computeId")
    return {
        "runId": job["name"],
        "runUuid": told.get("runUuid"),
        "parentRunId": None,
        "experimentName": properties.get("experimentName"),
        "status": properties.get("status"),
        "target": None if compute is None else str(compute).rsplit("/", 1)[-1],
        "startTimeUtc": None,
        "endTimeUtc": told.get(_ENDED),
        "tags": properties.get("tags") or {},
        "properties": told,
        "error": _error(told.get(_ERROR)),
        "warnings": [],
    }


def _error(message: str | None) -> dict[str, Any] | None:
    return None if message is None else {"error": {"code": "NotImplementedByLocalAzure", "message": message}}


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _invalid(f"{name} must be a string.")
    return value


def _texts(value: object, name: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
        raise _invalid(f"{name} must be an object of texts.")
    return value  # pyright: ignore[reportUnknownVariableType] JSON, checked above


def _invalid(message: str) -> AzureError:
    return AzureError(400, "UserError", message)


def _missing(run_id: str, where: str = "") -> AzureError:
    return AzureError(404, "UserError", f"The run '{run_id}' was not found{where}.")
