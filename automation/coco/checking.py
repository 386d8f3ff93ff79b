"""Checking a COCO file of any size: one pass where images come before annotations, as they mostly do, else two.

Owns: the passes, and one error for bytes that are no COCO file. Leaves: the rules to `rules`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.coco.columns import ImageColumns
from automation.coco.files import open_coco
from automation.coco.pieces import SECTIONS, Piece, Pieces, images_come_first
from automation.coco.quotas import Quota
from automation.coco.rules import Examination
from automation.coco.rules.subject import Subject
from automation.coco.scan import NotCoco
from automation.coco.types import Unit
from automation.errors import Finding, Severity
from automation.progress import Progress, silent

__all__ = ["Checked", "check_file", "conclude", "feed", "not_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a file holds, and what is wrong with it.

    Attributes:
        findings: All that is wrong; alike ones beyond a thousand are counted in one line.
        images: How many are well formed; so with the other two.
        unit: Of its boxes.
    """

    findings: tuple[Finding, ...]
    images: int = 0
    annotations: int = 0
    categories: int = 0
    unit: Unit = Unit.ABSENT

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check_file(
    path: Path,
    *,
    unit: Unit | None = None,
    quota: Quota | None = None,
    for_service: bool = False,
    progress: Progress = silent,
) -> Checked:
    """Find everything that is wrong with a file, in memory that does not grow with it by much.

    Raises:
        ConfigError: There is no such file.
    """
    examination = Examination(Subject(quota=quota, for_service=for_service, asked=unit))
    with open_coco(path) as file:
        try:
            one = images_come_first(file)
            passes = [
                _examine(examination, Pieces(file, sections), progress, path.stat().st_size)
                for sections in ([SECTIONS] if one else [("images", "categories"), ("annotations",)])
            ]
        except NotCoco as wrong:
            return Checked(findings=(not_json(wrong),))
    return conclude(examination, passes)


def not_json(wrong: NotCoco) -> Finding:
    """What the reader stumbled over, as a finding."""
    return Finding(code="not-json", severity=Severity.ERROR, where=f"byte {wrong.offset:,}", message=wrong.message)


def feed(examination: Examination, piece: Piece) -> None:
    """Show a piece to the rules."""
    for columns in piece.columns:
        if isinstance(columns, ImageColumns):
            examination.images(columns)
        else:
            examination.annotations(columns)


def conclude(examination: Examination, passes: Sequence[Pieces]) -> Checked:
    """The end of an examination, after the pass or the passes over the file."""
    subject = examination.subject
    findings = [finding for pieces in passes for finding in pieces.findings]
    subject.categories = passes[0].categories
    subject.malformed = frozenset(finding.where.split("/")[1] for finding in findings)
    for finding in findings:
        examination.malformed.add(finding)
    return Checked(
        findings=tuple(examination.end()),
        images=len(subject.images),
        annotations=subject.annotations,
        categories=len(subject.categories),
        unit=subject.unit,
    )


def _examine(examination: Examination, pieces: Pieces, progress: Progress, size: int) -> Pieces:
    if "images" in pieces.sections:
        examination.subject.excused = pieces.excused  # it fills while images pass
    for piece in pieces:
        feed(examination, piece)
        progress(piece.source.offset + len(piece.source.raw), size, "checking")
    return pieces
