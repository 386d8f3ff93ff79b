"""Pictures from files or bytes: safe, upright, RGB.

Owns: which bytes we accept as a picture, and how every odd kind of it
(rotated by EXIF, CMYK, 16 bit, transparent, animated) becomes plain RGB.
Sizes are checked from the header, before anything is decoded.
Leaves: sizes for training to `channels.py`.
"""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from localazure.training.arrays import F32, I64, U8
from localazure.training.detections import Detection
from localazure.training.errors import DatasetCorrupt, PictureError

__all__ = ["BoxedPicture", "LabelledPicture", "boxed_picture", "open_image", "pixels_of"]

_LARGEST_FILE = 20 * 2**20
_LARGEST_SIDE = 16_000
_MOST_PIXELS = 80_000_000
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "ICO", "TIFF")  # JPEG includes MPO
# What Pillow's decoders raise for broken files, besides memory.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    struct.error,
    MemoryError,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Picture:
    path: Path

    def image(self) -> Image.Image:
        """The whole picture; raises DatasetCorrupt with the file's name."""
        try:
            return open_image(self.path)
        except PictureError as exc:
            raise DatasetCorrupt(f"{self.path.name}: {exc}") from exc

    def pixels(self) -> U8:
        """The same as an array."""
        return pixels_of(self.image())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledPicture(_Picture):
    """One picture that shows one thing. `label` is an index into the classes."""

    label: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxedPicture(_Picture):
    """One picture and its boxes: left, top, right, bottom in pixels of the upright picture, a class index each."""

    boxes: F32
    labels: I64

    def truth(self) -> list[Detection]:
        """The labels in the form of predictions, to compare with."""
        return [
            Detection(class_index=label, x=left, y=top, w=right - left, h=bottom - top)
            for (left, top, right, bottom), label in zip(self.boxes.tolist(), self.labels.tolist(), strict=True)
        ]


def boxed_picture(path: Path, *, boxes: Sequence[Sequence[float]], labels: Sequence[int]) -> BoxedPicture:
    """From boxes of left, top, width, height."""
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    corners[:, 2:] += corners[:, :2]
    return BoxedPicture(path=path, boxes=corners, labels=np.array(labels, np.int64))


def open_image(data: bytes | Path) -> Image.Image:
    """The picture, decoded, upright and RGB. Of an animation it is the first frame. Raises PictureError."""
    if isinstance(data, Path):
        data = _read(data)
    if not data:
        raise PictureError("the file is empty")
    if len(data) > _LARGEST_FILE:
        raise PictureError(f"the file has {len(data) / 2**20:.1f} MiB; 20 MiB is the most")
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        _check_size(image)
        image.load()
        return _rgb(_upright(image))
    except Image.UnidentifiedImageError:
        raise PictureError(f"this is no picture in a known format ({', '.join(_FORMATS)})") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise PictureError(f"the picture claims more than {_MOST_PIXELS:,} pixels") from None
    except _BROKEN as exc:
        raise PictureError(f"the picture is damaged: {exc}") from exc


def pixels_of(image: Image.Image) -> U8:
    """The picture as an array of height, width, RGB."""
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE + 1)
    except OSError as exc:
        raise PictureError(f"the file cannot be read: {exc.strerror}") from exc


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > _LARGEST_SIDE:
        raise PictureError(f"the picture is {width} x {height}; {_LARGEST_SIDE:,} a side is the most")
    if width * height > _MOST_PIXELS:
        raise PictureError(f"the picture is {width} x {height}; {_MOST_PIXELS:,} pixels are the most")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image  # damaged EXIF: the picture itself is readable


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N"):
        return Image.fromarray((np.asarray(image, dtype=np.uint16) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float64)
        top = float(np.nanmax(values)) if values.size else 0.0
        gain = 255.0 if image.mode == "F" and top <= 1 else 1 / 257 if top > 255 else 1.0
        return Image.fromarray(np.clip(np.nan_to_num(values) * gain, 0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")
