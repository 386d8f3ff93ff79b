"""The size of a picture as it is seen, from its header alone.

Owns: the cheap look. Leaves: fetching the bytes to the callers.
"""

import io
import warnings

__all__ = ["picture_size"]

_ORIENTATION = 0x0112
_SIDEWAYS = range(5, 9)


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height with EXIF applied; None when the header cannot be read (DICOM, damaged files)."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data))
            width, height = image.size
            sideways = int(image.getexif().get(_ORIENTATION, 1)) in _SIDEWAYS
        except Exception:  # noqa: BLE001 Pillow's decoders raise anything on damaged bytes
            return None
    return (height, width) if sideways else (width, height)
