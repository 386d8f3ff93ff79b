"""Pictures in folders: finding them, and the file that a name in a COCO file means.

Owns: names that come from a file of somebody else and must not lead out of the folder.
Leaves: what is in the files to `looking`.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

__all__ = ["SUFFIXES", "find_pictures", "nearest_names", "path_inside"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"})


def find_pictures(folder: Path) -> list[Path]:
    """Every picture below a folder, by its suffix, in a steady order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def path_inside(folder: Path, name: str) -> Path | None:
    """The file that a name means below a folder; None for a name that leads out of it, or can be none of a file."""
    pure = PurePosixPath(name)
    # On Windows a backslash and a drive lead out as well; elsewhere they are letters, and refused all the same.
    other = PureWindowsPath(name)
    if not name or "\0" in name or pure.is_absolute() or ".." in other.parts or other.drive:
        return None
    return folder / pure


def nearest_names(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """For names of missing files: one file of the folder that differs in case only, or lies in another folder."""
    here = [path.relative_to(folder).as_posix() for path in find_pictures(folder)] if folder.is_dir() else []
    whole = {name.casefold(): name for name in reversed(here)}
    last = {name.rpartition("/")[2].casefold(): name for name in reversed(here)}
    near: dict[str, str] = {}
    for name in names:
        folded = name.replace("\\", "/").casefold()
        found = whole.get(folded) or last.get(folded.rpartition("/")[2])
        if found is not None and found != name:
            near[name] = found
    return near
