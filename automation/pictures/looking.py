"""One look at one picture: what it is, what is wrong or odd about it, and what it looks like in 64 bits.

Owns: header, size, a small decode; hostile files cost bounded time and memory.
Leaves: many pictures to `many`, what a COCO file says about them to `stated`.
"""

import threading
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from automation.errors import Finding, Severity
from automation.pictures.limits import PictureLimits

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["NOT_DECODED", "Look", "look", "picture_size", "quietly", "room_for"]

NOT_DECODED = "picture-not-decoded"

_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)
_SMALL_PX = 64  # a JPEG is decoded at the next size above
_BIG_BYTES, _MOST_BYTES = 64 << 20, 300 << 20
_ONE_BIG = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a file turned out to be.

    Attributes:
        size_bytes: Of the file.
        stored: Width and height in pixels as the file has them; None when it is no picture that we decode.
        orientation: The EXIF tag, 1 to 8; from 5 on width and height change places when the picture is shown.
        print64: The picture in 64 bits, see `prints`; None when it was not asked for, or the picture is one colour.
        findings: All that is wrong or odd.
    """

    size_bytes: int = 0
    stored: tuple[int, int] | None = None
    orientation: int = 1
    print64: int | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def shown(self) -> tuple[int, int] | None:
        """Width and height in pixels as a person sees the picture."""
        if self.stored is None or self.orientation not in _TURNED:
            return self.stored
        width, height = self.stored
        return height, width


@contextmanager
def quietly() -> Generator[None]:
    """Pillow's warnings about odd tags and large sizes are kept back: a look says what matters.

    To be held around all looks of a program part, not around each: warnings belong to the whole process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def look(path: Path, limits: PictureLimits, *, where: str | None = None, fingerprint: bool = False) -> Look:
    """Look at a file; `where` is what findings point at, else its path. Hold `quietly` around it."""
    at = str(path) if where is None else where
    size = 0
    try:
        if not path.is_file():
            return Look(findings=(_unreadable(at, "this is no file"),))
        size = path.stat().st_size
        if size == 0:
            finding = _error("picture-empty", at, "the file has no bytes", "copy it again, or remove it")
            return Look(findings=(finding,))
        if size > limits.max_bytes:
            message = f"{size:,} bytes; {limits.who} takes {limits.max_bytes:,}"
            return Look(size_bytes=size, findings=(_error("picture-too-large", at, message, "make it smaller"),))
        return _decoded(path, size, limits, at, fingerprint=fingerprint)
    except OSError as failed:
        return Look(size_bytes=size, findings=(_unreadable(at, f"the file cannot be read: {failed.strerror}"),))


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture as it is shown, from its header; None when it cannot be read."""
    from PIL import Image as Pictures

    try:
        with quietly(), Pictures.open(path) as picture:
            return Look(stored=picture.size, orientation=_orientation(picture)).shown
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError):
        return None


def _decoded(path: Path, size: int, limits: PictureLimits, at: str, *, fingerprint: bool) -> Look:
    from PIL import Image, UnidentifiedImageError

    stored, orientation, found, print64 = None, 1, list[Finding](), None
    try:
        with Image.open(path) as image:
            stored, orientation = image.size, _orientation(image)
            found += _refused(at, image, limits) or _odd(at, image)
            if any(finding.severity is Severity.ERROR for finding in found):
                pass
            elif _memory_bytes(image) > _MOST_BYTES:
                message = f"decoding it takes {_memory_bytes(image) >> 20:,} MB; only its form was looked at"
                found.append(_warning(NOT_DECODED, at, message, "make it smaller"))
                image.verify()
            else:
                with room_for(image):
                    image.draft("RGB", (_SMALL_PX, _SMALL_PX))  # a JPEG is decoded small, and a cut one is noticed
                    image.load()
                    orientation = _orientation(image, loaded=True)
                    print64 = _print(image, orientation) if fingerprint else None
            if orientation != 1:
                message = "the camera turned this picture by an EXIF tag; boxes count in the turned picture"
                hint = "check that the labels were drawn on it as it is shown"
                found.append(_warning("picture-rotated", at, message, hint))
    except Image.DecompressionBombError:
        found.append(_too_many(at, "the picture claims a size that no memory can hold", limits))
    except UnidentifiedImageError:
        found.append(_unreadable(at, "this is no picture that can be read"))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError) as exc:
        message = f"the picture is damaged: {str(exc) or type(exc).__name__}"
        found = [_error("picture-corrupt", at, message, "copy it again, or remove it")]
    except MemoryError:
        found = [_too_many(at, "the picture does not fit into memory", limits)]
    return Look(size_bytes=size, stored=stored, orientation=orientation, print64=print64, findings=tuple(found))


def _memory_bytes(image: "Image.Image") -> int:
    """What decoding takes, about; of a usual JPEG only a small copy is made."""
    pixels = image.width * image.height
    if image.format in ("JPEG", "MPO"):
        return pixels * 6 if image.info.get("progressive") else pixels // 16
    return pixels * 4


@contextmanager
def room_for(image: "Image.Image") -> Generator[None]:
    """To be held while a picture is decoded: there are never two large ones in memory."""
    if _memory_bytes(image) > _BIG_BYTES:
        with _ONE_BIG:
            yield
    else:
        yield


def _print(image: "Image.Image", orientation: int) -> int | None:
    from automation.pictures.prints import print_of

    return print_of(image, orientation)


def _orientation(image: "Image.Image", *, loaded: bool = False) -> int:
    """The EXIF tag. Of a PNG it may stand behind the pixels; a TIFF is turned by Pillow itself."""
    from PIL import Image as Pictures

    if image.format == "TIFF":
        return 1
    # A PNG would be decoded in search of the tag; what all formats share looks at the header only.
    exif = image.getexif() if loaded or image.format != "PNG" else Pictures.Image.getexif(image)
    tag: object = exif.get(_ORIENTATION, 1)
    return tag if isinstance(tag, int) and 1 <= tag <= 8 else 1


def _error(code: str, at: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=at, message=message, hint=hint)


def _warning(code: str, at: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=at, message=message, hint=hint)


def _unreadable(at: str, message: str) -> Finding:
    return _error("picture-unreadable", at, message, "save it as JPEG or PNG")


def _too_many(at: str, message: str, limits: PictureLimits) -> Finding:
    return _error("picture-too-large", at, message, f"make it at most {limits.max_side_px} pixels wide and high")


def _refused(at: str, image: "Image.Image", limits: PictureLimits) -> list[Finding]:
    width, height = image.size
    if image.format not in limits.formats:
        message = f"{image.format} is not read by {limits.who}"
        return [_error("picture-format", at, message, "save it as JPEG or PNG")]
    if max(width, height) > limits.max_side_px:
        return [_too_many(at, f"{width} x {height} pixels; {limits.who} takes {limits.max_side_px}", limits)]
    if min(width, height) < limits.min_side_px:
        message = f"{width} x {height} pixels; {limits.who} wants {limits.min_side_px} at least"
        return [_error("picture-too-small", at, message, "use a larger picture")]
    if max(width, height) > limits.max_ratio * min(width, height):
        message = f"{width} x {height} pixels; {limits.who} wants at most {limits.max_ratio:g} to 1"
        return [_error("picture-too-long", at, message, "cut it, labels and all")]
    return []


def _odd(at: str, image: "Image.Image") -> Iterator[Finding]:
    if image.mode == "CMYK":
        message = "the picture is for print (CMYK); its colours will shift"
        yield _warning("picture-cmyk", at, message, "save it as RGB")
    if image.mode.startswith(("I", "F")) or ";16" in str(getattr(image, "tile", "")):
        message = "the picture has 16 bits or more a colour; 8 are kept"
        yield _warning("picture-16-bit", at, message, "save it with 8 bits a colour")
    if image.format != "MPO" and getattr(image, "is_animated", False):  # the number of frames costs a walk over all
        message = "the picture is animated or has pages; the first one counts"
        yield _warning("picture-animated", at, message, "save the one picture you mean")
