"""The words of the first two api-versions, 2020-09-01-preview and 2021-03-01-preview, turned into later ones and back.

Owns: their field names: a data asset by name and version, allowMultiSelect, mlAssistEnabled, times called UTC.
Pure. Leaves: everything from 2022-06-01-preview on to `wire.py`.

Sources: the published Bicep types of both versions.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from localazure.labeling.errors import user_error

__all__ = ["dump_first", "is_first", "read_first"]

_2020, _2021 = "2020-09-01-preview", "2021-03-01-preview"
_REFRESH = {_2020: "enableIncrementalDatasetRefresh", _2021: "incrementalDatasetRefreshEnabled"}
_BINDING = {_2020: "computeId", _2021: "target"}
_ASSET = re.compile(r".*/data/([^/]+)/versions/([^/]+)", re.IGNORECASE)
_SHOWN_2020 = frozenset({
    "createdTimeUtc", "datasetConfiguration", "jobInstructions", "labelCategories", "labelingJobMediaProperties",
    "mlAssistConfiguration", "progressMetrics", "projectId", "properties", "status", "statusMessages", "tags",
})  # fmt: skip
_SHOWN = {_2020: _SHOWN_2020, _2021: _SHOWN_2020 | {"description", "jobType", "provisioningState"}}


def is_first(api_version: str) -> bool:
    return api_version in _SHOWN


def read_first(properties: Mapping[str, Any], api_version: str, workspace_id: str) -> dict[str, Any]:
    """The properties of PUT as 2022-06-01-preview would have them. AzureError 400 when the data asset is missing."""
    later = {"jobType": "Labeling", **properties}
    data = _object(later.pop("datasetConfiguration", None))
    name, version = data.get("assetName"), data.get("datasetVersion")
    if not isinstance(name, str) or not isinstance(version, str) or "/" in name + version:
        path = "properties.datasetConfiguration"
        raise user_error(f"{path} needs an assetName and a datasetVersion.", target=path)
    later["dataConfiguration"] = {
        "dataId": f"{workspace_id}/data/{name}/versions/{version}",
        "incrementalDataRefreshEnabled": data.get(_REFRESH[api_version], False),
    }
    categories = later.get("labelCategories")
    if isinstance(categories, dict):
        later["labelCategories"] = {
            key: _renamed(category, {"allowMultiSelect": "multiSelectEnabled"})
            for key, category in cast("dict[str, object]", categories).items()
        }
    assist = _object(later.pop("mlAssistConfiguration", None))
    if assist.get("mlAssistEnabled") is True:
        bindings = ("trainingComputeBinding", "inferencingComputeBinding")
        later["mlAssistConfiguration"] = {
            "mlAssist": "Enabled",
            **{key: _compute(_object(assist.get(key)).get(_BINDING[api_version]), workspace_id) for key in bindings},
        }
    return later


def dump_first(properties: Mapping[str, Any], api_version: str) -> dict[str, Any]:
    """What `read_first` reads, from properties as 2022-06-01-preview has them, and only what these versions knew."""
    data = _object(properties["dataConfiguration"])
    asset = _ASSET.fullmatch(str(data["dataId"]))
    metrics = {"incrementalDataLastRefreshDateTime": "incrementalDatasetLastRefreshTime"}
    assist = _object(properties["mlAssistConfiguration"])
    bindings = {key: {_BINDING[api_version]: value} for key, value in assist.items() if key.endswith("ComputeBinding")}
    earlier = {
        **properties,
        "createdTimeUtc": properties["createdDateTime"],
        "datasetConfiguration": {
            "assetName": asset[1] if asset else str(data["dataId"]),
            "datasetVersion": asset[2] if asset else "",
            _REFRESH[api_version]: data["incrementalDataRefreshEnabled"],
        },
        "labelCategories": {
            key: _renamed(category, {"multiSelectEnabled": "allowMultiSelect"})
            for key, category in _object(properties["labelCategories"]).items()
        },
        "mlAssistConfiguration": {"mlAssistEnabled": assist.get("mlAssist") == "Enabled", **bindings},
        "progressMetrics": _renamed(properties["progressMetrics"], metrics),
        "statusMessages": [
            _renamed(message, {"createdDateTime": "createdTimeUtc"}) for message in properties["statusMessages"]
        ],
    }
    return {key: value for key, value in earlier.items() if key in _SHOWN[api_version]}


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _renamed(value: object, names: Mapping[str, str]) -> Any:
    """An object with some keys renamed; what is no object stays, to be refused by whoever reads it."""
    if not isinstance(value, dict):
        return value
    return {names.get(key, key): inner for key, inner in cast("dict[str, object]", value).items()}


def _compute(value: object, workspace_id: str) -> object:
    """An ARM id; these versions took a bare name for one of the workspace's own."""
    return f"{workspace_id}/computes/{value}" if isinstance(value, str) and value and "/" not in value else value
