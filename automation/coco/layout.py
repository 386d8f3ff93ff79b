"""Annotations that are all written alike, read as numbers in a row, without an object for each.

Owns: proving that some text is a list of such entries, and where their numbers stand. Leaves: every other text to
msgspec, which reads all that is JSON, and is slower; what entries mean to `pieces.py`.

Nearly every large file was written by a program, entry by entry in one way: the same keys in one order, with the same
space between them. The proof needs three looks at the text. All that is no part of a number is that of the first entry,
again and again; between each two numbers stands as much of it as in the first entry; and each number is one for a JSON
parser. So the first entry with other numbers is what each entry is, and what the first one is, is looked at with care.
"""

import json
import re
from array import array
from dataclasses import dataclass
from typing import cast

import msgspec
import numpy as np

from automation.coco.columns import NO_ID, AnnotationColumns, Floats, Ints

__all__ = ["Alike", "alike"]

# Numbers with an exponent are not among those: e may stand in keys.
_OF_NUMBERS = b"0123456789.-"
_OTHERS = bytes(byte for byte in range(256) if byte not in _OF_NUMBERS + b",")
_FIRST, _COUNT = np.uint8(ord("-")), np.uint8(len("-./0123456789"))
_BEYOND = 2.0**53  # from here on a float does not tell neighbouring integers apart
_LONGEST = 4096  # bytes of an entry without text
_WHOLE = ("image_id", "category_id", "id", "iscrowd")
_NEEDED = frozenset(("image_id", "category_id", "bbox"))
_NUMBERS = msgspec.json.Decoder(list[float])
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_CHANGING = {
    "bbox": re.compile(rb'"bbox"[ \t\r\n]*:[ \t\r\n]*\[[^\]]*\]'),
    "area": re.compile(rb'"area"[ \t\r\n]*:[ \t\r\n]*[-.0-9]+'),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """The first entry, and how often it has what.

    Attributes:
        keys: By key, which of the numbers is its first one.
        head: How many bytes stand before its first number.
        between: Int (k,), how many stand between each number and the one before it, in the entry or the one before.
        rest: What is left of the entry when its numbers are gone.
        comma: What stands between two entries.
        changing: By key, what stands for it in the text: bytes before its first number, and behind its last one.
    """

    keys: dict[str, int]
    head: int
    between: Ints
    rest: bytes
    comma: bytes
    changing: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """n entries of k numbers.

    Attributes:
        numbers: Float (n, k).
        starts: Int (n, k), where each number begins in the text, and in `ends` where it ends.
    """

    pattern: _Pattern
    numbers: Floats
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.numbers)

    def columns(self, first: int) -> AnnotationColumns:
        """The same as columns; `first` is the place of the first entry in its section."""
        n = len(self)
        none = np.zeros(n, np.bool_)
        at = self.pattern.keys["bbox"]
        ids, crowds, areas = self._column("id"), self._column("iscrowd"), self._column("area")
        return AnnotationColumns(
            index=np.arange(first, first + n),
            ids=np.full(n, NO_ID) if ids is None else ids.astype(np.int64),
            image_ids=self.numbers[:, self.pattern.keys["image_id"]].astype(np.int64),
            category_ids=self.numbers[:, self.pattern.keys["category_id"]].astype(np.int64),
            boxes=np.ascontiguousarray(self.numbers[:, at : at + 4]),
            boxed=~none,
            outlined=none,
            emptied=none,
            areas=np.full(n, np.nan) if areas is None else areas.copy(),
            crowds=np.full(n, np.nan) if crowds is None else crowds.copy(),
            pointed=none,
        )

    def places(self) -> Ints:
        """Int (n, 2 m): where the keys of boxes and areas begin in the text and their values end, in their order."""
        keys, changing = self.pattern.keys, self.pattern.changing
        found: list[Ints] = []
        for key in sorted(changing, key=keys.__getitem__):
            before, behind = changing[key]
            last = keys[key] + (3 if key == "bbox" else 0)
            found += [self.starts[:, keys[key]] - before, self.ends[:, last] + behind]
        return np.stack(found, axis=1)

    def _column(self, key: str) -> Floats | None:
        at = self.pattern.keys.get(key)
        return None if at is None else self.numbers[:, at]


