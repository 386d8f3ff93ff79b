"""Pictures before they are sent: what the service would refuse, or would see differently than a person does.

Owns: a quick look at each file (header, size, a small decode), findings for all of them at once.
Leaves: labels to `automation.coco`. Limits are those of the vision service for training.
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from automation.errors import DatasetError, Finding, Severity
from automation.progress import Progress, silent

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["check_pictures", "demand_pictures", "find_pictures"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
FORMATS = frozenset({"JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "MPO"})
MAX_BYTES = 20 * 1024 * 1024
MIN_SIDE_PX, MAX_SIDE_PX = 10, 10_240
_ORIENTATION = 0x0112


def find_pictures(folder: Path) -> list[Path]:
    """Every picture below a folder, by its suffix, in a steady order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def demand_pictures(folders: Sequence[Path], progress: Progress = silent) -> tuple[list[Path], list[Finding]]:
    """The pictures of some folders, and warnings about them. Raises DatasetError with every finding on errors."""
    pictures: list[Path] = []
    findings: list[Finding] = []
    for folder in folders:
        found = find_pictures(folder)
        pictures += found
        if not found:
            message, hint = "there is no picture in this folder", f"put {', '.join(sorted(SUFFIXES))} files there"
            findings.append(_finding("no-pictures", folder, message, hint))
    findings += check_pictures(pictures, progress)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors:
        raise DatasetError(
            f"{errors} picture problem{'s' if errors > 1 else ''}; nothing was uploaded",
            findings=findings,
            hint="mend or remove these files and run the command again",
        )
    return pictures, findings


def check_pictures(pictures: Sequence[Path], progress: Progress = silent) -> list[Finding]:
    """What is wrong or odd about these files."""
    findings: list[Finding] = []
    for index, path in enumerate(pictures):
        findings += _check(path)
        progress(index + 1, len(pictures), path.name)
    return findings


def _finding(code: str, path: Path, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, severity=severity, where=str(path), message=message, hint=hint)


def _check(path: Path) -> Iterator[Finding]:
    from PIL import Image, UnidentifiedImageError

    size = path.stat().st_size
    if size == 0:
        yield _finding("picture-empty", path, "the file has no bytes", "copy it again, or remove it")
        return
    if size > MAX_BYTES:
        yield _finding("picture-too-large", path, f"{size:,} bytes; the service takes {MAX_BYTES:,}", "make it smaller")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd tags and large sizes: the checks below say what matters
            with Image.open(path) as image:
                refused = list(_refused(path, image))
                yield from refused or _odd(path, image)
                if not refused:
                    image.draft("RGB", (64, 64))  # a JPEG is decoded small, and a cut one is noticed
                    image.load()
    except Image.DecompressionBombError:
        yield _bomb(path, "the picture claims a size that no memory can hold")
    except UnidentifiedImageError:
        yield _finding("picture-unreadable", path, "this is no picture that can be read", "save it as JPEG or PNG")
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as exc:
        message = f"the picture is damaged: {str(exc) or type(exc).__name__}"
        yield _finding("picture-corrupt", path, message, "copy it again, or remove it")


def _bomb(path: Path, message: str) -> Finding:
    return _finding("picture-too-large", path, message, f"make it at most {MAX_SIDE_PX} pixels wide and high")


def _refused(path: Path, image: "Image.Image") -> Iterator[Finding]:
    width, height = image.size
    if image.format not in FORMATS:
        yield _finding("picture-format", path, f"{image.format} is not read by the service", "save it as JPEG or PNG")
    elif max(width, height) > MAX_SIDE_PX:
        yield _bomb(path, f"{width} x {height} pixels; the service takes {MAX_SIDE_PX}")
    elif min(width, height) < MIN_SIDE_PX:
        message = f"{width} x {height} pixels; the service wants {MIN_SIDE_PX} at least"
        yield _finding("picture-too-small", path, message, "use a larger picture")


def _odd(path: Path, image: "Image.Image") -> Iterator[Finding]:
    if image.mode == "CMYK":
        message = "the picture is for print (CMYK); its colours will shift"
        yield _finding("picture-cmyk", path, message, "save it as RGB", Severity.WARNING)
    if image.mode.startswith(("I", "F")) or "16" in str(getattr(image, "tile", "")):
        message = "the picture has 16 bits or more a colour; 8 are kept"
        yield _finding("picture-16-bit", path, message, "save it with 8 bits a colour", Severity.WARNING)
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        message = "the picture is animated or has pages; the first one counts"
        yield _finding("picture-animated", path, message, "save the one picture you mean", Severity.WARNING)
    if image.getexif().get(_ORIENTATION, 1) not in (0, 1):
        message = "the camera turned this picture by an EXIF tag; boxes count in the turned picture"
        hint = "check that the labels were drawn on it as it is shown"
        yield _finding("picture-rotated", path, message, hint, Severity.WARNING)
