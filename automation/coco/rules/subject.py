"""What a rule looks at: what the file is for, its images and categories, and what of it could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from automation.coco.columns import AnnotationColumns, Bools, ImageColumns, Ints
from automation.coco.images import ImageTable
from automation.coco.profiles import Profile
from automation.coco.quotas import Quota
from automation.coco.rules.found import Found, Kinds
from automation.coco.scan import Entries, Text
from automation.coco.types import Category, Unit
from automation.errors import Finding

__all__ = ["Rule", "Subject"]


@dataclass(kw_only=True)
class Subject:
    """A file under examination. Images, categories and the unit are there once all of it was seen.

    Attributes:
        quota: What it is for; None when no quota is to be looked at.
        for_service: Whether it goes to the vision service as it is.
        asked: The unit of its boxes that somebody said.
        profile: Who is to take the file, for the rules beyond those of every file.
        quota_without_boxes: What takes the place of `quota` when the file turns out to have no boxes.
        unit: The unit that counts.
        images: Those that are well formed.
        categories: Those that are well formed, with their places in the file.
        annotations: How many are well formed.
        malformed: Sections of which something could not be read.
        excused: Ids, by section, that may be named although no entry has them: those of entries that could not be
            read. None stands for every id, where the whole section is missing.
    """

    quota: Quota | None
    for_service: bool
    asked: Unit | None
    profile: Profile | None = None
    quota_without_boxes: Quota | None = None
    unit: Unit = Unit.ABSENT
    images: ImageTable = field(default_factory=ImageTable)
    categories: Sequence[tuple[int, Category]] = ()
    annotations: int = 0
    malformed: frozenset[str] = frozenset()
    excused: Mapping[str, frozenset[int] | None] = field(default_factory=dict[str, frozenset[int] | None])

    def wants(self, code: str) -> bool:
        """Whether the taker misses what others do not."""
        return self.profile is not None and code in self.profile.wanted

    def refuses(self, code: str) -> bool:
        """Whether the taker cannot read what others can."""
        return self.profile is not None and code in self.profile.refused

    def complete(self, section: str) -> bool:
        """Whether all entries of the section could be read, so that what is not there is really missing."""
        return section not in self.malformed

    def unexcused(self, section: str, ids: Ints) -> Bools:
        """Bool (n,): ids that nothing excuses."""
        excused = self.excused.get(section, frozenset())
        if excused is None:
            return np.zeros(len(ids), np.bool_)
        return ~np.isin(ids, list(excused)) if excused else np.ones(len(ids), np.bool_)


class Rule:
    """Looks at a file piece by piece, and says at the end what it found.

    Annotations come after all images.
    """

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        self.subject = subject
        self.kinds = kinds
        self.found = Found(kinds)

    def text(self, source: Entries | Text) -> None:
        """Some of the file as it stands; files only, not datasets in memory."""

    def images(self, piece: ImageColumns) -> None:
        """Some images."""

    def annotations(self, piece: AnnotationColumns) -> None:
        """Some annotations; the rows of their images are known."""

    def end(self) -> None:
        """All was seen: the unit is known now."""

    def findings(self) -> list[Finding]:
        return list(self.found.in_order())
