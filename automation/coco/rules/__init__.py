"""COCO rules: a file goes in piece by piece, findings come out, all of them at once.

Owns: which rules there are and their order. Leaves: each rule to its module, malformed JSON to `codec.py`, quotas to
`quotas.py`.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from automation.coco.codec import Decoded
from automation.coco.columns import AnnotationColumns, ImageColumns, annotation_columns, image_columns
from automation.coco.quotas import Quota
from automation.coco.rules.boxes import BoxesInImages, UnitOfBoxes
from automation.coco.rules.classes import Classes, Enough
from automation.coco.rules.found import AT_MOST_PER_CODE, Found, Kinds
from automation.coco.rules.ids import Dangling, Ids
from automation.coco.rules.labels import LabelsWithoutBoxes, QuotaOfLabels
from automation.coco.rules.outlines import Outlines
from automation.coco.rules.pictures import Addresses, FileNames, Sizes
from automation.coco.rules.spelling import Spelling, Top
from automation.coco.rules.subject import Rule, Subject
from automation.coco.rules.twins import AddressesTogether, NamesAlike
from automation.coco.rules.values import Areas, Corners, Crowds
from automation.coco.rules.whole import Categories, NothingToLearn, QuotaOfFile, Unlabeled
from automation.coco.scan import Entries, Text
from automation.coco.types import Dataset, Unit
from automation.coco.units import UnitFinder
from automation.errors import Finding, Severity

__all__ = ["MORE_RULES", "RULES", "Examination", "check", "check_decoded"]

RULES: tuple[type[Rule], ...] = (
    NothingToLearn,
    Ids,
    Dangling,
    Categories,
    FileNames,
    Unlabeled,
    Addresses,
    LabelsWithoutBoxes,
    QuotaOfFile,
    QuotaOfLabels,
    UnitOfBoxes,
    Sizes,
    BoxesInImages,
)

# What a dataset in memory is not asked, nor a file on its way to another form: more to look at, and more to say.
MORE_RULES: tuple[type[Rule], ...] = (
    Classes,
    Enough,
    NamesAlike,
    AddressesTogether,
    Spelling,
    Top,
    Areas,
    Crowds,
    Corners,
    Outlines,
)


def check(
    dataset: Dataset, *, unit: Unit | None = None, quota: Quota | None = None, for_service: bool = False
) -> list[Finding]:
    """Find everything that is wrong with a dataset.

    Args:
        dataset: As it was read.
        unit: The unit of the boxes, where the file is not to decide.
        quota: What the dataset is for; without it no quota is looked at.
        for_service: Whether the file goes to the vision service as it is. Then ids have to run from 1 to n,
            boxes have to be shares of their image, and every image needs an address.
    """
    return check_decoded(Decoded(dataset=dataset), unit=unit, quota=quota, for_service=for_service)


def check_decoded(
    decoded: Decoded, *, unit: Unit | None = None, quota: Quota | None = None, for_service: bool = False
) -> list[Finding]:
    """As `check`, for what could be read of a file, with what could not."""
    dataset, places = decoded.dataset, decoded.positions
    said = {finding.where.split("/")[1] if finding.where else "" for finding in decoded.findings}
    sections = ("images", "annotations", "categories")
    subject = Subject(
        quota=quota,
        for_service=for_service,
        asked=unit,
        categories=[(places.of("categories", index), entry) for index, entry in enumerate(dataset.categories)],
        malformed=frozenset(sections) if "" in said else frozenset(said),
        excused=decoded.excused,
    )
    examination = Examination(subject)
    for finding in decoded.findings:
        examination.malformed.add(finding)
    at = None if places.images is None else np.array(places.images, np.int64)
    for images in image_columns(dataset.images, at):
        examination.images(images)
    at = None if places.annotations is None else np.array(places.annotations, np.int64)
    for annotations in annotation_columns(dataset.annotations, at):
        examination.annotations(annotations)
    return examination.end()


class Examination:
    """All rules over one file, whose images come before its annotations."""

    def __init__(self, subject: Subject) -> None:
        kinds = Kinds()
        self.subject = subject
        self.malformed = Found(kinds)
        self._kinds = kinds
        self._rules = [rule(subject, kinds) for rule in (*RULES, *(MORE_RULES if subject.profile else ()))]
        self._unit = UnitFinder()

    def text(self, source: Entries | Text) -> None:
        for rule in self._rules:
            rule.text(source)

    def images(self, piece: ImageColumns) -> None:
        self.subject.images.add(piece)
        for rule in self._rules:
            rule.images(piece)

    def annotations(self, piece: AnnotationColumns) -> None:
        piece = replace(piece, rows=self.subject.images.rows(piece.image_ids))
        self.subject.annotations += len(piece.index)
        self._unit.add(piece.boxes)
        for rule in self._rules:
            rule.annotations(piece)

    @property
    def counts(self) -> Mapping[tuple[str, Severity], int]:
        """How often each code was found, by code and severity, whether listed or not."""
        return dict(self._kinds)

    def end(self) -> list[Finding]:
        """All that was found: first what could not be read."""
        self.subject.unit = self.subject.asked or self._unit.found
        if self._unit.found is Unit.ABSENT and self.subject.quota_without_boxes is not None:
            self.subject.quota = self.subject.quota_without_boxes
        for rule in self._rules:
            rule.end()
        findings = [*self.malformed.in_order(), *(finding for rule in self._rules for finding in rule.findings())]
        for (code, severity), count in self._kinds.items():
            if count > AT_MOST_PER_CODE:
                message = f"{count - AT_MOST_PER_CODE:,} more of these are not listed"
                findings.append(Finding(code=code, severity=severity, where="", message=message))
        return findings
