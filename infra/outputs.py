"""The stack's outputs: all that whoever works with a lab has to know of its resources.

Owns: their names and types, for a lab or a seat, and for the shared parts of a course. The other side,
`automation.provision`, has the same names; a test compares them.
Leaves: exporting them to `__main__.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import pulumi

__all__ = ["Outputs", "SharedOutputs", "named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """One field for each stack output; what the lab does not have is None."""

    lab: str
    stack: str
    location: str
    subscription_id: str
    tenant_id: str
    resource_group: pulumi.Input[str]
    resource_group_id: pulumi.Input[str]
    storage_account: pulumi.Input[str]
    storage_account_id: pulumi.Input[str]
    blob_endpoint: pulumi.Input[str]
    containers: Sequence[pulumi.Input[str]]
    vision_account: pulumi.Input[str]
    vision_account_id: pulumi.Input[str]
    vision_endpoint: pulumi.Input[str]
    vision_principal_id: pulumi.Input[str]
    custom_vision_training_id: pulumi.Input[str] | None
    custom_vision_prediction_id: pulumi.Input[str] | None
    custom_vision_endpoint: pulumi.Input[str] | None
    ml_workspace: pulumi.Input[str] | None
    ml_workspace_id: pulumi.Input[str] | None
    ml_workspace_principal_id: pulumi.Input[str] | None
    key_vault: pulumi.Input[str] | None
    key_vault_id: pulumi.Input[str] | None
    log_analytics_workspace_id: pulumi.Input[str] | None
    app_insights_id: pulumi.Input[str] | None
    datastores: Mapping[str, pulumi.Input[str]]
    expires: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOutputs:
    """The same for what the seats of a course share."""

    course: str
    stack: str
    location: str
    subscription_id: str
    tenant_id: str
    resource_group: pulumi.Input[str]
    resource_group_id: pulumi.Input[str]
    storage_account: pulumi.Input[str]
    storage_account_id: pulumi.Input[str]
    blob_endpoint: pulumi.Input[str]
    pictures: pulumi.Input[str]
    archive: pulumi.Input[str]
    log_analytics_workspace_id: pulumi.Input[str]
    container_registry_id: pulumi.Input[str] | None
    container_registry_endpoint: pulumi.Input[str] | None
    ml_workspace: pulumi.Input[str] | None
    ml_workspace_id: pulumi.Input[str] | None
    ml_workspace_principal_id: pulumi.Input[str] | None
    key_vault: pulumi.Input[str] | None
    key_vault_id: pulumi.Input[str] | None
    app_insights_id: pulumi.Input[str] | None
    expires: str | None


def named(outputs: Outputs | SharedOutputs) -> dict[str, object]:
    """Every output by its name."""
    return {field.name: getattr(outputs, field.name) for field in fields(outputs)}
