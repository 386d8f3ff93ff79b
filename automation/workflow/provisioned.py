"""A lab whose resources somebody else provisioned: what there is stands in a file beside lab.yaml.

Owns: that file, and the words for whose the resources are. Leaves: which outputs there are to `automation.provision`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from automation.errors import ConfigError, Refused
from automation.printable import printable
from automation.provision import LabOutputs

__all__ = ["Provisioned", "read_provisioned"]

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """Resources that are there already, and whose they are.

    Attributes:
        course: The course that provisioned them, or None.
        seat: Its seat, or None.
    """

    path: Path
    outputs: LabOutputs
    course: str | None = None
    seat: str | None = None

    @property
    def whose(self) -> str:
        """Who provisioned them, in words."""
        if self.course and self.seat:
            return f"the seat {self.seat} of the course {self.course}"
        return f"the course {self.course}" if self.course else f"the stack {self.outputs.stack} of another lab"

    @property
    def resources(self) -> list[tuple[str, str, str]]:
        """Type, name and id of those that the outputs name."""
        outputs = self.outputs
        ids = (
            outputs.resource_group_id,
            outputs.storage_account_id,
            outputs.vision_account_id,
            outputs.custom_vision_training_id,
            outputs.custom_vision_prediction_id,
            outputs.ml_workspace_id,
            outputs.key_vault_id,
            outputs.log_analytics_workspace_id,
            outputs.app_insights_id,
        )
        return [(_type(found), found.rpartition("/")[2], found) for found in ids if found]

    def refuse(self, what: str) -> Refused:
        """Why a command leaves these resources alone, and who may do it."""
        if self.course:
            hint = f"whoever teaches {self.course} does that: `visionlab course up` and `visionlab course down`"
        else:
            hint = f"whoever wrote {self.path.name} does that; without `provisioned:` the lab gets resources of its own"
        return Refused(f"{what} is refused: the resources are those of {self.whose}", hint=hint)


def _type(resource_id: str) -> str:
    """What kind a resource is by its id; the id of a resource group has no provider."""
    parts = resource_id.partition("/providers/")[2].split("/")
    return "/".join([parts[0], *parts[1::2]]) if len(parts) > 1 else "Microsoft.Resources/resourceGroups"


def read_provisioned(path: Path) -> Provisioned:
    """Read a file of outputs. Raises ConfigError when it is none."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as exc:
        raise ConfigError(f"{path.name} cannot be read: {exc.strerror}") from exc
    try:
        found: object = json.loads(content) if len(content) <= MAX_BYTES else None
    except ValueError as exc:
        raise ConfigError(f"{path.name} is no JSON ({exc})") from exc
    if not isinstance(found, dict):
        raise ConfigError(f"{path.name} is no JSON object of outputs")
    values = cast("Mapping[str, Any]", found)

    def word(key: str) -> str | None:
        value = values.get(key)
        return printable(value[:100]) if isinstance(value, str) and value else None

    return Provisioned(path=path, outputs=LabOutputs.parse(values), course=word("course"), seat=word("seat"))
