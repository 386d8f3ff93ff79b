"""Mending a COCO file of any size: a new file with what can be set right set right, every other byte as it was.

Owns: which ids become which, the pass that writes, and the number of each mend.
Leaves: the mends to `mending.py`, finding faults to `checking.py`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from automation.coco.checking import Checked, check_file
from automation.coco.columns import NO_ID, ImageColumns
from automation.coco.entry import BIGGEST
from automation.coco.files import open_coco, written_whole
from automation.coco.growing import Numbers
from automation.coco.images import ImageTable
from automation.coco.mending import DROPS, Plan, drop_reason, mend_annotation, mend_category, mend_image
from automation.coco.pieces import Pieces
from automation.coco.profiles import Profile
from automation.coco.scan import Entries, Text
from automation.coco.types import Category, Unit
from automation.errors import DatasetError, Refused, Severity
from automation.progress import Progress, silent

__all__ = ["Fixed", "fix_file"]

# An infinite number cannot be written as JSON again.
_UNREADABLE = frozenset(("not-json", "key-duplicate", "missing-section", "not-a-number"))
_BETWEEN = re.compile(r"[\s,]*")
_JSON = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What was done; `mends` counts each by its name in `mending.MENDS`."""

    mends: Mapping[str, int]


def fix_file(
    source: Path,
    target: Path,
    *,
    profile: Profile,
    unit: Unit | None = None,
    drop: bool = False,
    in_place: bool = False,
    progress: Progress = silent,
) -> Fixed:
    """Write a file with what can be mended mended. Mending the new file again changes nothing.

    Args:
        source: A COCO file.
        target: Where the new one goes; it is there whole or not at all.
        profile: Who is to take it: it decides what is missed.
        unit: The unit of the boxes, where the file is not to decide.
        drop: Drop annotations whose box has no area, or whose category is not there.
        in_place: Whether the new file may take the place of the old one.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file.
        Refused: The target is the source, and nobody said that it may be.
        DatasetError: The file cannot be read so that its bytes could be written again.
    """
    if target.exists() and target.samefile(source) and not in_place:
        raise Refused("the new file would take the place of the old one", hint="give another --out, or --in-place")
    checked = check_file(source, unit=unit, profile=profile, progress=progress)
    unreadable = [finding for finding in checked.findings if finding.code in _UNREADABLE]
    if unreadable:
        raise DatasetError("the file cannot be mended", findings=unreadable, hint="correct this first")
    with open_coco(source) as file:
        writer = _Writer(_plan(file, checked, profile, drop=drop))
        size = source.stat().st_size
        with written_whole(target) as new:
            for piece in Pieces(file, ()):
                new.write(writer.written(piece.source))
                progress(piece.source.end, size, "mending")
    mends = writer.mends
    if any(mends[reason] for reason in ("id-text", *DROPS)):  # what is gone may have stood in the way of other mends
        mends += Counter(fix_file(target, target, profile=profile, unit=unit, drop=drop, in_place=True).mends)
    return Fixed(mends=dict(sorted(mends.items())))


def _plan(file: BinaryIO, checked: Checked, profile: Profile, *, drop: bool) -> Plan:
    table, numbered, keys = ImageTable(), Numbers(), set[str | None]()
    pieces = Pieces(file)
    for piece in pieces:
        if isinstance(piece.source, Text):
            keys.add(piece.source.key)
        for columns in piece.columns:
            if isinstance(columns, ImageColumns):
                table.add(columns)
            else:
                numbered.add(columns.ids)
    malformed = {finding.where.split("/")[1] for finding in pieces.findings}
    dangling = {code for code, severity in checked.counts if severity is Severity.ERROR}
    unique_images = len(np.unique(table.ids)) == len(table)
    # An annotation that cannot be read may name an id that is free by now: a new owner of that id would get it.
    readable = "annotations" not in malformed
    images_clear = readable and unique_images and "images" not in malformed and "dangling-image" not in dangling
    categories_clear = readable and "categories" not in malformed and "dangling-category" not in dangling
    category_ids, merged = _categories(pieces.categories, profile) if categories_clear else ({}, frozenset[int]())
    known, excused = {category.id for _, category in pieces.categories}, pieces.excused.get("categories", frozenset())
    ids = numbered.all
    unclear = bool((ids == NO_ID).any()) or len(np.unique(ids)) < len(ids)
    return Plan(
        unit=checked.unit,
        images=table,
        image_ids=images_clear and profile.for_service,
        annotation_ids=unclear or profile.for_service,
        category_ids=category_ids,
        merged=merged,
        wanted=profile.wanted,
        drop=drop,
        categories=excused | known if known and excused is not None else None,
        licenses="licenses-missing" in profile.wanted and "licenses" not in keys,
    )


