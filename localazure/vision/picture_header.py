"""What a picture's header says: its size as it is seen, and whether its format is one that the service takes.

Owns: the cheap look before training. Leaves: decoding to `localazure.training.pictures`.
"""

import io
import warnings
from dataclasses import dataclass

__all__ = ["PictureHeader", "read_header"]

_ORIENTATION = 0x0112
_SIDEWAYS = range(5, 9)
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "ICO", "TIFF")  # MPO opens as JPEG
_SUFFIXES = {
    "JPEG": ".jpg",
    "MPO": ".jpg",
    "PNG": ".png",
    "BMP": ".bmp",
    "GIF": ".gif",
    "WEBP": ".webp",
    "ICO": ".ico",
    "TIFF": ".tif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHeader:
    """Width and height of the upright picture (EXIF applied)."""

    width: int
    height: int
    suffix: str


def read_header(data: bytes) -> PictureHeader:
    """Raises ValueError with a sentence that says what is wrong. Decodes nothing."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
            width, height = image.size
            sideways = _orientation(image) in _SIDEWAYS
        except Image.UnidentifiedImageError:
            raise ValueError("it is no picture in a format that the service takes") from None
        except Image.DecompressionBombError:
            raise ValueError("its header claims an absurd size") from None
        except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError) as error:
            raise ValueError(f"its header is damaged ({error})") from None
    if sideways:
        width, height = height, width
    return PictureHeader(width=width, height=height, suffix=_SUFFIXES[image.format or "JPEG"])


def _orientation(image: object) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 damaged EXIF comes in every shape; the picture itself may be fine
        return 1
