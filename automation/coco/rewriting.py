"""Boxes and outlines of a file of any size in another unit: new numbers in the old text, every other byte as it was.

Owns: the one pass that checks and writes, and the arithmetic. Leaves: the checks to `rules`, memory to `pieces.py`,
the new text to `automation.splicing`.
Measured by benchmarks/coco.py.
"""

from array import array
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from automation.coco.checking import Checked, check_file, conclude, feed, not_json
from automation.coco.columns import AnnotationColumns, Floats, ImageColumns, together
from automation.coco.files import open_coco, refuse_same, written_whole
from automation.coco.images import ImageTable
from automation.coco.layout import Alike
from automation.coco.pieces import Piece, Pieces, images_come_first
from automation.coco.rules import Examination
from automation.coco.rules.subject import Subject
from automation.coco.scan import Entries, NotCoco
from automation.coco.shapes import measured_keypoints, measured_polygons
from automation.coco.types import Unit
from automation.coco.units import UnitFinder
from automation.errors import DatasetError, Finding, Severity
from automation.progress import Progress, silent
from automation.splicing.text import NewNumbers
from automation.splicing.writing import Writer, writer

__all__ = ["convert_file"]

# What makes new numbers meaningless.
FATAL = frozenset(
    (
        "not-json",
        "missing-section",
        "missing-key",
        "wrong-type",
        "not-a-number",
        "key-duplicate",
        "dangling-image",
        "size-negative",
        "size-missing",
        "box-negative",
        "box-outside-image",
        "units-mixed",
        "unit-undecided",
    )
)
# A box of a picture of 10,000 pixels is true to a thousandth of a pixel.
DIGITS = {Unit.NORMALISED: 7, Unit.PIXELS: 3}


def convert_file(
    source: Path, target: Path, *, to: Unit, unit: Unit | None = None, progress: Progress = silent
) -> Checked:
    """Check a file and write it with its boxes, polygons and keypoints, and their areas, in another unit.

    What rounding put over the edge of an image is cut from boxes. A file that is in that unit already, or has no boxes,
    is copied.

    Args:
        source: A COCO file.
        target: Where the new one goes; it is there whole or not at all.
        to: PIXELS or NORMALISED.
        unit: The unit of the boxes, where the file is not to decide.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file, or it changes meanwhile.
        Refused: The target is the source.
        DatasetError: Something is wrong with the file so that its boxes cannot be converted.
    """
    refuse_same(source, target)
    with open_coco(source) as file:
        try:
            believed = unit or _first_unit(file)
            checked = None
            if believed is not None and images_come_first(file):
                checked = _check_and_write(file, source, target, believed=believed, to=to, unit=unit, progress=progress)
            if checked is None:  # the first boxes told wrong, or annotations come before their images
                checked = _sound(check_file(source, unit=unit, progress=progress))
                _write(file, target, _Rewriter(_images(file), checked.unit, to))
        except NotCoco as wrong:
            return _sound(Checked(findings=(not_json(wrong),)))
    return checked


def _check_and_write(
    file: BinaryIO, source: Path, target: Path, *, believed: Unit, to: Unit, unit: Unit | None, progress: Progress
) -> Checked | None:
    """Both in one pass; None, and no file, when the unit turns out to be another than was believed."""
    subject = Subject(quota=None, for_service=False, asked=unit)
    examination, pieces = Examination(subject), Pieces(file)
    subject.excused = pieces.excused
    rewriter, size = _Rewriter(subject.images, believed, to), source.stat().st_size
    try:
        with written_whole(target) as new, writer(new, file) as out:
            for piece in pieces:
                feed(examination, piece)
                rewriter.write(piece, out)
                progress(piece.source.end, size, "converting")
            checked = _sound(conclude(examination, [pieces]))
            _demand(checked.unit in (believed, Unit.ABSENT))
    except _ToldWrong:
        return None
    return checked


def _demand(told_right: bool) -> None:
    if not told_right:
        raise _ToldWrong


class _ToldWrong(Exception):
    """The unit of the file is not that of its first boxes."""


def _write(file: BinaryIO, target: Path, rewriter: "_Rewriter") -> None:
    with written_whole(target) as new, writer(new, file) as out:
        for piece in Pieces(file):
            rewriter.write(piece, out)


def _sound(checked: Checked) -> Checked:
    """The same; DatasetError when something in it makes new numbers meaningless."""
    fatal = [finding for finding in checked.findings if finding.code in FATAL or _two_images(finding)]
    if fatal:
        errors = [replace(finding, severity=Severity.ERROR) for finding in fatal]
        raise DatasetError("the boxes cannot be converted", findings=errors, hint=fatal[0].hint)
    return checked


