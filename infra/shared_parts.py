"""What a seat knows of its course's shared parts: the outputs of their stack.

Owns: which of them a seat needs, and saying which one is missing.
Leaves: making them to `course_parts.py`.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

__all__ = ["SharedParts", "full_name"]


class SharedParts:
    """Outputs of the stack of the shared parts, by a reference to it."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        name = full_name(stack, organization=pulumi.get_organization(), project=pulumi.get_project())
        self._outputs = pulumi.StackReference(name).outputs
        self.log_workspace_id = self._output("log_analytics_workspace_id")
        self.pictures_id = pulumi.Output.format(
            "{0}/blobServices/default/containers/{1}", self._output("storage_account_id"), self._output("pictures")
        )
        self.container_registry_id: pulumi.Output[str | None] = self._outputs.apply(
            lambda found: found.get("container_registry_id")
        )

    def ml_workspace(self) -> dict[str, pulumi.Output[str]]:
        """Name, id, identity and resource group of the workspace that the seats share."""
        outputs = {
            "name": "ml_workspace",
            "id": "ml_workspace_id",
            "principal_id": "ml_workspace_principal_id",
            "group": "resource_group",
        }
        return {key: self._output(output) for key, output in outputs.items()}

    def _output(self, name: str) -> pulumi.Output[str]:
        stack = self._stack
        return self._outputs.apply(lambda found: _found(found, name, stack))


def full_name(stack: str, *, organization: str, project: str) -> str:
    """A stack's name as a reference wants it."""
    return stack if "/" in stack else f"{organization}/{project}/{stack}"


def _found(outputs: Mapping[str, Any], name: str, stack: str) -> str:
    value = outputs.get(name)
    if not isinstance(value, str):
        raise pulumi.RunError(
            f"the stack {stack}, of the course's shared parts, has no output {name}: bring it up first"
        )
    return value
