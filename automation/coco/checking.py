"""Checking a COCO file of any size: one pass where images come before annotations, as they mostly do, else two.

Owns: the passes, and one error for bytes that are no COCO file. Leaves: the rules to `rules`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from automation.coco.columns import ImageColumns
from automation.coco.files import open_coco
from automation.coco.pieces import SECTIONS, Piece, Pieces, images_come_first
from automation.coco.profiles import Profile, Purpose
from automation.coco.quotas import Quota
from automation.coco.rules import Examination
from automation.coco.rules.subject import Subject
from automation.coco.scan import Entries, NotCoco
from automation.coco.types import Unit
from automation.errors import Finding, Severity
from automation.progress import Progress, silent

__all__ = ["Checked", "Span", "check_file", "conclude", "feed", "not_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where entries of a section stand in the file.

    Attributes:
        section: The top-level key.
        first: The index of the first entry in its section.
        count: How many entries there are.
        offset: Of the first entry's first byte.
        size: In bytes, from the first entry to the last.
    """

    section: str
    first: int
    count: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a file holds, and what is wrong with it.

    Attributes:
        findings: All that is wrong; alike ones beyond a thousand are counted in one line.
        images: How many are well formed; so with the other two.
        unit: Of its boxes.
        counts: How often each code was found, by code and severity, those that are not listed included.
        spans: Where the entries stand.
    """

    findings: tuple[Finding, ...]
    images: int = 0
    annotations: int = 0
    categories: int = 0
    unit: Unit = Unit.ABSENT
    counts: Mapping[tuple[str, Severity], int] = field(default_factory=dict[tuple[str, Severity], int])
    spans: tuple[Span, ...] = ()

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check_file(
    path: Path,
    *,
    unit: Unit | None = None,
    quota: Quota | None = None,
    for_service: bool = False,
    profile: Profile | None = None,
    purpose: Purpose = Purpose.TRAINING,
    progress: Progress = silent,
) -> Checked:
    """Find everything that is wrong with a file, in memory that does not grow with it by much.

    Args:
        path: The file.
        unit: The unit of its boxes, where the file is not to decide.
        quota: What it is for; without it none is looked at, but that of the profile.
        for_service: Whether it goes to the vision service as it is.
        profile: Who is to take it; then everything is looked at, not only what keeps others from working with it.
        purpose: Of the profile's quotas.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file.
    """
    examination = Examination(_subject(unit, quota, profile, purpose, for_service=for_service))
    spans: list[Span] = []
    with open_coco(path) as file:
        try:
            one = images_come_first(file)
            passes = [
                _examine(examination, Pieces(file, sections), progress, path.stat().st_size, spans)
                for sections in ([SECTIONS] if one else [("images", "categories"), ("annotations",)])
            ]
        except NotCoco as wrong:
            return Checked(findings=(not_json(wrong),), counts={("not-json", Severity.ERROR): 1})
    return replace(conclude(examination, passes), spans=tuple(spans))


def _subject(
    unit: Unit | None, quota: Quota | None, profile: Profile | None, purpose: Purpose, *, for_service: bool
) -> Subject:
    quotas = None if profile is None else profile.quotas_for(purpose)
    return Subject(
        quota=quotas.with_boxes if quota is None and quotas is not None else quota,
        quota_without_boxes=quotas.without if quota is None and quotas is not None else None,
        for_service=for_service or (profile is not None and profile.for_service),
        asked=unit,
        profile=profile,
    )


def not_json(wrong: NotCoco) -> Finding:
    """What the reader stumbled over, as a finding."""
    return Finding(code="not-json", severity=Severity.ERROR, where=f"byte {wrong.offset:,}", message=wrong.message)


def feed(examination: Examination, piece: Piece) -> None:
    """Show a piece to the rules."""
    examination.text(piece.source)
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
        counts=examination.counts,
    )


def _examine(examination: Examination, pieces: Pieces, progress: Progress, size: int, spans: list[Span]) -> Pieces:
    if "images" in pieces.sections:
        examination.subject.excused = pieces.excused  # it fills while images pass
    for piece in pieces:
        feed(examination, piece)
        if isinstance(source := piece.source, Entries) and source.section in pieces.sections:
            place = {"first": source.first, "count": source.count, "offset": source.offset}
            spans.append(Span(section=source.section, size=source.end - source.offset, **place))
        progress(piece.source.end, size, "checking")
    return pieces
