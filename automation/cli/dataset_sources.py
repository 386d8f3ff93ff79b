"""What `visionlab dataset check` is given: COCO files by path, in a folder, or at an address.

Owns: telling them from names of datasets, and fetching. Leaves: the transfers to `automation.storage`.
"""

import re
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.errors import ConfigError, LabError
from automation.progress import Progress

__all__ = ["Fetch", "Source", "are_sources", "fetcher", "sources"]

Fetch = Callable[[str, Path, Progress], int]
"""Of an address, a file to write and a progress: how many bytes came."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_COCO = re.compile(rb'"(images|annotations|categories)"[ \t\r\n]*:')
_LOOKED_AT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A COCO file.

    Attributes:
        path: Where it is on this machine.
        named: What it is called in reports.
        folder: The folder it was found in, when a folder was given: its pictures may be there too.
        fetched: Whether it is a copy that goes away.
    """

    path: Path
    named: str
    folder: Path | None = None
    fetched: bool = False


def are_sources(names: Sequence[str]) -> bool:
    """Whether these are files, folders and addresses, and not names of datasets."""
    return bool(names) and all(_ADDRESS.match(name) or Path(name).exists() for name in names)


@contextmanager
def sources(console: Console, names: Sequence[str], lab_file: Path) -> Generator[list[Source]]:
    """The files, as long as the block lasts. Raises ConfigError for a folder without any, LabErrors of fetching."""
    with ExitStack() as stack:
        found: list[Source] = []
        fetch: Fetch | None = None
        for name in names:
            if _ADDRESS.match(name):
                fetch = fetch or stack.enter_context(fetcher(console, lab_file))
                found.append(_fetched(console, name, fetch, stack))
            elif (path := Path(name)).is_dir():
                found += _in_folder(path)
            else:
                found.append(Source(path=path, named=name))
        yield found


@contextmanager
def fetcher(console: Console, lab_file: Path) -> Generator[Fetch]:
    """Fetches from the lab's own storage as whoever is signed in, and from elsewhere as the address alone allows."""
    from automation.storage.fetching import fetch

    with ExitStack() as stack:
        blobs = None
        if lab_file.exists():
            try:
                blobs = stack.enter_context(open_lab(lab_file, console))[1].blobs
            except LabError:  # a lab that is not up has no storage
                blobs = None

        def get(url: str, target: Path, progress: Progress) -> int:
            place = None if blobs is None else blobs.place(url)
            if blobs is not None and place is not None:
                return blobs.download(*place, target, progress=progress)
            return fetch(url, target, progress=progress)

        yield get


def _fetched(console: Console, url: str, fetch: Fetch, stack: ExitStack) -> Source:
    from automation.storage.fetching import plain_address

    named = plain_address(url)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="visionlab-")))
    path = folder / "labels.json"
    with console.progress(named.rpartition("/")[2] or named) as progress:
        fetch(url, path, progress)
    return Source(path=path, named=named, fetched=True)


def _in_folder(folder: Path) -> list[Source]:
    """The COCO files of a folder; other JSON is passed over."""
    paths = sorted(path for path in folder.glob("*.json") if path.is_file() and _looks_like_coco(path))
    if not paths:
        raise ConfigError(f"{folder} has no COCO file", hint="name the file, or the folder that it is in")
    return [Source(path=path, named=str(path), folder=folder) for path in paths]


def _looks_like_coco(path: Path) -> bool:
    """Whether a section begins in its first or last megabyte."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
        file.seek(max(0, path.stat().st_size - _LOOKED_AT))
        return bool(_COCO.search(head) or _COCO.search(file.read()))
