"""What was found in a file, put in order: the same fault once, with its number and its first places.

Owns: groups, and for the places that are shown their byte offset and the offending value, read from the file again.
Leaves: finding faults to `rules`, drawing to the CLI and `sarif.py`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from automation.coco.checking import Checked, Span
from automation.coco.entry import shown
from automation.coco.files import open_coco
from automation.coco.mending import can_fix
from automation.coco.places import has_signature
from automation.coco.profiles import Profile
from automation.errors import Finding, Severity

__all__ = ["Example", "Group", "grouped"]

_POINTER = re.compile(r"/(images|annotations|categories)/(\d+)(/.+)?\Z")
_BYTE = re.compile(r"byte ([\d,]+)\Z")
_BETWEEN = re.compile(r"[\s,]*")
_JSON = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One place of a fault.

    Attributes:
        where: JSON pointer, or nothing where the file as a whole is meant.
        message: One sentence.
        value: The offending value as JSON, cut when long; None where there is none.
        offset: Of the entry's first byte in the file; None where there is no entry.
        size: Of the entry in bytes.
    """

    where: str
    message: str
    value: str | None = None
    offset: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One kind of fault.

    Attributes:
        count: How often it was found, whether listed or not.
        hint: What to do.
        fixable: Whether `fix_file` sees to it, at the first place at least.
        examples: The first places.
    """

    code: str
    severity: Severity
    count: int
    hint: str | None
    fixable: bool
    examples: tuple[Example, ...]


def grouped(path: Path, checked: Checked, *, profile: Profile | None = None, examples: int = 3) -> list[Group]:
    """The findings of a file by code: errors first, each with its first few examples.

    Raises:
        ConfigError: The file is not there any more.
    """
    kinds: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in checked.findings:
        kept = kinds.setdefault((finding.code, finding.severity), [])
        if len(kept) < examples:
            kept.append(finding)
    wanted = [finding.where for kept in kinds.values() for finding in kept]
    entries = _located(path, checked.spans, wanted)
    groups = [
        Group(
            code=code,
            severity=severity,
            count=checked.counts.get((code, severity), len(kept)),
            hint=next((finding.hint for finding in kept if finding.hint), None),
            fixable=can_fix(code, kept[0].where, profile),
            examples=tuple(_example(finding, entries) for finding in kept),
        )
        for (code, severity), kept in kinds.items()
    ]
    return sorted(groups, key=lambda group: group.severity is not Severity.ERROR)


def _example(finding: Finding, entries: Mapping[tuple[str, int], tuple[int, str]]) -> Example:
    if at := _BYTE.match(finding.where):
        return Example(where="", message=_printable(finding.message), offset=int(at.group(1).replace(",", "")))
    example = Example(where=finding.where, message=_printable(finding.message))
    pointer = _POINTER.match(finding.where)
    if pointer is None or (pointer.group(1), int(pointer.group(2))) not in entries:
        return example
    offset, text = entries[pointer.group(1), int(pointer.group(2))]
    return replace(example, offset=offset, size=_size(text), value=_value(text, pointer.group(3)))


def _value(text: str, pointer: str | None) -> str | None:
    """What the pointer leads to, short; nothing of an address that carries a secret."""
    if pointer is None:
        return None
    value: object = json.loads(text)
    for part in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(cast("list[object]", value)):
            value = cast("list[object]", value)[int(part)]
        else:
            return None
    if value is None or (isinstance(value, str) and has_signature(value)):
        return None
    return _printable(shown(value) if isinstance(value, str) else shown(_Json(json.dumps(value, ensure_ascii=False))))


def _printable(text: str) -> str:
    """Without halves of pairs, and bytes that are no text, which no output takes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _size(text: str) -> int:
    return len(text.encode())


class _Json(str):
    """Text that is shown without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _located(path: Path, spans: Sequence[Span], wanted: Sequence[str]) -> dict[tuple[str, int], tuple[int, str]]:
    """Offset and text of the entries that pointers lead to."""
    places = {(found.group(1), int(found.group(2))) for where in wanted if (found := _POINTER.match(where))}
    entries: dict[tuple[str, int], tuple[int, str]] = {}
    if not places:
        return entries
    with open_coco(path) as file:
        for span in spans:
            inside = {i for section, i in places if section == span.section and 0 <= i - span.first < span.count}
            if inside:
                entries |= _in_span(file, span, inside)
    return entries


def _in_span(file: BinaryIO, span: Span, inside: set[int]) -> dict[tuple[str, int], tuple[int, str]]:
    file.seek(span.offset)
    raw = file.read(span.size)
    text = raw.decode()
    one_byte_each = len(text) == len(raw)
    found: dict[tuple[str, int], tuple[int, str]] = {}
    at = 0
    for index in range(span.first, max(inside) + 1):
        try:
            _, end = _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if index in inside:
            before = at if one_byte_each else _size(text[:at])
            found[span.section, index] = (span.offset + before, text[at:end])
        between = _BETWEEN.match(text, end)
        at = end if between is None else between.end()
    return found
