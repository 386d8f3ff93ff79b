"""What an export is asked for: format, coordinates, which pictures.

Owns: the order, its JSON, and the summary's. Leaves: carrying it out to `exporting.py`.

ARM's exportLabels knows the format alone. The studio's dialog had coordinates too; which pictures is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from localazure.labeling.errors import user_error
from localazure.labeling.types import ExportFormat

__all__ = ["Coordinates", "ExportOrder", "Include", "parse_arm_order", "parse_order"]

T = TypeVar("T", bound=StrEnum)


class Coordinates(StrEnum):
    """Fractions of the picture, or its pixels."""

    NORMALIZED = "normalized"
    ABSOLUTE = "absolute"


class Include(StrEnum):
    """Every labeled picture, or only those that a reviewer approved."""

    LABELED = "labeled"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    format: ExportFormat
    coordinates: Coordinates = Coordinates.NORMALIZED
    include: Include = Include.LABELED

    def __post_init__(self) -> None:
        if self.format is ExportFormat.DATASET and self.coordinates is Coordinates.ABSOLUTE:
            raise user_error("A Dataset has normalized coordinates: AutoML reads no others.", target="coordinates")


def parse_arm_order(body: Mapping[str, Any]) -> ExportOrder:
    """The body of exportLabels: `format`, exactly in its case; what is read-only is ignored."""
    return ExportOrder(format=_one_of(ExportFormat, body, "format", ""))


def parse_order(body: Mapping[str, Any]) -> ExportOrder:
    """The body of our own exports; what it does not know is refused."""
    unknown = sorted(set(body) - {"format", "coordinates", "include"})
    if unknown:
        raise user_error(f"'{unknown[0][:50]}' is no part of an export.", target=unknown[0][:50])
    return ExportOrder(
        format=_one_of(ExportFormat, body, "format", ""),
        coordinates=_one_of(Coordinates, body, "coordinates", Coordinates.NORMALIZED),
        include=_one_of(Include, body, "include", Include.LABELED),
    )


def _one_of(words: type[T], body: Mapping[str, Any], key: str, default: str) -> T:
    try:
        return words(body.get(key, default))
    except ValueError:
        known = ", ".join(f"'{word}'" for word in words)
        raise user_error(f"{key} must be one of {known}.", target=key) from None
