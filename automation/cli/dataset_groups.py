"""Which pictures of a COCO file `visionlab dataset split --together` keeps in one part.

Owns: finding the files behind the names. Leaves: looking at them to `automation.pictures`.
"""

from collections.abc import Sequence
from pathlib import Path

from automation.cli.console import Console
from automation.errors import ConfigError

__all__ = ["near_duplicates", "sessions"]


def near_duplicates(console: Console, names: Sequence[str], folder: Path, *, distance: int) -> list[int]:
    """A group number for each name: alike pictures have the same. Raises ConfigError when none is there."""
    from automation.pictures.twins import near_duplicate_groups

    paths = _paths(console, names, folder)
    with console.progress("pictures") as progress:
        return near_duplicate_groups(paths, near=distance, progress=progress)


def sessions(console: Console, names: Sequence[str], folder: Path, *, gap_s: float) -> list[int]:
    """A group number for each name: pictures of one session have the same. Raises ConfigError when none is there."""
    from automation.pictures.shots import session_groups

    paths = _paths(console, names, folder)
    with console.progress("pictures") as progress:
        groups, dated = session_groups(paths, gap_s=gap_s, progress=progress)
    if dated < len(names):
        console.say(f"{len(names) - dated:,} of {len(names):,} pictures do not say when they were taken")
    return groups


def _paths(console: Console, names: Sequence[str], folder: Path) -> list[Path]:
    """The file of each name; one that leads out of the folder is a file that is not there."""
    from automation.pictures import path_inside

    nowhere = folder / "\N{REPLACEMENT CHARACTER}"
    paths = [path_inside(folder, name) or nowhere for name in names]
    missing = sum(not path.is_file() for path in paths)
    if missing and missing == len(paths):
        raise ConfigError(f"no picture is in {folder}", hint="name the folder with --images")
    if missing:
        console.say(f"{missing:,} of {len(names):,} pictures are not there; each is dealt out by itself")
    return paths
