"""A COCO file of any size as a stream: its sections in pieces of whole entries, everything else as it stands.

Owns: where each piece begins and ends. Every cut is proved: a piece is handed out only when its own text decodes as
a list, and what decodes as a list up to a `}` is a list up to there in the whole file too.
Leaves: what entries mean to `columns.py`, disk to `files.py`.

Memory: a few times CHUNK_BYTES, whatever the file's size. Measured by benchmarks/coco.py.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Protocol

import msgspec

__all__ = ["CHUNK_BYTES", "Decoder", "Entries", "NotCoco", "Text", "scan"]

CHUNK_BYTES = 512 << 10  # what a processor keeps near: larger pieces are read slower
# One entry, or a value that is no section, is held whole: nobody writes an `info` of this size.
MOST_VALUE_BYTES = 64 << 20

_BETWEEN = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"')
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_TRIES = 8
_OTHERS = ((b"\x1f\x8b", "gzip"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"PK\x03\x04", "zip"))
_JSON = json.JSONDecoder()
_UNTYPED = msgspec.json.Decoder(list[object])


class Decoder(Protocol):
    """Reads a JSON list; msgspec's errors for what is none, or none of its kind."""

    def decode(self, buf: bytes, /) -> Sized:
        """What the list holds, whose length is that of the list."""
        ...


class _Failed(Enum):
    CUT_SHORT = 1
    BROKEN = 2


_CUT_SHORT, _BROKEN = _Failed.CUT_SHORT, _Failed.BROKEN


class NotCoco(Exception):
    """The bytes are no JSON object; `offset` is where that shows."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message, self.offset = message, offset


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes outside of the asked-for sections, exactly as they stand in the file.

    Attributes:
        key: The top-level key whose value this is, or of a section its opening bracket; None for all else.
    """

    raw: bytes
    offset: int
    key: str | None = None

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.offset + len(self.raw)


@dataclass(frozen=True, slots=True)
class Entries:
    """Whole entries of a section, without the commas around them.

    Attributes:
        section: The top-level key.
        text: Them as a JSON list: between the brackets, which are ours, exactly as they stand in the file.
        offset: Of the first entry's first byte in the file.
        first: The index of the first entry in its section.
        values: What the section's decoder made of it; None when the text is JSON, but not of the decoder's type.
        count: How many entries there are.
    """

    section: str
    text: bytes
    offset: int
    first: int
    values: Sized | None
    count: int

    @property
    def raw(self) -> bytes:
        """As they stand in the file."""
        return self.text[1:-1]

    @property
    def end(self) -> int:
        """Where the text after them begins."""
        return self.offset + len(self.text) - 2


