"""Predictions from a file: a list of COCO results, or with names of categories as the vision service gives them.

Owns: reading them, and saying of each that cannot be used where it stands and why.
Leaves: the truth they are compared with to `truth.py`.

    [{"image_id": 1, "category_id": 2, "bbox": [left, top, width, height], "score": 0.9}]

The list may stand under `predictions` or `annotations` of an object; a name may stand for a number: `category`
(`category_name`, `label`, `tag`) and `file_name`; `confidence` is a score. Without a box it is a classification.
"""

import json
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import NoReturn, cast

import msgspec
import numpy as np

from automation.coco.columns import Bools, Floats, Ints
from automation.coco.entry import Entry, shown
from automation.coco.evaluation.truth import in_unit_of
from automation.coco.evaluation.types import Found, Truth
from automation.coco.files import open_coco
from automation.coco.types import Unit
from automation.coco.units import UnitFinder
from automation.errors import DatasetError, Finding, Severity

__all__ = ["LIMIT_BYTES", "read_predictions"]

LIMIT_BYTES = 1 << 30
MOST_FINDINGS = 1000
_NO_BOX = (float("nan"),) * 4
_CATEGORY = ("category", "category_name", "label", "tag")
_BOX = "the truth has boxes: give one each"
_BOX_OF_SHAPE = "masks and keypoints are not compared, only boxes: write the box around each as bbox"
_BIGGEST = 2**53
_DENSE = 8  # numbers between the least and the greatest id for each that is there, at most


class _Result(msgspec.Struct, gc=False):
    image_id: int
    category_id: int
    score: float
    bbox: tuple[float, float, float, float] | None = None


_DECODER = msgspec.json.Decoder(list[_Result])
Rows = tuple[Ints, Ints, Floats, Floats]


def read_predictions(path: Path, truth: Truth, *, unit: Unit | None = None) -> tuple[Found, tuple[str, ...]]:
    """The predictions, and what was left out of them, in words.

    Raises:
        ConfigError: There is no such file.
        DatasetError: Some cannot be used; up to a thousand of them are in the findings.
    """
    with open_coco(path) as file:
        data = file.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        _refuse(path, "too-large", "byte 0", f"the file is larger than {LIMIT_BYTES >> 20} MB")
    try:
        results = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        rows = _patiently(path, data, truth)
    else:
        image_ids = _numbers(path, [result.image_id for result in results], "image_id")
        category_ids = _numbers(path, [result.category_id for result in results], "category_id")
        n = len(results)
        sides = chain.from_iterable([result.bbox or _NO_BOX for result in results])
        boxes = np.fromiter(sides, np.float64, 4 * n).reshape(n, 4)
        rows = (image_ids, category_ids, boxes, np.fromiter([result.score for result in results], np.float64, n))
    shaped = np.isnan(rows[2]).any() and any(word in data for word in (b'"segmentation"', b'"keypoints"'))
    return _columns(path, rows, truth, unit, _BOX_OF_SHAPE if shaped else _BOX)


def _numbers(path: Path, values: list[int], key: str) -> Ints:
    if values and (max(values) > _BIGGEST or min(values) < -_BIGGEST):
        index = next(place for place, value in enumerate(values) if abs(value) > _BIGGEST)
        _refuse(path, "wrong-type", f"/{index}/{key}", f"{values[index]} is beyond all measure")
    return np.fromiter(values, np.int64, len(values))


def _columns(path: Path, rows: Rows, truth: Truth, unit: Unit | None, box: str) -> tuple[Found, tuple[str, ...]]:
    """`box` is the hint for predictions that have none."""
    image_ids, category_ids, boxes, scores = rows
    findings: list[Finding] = []

    def report(bad: "Bools | np.bool", code: str, key: str, say: Callable[[int], str], hint: str | None = None) -> None:
        for index in np.flatnonzero(bad)[: MOST_FINDINGS - len(findings)].tolist():
            where, message = f"/{index}/{key}", say(index)
            findings.append(Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint))

    image, no_image = _places(truth.image_ids, image_ids)
    category, no_category = _places(truth.category_ids, category_ids)
    report(no_image, "dangling-image", "image_id", lambda i: f"the truth has no image {image_ids[i]}")
    report(no_category, "dangling-category", "category_id", lambda i: f"the truth has no category {category_ids[i]}")
    report(~np.isfinite(scores), "not-a-number", "score", lambda i: f"{scores[i]} is not a finite number")
    notes: list[str] = []
    if truth.boxed:
        numbers = (np.abs(boxes) <= _BIGGEST).all(axis=1)
        missing = np.isnan(boxes).all(axis=1)
        report(missing, "box-missing", "bbox", lambda _: "there is no box", box)
        report(~numbers & ~missing, "not-a-number", "bbox", lambda _: "a number of the box is beyond all measure")
        negative = numbers & (boxes[:, 2:] < 0).any(axis=1)
        report(negative, "box-negative", "bbox", lambda i: f"{boxes[i].tolist()} has a negative side")
        if not findings:
            boxes = _in_unit(path, truth, (boxes, image), unit, notes)
    elif not np.isnan(boxes).all():
        notes.append("the truth has no boxes: those of the predictions are not looked at")
    if findings:
        raise DatasetError(f"{path.name} does not fit the truth", findings=findings)
    return Found(image=image, category=category, boxes=boxes, scores=scores), tuple(notes)


