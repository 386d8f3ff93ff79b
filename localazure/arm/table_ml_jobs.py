"""The row of the type table for jobs of a machine learning workspace.

Owns: what a job must say, what of it can change, and how it ends: no job is run here, and its end says so.
Leaves: what run history shows of a job to `localazure.ml`.
"""

import re
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from localazure.arm.checks import at_path, bad_request, child
from localazure.arm.ids import key
from localazure.arm.ml_listing import arranged_jobs
from localazure.arm.resources import Resource
from localazure.arm.table_ml_workspaces import WORKSPACE
from localazure.arm.types import CreateStyle, LongAction, Making, ResourceType, World
from localazure.clock import arm_time
from localazure.errors import AzureError

__all__ = ["JOB_ROW", "NOT_RUN"]

NOT_RUN = "The local Azure does not run jobs: it was recorded as submitted, and nothing was executed."
_IMAGE_TASKS = ("ImageClassification", "ImageClassificationMultilabel", "ImageObjectDetection",
                "ImageInstanceSegmentation")  # fmt: skip
_OTHER_TASKS = ("Classification", "Forecasting", "Regression", "TextClassification", "TextClassificationMultilabel",
                "TextNER")  # fmt: skip
_OTHER_KINDS = ("Pipeline", "Sweep", "Spark", "Labeling", "FineTuning", "Distillation")
_CHANGEABLE = {"description", "tags", "displayName", "properties", "isArchived"}
_REPORTED = {"status", "services", "parentJobName", "experimentName", "computeId"}
_OPEN = ("Starting", "CancelRequested")
_INPUTS = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model", "literal")
_MOST_TRIALS = 1000
_BEFORE_IT_FAILS_S = 4.0


def _make(making: Making) -> None:
    properties = making.properties
    if making.old is not None:
        _check_change(properties, making.old_properties)
    kind = properties["jobType"]
    check = _CHECKS.get(kind)
    if check is None:
        raise _not_among(kind, _CHECKS, _OTHER_KINDS, "jobType")
    properties.setdefault("experimentName", "Default")
    properties.setdefault("displayName", making.resource["name"])
    for name in ("tags", "properties", "services"):
        if properties.get(name) is None:
            properties[name] = {}
    if properties.get("isArchived") is None:
        properties["isArchived"] = False
    if making.old is not None:
        properties |= {name: making.old_properties[name] for name in ("status", "services")}
        return
    check(making)
    _check_compute(making)
    properties["status"] = "Starting"
    properties["properties"].setdefault("_azureml.ComputeTargetType", "amlctrain")
    properties["properties"].setdefault("runUuid", str(uuid.uuid4()))


