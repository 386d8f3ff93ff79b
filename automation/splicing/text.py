"""New numbers in the old text of annotations, every other byte as it was.

Owns: finding boxes, areas, polygons and keypoints in the text, and the slow way where their keys stand elsewhere too.
Pure, and without numpy: it is half of the work of a conversion, and goes on in a process of its own (`writing.py`).
"""

import json
import re
from array import array
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, cast

import msgspec

__all__ = ["NewNumbers", "spliced"]

_BOX = re.compile(rb'"bbox"[ \t\r\n]*:[ \t\r\n]*\[[^\]]*\]')
_AREA = re.compile(rb'"area"[ \t\r\n]*:[ \t\r\n]*[-+.0-9eE]+')
_POLYGONS = re.compile(rb'"segmentation"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\[[^"{}]*\][ \t\r\n]*\]')
_KEYPOINTS = re.compile(rb'"keypoints"[ \t\r\n]*:[ \t\r\n]*\[[^\]]*\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumbers:
    """What n annotations are to say.

    Attributes:
        boxes: Left, top, width, height of each, 4 n numbers; those of an annotation without a box mean nothing.
        areas: n numbers, likewise.
        polygons: The numbers of polygons in a row, NaN after each polygon, and again after the last of an annotation.
        keypoints: Those of keypoints, NaN after the last of an annotation.
        boxed: n bytes: 1 for an annotation whose box is another one now.
        sized: So with areas.
        outlined: So with polygons.
        pointed: So with keypoints.
        usual: Whether every key stands in each annotation no more than once, and in no other writing.
        places: Where boxes and areas stand in the text, when that is known and nothing else changes: for each of all
            annotations where the key begins and the value ends, and so again for the other key, in their order.
    """

    boxes: "array[float]"
    areas: "array[float]"
    polygons: "array[float]"
    keypoints: "array[float]"
    boxed: bytes
    sized: bytes
    outlined: bytes
    pointed: bytes
    usual: bool
    places: "array[int]" = field(default_factory=lambda: array("I"))


def spliced(text: bytes, numbers: NewNumbers) -> bytes:
    """Entries, with commas between them, that have these numbers.

    Args:
        text: The old entries, with commas between them.
        numbers: Of each of them.
    """
    if numbers.places:
        return _placed(text, numbers)
    found = _replaced(text, numbers) if numbers.usual else None
    return _written_anew(text, numbers) if found is None else found


def _placed(text: bytes, numbers: NewNumbers) -> bytes:
    """The text with other numbers in it, whose places are known."""
    edges = numbers.places.tolist()
    between = [text[end:start] for end, start in zip((0, *edges[1::2]), (*edges[0::2], len(text)), strict=True)]
    values = [_new_boxes(numbers)]
    if 1 in numbers.sized:
        values.insert(0 if text.startswith(b'"area"', edges[0]) else 1, _new_areas(numbers))
    return _woven(between, *values)


def _replaced(text: bytes, numbers: NewNumbers) -> bytes | None:
    """The text with other numbers in it; None when their keys stand elsewhere too.

    Every entry with a box has the key once, so as many keys as boxes are just those; the others likewise.
    """
    found: bytes | None = text
    # The longest first: what is gone through again is shorter then.
    if numbers.polygons:
        new = _encoded(numbers.polygons).removesuffix(b",null,null")
        new = new.replace(b",null,null,", b']]\n"segmentation": [[').replace(b",null,", b"],[")
        found = _exchanged(_POLYGONS, found, (b'"segmentation": [[' + new + b"]]").split(b"\n"))
    if found is not None and numbers.keypoints:
        new = _encoded(numbers.keypoints).removesuffix(b",null").replace(b",null,", b']\n"keypoints": [')
        found = _exchanged(_KEYPOINTS, found, (b'"keypoints": [' + new + b"]").split(b"\n"))
    if found is not None and 1 in numbers.boxed:
        found = _exchanged(_BOX, found, _new_boxes(numbers))
    if found is not None and 1 in numbers.sized:
        found = _exchanged(_AREA, found, _new_areas(numbers))
    return found


def _new_boxes(numbers: NewNumbers) -> list[bytes]:
    boxes = _by_four(numbers.boxes)
    new = msgspec.json.encode(boxes if 0 not in numbers.boxed else list(compress(boxes, numbers.boxed)))[1:-1]
    return (b'"bbox": ' + new.replace(b"],[", b']\n"bbox": [')).split(b"\n")


def _new_areas(numbers: NewNumbers) -> list[bytes]:
    areas = numbers.areas.tolist()
    new = msgspec.json.encode(areas if 0 not in numbers.sized else list(compress(areas, numbers.sized)))[1:-1]
    return (b'"area": ' + new.replace(b",", b'\n"area": ')).split(b"\n")


def _encoded(numbers: "array[float]") -> bytes:
    return msgspec.json.encode(numbers.tolist())[1:-1]


def _by_four(numbers: "array[float]") -> list[tuple[float, ...]]:
    flat = iter(numbers.tolist())
    return list(zip(flat, flat, flat, flat, strict=True))


def _exchanged(pattern: re.Pattern[bytes], text: bytes, values: list[bytes]) -> bytes | None:
    """The text with these values instead of what the pattern finds; None when it finds more, or less."""
    parts = pattern.split(text)
    return _woven(parts, values) if len(parts) == len(values) + 1 else None


def _woven(between: list[bytes], *values: list[bytes]) -> bytes:
    """A value between each two, of each kind in turn."""
    whole = [b""] * (2 * len(between) - 1)
    whole[0::2] = between
    for kind, some in enumerate(values):
        whole[2 * kind + 1 :: 2 * len(values)] = some
    return b"".join(whole)


def _written_anew(text: bytes, numbers: NewNumbers) -> bytes:
    """The same, an entry at a time."""
    entries = cast("list[dict[str, Any]]", json.loads(b"[" + text + b"]"))
    boxes = _by_four(numbers.boxes)
    polygons = iter(_parts(_parts(numbers.polygons.tolist())))
    keypoints = iter(_parts(numbers.keypoints.tolist()))
    for place, entry in enumerate(entries):
        if numbers.boxed[place]:
            entry["bbox"] = boxes[place]
        if numbers.sized[place]:
            entry["area"] = numbers.areas[place]
        if numbers.outlined[place]:
            entry["segmentation"] = next(polygons)
        if numbers.pointed[place]:
            entry["keypoints"] = next(keypoints)
    return b", ".join(msgspec.json.encode(entry) for entry in entries)


def _parts(values: list[Any]) -> list[list[Any]]:
    """What stands between the ends, which are NaN, or nothing."""
    found: list[list[Any]] = [[]]
    for value in values:
        if value == [] or value != value:  # noqa: PLR0124 # NaN is like nothing, not even itself
            found.append([])
        else:
            found[-1].append(value)
    return found[:-1]