def _categories(categories: "list[tuple[int, Category]]", profile: Profile) -> tuple[dict[int, int], frozenset[int]]:
    """The new id of each old one, where it changes; and places of categories that go into an earlier one."""
    ids = [category.id for _, category in categories]
    if len(set(ids)) < len(ids):
        return {}, frozenset()
    kept: dict[str, int] = {}
    stays: dict[int, int] = {}
    merged: set[int] = set()
    for place, category in categories:
        if category.name.strip() and category.name in kept:
            merged.add(place)
        elif category.name.strip():
            kept[category.name] = category.id
        stays[category.id] = kept.get(category.name, category.id)
    numbered = profile.for_service or ("category-id-zero" in profile.wanted and 0 in stays.values())
    order = {old: number for number, old in enumerate(dict.fromkeys(stays.values()), 1)}
    new = {old: order[stay] if numbered else stay for old, stay in stays.items()}
    return {old: name for old, name in new.items() if name != old}, frozenset(merged)


class _Writer:
    """The bytes of the new file, in the order of the old one."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._number = 0
        self._comma = b""  # between pieces; it is written only when something stands on both sides of it
        self._written = False
        self._inside = False
        self._licenses = plan.licenses
        self.mends: Counter[str] = Counter()

    def written(self, source: Entries | Text) -> bytes:
        if isinstance(source, Text):
            return self._text(source)
        new = self._entries(source)
        if not new:
            return b""
        comma, self._comma = (self._comma if self._written else b""), b""
        self._written = True
        return comma + new

    def _text(self, source: Text) -> bytes:
        if source.key is not None:
            self._inside, self._written, self._comma = source.raw == b"[", False, b""
        elif self._inside and source.raw.strip() == b",":
            self._comma = source.raw
            return b""
        elif self._inside and source.raw.strip():
            self._inside = False
        if self._licenses and b"{" in source.raw:
            self._licenses = False
            self.mends["licenses-missing"] += 1
            return source.raw.replace(b"{", b'{"licenses": [], ', 1)
        return source.raw

    def _entries(self, source: Entries) -> bytes:
        text = source.text.decode()
        found = list(_walked(text))
        rows = self._rows(source.section, [entry for _, _, entry in found])
        parts: list[str] = []
        end = 1
        for index, ((start, stop, entry), row) in enumerate(zip(found, rows, strict=True)):
            between, end = text[end:start], stop
            if not isinstance(entry, dict):
                parts += (between if parts else "", text[start:stop])
                continue
            tree = cast("dict[str, object]", entry)
            if self._goes(source, source.first + index, tree):
                continue
            mends = self._mended(source.section, tree, row)
            self.mends.update(mends)
            parts += (between if parts else "", _dumped(tree, text[start:stop]) if mends else text[start:stop])
        return "".join(parts).encode()

    def _rows(self, section: str, entries: list[object]) -> list[int]:
        """The row of each entry's image in the table."""
        key = {"images": "id", "annotations": "image_id"}.get(section)
        if key is None:
            return [-1] * len(entries)
        ids = [
            _id(cast("dict[str, object]", entry).get(key)) if isinstance(entry, dict) else NO_ID for entry in entries
        ]
        rows: list[int] = self._plan.images.rows(np.array(ids, np.int64)).tolist()
        return rows

    def _goes(self, source: Entries, place: int, tree: dict[str, object]) -> bool:
        if source.section == "categories" and place in self._plan.merged:
            self.mends["category-name-duplicate"] += 1
            return True
        reason = drop_reason(tree, self._plan) if source.section == "annotations" else None
        if reason is not None:
            self.mends[reason] += 1
        return reason is not None

    def _mended(self, section: str, tree: dict[str, object], row: int) -> list[str]:
        if section == "images":
            return mend_image(tree, self._plan, row)
        if section == "categories":
            return mend_category(tree, self._plan)
        self._number += 1
        return mend_annotation(tree, self._plan, row, self._number)


def _walked(text: str) -> Iterator[tuple[int, int, object]]:
    """Where each entry of a list begins and ends, and what it says."""
    at = 1
    while at < len(text) - 1:
        between = _BETWEEN.match(text, at)
        start = at if between is None else between.end()
        if start >= len(text) - 1:
            return
        entry, at = _JSON.raw_decode(text, start)
        yield start, at, entry


def _id(value: object) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) <= BIGGEST else NO_ID


def _dumped(tree: dict[str, object], old: str) -> str:
    separators = (", ", ": ") if '": ' in old else (",", ":")
    text = json.dumps(tree, ensure_ascii=False, separators=separators)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair, which only an escape can write
        return json.dumps(tree, separators=separators)
    return text