def _check_change(properties: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Only what describes a job can change; `services` and `status` come back from clients as they were shown."""
    for name in sorted((set(properties) | set(old)) - _CHANGEABLE - {"services", "status"}):
        given = properties.get(name)
        if _plain(given) != _plain(old.get(name)) and (name in properties or name not in _REPORTED):
            raise _refused(
                "A job with this name already exists. To submit a new job use another name; of an existing job's "
                f"properties {name} cannot be changed, only {', '.join(sorted(_CHANGEABLE))}.",
                name,
            )


def _plain(value: Any) -> Any:
    """Without nulls and empty objects, which clients add and leave out as they please."""
    if isinstance(value, dict):
        kept = {name: _plain(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType] JSON
        return {name: inner for name, inner in kept.items() if inner is not None} or None  # pyright: ignore[reportUnknownVariableType] JSON
    return value


def _check_command(making: Making) -> None:
    properties = making.properties
    if not properties.get("command"):
        raise _refused("A command job needs a command.", "command")
    if not properties.get("environmentId"):
        raise _refused("A command job needs an environmentId.", "environmentId")
    for name in ("environmentId", "codeId"):
        _check_asset(making.world, properties.get(name), name)
    for given, value in child(properties, "inputs").items():
        if value is not None:
            _check_input(making.world, value, f"inputs.{given}")


def _check_automl(making: Making) -> None:
    task: Any = making.properties.get("taskDetails")
    if not isinstance(task, dict):
        raise _refused("An AutoML job needs taskDetails.", "taskDetails")
    details = child(making.properties, "taskDetails")
    kind = details.get("taskType")
    if kind not in _IMAGE_TASKS:
        raise _not_among(kind, _IMAGE_TASKS, _OTHER_TASKS, "taskDetails.taskType")
    if not details.get("targetColumnName"):
        raise _refused("An image task needs targetColumnName.", "taskDetails.targetColumnName")
    for name in ("trainingData", "validationData"):
        if details.get(name) is None and name == "validationData":
            continue
        _check_input(making.world, details.get(name), f"taskDetails.{name}")
        if details[name]["jobInputType"] != "mltable":
            raise _refused(f"{name} must be of type mltable.", f"taskDetails.{name}.jobInputType")
    limits = child(details, "limitSettings")
    trials, at_once = limits.get("maxTrials", 1), limits.get("maxConcurrentTrials", 1)
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (trials, at_once))
    if not whole or not 1 <= at_once <= trials <= _MOST_TRIALS:
        raise _refused(
            f"limitSettings needs maxTrials from 1 to {_MOST_TRIALS}, and maxConcurrentTrials from 1 to maxTrials.",
            "taskDetails.limitSettings",
        )


def _check_input(world: World, given: object, name: str) -> None:
    value: Mapping[str, Any] = child({"value": given}, "value")
    kind = value.get("jobInputType")
    if kind not in _INPUTS:
        raise _refused(f"jobInputType '{kind}' is invalid: {', '.join(_INPUTS)}.", f"{name}.jobInputType")
    said = value.get("value" if kind == "literal" else "uri")
    if not isinstance(said, str) or not said:
        raise _refused(f"The input {name.rsplit('.', 1)[-1]} leads nowhere.", name)
    if kind != "literal":
        _check_asset(world, said, name)


def _check_asset(world: World, given: object, name: str) -> None:
    """An id below a workspace must exist; other addresses (registries, datastores, https) are taken as they are."""
    if given is None:
        return
    if not isinstance(given, str):
        raise _refused(f"{name} must be a string.", name)
    asset = re.sub(r"^azureml:(?=/subscriptions/)", "", given)
    if asset.lower().startswith("/subscriptions/") and world.resources.get(asset) is None:
        raise _refused(f"'{asset}' was not found.", name)


def _check_compute(making: Making) -> None:
    given = making.properties.get("computeId")
    if given is None:
        return
    name = str(given).rsplit("/", 1)[-1]
    workspace = making.target.parent
    if name == "serverless":
        return
    if key(str(given)) != key(f"{workspace}/computes/{name}") or making.world.resources.get(str(given)) is None:
        raise _refused(f"Unknown compute target '{name}'.", "computeId")


def _not_among(given: object, known: Collection[str], others: Collection[str], name: str) -> AzureError:
    """501 for what Azure has and we lack, 400 for what nobody has."""
    if given not in others:
        return _refused(f"{name.rsplit('.', 1)[-1]} '{given}' is invalid: {', '.join([*known, *others])}.", name)
    message = f"'{given}' is not implemented by the local Azure as {name}. It has: {', '.join(known)}."
    return AzureError(501, "NotImplementedByLocalAzure", message)


def _end(making: Making) -> None:
    """What follows the submission: the honest end."""
    properties = making.properties
    if properties["status"] == "Starting":
        properties["status"] = "Failed"
        properties["properties"] |= {"localazure.error": NOT_RUN, "localazure.ended": making.now}


def _begin_cancel(world: World, resource: Resource, _body: Mapping[str, Any]) -> None:
    """Cancelling what has ended changes nothing."""
    if resource["properties"]["status"] in _OPEN:
        resource["properties"]["status"] = "CancelRequested"
        world.resources.put(resource)


def _finish_cancel(world: World, resource: Resource) -> None:
    if resource["properties"]["status"] == "CancelRequested":
        resource["properties"]["status"] = "Canceled"
        resource["properties"]["properties"]["localazure.ended"] = arm_time(world.clock.now())
        world.resources.put(resource)


def _deletable(_world: World, resource: Resource, _query: Mapping[str, str]) -> None:
    if at_path(resource, "properties.status") in _OPEN:
        raise AzureError(409, "Conflict", f"The job '{resource['name']}' is still active: cancel it first.")


def _refused(message: str, name: str) -> AzureError:
    return bad_request("UserError", message, target=f"properties.{name}")


_CHECKS: Mapping[str, Callable[[Making], None]] = {"Command": _check_command, "AutoML": _check_automl}
JOB_ROW = ResourceType(
    name=f"{WORKSPACE}/jobs",
    api_version="2025-01-01-preview",
    create=CreateStyle.CREATED_LATER,
    create_s=_BEFORE_IT_FAILS_S,
    delete_s=0.2,
    name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}",
    bad_name=("UserError", "The job name '{name}' is invalid: 1 to 255 letters, digits, '-' and '_'."),
    required=("properties.jobType",),
    texts=(
        "properties.jobType",
        "properties.command",
        "properties.displayName",
        "properties.experimentName",
        "properties.computeId",
        "properties.taskDetails.taskType",
    ),
    objects=(
        "properties.tags",
        "properties.properties",
        "properties.inputs",
        "properties.outputs",
        "properties.taskDetails",
        "properties.taskDetails.limitSettings",
    ),
    make=_make,
    created=_end,
    deletable=_deletable,
    arranged=arranged_jobs,
    page_size=50,
    long_actions={"cancel": LongAction(seconds=0.3, begin=_begin_cancel, finish=_finish_cancel)},
    has_state=False,
)
