"""Exported labels as CSV, one row a label, piece by piece.

Owns: the format, and what is done so that no spreadsheet runs a cell. Same labels, same bytes. Pure.
Leaves: the rows to `export_rows.py`.

Azure ML's columns were never published: these are ours. A polygon is JSON in its cell.
"""

import csv
import io
import re
from collections.abc import Iterator

import msgspec

from localazure.labeling.transfer.export_rows import ExportRows
from localazure.labeling.types import Project

__all__ = ["COLUMNS", "csv_pieces"]

COLUMNS = ("image_url", "label", "label_confidence", "topX", "topY", "bottomX", "bottomY", "polygon")
_AT_ONCE = 5_000
_PIXEL_DIGITS = 3
_FRACTION_DIGITS = 12  # the sum of two fractions has noise in its last digits


def csv_pieces(project: Project, rows: ExportRows, *, absolute: bool) -> Iterator[bytes]:
    """The file, its header first. Cells that repeat are quoted once, because most of the time would go there."""
    lines = [",".join(COLUMNS)]
    names = {key: _cell(_harmless(shown)) for key, shown in project.spec.class_names()}
    digits = _PIXEL_DIGITS if absolute else _FRACTION_DIGITS
    pictures = rows.pictures()
    number, url, across, down = 0, "", 1, 1
    for of, key, x, y, w, h, rings, confidence, width, height in rows.labels():
        while number != of:
            number, path, *_ = next(pictures)
            url = _cell(project.place.url(path))
            across, down = (width, height) if absolute else (1, 1)
        corners = ",,,"
        if x is not None and y is not None and w is not None and h is not None:
            left, top = (round(x * across, digits), round(y * down, digits)) if absolute else (x, y)
            right, bottom = round((x + w) * across, digits), round((y + h) * down, digits)
            corners = f"{left!r},{top!r},{right!r},{bottom!r}"
        shapes = "" if rings is None else f'"{_rings(rings, across, down, digits)}"'
        lines.append(f"{url},{names.get(key) or _cell(key)},{confidence!r},{corners},{shapes}")
        if len(lines) == _AT_ONCE:
            yield "\n".join([*lines, ""]).encode()
            lines.clear()
    yield "\n".join([*lines, ""]).encode()


def _cell(text: str) -> str:
    """As a spreadsheet reads it back."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow((text, ""))
    return written.getvalue()[:-1]


def _rings(rings: bytes, across: int, down: int, digits: int) -> str:
    if (across, down) == (1, 1):
        return rings.decode()
    sides = (across, down)
    unit = msgspec.json.decode(rings, type=list[list[float]])
    pixels = [[round(value * sides[place % 2], digits) for place, value in enumerate(ring)] for ring in unit]
    return msgspec.json.encode(pixels).decode()


def _harmless(text: str) -> str:
    """Spreadsheets run cells that begin like formulas. Quotes before one are quoted too, so that it can be undone."""
    return f"'{text}" if re.match(r"'*[=+\-@\t\r]", text) else text
