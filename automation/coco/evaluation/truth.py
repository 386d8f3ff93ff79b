"""The truth of an evaluation: a COCO file, checked, as columns.

Owns: which findings forbid an evaluation, and the unit that boxes are compared in.
Leaves: what is wrong with a file to `rules`, predictions to `predictions.py`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

from automation.coco.checking import check_file
from automation.coco.codec import read_annotations, read_categories, read_images
from automation.coco.columns import Floats, Ints
from automation.coco.evaluation.types import Truth
from automation.coco.files import open_coco
from automation.coco.scan import Decoder, Entries, scan
from automation.coco.types import Annotation, Category, Image, Unit
from automation.errors import DatasetError, Finding, Severity

__all__ = ["in_unit_of", "read_truth"]

# Boxes that leave their image are compared as they are, sizes are asked for where units differ.
_HARMLESS = frozenset(("box-outside-image", "box-missing", "box-within-one", "size-missing"))
_NO_BOX = (float("nan"),) * 4


class _Image(msgspec.Struct, gc=False):
    id: int
    file_name: str
    width: float | None = None
    height: float | None = None


class _Label(msgspec.Struct, gc=False):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    iscrowd: int | None = None


_DECODERS: dict[str, Decoder] = {
    "images": msgspec.json.Decoder(list[_Image]),
    "annotations": msgspec.json.Decoder(list[_Label]),
    "categories": msgspec.json.Decoder(list[object]),
}


def read_truth(path: Path, *, unit: Unit | None = None) -> tuple[Truth, tuple[str, ...]]:
    """The truth, and what was left out of it, in words.

    Raises:
        ConfigError: There is no such file.
        DatasetError: It cannot be evaluated with; all that is wrong with it is in the findings.
    """
    checked = check_file(path, unit=unit)
    findings = [finding for finding in checked.findings if not _harmless(finding)]
    if not findings and not checked.annotations:
        message = "nothing is labeled, so that there is nothing to compare with"
        findings = [Finding(code="no-annotations", severity=Severity.ERROR, where="/annotations", message=message)]
    if findings:
        raise DatasetError(f"{path.name} cannot be evaluated with", findings=findings)
    images: list[_Image | Image] = []
    labels: list[_Label] = []
    categories: list[Category] = []
    with open_coco(path) as file:
        for piece in scan(file, _DECODERS):
            if not isinstance(piece, Entries):
                continue
            if piece.section == "categories":
                categories += read_categories(_entries(piece), piece.first).values
            elif piece.section == "images":
                images += cast("list[_Image]", piece.values or []) or read_images(_entries(piece), piece.first).values
            else:
                values = read_annotations(_entries(piece), piece.first).values if piece.values is None else ()
                labels += cast("list[_Label]", piece.values or []) or [_label(value) for value in values]
    return _columns(images, labels, sorted(categories, key=lambda category: category.id), checked.unit)


def _harmless(finding: Finding) -> bool:
    return (
        finding.severity is not Severity.ERROR
        or finding.code in _HARMLESS
        or (finding.code == "id-duplicate" and finding.where.startswith("/annotations"))
    )


def _entries(piece: Entries) -> list[object]:
    return cast("list[object]", json.loads(piece.text))


def _label(value: Annotation) -> _Label:
    box = value.box
    return _Label(
        image_id=value.image_id,
        category_id=value.category_id,
        bbox=None if box is None else (box.x, box.y, box.w, box.h),
        area=value.area,
        iscrowd=value.iscrowd,
    )


def _columns(
    images: Sequence[Any], labels: list[_Label], categories: Sequence[Category], unit: Unit
) -> tuple[Truth, tuple[str, ...]]:
    boxed = any(label.bbox is not None for label in labels)
    used = [label for label in labels if label.bbox is not None] if boxed else labels
    notes: list[str] = []
    if len(used) < len(labels):
        notes.append(f"{len(labels) - len(used)} labels without a box are left out")
    image_ids = np.array([image.id for image in images], np.int64)
    category_ids = np.array([category.id for category in categories], np.int64)
    sizes = np.array([(image.width or 0, image.height or 0) for image in images], np.float64).reshape(-1, 2)
    order = np.argsort(image_ids, kind="stable")
    wanted = np.array([label.image_id for label in used], np.int64)
    image = order[np.searchsorted(image_ids[order], wanted)]
    boxes = np.array([label.bbox or _NO_BOX for label in used], np.float64).reshape(-1, 4)
    in_pixels = unit is Unit.PIXELS or bool((sizes > 0).all())
    if unit is Unit.NORMALISED and in_pixels:
        boxes = boxes * np.tile(sizes[image], 2)
    own = boxes[:, 2] * boxes[:, 3]
    areas = own
    if unit is Unit.PIXELS:
        areas = np.array([np.nan if label.area is None else label.area for label in used], np.float64)
        areas = np.where(np.isnan(areas), own, areas)
    if boxed and not in_pixels:
        notes.append("not all images have a size: there are no figures for small, medium and large")
    truth = Truth(
        image_ids=image_ids,
        names=tuple(image.file_name for image in images),
        sizes=sizes,
        category_ids=category_ids,
        classes=tuple(category.name for category in categories),
        image=image,
        category=np.searchsorted(category_ids, np.array([label.category_id for label in used], np.int64)),
        boxes=boxes,
        areas=np.asarray(areas, np.float64),
        crowd=np.array([bool(label.iscrowd) and boxed for label in used], np.bool_),
        boxed=boxed,
        in_pixels=in_pixels,
        normalised=unit is Unit.NORMALISED,
    )
    return truth, tuple(notes)


def in_unit_of(truth: Truth, boxes: Floats, image: Ints, *, normalised: bool) -> Floats:
    """Boxes of predictions in the unit of the truth."""
    if normalised == (not truth.in_pixels):
        return boxes
    sizes = np.tile(truth.sizes[image], 2)
    return boxes * sizes if normalised else boxes / np.where(sizes > 0, sizes, np.nan)
