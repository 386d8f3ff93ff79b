"""Labels painted on a picture: boxes, polygons, names, each class in a colour of its own.

Owns: pixels. Coordinates are those of the picture as it is shown, turned by its EXIF tag.
Leaves: reading labels and writing files to whoever asks.
"""

import colorsys
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from automation.pictures.looking import room_for

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

__all__ = ["MAX_SIDE_PX", "Mark", "as_jpeg", "class_colour", "lettering", "paint"]

MAX_SIDE_PX = 1600
_ORIENTATION = 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_FAR = 1e5  # coordinates beyond are drawn there: off the picture all the same
_MOST_LETTERS = 40
_FILL = 70  # of 255

_First = ((0, 114, 178), (230, 126, 0), (0, 158, 115), (204, 51, 102), (128, 82, 176), (178, 140, 0), (60, 170, 220))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One label of a picture.

    Attributes:
        name: Of its class.
        number: Of its class; it gives the colour.
        box: Left, top, width and height; None for a label of the whole picture.
        outlines: Polygons, each x, y, x, y and so on.
        normalised: Whether these are shares of the picture, not pixels.
    """

    name: str
    number: int
    box: tuple[float, float, float, float] | None = None
    outlines: Sequence[Sequence[float]] = ()
    normalised: bool = False


def class_colour(number: int) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255: seven that are told apart with any eyes, then ever new hues."""
    if number < len(_First):
        return _First[number]
    red, green, blue = colorsys.hsv_to_rgb(number * 0.618034 % 1, 0.75, (0.85, 0.6)[number // 7 % 2])
    return round(255 * red), round(255 * green), round(255 * blue)


def paint(path: Path, marks: Sequence[Mark], *, max_side_px: int = MAX_SIDE_PX) -> "Image.Image":
    """The picture as it is shown with its marks, scaled down to `max_side_px`.

    Look at the file first: one that cannot be decoded raises whatever Pillow raises.
    """
    from PIL import Image, ImageDraw

    with Image.open(path) as opened, room_for(opened):
        true = opened.size
        opened.draft("RGB", (max_side_px, max_side_px))
        picture = opened.convert("RGB")
        orientation = opened.getexif().get(_ORIENTATION, 1)  # now, for Pillow has turned a TIFF itself
        picture.thumbnail((max_side_px, max_side_px))
    if orientation in _TURNS:
        picture = picture.transpose(Image.Transpose[_TURNS[orientation]])
        true = true[::-1] if orientation >= 5 else true
    scale = (picture.width / true[0], picture.height / true[1])
    shares = (float(picture.width), float(picture.height))
    stroke = max(2, max(picture.size) // 320)
    for mark in marks:
        _fill(picture, mark, shares if mark.normalised else scale, stroke)
    draw = ImageDraw.Draw(picture)
    whole = 0.0
    for mark in marks:
        if mark.box is None:
            _tag(draw, mark, (0.0, whole), picture)
            whole += _tag_height(picture)
        else:
            _frame(draw, mark, mark.box, shares if mark.normalised else scale, stroke)
    for mark in marks:  # names over all boxes, so that they can be read
        if mark.box is not None:
            left, top, *_ = _corners(mark.box, shares if mark.normalised else scale)
            _tag(draw, mark, (left, top - _tag_height(picture)), picture)
    return picture


def lettering(text: str) -> str:
    """A name in the letters that Pillow's own font has: without accents, and '?' for those of other scripts.

    That font is the only one that draws the same on every machine.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain)


def as_jpeg(picture: "Image.Image") -> bytes:
    """The same picture, the same bytes."""
    data = BytesIO()
    picture.save(data, "JPEG", quality=88)
    return data.getvalue()


def _near(value: float) -> float:
    return min(max(value, -_FAR), _FAR) if math.isfinite(value) else -_FAR


def _corners(box: Sequence[float], scale: tuple[float, float]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in pixels of what is painted, whatever the signs in the file."""
    x, y, w, h = box
    across = sorted((_near(x * scale[0]), _near((x + w) * scale[0])))
    down = sorted((_near(y * scale[1]), _near((y + h) * scale[1])))
    return across[0], down[0], across[1], down[1]


def _fill(picture: "Image.Image", mark: Mark, scale: tuple[float, float], stroke: int) -> None:
    from PIL import Image, ImageDraw

    colour = class_colour(mark.number)
    for outline in mark.outlines:
        points = [(_near(x * scale[0]), _near(y * scale[1])) for x, y in zip(outline[::2], outline[1::2], strict=False)]
        if len(points) < 3:
            continue
        # Only the part around the polygon is blended: a picture may have hundreds of them.
        left, right = (min(max(f(x for x, _ in points), 0), picture.width) for f in (min, max))
        top, bottom = (min(max(f(y for _, y in points), 0), picture.height) for f in (min, max))
        area = (int(left), int(top), math.ceil(right), math.ceil(bottom))
        if area[0] >= area[2] or area[1] >= area[3]:
            continue
        mask = Image.new("L", (area[2] - area[0], area[3] - area[1]))
        ImageDraw.Draw(mask).polygon([(x - area[0], y - area[1]) for x, y in points], fill=_FILL)
        picture.paste(colour, area, mask)
        ImageDraw.Draw(picture).line([*points, points[0]], fill=colour, width=stroke, joint="curve")


def _frame(
    draw: "ImageDraw.ImageDraw", mark: Mark, box: Sequence[float], scale: tuple[float, float], stroke: int
) -> None:
    left, top, right, bottom = _corners(box, scale)
    width = max(1, stroke // 2) if mark.outlines else stroke
    draw.rectangle((left, top, right, bottom), outline=class_colour(mark.number), width=width)


def _letters_px(picture: "Image.Image") -> int:
    return max(10, max(picture.size) // 50)


def _tag_height(picture: "Image.Image") -> int:
    return _letters_px(picture) * 13 // 10


def _tag(draw: "ImageDraw.ImageDraw", mark: Mark, at: tuple[float, float], picture: "Image.Image") -> None:
    """The name on a patch of its colour, moved into the picture where it would stand outside."""
    from PIL import ImageFont

    size, height = _letters_px(picture), _tag_height(picture)
    font = ImageFont.load_default(size)
    text = lettering(mark.name[:_MOST_LETTERS])
    width = draw.textlength(text, font) + size // 2
    left = min(max(at[0], 0), max(picture.width - width, 0))
    top = min(max(at[1], 0), max(picture.height - height, 0))
    red, green, blue = colour = class_colour(mark.number)
    ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"
    draw.rectangle((left, top, left + width, top + height), fill=colour)
    draw.text((left + size // 4, top + height / 2), text, fill=ink, font=font, anchor="lm")