class _Window:
    """The part of the file that is looked at: bytes from `at` on, read as needed; what was passed is kept as text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._passed: list[bytes] = []
        self._start = 0
        self._read = 0
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self.data = b""
        self.at = 0
        self.ended = False

    @property
    def place(self) -> int:
        """The offset in the file."""
        return self._start + self.at

    def fill(self, wanted: int) -> None:
        """Have `wanted` bytes after `at`, or all that the file has."""
        missing = wanted - (len(self.data) - self.at)
        if missing <= 0 or self.ended:
            return
        parts = [self.data[self.at :]]
        while missing > 0:
            part = self._file.read(max(missing, 1 << 16))
            self._refuse_other_encodings(part)
            if not part:
                self.ended = True
                break
            parts.append(part)
            missing -= len(part)
        self._start += self.at
        self.data, self.at = b"".join(parts), 0

    def _refuse_other_encodings(self, part: bytes) -> None:
        """Whatever the decoders look at later: JSON is UTF-8 to its last byte."""
        if self._read == 0:
            for mark, name in _OTHERS:
                if part.startswith(mark):
                    raise NotCoco(f"this is {name}, and COCO files are JSON in UTF-8", 0)
        waiting = len(self._utf8.getstate()[0])
        if waiting or not part.isascii():
            try:
                self._utf8.decode(part, final=not part)
            except UnicodeDecodeError as error:
                place = self._read - waiting + error.start
                raise NotCoco("from this byte on it is not UTF-8, and COCO files are", place) from error
        self._read += len(part)

    def take(self, size: int) -> None:
        """Pass these bytes."""
        self._passed.append(self.data[self.at : self.at + size])
        self.at += size

    def passed(self) -> Text:
        """What was passed since the last time."""
        raw = b"".join(self._passed)
        self._passed.clear()
        return Text(raw, self.place - len(raw))

    def drop(self, size: int) -> bytes:
        """Hand out these bytes; they are not part of the passed text."""
        raw = self.data[self.at : self.at + size]
        self.at += size
        return raw

    def as_list(self, size: int) -> bytes:
        """These bytes in brackets."""
        return b"".join((b"[", memoryview(self.data)[self.at : self.at + size], b"]"))

    def peek(self) -> bytes:
        """The next byte that is no white space, which is passed; nothing at the end of the file."""
        while True:
            found = _SPACE.match(self.data, self.at)
            if found is not None and found.end() > self.at:
                self.take(found.end() - self.at)
            if self.at < len(self.data):
                return self.data[self.at : self.at + 1]
            self.fill(1 << 16)
            if self.at >= len(self.data):
                return b""

    def expect(self, byte: bytes, what: str) -> None:
        """Pass one byte that has to be there."""
        if self.peek() != byte:
            raise NotCoco(f"{what} is missing", self.place)
        self.take(1)


def scan(file: BinaryIO, decoders: Mapping[str, Decoder]) -> Iterator[Text | Entries]:
    """The file from its first byte to its last: the raw bytes of all pieces together are the file.

    Args:
        file: Open for reading, at its start.
        decoders: By section, what its entries are decoded to; sections without one come as Text.

    Raises:
        NotCoco: The bytes are no JSON object, or a key stands twice at its top.
    """
    window = _Window(file)
    window.fill(CHUNK_BYTES)
    if window.data.startswith(b"\xef\xbb\xbf"):
        window.take(3)
    if window.peek() != b"{":
        message = "a COCO file is an object with images, annotations and categories"
        if window.peek() == b"[":
            message += "; this is a list, as predictions are"
        raise NotCoco(message, window.place)
    window.take(1)
    seen: set[str] = set()
    more = window.peek() != b"}"
    while more:
        key = _key(window)
        if key in seen:
            raise NotCoco(f"the key {key!r} stands there twice", window.place)
        seen.add(key)
        window.expect(b":", f"the colon after {key!r}")
        opening = window.peek()
        yield window.passed()
        if opening == b"[" and key in decoders:
            yield Text(window.drop(1), window.place - 1, key)
            yield from _section(window, key, decoders[key])
        else:
            yield _value(window, key)
        more = window.peek() == b","
        if more:
            window.take(1)
    window.expect(b"}", "the brace that ends the file")
    if window.peek():
        raise NotCoco("something follows the end of the object", window.place)
    yield window.passed()


def _key(window: _Window) -> str:
    if window.peek() != b'"':
        raise NotCoco("a key in quotes is missing", window.place)
    window.fill(1 << 16)
    found = _STRING.match(window.data, window.at)
    if found is None:
        raise NotCoco("a key has no end", window.place)
    place = window.place
    window.take(len(found.group()))
    try:
        return str(json.loads(found.group()))
    except ValueError as error:
        raise NotCoco(f"a key is no text: {error}", place) from error


def _value(window: _Window, key: str | None) -> Text:
    """Any one value, held whole."""
    size = 1 << 16
    while True:
        window.fill(size)
        text = window.data[window.at : window.at + size].decode("latin-1")  # a byte a character: offsets stay true
        try:
            _, end = _JSON.raw_decode(text)
        except RecursionError as error:
            raise NotCoco("it is nested too deeply", window.place) from error
        except json.JSONDecodeError as error:
            if window.ended and len(text) == len(window.data) - window.at:
                raise NotCoco(error.msg, window.place + error.pos) from error
            if size >= MOST_VALUE_BYTES:
                raise NotCoco(f"a value is longer than {MOST_VALUE_BYTES >> 20} MB", window.place) from error
        else:
            # A number may go on behind what was read so far.
            if end < len(text) or window.ended:
                place = window.place
                return Text(window.drop(end), place, key)
        size *= 4


def _section(window: _Window, section: str, decoder: Decoder) -> Iterator[Text | Entries]:
    first = 0
    more = window.peek() != b"]"
    while more:
        opening = window.peek()
        yield window.passed()
        if opening == b"{":
            entries = _cut(window, section, first, decoder)
        else:
            other = _value(window, None)
            entries = Entries(section, b"[" + other.raw + b"]", other.offset, first, None, 1)
        yield entries
        first += entries.count
        more = window.peek() == b","
        if more:
            window.take(1)
    window.expect(b"]", f"the bracket that ends {section!r}")


def _cut(window: _Window, section: str, first: int, decoder: Decoder) -> Entries:
    """As many whole entries as make a piece, at least one."""
    size = CHUNK_BYTES
    for _ in range(_TRIES):
        window.fill(size + (1 << 16))
        between = _BETWEEN.search(window.data, window.at + size)
        if between is None and not window.ended:
            size *= 2
            if size > MOST_VALUE_BYTES:
                break
            continue
        end = (between.start() + 1 if between else len(window.data)) - window.at
        text = window.as_list(end)
        proof = _prove(text, decoder)
        if isinstance(proof, int):  # the section ended there
            end = len(text[: text.rindex(b"]", 0, proof)].rstrip()) - 1
            text = window.as_list(end)
            proof = _prove(text, decoder)
        if proof is _BROKEN:
            break
        if proof is not _CUT_SHORT and not isinstance(proof, int):
            values, count = proof
            place = window.place
            window.at += end
            return Entries(section, text, place, first, values, count)
        size = end + 1
    return _walked(window, section, first)


def _prove(text: bytes, decoder: Decoder) -> "tuple[Sized | None, int] | int | _Failed":
    """The values of a list and how many; or where its text goes on after the list's end; or why it is none."""
    try:
        try:
            values = decoder.decode(text)
            return values, len(values)
        except msgspec.ValidationError:
            return None, len(_UNTYPED.decode(text))
    except msgspec.DecodeError as error:
        said = str(error)
        if trailing := _TRAILING.search(said):
            return int(trailing.group(1)) - 1  # it counts the byte that is too much
        return _CUT_SHORT if "truncated" in said else _BROKEN
    except (RecursionError, UnicodeDecodeError):
        return _BROKEN


def _walked(window: _Window, section: str, first: int) -> Entries:
    """The slow way, an entry at a time: for cuts that fell badly, for NaN, and to say where JSON is broken."""
    place = window.place
    end = count = 0
    size = CHUNK_BYTES
    window.fill(size)
    seen = window.data[window.at :].decode("latin-1")
    at = 0
    while at < len(seen):
        try:
            _, at = _JSON.raw_decode(seen, at)
        except (json.JSONDecodeError, RecursionError) as error:
            if count:
                break
            if isinstance(error, RecursionError):
                raise NotCoco("it is nested too deeply", place) from error
            if window.ended or size >= MOST_VALUE_BYTES:
                raise NotCoco(error.msg, place + error.pos) from error
            size *= 4
            window.fill(size)
            seen, at = window.data[window.at :].decode("latin-1"), 0
            continue
        end, count = at, count + 1
        between = _COMMA.match(seen, at)
        if between is None:
            break
        at = between.end()
    text = window.as_list(end)
    window.at += end
    return Entries(section, text, place, first, None, count)
