"""New numbers in the old text of annotations, every other byte as it was.

Owns: finding the boxes and areas in the text, and the slow way where their keys stand elsewhere too. Pure, and without
numpy: it is half of the work of a conversion, and goes on in a process of its own (`writing.py`).
"""

import json
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, cast

import msgspec

__all__ = ["NewNumbers", "spliced"]

_BOX = re.compile(rb'"bbox"[ \t\r\n]*:[ \t\r\n]*\[[^\]]*\]')
_AREA = re.compile(rb'"area"[ \t\r\n]*:[ \t\r\n]*[-+.0-9eE]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumbers:
    """What n annotations are to say.

    Attributes:
        boxes: Left, top, width, height of each, 4 n numbers; those of an annotation without a box mean nothing.
        areas: n numbers, likewise.
        boxed: n bytes: 1 for an annotation that has a box.
        sized: n bytes: 1 for one that has an area. Both are empty where nobody looked.
    """

    boxes: "array[float]"
    areas: "array[float]"
    boxed: bytes
    sized: bytes


def spliced(text: bytes, numbers: NewNumbers) -> bytes:
    """Entries, with commas between them, that have these numbers.

    Args:
        text: The old entries, with commas between them.
        numbers: Of each of them.
    """
    boxes, areas = _by_four(numbers.boxes), numbers.areas.tolist()
    if numbers.boxed and not any(map(_lonely, zip(numbers.boxed, numbers.sized, strict=True))):
        some = boxes if 0 not in numbers.boxed else list(compress(boxes, numbers.boxed))
        sizes = areas if 0 not in numbers.sized else list(compress(areas, numbers.sized))
        if found := _replaced(text, some, sizes):
            return found
    return _written_anew(text, boxes, areas)


def _by_four(numbers: "array[float]") -> list[tuple[float, ...]]:
    flat = iter(numbers.tolist())
    return list(zip(flat, flat, flat, flat, strict=True))


def _lonely(has: tuple[int, int]) -> bool:
    """An area without a box: nobody knows what it would be."""
    return has == (0, 1)


def _replaced(text: bytes, boxes: Sequence[Sequence[float]], areas: Sequence[float]) -> bytes | None:
    """The text with other numbers in it; None when their keys stand elsewhere too.

    Every entry with a box has the key once, so as many keys as boxes are just those; areas likewise.
    """
    found = text
    if boxes:
        new = msgspec.json.encode(boxes)[1:-1].replace(b"],[", b']\n"bbox": [')
        parts = _BOX.split(text)
        if len(parts) != len(boxes) + 1:
            return None
        found = _between(parts, (b'"bbox": ' + new).split(b"\n"))
    if areas:
        new = msgspec.json.encode(areas)[1:-1].replace(b",", b'\n"area": ')
        parts = _AREA.split(found)
        if len(parts) != len(areas) + 1:
            return None
        found = _between(parts, (b'"area": ' + new).split(b"\n"))
    return found


def _between(parts: list[bytes], values: list[bytes]) -> bytes:
    """The parts with a value between each two."""
    whole = [b""] * (len(parts) + len(values))
    whole[0::2], whole[1::2] = parts, values
    return b"".join(whole)


def _written_anew(text: bytes, boxes: Sequence[Sequence[float]], areas: Sequence[float]) -> bytes:
    """The same, an entry at a time."""
    entries = cast("list[dict[str, Any]]", json.loads(b"[" + text + b"]"))
    for entry, box, area in zip(entries, boxes, areas, strict=True):
        if entry.get("bbox"):
            entry["bbox"] = box
            if entry.get("area") is not None:
                entry["area"] = area
    return b", ".join(msgspec.json.encode(entry) for entry in entries)
