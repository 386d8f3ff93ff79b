"""JSON of labelingJobs to types and back, in both shapes: booleans before 2022-12-01-preview, enums since.

Owns: the service's field names. Leaves: what may change when to `projects.py`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from localazure.bodies import BodyError, json_object
from localazure.labeling.errors import not_implemented, user_error
from localazure.labeling.jobs.first_shapes import dump_first, is_first, read_first
from localazure.labeling.jobs.job_fields import parse_kept, shown, silent_on
from localazure.labeling.tasks import Counts
from localazure.labeling.types import (
    AnnotationType,
    Category,
    LabelClass,
    MlAssist,
    Project,
    ProjectSpec,
    StatusMessage,
)

__all__ = [
    "API_VERSIONS",
    "arm_time",
    "check_name",
    "dump_page",
    "dump_project",
    "dump_properties",
    "parse_json",
    "parse_project",
]

API_VERSIONS = tuple(
    f"{date}-preview"
    for date in (
        "2020-09-01", "2021-03-01", "2022-06-01", "2022-10-01", "2022-12-01", "2023-02-01", "2023-04-01",
        "2023-06-01", "2023-08-01", "2024-01-01", "2024-04-01",
    )
)  # fmt: skip
_ENUMS_SINCE = "2022-12-01"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}")
_TYPE = "Microsoft.MachineLearningServices/workspaces/labelingJobs"
_CLASS_LEVELS = 10
_LONGEST_CLASS = 256
T = TypeVar("T")


def check_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise user_error(
            f"'{name[:300]}' is no valid labeling job name: up to 255 letters, digits, '-' and '_', "
            "the first a letter or digit."
        )
    return name


def parse_json(body: bytes) -> Mapping[str, Any]:
    try:
        return json_object(body)
    except BodyError as error:
        raise user_error(f"The body is no JSON object: {error}.") from None


def parse_project(body: Mapping[str, Any], api_version: str, workspace_id: str) -> ProjectSpec:
    """The body of PUT. Read-only fields are ignored, as ARM does."""
    properties = _child(body, "properties", "properties", required=True)
    if is_first(api_version):
        properties = read_first(properties, api_version, workspace_id)
    if properties.get("jobType") != "Labeling":
        raise user_error("properties.jobType must be 'Labeling'.", target="properties.jobType")
    data = _child(properties, "dataConfiguration", "properties.dataConfiguration", required=True)
    media = _child(properties, "labelingJobMediaProperties", "properties.labelingJobMediaProperties", required=True)
    if media.get("mediaType") == "Text":
        raise not_implemented("Labeling of text")
    if media.get("mediaType") != "Image":
        raise user_error(
            "mediaType must be 'Image' or 'Text'.", target="properties.labelingJobMediaProperties.mediaType"
        )
    flag = _enum_flag if api_version >= _ENUMS_SINCE else _boolean_flag
    instructions = _child(properties, "jobInstructions", "properties.jobInstructions")
    spec = ProjectSpec(
        data_id=_text(data, "dataId", "properties.dataConfiguration"),
        annotation_type=_annotation_type(media.get("annotationType")),
        incremental_refresh=flag(data, "incrementalDataRefresh"),
        instructions_uri=_address(instructions.get("uri")),
        categories=_categories(properties, flag),
        ml_assist=_ml_assist(properties),
        other=parse_kept(properties, api_version),
        silent_on=silent_on(api_version),
    )
    return _check_keys(spec)


def dump_project(project: Project, counts: Counts, api_version: str) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "type": _TYPE,
        "properties": dump_properties(project, counts, api_version),
        "systemData": {
            "createdAt": arm_time(project.created),
            "createdBy": project.created_by,
            "createdByType": "Application",
            "lastModifiedAt": arm_time(project.modified),
        },
    }


def dump_properties(project: Project, counts: Counts, api_version: str) -> dict[str, Any]:
    """The properties alone, as pause and resume answer them."""
    spec = project.spec
    flag = _dump_enum if api_version >= _ENUMS_SINCE else _dump_boolean
    body: dict[str, Any] = {"experimentName": "Default", "isArchived": False, **shown(spec.other, api_version)}
    body |= {
        "jobType": "Labeling",
        "status": project.status.value,
        "provisioningState": project.provisioning.value,
        "createdDateTime": arm_time(project.created),
        "projectId": project.project_id,
        "dataConfiguration": {"dataId": spec.data_id, **flag("incrementalDataRefresh", spec.incremental_refresh)},
        "labelCategories": {key: _dump_category(category, flag) for key, category in spec.categories.items()},
        "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": spec.annotation_type.value},
        "mlAssistConfiguration": _dump_ml_assist(spec.ml_assist),
        "progressMetrics": {
            "totalDatapointCount": counts.total,
            "completedDatapointCount": counts.labeled,
            "skippedDatapointCount": counts.skipped,
        },
        "statusMessages": [_dump_message(message) for message in project.messages],
    }
    if spec.instructions_uri is not None:
        body["jobInstructions"] = {"uri": spec.instructions_uri}
    if project.refreshed is not None:
        body["progressMetrics"]["incrementalDataLastRefreshDateTime"] = arm_time(project.refreshed)
    return dump_first(body, api_version) if is_first(api_version) else body


def dump_page(values: list[dict[str, Any]], next_link: str | None) -> dict[str, Any]:
    return {"value": values} if next_link is None else {"value": values, "nextLink": next_link}


def arm_time(moment: datetime) -> str:
    """Seven digits, as Azure writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def _child(body: Mapping[str, Any], key: str, path: str, *, required: bool = False) -> dict[str, Any]:
    value = body.get(key)
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise user_error(f"{path} must be an object.", target=path)
    return cast("dict[str, Any]", value)


