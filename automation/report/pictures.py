"""Pictures inside the page: the photograph as JPEG, what was found on it as SVG above it.

Owns: making photographs small, and drawing boxes that stay sharp.
Leaves: which pictures to the caller. Pillow is imported when the first picture is shown.
"""

import base64
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from automation.report.charts import SERIES
from automation.report.elements import element
from automation.report.types import PictureBox, TriedPicture

__all__ = ["SHOWN_SCORE", "Photograph", "photograph", "picture_figure"]

SHOWN_SCORE = 0.3
LONGEST_SIDE_PX = 900
QUALITY = 82
MOST_PIXELS = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """A photograph to embed; width and height are those of the original, in which boxes are measured."""

    uri: str
    width: int
    height: int


def picture_figure(picture: TriedPicture, colours: Mapping[str, int]) -> Element:
    """A picture with what was found on it; `colours` says which colour a label has."""
    shot = photograph(picture.source)
    shown = [box for box in picture.boxes if box.score >= SHOWN_SCORE]
    view = (
        element("p", "The picture could not be opened any more.", class_="missing")
        if shot is None
        else element(
            "svg",
            element("title", f"{picture.name}: {_said(picture, shown)}"),
            element("image", href=shot.uri, width=shot.width, height=shot.height),
            *(part for box in reversed(shown) for part in _box(box, shot, colours[box.label])),
            view_box=f"0 0 {shot.width} {shot.height}",
            role="img",
        )
    )
    return element("figure", view, element("figcaption", element("b", picture.name), " ", _said(picture, shown)))


def _said(picture: TriedPicture, shown: list[PictureBox]) -> str:
    if picture.tags:
        return ", ".join(f"{tag.name} {tag.confidence:.2f}" for tag in picture.tags[:3])
    found = ", ".join(f"{box.label} {box.score:.2f}" for box in shown) or "nothing found"
    weaker = len(picture.boxes) - len(shown)
    return f"{found}; {weaker} below {SHOWN_SCORE:g} not drawn" if weaker else found


def _box(box: PictureBox, shot: Photograph, colour: int) -> list[Element]:
    """A box with its label; sizes follow the picture, which is shown smaller or larger than it is."""
    unit = max(shot.width, shot.height) / 100
    text, size = f"{box.label} {box.score:.2f}", 3.2 * unit
    chip_width, chip_height = 0.6 * size * len(text) + unit, 1.4 * size
    left = min(max(box.x, 0), max(shot.width - chip_width, 0))
    top = box.y - chip_height if box.y >= chip_height else box.y
    frame = {"x": box.x, "y": box.y, "width": box.w, "height": box.h}
    series = f"s{colour % SERIES}"
    return [
        element("rect", **frame, class_="halo", stroke_width=unit),
        element("rect", **frame, class_=f"box {series}", stroke_width=0.6 * unit),
        element("rect", x=left, y=top, width=chip_width, height=chip_height, class_=f"chip {series}"),
        element("text", text, x=left + unit / 2, y=top + 1.05 * size, font_size=size, class_="name"),
    ]


def photograph(source: Path | bytes, *, longest_px: int = LONGEST_SIDE_PX) -> Photograph | None:
    """The picture as a small JPEG, upright; None when it cannot be read. A report does not fail for a picture."""
    from PIL import Image, ImageOps

    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata and of large pictures; the limit is ours
            with Image.open(io.BytesIO(data)) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return None
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    width, height = picture.size
    picture.thumbnail((longest_px, longest_px))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY)
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Photograph(uri=f"data:image/jpeg;base64,{encoded}", width=width, height=height)
