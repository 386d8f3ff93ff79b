"""JSON of labelingJobs (2024-04-01-preview) to our types and back: the only file that spells its field names."""

from collections.abc import Mapping
from typing import Any, cast

from automation.azure import as_date, as_object, reading
from automation.errors import Finding, Severity
from automation.labeling.types import Export, ImportReport, Project, ProjectSpec, Task

__all__ = ["dump_data_asset", "dump_project", "parse_export", "parse_import", "parse_project"]

CATEGORY = "classes"
_ANNOTATION_TYPES = {
    Task.OBJECT_DETECTION: "BoundingBox",
    Task.IMAGE_CLASSIFICATION: "Classification",
    Task.IMAGE_CLASSIFICATION_MULTILABEL: "Classification",
    Task.INSTANCE_SEGMENTATION: "InstanceSegmentation",
}
_LEVELS = ("Error", "Warning", "Information")


def dump_data_asset(uri: str) -> dict[str, Any]:
    return {"properties": {"dataType": "uri_folder", "dataUri": uri, "isAnonymous": False, "isArchived": False}}


def dump_project(spec: ProjectSpec) -> dict[str, Any]:
    task = Task(spec.task)
    properties: dict[str, Any] = {
        "jobType": "Labeling",
        "displayName": spec.name,
        "dataConfiguration": {"dataId": spec.data_id, "incrementalDataRefresh": "Enabled"},
        "labelCategories": {
            CATEGORY: {
                "displayName": CATEGORY,
                "multiSelect": "Enabled" if task is Task.IMAGE_CLASSIFICATION_MULTILABEL else "Disabled",
                "classes": {name: {"displayName": name, "subclasses": {}} for name in spec.classes},
            }
        },
        "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": _ANNOTATION_TYPES[task]},
        "mlAssistConfiguration": {"mlAssist": "Disabled"},
    }
    if spec.instructions_uri is not None:
        properties["jobInstructions"] = {"uri": spec.instructions_uri}
    return {"properties": properties}


def parse_project(body: Mapping[str, Any]) -> Project:
    with reading(f"read labeling project {body.get('name', '')}"):
        properties = _object(body["properties"])
        categories = [_object(category) for category in _object(properties.get("labelCategories")).values()]
        metrics = _object(properties.get("progressMetrics"))
        return Project(
            spec=ProjectSpec(
                name=str(body["name"]),
                task=_task(properties, categories),
                classes=tuple(name for category in categories for name in _class_names(category)),
                data_id=str(_object(properties["dataConfiguration"])["dataId"]),
                instructions_uri=_object(properties.get("jobInstructions")).get("uri"),
            ),
            status=str(properties.get("status") or "Unknown"),
            total=int(metrics.get("totalDatapointCount") or 0),
            completed=int(metrics.get("completedDatapointCount") or 0),
            skipped=int(metrics.get("skippedDatapointCount") or 0),
            created=as_date(properties.get("createdDateTime")),
            messages=_messages(properties.get("statusMessages")),
            raw=body,
        )


def parse_export(body: Mapping[str, Any], *, operation: str) -> Export:
    with reading(operation):
        return Export(
            container=str(body["containerName"]),
            path=str(body["snapshotPath"]).strip("/"),
            rows=int(body.get("exportedRowCount") or 0),
        )


def parse_import(body: Mapping[str, Any], *, operation: str) -> ImportReport:
    """The local Azure's own answer: Azure ML never had a public import."""
    with reading(operation):
        findings = cast("list[object]", body.get("findings") or [])
        return ImportReport(
            labeled=int(body["labeled"]),
            ignored=int(body.get("ignored") or 0),
            findings=tuple(_finding(_object(finding)) for finding in findings),
        )


def _finding(body: Mapping[str, Any]) -> Finding:
    severity = Severity.ERROR if body.get("severity") == "error" else Severity.WARNING
    where, message = str(body.get("where") or ""), str(body.get("message") or "")
    return Finding(code=str(body.get("code") or "import"), severity=severity, where=where, message=message)


def _task(properties: Mapping[str, Any], categories: list[dict[str, Any]]) -> Task:
    said = str(_object(properties["labelingJobMediaProperties"]).get("annotationType") or "Classification")
    if said in ("BoundingBox", "InstanceSegmentation"):
        return Task.OBJECT_DETECTION if said == "BoundingBox" else Task.INSTANCE_SEGMENTATION
    if said != "Classification":
        raise ValueError(f"{said} is no task of ours")
    several = any(category.get("multiSelect") == "Enabled" for category in categories)
    return Task.IMAGE_CLASSIFICATION_MULTILABEL if several else Task.IMAGE_CLASSIFICATION


def _class_names(category: Mapping[str, Any]) -> list[str]:
    classes = _object(category.get("classes"))
    return [str(_object(value).get("displayName") or key) for key, value in classes.items()]


def _messages(said: object) -> tuple[str, ...]:
    messages = [_object(message) for message in cast("list[object]", said or [])]
    messages.sort(key=lambda m: _LEVELS.index(m["level"]) if m.get("level") in _LEVELS else len(_LEVELS))
    return tuple(str(message.get("message") or message.get("code") or "") for message in messages)


def _object(value: object) -> dict[str, Any]:
    """An object, empty when the service left it out."""
    return {} if value is None else as_object(value)