def _text(body: Mapping[str, Any], key: str, path: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        raise user_error(f"{path}.{key} is required.", target=f"{path}.{key}")
    return value


def _address(value: object) -> str | None:
    """Of the instructions; people follow it as a link."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not re.match(r"https?://[^\s/]", value, re.IGNORECASE):
        path = "properties.jobInstructions.uri"
        raise user_error(f"{path} must be an address that begins with http:// or https://.", target=path)
    return value


def _annotation_type(value: Any) -> AnnotationType:
    try:
        return AnnotationType(value or "Classification")
    except ValueError:
        path = "properties.labelingJobMediaProperties.annotationType"
        raise user_error(f"annotationType must be one of {', '.join(AnnotationType)}.", target=path) from None


def _enum_flag(body: Mapping[str, Any], key: str) -> bool:
    value = body.get(key) or "Disabled"
    if value not in ("Enabled", "Disabled"):
        raise user_error(f"{key} must be 'Enabled' or 'Disabled'.", target=key)
    return value == "Enabled"


def _boolean_flag(body: Mapping[str, Any], key: str) -> bool:
    value = body.get(f"{key}Enabled", False)
    if not isinstance(value, bool):
        raise user_error(f"{key}Enabled must be true or false.", target=f"{key}Enabled")
    return value


def _categories(properties: Mapping[str, Any], flag: Callable[[Mapping[str, Any], str], bool]) -> dict[str, Category]:
    path = "properties.labelCategories"
    categories: dict[str, Category] = {}
    for key in _child(properties, "labelCategories", path):
        body = _child(properties["labelCategories"], key, f"{path}.{key}", required=True)
        categories[key] = Category(
            display_name=_shown_name(body, key, f"{path}.{key}"),
            multi_select=flag(body, "multiSelect"),
            classes=_classes(body, "classes", f"{path}.{key}", levels=_CLASS_LEVELS),
        )
    return categories


def _check_keys(spec: ProjectSpec) -> ProjectSpec:
    """A label says its class by key alone."""
    seen = set[str]()
    for key, _ in spec.class_names():
        if key in seen:
            raise user_error(f"The class '{key[:100]}' is there twice.", target="properties.labelCategories")
        seen.add(key)
    return spec


def _shown_name(body: Mapping[str, Any], key: str, path: str) -> str:
    value = body.get("displayName")
    if value is not None and not isinstance(value, str):
        raise user_error(f"{path}.displayName must be a text.", target=f"{path}.displayName")
    if max(len(key), len(value or "")) > _LONGEST_CLASS:
        raise user_error(f"{path[:100]} is longer than {_LONGEST_CLASS} characters.", target=path[:100])
    return value or key


def _classes(body: Mapping[str, Any], key: str, path: str, *, levels: int) -> dict[str, LabelClass]:
    classes: dict[str, LabelClass] = {}
    if levels == 0 and body.get(key):
        raise user_error(f"Classes have at most {_CLASS_LEVELS} levels.", target="properties.labelCategories")
    children = _child(body, key, f"{path}.{key}")
    for name in children:
        child = _child(children, name, f"{path}.{key}.{name}", required=True)
        classes[name] = LabelClass(
            display_name=_shown_name(child, name, f"{path}.{key}.{name}"),
            subclasses=_classes(child, "subclasses", f"{path}.{key}.{name}", levels=levels - 1),
        )
    return classes


def _ml_assist(properties: Mapping[str, Any]) -> MlAssist | None:
    path = "properties.mlAssistConfiguration"
    body = _child(properties, "mlAssistConfiguration", path)
    if not body:
        return None
    enabled = _enum_flag(body, "mlAssist")
    if not enabled:
        return MlAssist()
    return MlAssist(
        enabled=True,
        training_compute=_text(body, "trainingComputeBinding", path),
        inferencing_compute=_text(body, "inferencingComputeBinding", path),
    )


def _dump_enum(key: str, value: bool) -> dict[str, Any]:
    return {key: "Enabled" if value else "Disabled"}


def _dump_boolean(key: str, value: bool) -> dict[str, Any]:
    return {f"{key}Enabled": value}


def _dump_category(category: Category, flag: Callable[[str, bool], dict[str, Any]]) -> dict[str, Any]:
    return {
        "displayName": category.display_name,
        **flag("multiSelect", category.multi_select),
        "classes": {key: _dump_class(label) for key, label in category.classes.items()},
    }


def _dump_class(label: LabelClass) -> dict[str, Any]:
    subclasses = {key: _dump_class(child) for key, child in label.subclasses.items()}
    return {"displayName": label.display_name, "subclasses": subclasses}


def _dump_ml_assist(assist: MlAssist | None) -> dict[str, Any]:
    if assist is None or not assist.enabled:
        return {"mlAssist": "Disabled"}
    return {
        "mlAssist": "Enabled",
        "trainingComputeBinding": assist.training_compute,
        "inferencingComputeBinding": assist.inferencing_compute,
    }


def _dump_message(message: StatusMessage) -> dict[str, Any]:
    return {
        "code": message.code,
        "level": message.level,
        "message": message.message,
        "createdDateTime": arm_time(message.created),
    }
