"""Pictures as browsers can show them: most as they are, others as PNG; what cannot be decoded is told apart.

Owns: knowing formats by their first bytes, the bounds, the check that a picture can be decoded, making PNG.
Leaves: fetching bytes and who may see them to `picture_routes.py`.
"""

import io
import warnings
from functools import partial
from typing import Any

__all__ = ["LIMIT_BYTES", "NotAPicture", "check", "open_picture", "sniff", "to_png"]

LIMIT_BYTES = 64 * 1024 * 1024
_MOST_PIXELS = 170_000_000
_MOST_DECODED_PIXELS = 64_000_000
_CHEAP = ("JPEG", "MPO", "PNG")  # checked without the whole picture in memory
_SMALL = 8
_SHOWN = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}
# Only decoders of picture formats that people label; others of Pillow's run programs or read what is no picture.
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "MPO")


class NotAPicture(Exception):
    """It cannot be decoded, or is too large to be; the message says which in one sentence."""


def sniff(data: bytes) -> str | None:
    """The media type of what browsers show by themselves; None for everything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SHOWN.items() if data.startswith(start)), None)


def check(data: bytes) -> None:
    """Raises NotAPicture unless the whole picture can be decoded. A JPEG is decoded at an eighth, a PNG by its sums."""
    image = open_picture(data)
    try:
        if image.format == "PNG":
            image.verify()
        else:
            image.draft("RGB", (max(image.width // _SMALL, 1), max(image.height // _SMALL, 1)))
            image.load()
    except Exception as error:
        raise _damaged(error) from error


def to_png(data: bytes) -> bytes:
    """The first page as PNG, turned as its orientation says. Raises NotAPicture."""
    from PIL import Image, ImageOps

    image = open_picture(data)
    try:
        if image.mode.startswith(("I", "F")):  # 16 and 32 bits: the range that is there becomes black to white
            low, high = (float(edge) for edge in image.convert("F").getextrema()[:2])
            scale = 255 / (high - low) if high > low else 0.0
            image = image.convert("F").point(partial(_stretched, scale=scale, low=low)).convert("L")
        image = ImageOps.exif_transpose(image)
        if image.mode not in ("L", "LA", "RGB", "RGBA"):
            image = image.convert("RGBA" if "transparency" in image.info or "A" in image.mode else "RGB")
        out = io.BytesIO()
        Image.Image.save(image, out, "PNG", compress_level=1)
    except Exception as error:
        raise _damaged(error) from error
    return out.getvalue()


def open_picture(data: bytes) -> Any:
    """A Pillow image that is not decoded yet. Raises NotAPicture for what is none, or too large."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise NotAPicture("The picture has more pixels than can be shown.") from error
        except Exception as error:
            raise _damaged(error) from error
    most = _MOST_PIXELS if image.format in _CHEAP else _MOST_DECODED_PIXELS
    if image.width * image.height > most:
        raise NotAPicture(f"The picture has {image.width} x {image.height} pixels, more than can be shown.")
    return image


def _stretched(value: float, *, scale: float, low: float) -> float:
    return value * scale + -low * scale  # Pillow takes this apart: a factor and a summand


def _damaged(_error: Exception) -> NotAPicture:
    return NotAPicture("The picture is damaged, or in a format that cannot be shown.")
