"""The stack's outputs: the seam between what exists and what happens with it.

Owns: their names and types on this side; `infra/outputs.py` has the same names on the other.
Leaves: where they come from to `stacks.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

from automation.errors import ConfigError

__all__ = ["LabOutputs", "SharedOutputs"]

HINT = "run visionlab lab up"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabOutputs:
    """What a provisioned lab, or a seat of a course, consists of. Optional parts are None where there are none."""

    lab: str
    stack: str
    location: str
    subscription_id: str
    tenant_id: str
    resource_group: str
    resource_group_id: str
    storage_account: str
    storage_account_id: str
    blob_endpoint: str
    containers: tuple[str, ...]
    vision_account: str
    vision_account_id: str
    vision_endpoint: str
    vision_principal_id: str
    custom_vision_training_id: str | None
    custom_vision_prediction_id: str | None
    custom_vision_endpoint: str | None
    ml_workspace: str | None
    ml_workspace_id: str | None
    ml_workspace_principal_id: str | None
    key_vault: str | None
    key_vault_id: str | None
    log_analytics_workspace_id: str | None
    app_insights_id: str | None
    datastores: Mapping[str, str]
    expires: str | None

    @classmethod
    def parse(cls, found: Mapping[str, Any]) -> "LabOutputs":
        """The outputs of a stack. Raises ConfigError that names every one that is missing or of the wrong type."""
        return _parsed(cls, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOutputs:
    """What the seats of a course share; `pictures` and `archive` are containers. Optional parts may be None."""

    course: str
    stack: str
    location: str
    subscription_id: str
    tenant_id: str
    resource_group: str
    resource_group_id: str
    storage_account: str
    storage_account_id: str
    blob_endpoint: str
    pictures: str
    archive: str
    log_analytics_workspace_id: str
    container_registry_id: str | None
    container_registry_endpoint: str | None
    ml_workspace: str | None
    ml_workspace_id: str | None
    ml_workspace_principal_id: str | None
    key_vault: str | None
    key_vault_id: str | None
    app_insights_id: str | None
    expires: str | None

    @classmethod
    def parse(cls, found: Mapping[str, Any]) -> "SharedOutputs":
        """The outputs of a stack. Raises ConfigError as `LabOutputs.parse` does."""
        return _parsed(cls, found)


Found = TypeVar("Found", LabOutputs, SharedOutputs)


def _parsed(cls: type[Found], found: Mapping[str, Any]) -> Found:
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields(cls):
        value = found.get(field.name)
        match field.name, value:
            case "containers", list():
                values[field.name] = tuple(str(item) for item in cast("list[Any]", value))
            case "datastores", dict():
                stores = cast("dict[str, Any]", value)
                values[field.name] = {key: str(item) for key, item in stores.items()}
            case (("containers" | "datastores"), _):
                wrong.append(field.name)
            case _, str() if value:
                values[field.name] = value
            case _, None if field.type == str | None:
                values[field.name] = None
            case _:
                wrong.append(field.name)
    if wrong:
        raise ConfigError(f"the stack has no output {', '.join(wrong)}", hint=HINT)
    return cls(**values)
