"""Other numbers in the text of entries; every byte that is no such number stays.

Owns: finding the numbers, and the slow way where a key stands elsewhere too. Leaves: which numbers to the transforms.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

__all__ = ["renumbered", "with_prefix"]

_BEFORE = b": \t\r\n"
_NUMBER = b"0123456789.eE+-"
_BEHIND = {b",", b"}", b" ", b"\n", b"\r", b"\t"}
_ASCII_ESCAPED = re.compile(rb"\\u00[0-7]")  # a key may hide behind it
_FILE_NAME = re.compile(rb'"file_name"[ \t\r\n]*:[ \t\r\n]*"')


def renumbered(raw: bytes, numbers: Mapping[str, Sequence[int | None]]) -> bytes:
    """Entries with new values of these keys.

    Args:
        raw: Entries with commas between them.
        numbers: By key a value for each entry; None where the entry has no such key.
    """
    text = raw
    if not _ASCII_ESCAPED.search(raw):
        for key, values in numbers.items():
            found = _replaced(text, key, [value for value in values if value is not None])
            if found is None:
                break
            text = found
        else:
            return text
    entries = cast("list[dict[str, Any]]", json.loads(b"[" + raw + b"]"))
    for key, values in numbers.items():
        for entry, value in zip(entries, values, strict=True):
            if value is not None:
                entry[key] = value
    return _dumped(entries)


def with_prefix(raw: bytes, prefix: str, count: int) -> bytes:
    """Images, so many, whose file names begin with this."""
    if not _ASCII_ESCAPED.search(raw):
        written = json.dumps(prefix)[1:-1].encode()
        text, found = _FILE_NAME.subn(lambda match: match.group() + written, raw)
        if found == count == raw.count(b'"file_name"'):
            return text
    entries = cast("list[dict[str, Any]]", json.loads(b"[" + raw + b"]"))
    for entry in entries:
        entry["file_name"] = prefix + entry["file_name"]
    return _dumped(entries)


def _dumped(entries: Sequence[object]) -> bytes:
    return b", ".join([json.dumps(entry).encode() for entry in entries])


def _replaced(text: bytes, key: str, values: Sequence[int]) -> bytes | None:
    """With a new number behind each key; None when the key stands elsewhere too.

    Every entry with a value has the key, so as many keys as values are just those.
    """
    name = b'"' + key.encode() + b'"'
    head, *parts = text.split(name)
    rests = [part.lstrip(_BEFORE).lstrip(_NUMBER) for part in parts]
    if len(parts) != len(values) or not {rest[:1] for rest in rests} <= _BEHIND:
        return None
    if not values:
        return text
    opening = name + b": "
    new = msgspec.json.encode(values)[1:-1].split(b",")
    return head + b"".join([opening + number + rest for number, rest in zip(new, rests, strict=True)])