def _two_images(finding: Finding) -> bool:
    return finding.code == "id-duplicate" and finding.where.startswith("/images")


def _first_unit(file: BinaryIO) -> Unit | None:
    """What the first boxes of a file show."""
    for piece in Pieces(file, ("annotations",)):
        for columns in piece.columns:
            finder = UnitFinder()
            finder.add(cast("AnnotationColumns", columns).boxes)
            return finder.found if finder.found in DIGITS else None
    return None


def _images(file: BinaryIO) -> ImageTable:
    table = ImageTable()
    for piece in Pieces(file, ("images",)):
        for columns in piece.columns:
            table.add(cast("ImageColumns", columns))
    return table


class _Rewriter:
    """New numbers for the annotations of a piece, whose images are known by then."""

    def __init__(self, images: ImageTable, unit: Unit, to: Unit) -> None:
        self._images = images
        self._unit = unit
        self._to = to

    def write(self, piece: Piece, out: Writer) -> None:
        source = piece.source
        if self._unit in (self._to, Unit.ABSENT) or not isinstance(source, Entries) or source.section != "annotations":
            out.text(source.raw, source.offset)
            return
        if not piece.whole:
            out.text(source.raw, source.offset)  # the whole file will be refused
            return
        columns = together([cast("AnnotationColumns", found) for found in piece.columns])
        numbers = self._numbers(columns, usual=source.values is not None)
        if isinstance(source.values, Alike):
            numbers = replace(numbers, places=array("I", (source.values.places() - 1).astype(np.uint32).tobytes()))
        out.entries(source.raw, source.offset, numbers)

    def _numbers(self, columns: AnnotationColumns, *, usual: bool) -> NewNumbers:
        sides = self._sides(columns)
        boxes = self._boxes(columns.boxes, sides)
        outlined, pointed = np.zeros(len(sides), np.bool_), np.zeros(len(sides), np.bool_)
        polygons = keypoints = np.empty(0)
        if columns.outlines:
            good, polygons = measured_polygons(columns.outlines, sides[columns.outlined], self._measured)
            outlined[columns.outlined] = good
        if columns.keypoints:
            good, keypoints = measured_keypoints(columns.keypoints, sides[columns.pointed], self._measured)
            pointed[columns.pointed] = good
        # An area is that of the box, but where there is an outline: there it stays that of the outline.
        image = sides[:, 0] * sides[:, 1]
        of_outline = columns.areas / image if self._to is Unit.NORMALISED else columns.areas * image
        areas = np.where(columns.outlined, of_outline, boxes[:, 2] * boxes[:, 3])
        areas = np.round(areas, 10 if self._to is Unit.NORMALISED else DIGITS[self._to])
        sized = ~np.isnan(columns.areas) & (columns.boxed | outlined)
        return NewNumbers(
            boxes=array("d", boxes.tobytes()),
            areas=array("d", areas.tobytes()),
            polygons=array("d", polygons.tobytes()),
            keypoints=array("d", keypoints.tobytes()),
            boxed=columns.boxed.tobytes(),
            sized=sized.tobytes(),
            outlined=outlined.tobytes(),
            pointed=pointed.tobytes(),
            usual=usual,
        )

    def _sides(self, columns: AnnotationColumns) -> Floats:
        """Float (n, 2): width and height of the image of each, 1 where the file will be refused anyway."""
        if not len(self._images):
            return np.ones((len(columns.index), 2))
        rows = self._images.rows(columns.image_ids)
        sides = np.where(rows[:, None] >= 0, self._images.sizes[rows], 1.0)
        return np.where(sides > 0, sides, 1.0)

    def _boxes(self, boxes: Floats, sides: Floats) -> Floats:
        near, far = (self._scaled(corner, sides) for corner in (boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))
        # What is left to cut is rounding: the rest is refused.
        limit = sides if self._to is Unit.PIXELS else np.ones_like(sides)
        near, far = np.clip(near, 0, limit), np.clip(far, 0, limit)
        return np.round(np.concatenate([near, far - near], axis=1), DIGITS[self._to])

    def _measured(self, points: Floats, sides: Floats) -> Floats:
        return np.round(self._scaled(points, sides), DIGITS[self._to])

    def _scaled(self, points: Floats, sides: Floats) -> Floats:
        return points * sides if self._to is Unit.PIXELS else points / sides
