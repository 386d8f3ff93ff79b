"""COCO files on disk.

Owns: reading with a limit, and writing so that a file is there whole or not at all.
Leaves: what the bytes mean to `codec.py`.
"""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from automation.coco.codec import LIMIT_BYTES, Decoded, decode, dump
from automation.coco.rules import check_decoded
from automation.coco.types import Dataset
from automation.errors import ConfigError, DatasetError, Refused, Severity

__all__ = ["decode_file", "open_coco", "read_coco", "refuse_same", "write_coco", "written_whole"]


def read_coco(source: Path | bytes, *, limit_bytes: int = LIMIT_BYTES) -> Dataset:
    """Read a dataset from a file, or from the bytes of one.

    Raises:
        ConfigError: There is no such file.
        DatasetError: The file is malformed; its findings are all that is wrong with it, not only with its form.
    """
    decoded = decode_file(source, limit_bytes=limit_bytes)
    if decoded.findings:
        name = source.name if isinstance(source, Path) else "the COCO file"
        findings = check_decoded(decoded)
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        raise DatasetError(f"{name} has {errors} error{'s' * (errors != 1)}", findings=findings)
    return decoded.dataset


def decode_file(source: Path | bytes, *, limit_bytes: int = LIMIT_BYTES) -> Decoded:
    """Read what can be read, with findings about the rest; give it to `check_decoded` for all of them.

    Raises:
        ConfigError: There is no such file.
    """
    if isinstance(source, bytes):
        return decode(source, limit_bytes=limit_bytes)
    with open_coco(source) as file:
        return decode(file.read(limit_bytes + 1), limit_bytes=limit_bytes)


def open_coco(path: Path) -> BinaryIO:
    """The file, for reading.

    Raises:
        ConfigError: There is no such file.
    """
    try:
        return path.open("rb")
    except OSError as failed:
        reason = failed.strerror or str(failed)
        raise ConfigError(f"{path} cannot be read: {reason}", hint="check the path of the COCO file") from failed


def refuse_same(source: Path, target: Path) -> None:
    """Raises Refused when the new file would be the old one."""
    if target.exists() and target.samefile(source):
        raise Refused("the new file would take the place of the old one", hint="give another --out")


def write_coco(dataset: Dataset, path: Path) -> Path:
    """Write a dataset to a file, which is there whole or not at all."""
    with written_whole(path) as file:
        file.write(dump(dataset))
    return path


@contextmanager
def written_whole(path: Path) -> Generator[BinaryIO]:
    """A file to write to that takes the place of `path` only when all went well, and is on the disk by then.

    Raises:
        ConfigError: The disk does not take it, or who writes it came to an end.
    """
    try:
        with _scratch_beside(path) as scratch, scratch.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            scratch.chmod(0o644)
            scratch.replace(path)
    except OSError as failed:
        reason = failed.strerror or str(failed)
        hint = "nothing was changed; see that the disk has room and that its files may be written"
        raise ConfigError(f"{path} cannot be written: {reason}", hint=hint) from failed


@contextmanager
def _scratch_beside(path: Path) -> Generator[Path]:
    """An empty file in the folder of the other; it is gone at the end, unless it was moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
