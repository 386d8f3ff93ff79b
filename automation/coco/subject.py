"""What a rule looks at: a dataset, what it is for, and where its entries stand in the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from automation.coco.codec import Decoded
from automation.coco.quotas import Quota
from automation.coco.types import Dataset, Image, Unit
from automation.errors import Finding, Severity

__all__ = ["Subject", "error", "warning"]


def error(code: str, where: str, message: str, *, hint: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint)


def warning(code: str, where: str, message: str, *, hint: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=where, message=message, hint=hint)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A dataset under examination.

    Attributes:
        decoded: The dataset, and what could not be read of it.
        unit: The unit of its boxes.
        unit_was_said: Whether somebody said the unit, so that the numbers need not show it.
        quota: What it is for.
        for_service: Whether it goes to the vision service as it is.
    """

    decoded: Decoded
    unit: Unit
    unit_was_said: bool
    quota: Quota | None
    for_service: bool

    @property
    def dataset(self) -> Dataset:
        return self.decoded.dataset

    def where(self, section: str, index: int, key: str | None = None) -> str:
        """The JSON pointer to an entry, or to a key of it."""
        place = f"/{section}/{self.decoded.positions.of(section, index)}"
        return f"{place}/{key}" if key else place

    def complete(self, section: str) -> bool:
        """Whether all entries of the section could be read, so that what is not there is really missing."""
        return not any(
            finding.where.startswith(f"/{section}") or not finding.where for finding in self.decoded.findings
        )

    def known(self, section: str, entry_id: int) -> bool:
        """Whether an entry has this id, or would have it if it were well formed."""
        excused = self.decoded.excused.get(section, frozenset())
        return excused is None or entry_id in self._ids[section] or entry_id in excused

    @cached_property
    def _ids(self) -> Mapping[str, frozenset[int]]:
        return {
            "images": frozenset(image.id for image in self.dataset.images),
            "categories": frozenset(category.id for category in self.dataset.categories),
        }

    @cached_property
    def image_of(self) -> Mapping[int, Image]:
        return {image.id: image for image in self.dataset.images}
