"""Pictures of one session: the same camera, one soon after the other, by what EXIF says.

Owns: the tags, and where one session ends. Leaves: what is done with the groups to whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from automation.pictures.looking import quietly
from automation.pictures.many import on_threads
from automation.progress import Progress, silent

__all__ = ["session_groups"]

_MAKE, _MODEL, _EXIF = 0x010F, 0x0110, 0x8769
_TAKEN, _SERIAL = 0x9003, 0xA431
_WRITTEN = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Shot:
    camera: tuple[str, str, str]
    taken: datetime
    row: int


def session_groups(paths: Sequence[Path], *, gap_s: float, progress: Progress = silent) -> tuple[list[int], int]:
    """A group number for each file, and how many files say when they were taken.

    Args:
        paths: The files.
        gap_s: A session ends when its camera takes no picture for longer than so many seconds.
        progress: Is told how many files were read.

    A file that does not say when it was taken is a group of its own.
    """
    shots: list[_Shot] = []
    with quietly():
        for row, found in enumerate(on_threads(lambda row: _shot(paths[row], row), range(len(paths)))):
            if found is not None:
                shots.append(found)
            progress(row + 1, len(paths), paths[row].name)
    groups = list(range(len(paths)))
    last: _Shot | None = None
    for shot in sorted(shots):
        same = last is not None and last.camera == shot.camera
        if last is not None and same and (shot.taken - last.taken).total_seconds() <= gap_s:
            groups[shot.row] = groups[last.row]
        last = shot
    return groups, len(shots)


def _shot(path: Path, row: int) -> _Shot | None:
    from PIL import Image

    try:
        with Image.open(path) as image:
            tags = image.getexif()
            more = tags.get_ifd(_EXIF)
            taken = datetime.strptime(str(more.get(_TAKEN, "")).strip("\0 "), _WRITTEN)  # noqa: DTZ007 cameras know no zone
    except Exception:  # noqa: BLE001 Pillow's readers raise anything on damaged bytes
        return None
    camera = (str(tags.get(_MAKE, "")), str(tags.get(_MODEL, "")), str(more.get(_SERIAL, "")))
    return _Shot(camera=camera, taken=taken, row=row)
