"""The disk, for all formats: a dataset's files are read within limits, and written whole or not at all.

Owns: walking, limits, and links that lead out. Leaves: what the bytes mean to the formats.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from automation.coco.files import written_whole
from automation.coco.formats.format import Dumped, Files
from automation.errors import ConfigError, Refused
from automation.progress import Progress, silent

__all__ = ["PICTURES", "read_files", "write_files"]

PICTURES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ico", ".mpo")
MOST_FILES = 2_000_000
MOST_BYTES = 1 << 30


def read_files(
    source: Path,
    suffixes: Sequence[str],
    *,
    pictures: Path | None = None,
    head_bytes: int | None = None,
    progress: Progress = silent,
) -> Files:
    """The files of a dataset with one of these suffixes, and the names of the pictures beside them.

    Args:
        source: A file, or a folder that is searched through; links to other folders are not followed.
        suffixes: Of the files to read, in lower case; "mltable" stands for the file of that name.
        pictures: A folder of pictures elsewhere; their names count from there.
        head_bytes: How much of each file to read; all of it when None.
        progress: Is told how many files were read.

    Raises:
        ConfigError: There is no such file or folder.
        Refused: There is too much, or a link leads out of the folder.
    """
    if not source.is_dir():
        return Files(texts={source.name: _read(source, MOST_BYTES, head_bytes)}, pictures=_named(pictures))
    found: list[str] = []
    beside: list[str] = []
    for name in _walked(source):
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in suffixes or name.lower() in suffixes:
            found.append(name)
        elif suffix in PICTURES:
            beside.append(name)
    root = source.resolve()
    texts: dict[str, bytes] = {}
    left = MOST_BYTES
    for done, name in enumerate(sorted(found), 1):
        path = source / name
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise Refused(f"{path} is a link that leads out of {source}", hint="put the file itself there")
        texts[name] = _read(path, left, head_bytes)
        left -= len(texts[name])
        progress(done, len(found), "reading")
    return Files(texts=texts, pictures=tuple(sorted({*beside, *_named(pictures)})))


def _walked(folder: Path) -> list[str]:
    names: list[str] = []
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = os.path.relpath(at, folder).replace(os.sep, "/")
        names += [name if below == "." else f"{below}/{name}" for name in files if not name.startswith(".")]
        if len(names) > MOST_FILES:
            raise Refused(f"{folder} has more than {MOST_FILES:,} files", hint="convert a part at a time")
    return names


def _named(pictures: Path | None) -> tuple[str, ...]:
    if pictures is None:
        return ()
    if not pictures.is_dir():
        raise ConfigError(f"{pictures} is no folder", hint="--images is the folder with the pictures")
    return tuple(sorted(name for name in _walked(pictures) if name.lower().endswith(PICTURES)))


def _read(path: Path, most: int, head_bytes: int | None) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1 if head_bytes is None else head_bytes)
    except OSError as failed:
        reason = failed.strerror or str(failed)
        raise ConfigError(f"{path} cannot be read: {reason}", hint="check the path of the dataset") from failed
    if len(data) > most:
        raise Refused(f"{path} is beyond the {MOST_BYTES:,} bytes that are read of a dataset", hint="split it")
    return data


def write_files(dumped: Dumped, target: Path, *, source: Path, progress: Progress = silent) -> None:
    """Write one file, or a folder that is not there yet; whole or not at all.

    Raises:
        ConfigError: The disk does not take it: it is full, or a name is too long for it.
        Refused: The target is the source, or a folder with something in it.
    """
    try:
        _write(dumped, target, source=source, progress=progress)
    except OSError as failed:
        reason = failed.strerror or str(failed)
        hint = "give another --out, or rename what has too long a name"
        raise ConfigError(f"{target} cannot be written: {reason}", hint=hint) from failed


def _write(dumped: Dumped, target: Path, *, source: Path, progress: Progress) -> None:
    if target.exists() and target.samefile(source):
        raise Refused("the new dataset would take the place of the old one", hint="give another --out")
    if list(dumped) == [""]:
        if target.is_dir():
            raise Refused(f"{target} is a folder, and this format is one file", hint="give the name of a file")
        with written_whole(target) as file:
            file.write(dumped[""])
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} is there already", hint="give a folder that is new or empty")
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for done, (name, data) in enumerate(dumped.items(), 1):
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            progress(done, len(dumped), "writing")
        scratch.chmod(0o755)
        scratch.replace(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
