"""Writes tags: sets one, takes one off. Azure's tags interface merges, so that tags of others are never lost.

Owns: these two requests. Leaves: which tag says what to `sweep.py` and `extend.py`.
"""

from collections.abc import Mapping

from automation.azure import Arm

__all__ = ["set_tags", "unset_tags"]

TAGS_API = "2021-04-01"


def set_tags(arm: Arm, resource_id: str, tags: Mapping[str, str]) -> None:
    """Give a resource or a group these tags; the others stay."""
    _patch(arm, resource_id, "Merge", tags)


def unset_tags(arm: Arm, resource_id: str, tags: Mapping[str, str]) -> None:
    """Take these tags off, as long as they have these values; the others stay."""
    _patch(arm, resource_id, "Delete", tags)


def _patch(arm: Arm, resource_id: str, operation: str, tags: Mapping[str, str]) -> None:
    path = f"{resource_id}/providers/Microsoft.Resources/tags/default"
    arm.patch(path, {"operation": operation, "properties": {"tags": dict(tags)}}, api_version=TAGS_API)