def alike(text: bytes) -> Alike | None:
    """A list of entries that are written alike; None when it is anything else, or cannot be read so."""
    pattern = _pattern(text)
    if pattern is None:
        return None
    rest = text.translate(None, _OF_NUMBERS)
    count = (len(rest) - len("[]") + len(pattern.comma)) // (len(pattern.rest) + len(pattern.comma))
    if rest != b"[" + pattern.comma.join([pattern.rest] * count) + b"]":
        return None
    shape = (count, len(pattern.between))
    starts, ends = _runs(text)
    if len(starts) != count * shape[1] or not _as_far_apart(_between(starts, ends), pattern):
        return None
    numbers = _read(text)
    if len(numbers) != len(starts):
        return None
    numbers = numbers.reshape(shape)
    whole = numbers[:, [pattern.keys[key] for key in _WHOLE if key in pattern.keys]]
    if not (np.abs(numbers) < _BEYOND).all() or not (whole == np.floor(whole)).all():
        return None
    return Alike(pattern=pattern, numbers=numbers, starts=starts.reshape(shape), ends=ends.reshape(shape))


def _as_far_apart(between: Ints, pattern: _Pattern) -> bool:
    """Whether numbers stand where those of the first entry do."""
    if between[0] != len("[") + pattern.head:
        return False
    rows = between.reshape(-1, len(pattern.between))
    return bool((rows[1:] == pattern.between).all() and (rows[0, 1:] == pattern.between[1:]).all())


def _read(text: bytes) -> Floats:
    """The numbers of a text that has one comma between each two; none if one of them is no number."""
    try:
        return np.frombuffer(array("d", _NUMBERS.decode(b"[" + text.translate(None, _OTHERS) + b"]")))
    except msgspec.DecodeError:
        return np.empty(0)


def _runs(text: bytes) -> tuple[Ints, Ints]:
    """Where what may be numbers begins and ends; the text begins and ends with something else."""
    marks = np.frombuffer(text, np.uint8) - _FIRST < _COUNT
    edges = np.flatnonzero(marks[1:] != marks[:-1]) + 1
    return edges[0::2], edges[1::2]


def _between(starts: Ints, ends: Ints) -> Ints:
    """How many bytes stand between each run and the one before it, or the beginning."""
    found = np.diff(starts, prepend=0)
    found[1:] -= ends[:-1] - starts[:-1]
    return found


def _pattern(text: bytes) -> _Pattern | None:
    """What the first of several entries is made of; None when it has more than numbers, or too little."""
    end = text.find(b"}", 0, _LONGEST) + 1
    following = text.find(b"{", end, end + _LONGEST)
    if not end or following < 0 or not _COMMA.fullmatch(text, end, following):
        return None
    entry = text[1:end]
    try:
        pairs = cast("list[tuple[str, object]]", json.loads(entry, object_pairs_hook=list))
    except (ValueError, RecursionError):
        return None
    keys: dict[str, int] = {}
    slots = 0
    for key, value in pairs:
        values = cast("list[object]", value) if key == "bbox" and isinstance(value, list) else [value]
        wanted = 4 if key == "bbox" else 1
        if key in keys or len(values) != wanted or not all(type(number) in (int, float) for number in values):
            return None
        keys[key] = slots
        slots += wanted
    starts, ends = _runs(entry)
    if not keys.keys() >= _NEEDED or len(starts) != slots:
        return None
    changing: dict[str, tuple[int, int]] = {}
    for key, form in _CHANGING.items():
        if key in keys and (found := form.search(entry)):
            last = keys[key] + (3 if key == "bbox" else 0)
            changing[key] = int(starts[keys[key]]) - found.start(), found.end() - int(ends[last])
    between = _between(starts, ends)
    head, tail = int(between[0]), len(entry) - int(ends[-1])
    between[0] = tail + following - end + head
    return _Pattern(
        keys=keys,
        head=head,
        between=between,
        rest=entry.translate(None, _OF_NUMBERS),
        comma=text[end:following],
        changing=changing,
    )