def _in_unit(path: Path, truth: Truth, given: tuple[Floats, Ints], unit: Unit | None, notes: list[str]) -> Floats:
    """In the unit of the truth; a file shows its own unit, and where it does not it has that of the truth."""
    boxes, image = given
    finder = UnitFinder()
    finder.add(boxes)
    shows = unit or finder.found
    normalised = truth.normalised if shows in (Unit.UNDECIDED, Unit.ABSENT) else shows is Unit.NORMALISED
    if normalised != truth.normalised:
        words = {True: "shares of the image", False: "pixels"}
        if not (truth.sizes[image] > 0).all():
            message = f"boxes are in {words[normalised]}, those of the truth in {words[truth.normalised]}"
            hint = "give every image of the truth its width and height, or use its unit"
            _refuse(path, "units-mixed", "/0/bbox", message, hint)
        notes.append(f"predictions are in {words[normalised]}, the truth is in {words[truth.normalised]}: converted")
    return in_unit_of(truth, boxes, image, normalised=normalised)


def _places(known: Ints, wanted: Ints) -> tuple[Ints, Bools]:
    """The row of each wanted id among the known ones, and which ids are not known."""
    if not len(known):
        return np.zeros(len(wanted), np.int64), np.ones(len(wanted), np.bool_)
    low, high = int(known.min()), int(known.max())
    if high - low < _DENSE * len(known):  # ids close together, as most are: a table beats a search
        rows = np.zeros(high - low + 1, np.int64)
        rows[known - low] = np.arange(len(known))
        found = rows[np.clip(wanted, low, high) - low]
    else:
        order = np.argsort(known, kind="stable")
        found = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    return found, known[found] != wanted


def _patiently(path: Path, data: bytes, truth: Truth) -> Rows:
    """Entry by entry: names, other spellings, and a finding for all that cannot be read."""
    try:
        value: object = json.loads(data)
    except json.JSONDecodeError as wrong:
        _refuse(path, "not-json", f"byte {wrong.pos:,}", wrong.msg)
    except (UnicodeDecodeError, RecursionError, ValueError) as wrong:
        message = "it is nested too deeply" if isinstance(wrong, RecursionError) else str(wrong)
        _refuse(path, "not-json", "byte 0", message)
    root = ""
    if isinstance(value, dict):
        top = cast("Mapping[str, object]", value)
        root, value = next(((f"/{key}", top[key]) for key in ("predictions", "annotations") if key in top), ("", top))
    if not isinstance(value, list):
        _refuse(path, "wrong-type", root or "/", f"{shown(value)} is no list of predictions")
    images = dict(zip(truth.names, truth.image_ids.tolist(), strict=True))
    classes = dict(zip(truth.classes, truth.category_ids.tolist(), strict=True))
    findings: list[Finding] = []
    ids: list[tuple[int, int]] = []
    numbers: list[tuple[float, ...]] = []
    for index, item in enumerate(cast("list[object]", value)):
        where = f"{root}/{index}"
        if not isinstance(item, dict):
            findings.append(_finding("wrong-type", where, f"{shown(item)} is no prediction"))
        else:
            entry = Entry(cast("Mapping[str, object]", item), where)
            ids.append((_id(entry, "image_id", ("file_name",), images), _id(entry, "category_id", _CATEGORY, classes)))
            score = entry.optional_number("score" if "score" in entry.values else "confidence")
            if score is None and not entry.findings:
                entry.wrong("missing-key", "score", "there is no score")
            box = entry.optional_box("bbox")
            numbers.append((*_NO_BOX, score or 0.0) if box is None else (box.x, box.y, box.w, box.h, score or 0.0))
            findings += entry.findings
        if len(findings) >= MOST_FINDINGS:
            break
    if findings:
        raise DatasetError(f"{path.name} has predictions that cannot be read", findings=findings[:MOST_FINDINGS])
    pairs = np.array(ids, np.int64).reshape(-1, 2)
    table = np.array(numbers, np.float64).reshape(-1, 5)
    return pairs[:, 0], pairs[:, 1], table[:, :4], table[:, 4]


def _id(entry: Entry, key: str, others: tuple[str, ...], known: Mapping[str, int]) -> int:
    """The number of an image or a category, which may be named instead."""
    named = next((other for other in others if isinstance(entry.values.get(other), str)), None)
    if key in entry.values or named is None:
        return entry.required_id(key)
    name = cast("str", entry.values[named])
    if name not in known:
        entry.wrong("unknown-name", named, f"the truth has no {shown(name)}")
    return known.get(name, 0)


def _finding(code: str, where: str, message: str, hint: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint)


def _refuse(path: Path, code: str, where: str, message: str, hint: str | None = None) -> NoReturn:
    raise DatasetError(f"{path.name} holds no predictions", findings=[_finding(code, where, message, hint)])
