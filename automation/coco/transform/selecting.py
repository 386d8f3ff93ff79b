"""The second of two passes: entries of a file go into this file, that one or none, byte by byte as they stand.

Owns: files with fewer entries than their source and the same everything else, commas included.
Leaves: which entry goes where to the transforms.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from automation.coco.files import open_coco, refuse_same, written_whole
from automation.coco.scan import Decoder, Entries, Text, scan
from automation.progress import Progress, silent

__all__ = ["AS_TEXT", "Part", "Sheet", "Targets", "walked", "write_parts"]

Targets = NDArray[np.int8]
# An entry is proved to be JSON and handed out as it stands; no value of it is looked at.
AS_TEXT: dict[str, Decoder] = {
    section: cast("Decoder", msgspec.json.Decoder(list[msgspec.Raw]))
    for section in ("images", "annotations", "categories")
}
_JSON = json.JSONDecoder()
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file that was written, and how many entries it has."""

    path: Path
    images: int
    annotations: int
    categories: int


def write_parts(
    source: Path, paths: Sequence[Path], targets: dict[str, Targets], *, progress: Progress = silent
) -> tuple[Part, ...]:
    """Write the parts of a file.

    Args:
        source: A COCO file that was surveyed.
        paths: Where they go; each is there whole, or none is.
        targets: By section, for each entry the index in `paths` or -1. A section that is not named goes into all.
        progress: Is told how far it is, in bytes.

    Raises:
        Refused: One of the paths is the source.
    """
    for path in paths:
        refuse_same(source, path)
    size = source.stat().st_size
    with ExitStack() as stack:
        file = stack.enter_context(open_coco(source))
        sheets = [Sheet(stack.enter_context(written_whole(path))) for path in paths]
        for piece in scan(file, AS_TEXT):
            if isinstance(piece, Text):
                for sheet in sheets:
                    sheet.text(piece)
            else:
                _deal(piece, sheets, targets.get(piece.section))
            progress(piece.offset + len(piece.raw), size, "writing")
    return tuple(
        Part(path=path, **{section: sheet.counts.get(section, 0) for section in AS_TEXT})
        for path, sheet in zip(paths, sheets, strict=True)
    )


def _deal(piece: Entries, sheets: "Sequence[Sheet]", targets: Targets | None) -> None:
    if targets is None:
        for sheet in sheets:
            sheet.entries(piece.section, piece.raw, piece.count)
        return
    here = targets[piece.first : piece.first + piece.count]
    first, last = int(here.min()), int(here.max())
    if first == last:
        if first >= 0:
            sheets[first].entries(piece.section, piece.raw, piece.count)
        return
    texts = cast("list[Any]", piece.values) if piece.values is not None else walked(piece)
    for index in range(max(first, 0), last + 1):
        mine = np.flatnonzero(here == index).tolist()
        if mine:
            sheets[index].entries(piece.section, b", ".join([texts[at] for at in mine]), len(mine))


def walked(piece: Entries) -> list[bytes]:
    """The entries of a piece that no quick reader took."""
    text = piece.raw.decode("latin-1")  # a byte a character: what is cut is what stands there
    found: list[bytes] = []
    at = 0
    while at < len(text):
        _, end = _JSON.raw_decode(text, at)
        found.append(text[at:end].encode("latin-1"))
        at = end + len(text[end:]) - len(text[end:].lstrip(" \t\r\n,"))
    return found


class Sheet:
    """One of the files to write."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inside = False
        self._between = b""
        self.counts: dict[str, int] = {}

    def text(self, text: Text) -> None:
        """What stands around entries; a comma waits for an entry to follow."""
        if text.key in AS_TEXT and text.raw == b"[":
            self._inside, self._between = True, b""
        elif self._inside:
            begins = text.raw.lstrip(_SPACE)[:1]
            if begins == b",":
                self._between = text.raw
                return
            self._inside = begins != b"]"
        self._file.write(text.raw)

    def entries(self, section: str, raw: bytes, count: int) -> None:
        """Entries with the commas between them."""
        before = self.counts.get(section, 0)
        if before:
            self._file.write(self._between)
        self._file.write(raw)
        self.counts[section] = before + count
