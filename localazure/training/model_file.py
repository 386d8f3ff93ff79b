"""Model files: a zip of `meta.json` and one `.npy` per array. No pickle, nothing that runs.

Owns: writing (the same model gives the same bytes) and reading a file that nobody vouches for: its format,
version, names, types and exact shapes are compared with what its kind declares, and the size is bounded from the zip
directory, all before an array is allocated.
Leaves: what the arrays mean to the kinds themselves; each declares a `Schema`.
"""

import io
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from localazure.training.arrays import F32
from localazure.training.errors import ModelFileError

__all__ = ["Meta", "Schema", "Shapes", "read_kind", "read_model", "write_model"]

Meta = Mapping[str, Any]
"""Plain JSON values."""
Shapes = Mapping[str, tuple[int, ...]]

_FORMAT = "visionlab-model"
_META = "meta.json"
_LARGEST_META = 4 * 2**20
_LARGEST_ARRAYS = 256 * 2**20
_MOST_ENTRIES = 1000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a kind of model keeps. `shapes` names every array, all float32, as it follows from the (checked) meta.

    `shapes` raises ModelFileError, KeyError, TypeError or ValueError for a meta that makes no sense.
    """

    kind: str
    version: int
    shapes: Callable[[Meta], Shapes]


def write_model(path: Path, schema: Schema, meta: Meta, arrays: Mapping[str, F32]) -> None:
    """Write beside the path, then move there: a reader sees the whole file or none."""
    whole = {"format": _FORMAT, "kind": schema.kind, "version": schema.version, **meta}
    _check_arrays(schema.shapes(meta), {name: array.shape for name, array in arrays.items()})
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            _put(archive, _META, json.dumps(whole, sort_keys=True, ensure_ascii=False).encode())
            for name in sorted(arrays):
                _put(archive, f"{name}.npy", _npy(arrays[name]))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_kind(path: Path) -> str:
    """Which kind of model the file says it holds."""
    with _opened(path) as archive:
        return str(_read_meta(archive)["kind"])


def read_model(path: Path, schema: Schema) -> tuple[Meta, dict[str, F32]]:
    """The meta and the arrays of a model of this kind. Raises ModelFileError."""
    with _opened(path) as archive:
        try:
            return _read(archive, schema)
        except (KeyError, TypeError) as exc:
            raise ModelFileError(f"the model file's description is not complete: {exc}") from exc
        except _DAMAGED as exc:
            raise ModelFileError(f"the model file is damaged: {exc}") from exc


def _read(archive: zipfile.ZipFile, schema: Schema) -> tuple[Meta, dict[str, F32]]:
    meta = _read_meta(archive)
    if meta["kind"] != schema.kind:
        raise ModelFileError(f"this is a {str(meta['kind'])[:40]} model; a {schema.kind} was expected")
    if meta["version"] != schema.version:
        raise ModelFileError(f"the model has version {str(meta['version'])[:40]}; this program reads {schema.version}")
    shapes = schema.shapes(meta)
    if 4 * sum(math.prod(shape) for shape in shapes.values()) > _LARGEST_ARRAYS:
        raise ModelFileError(f"the model claims more than {_LARGEST_ARRAYS // 2**20} MiB of arrays")
    entries = {entry.filename: entry for entry in archive.infolist()}
    expected = {_META, *(f"{name}.npy" for name in shapes)}
    if set(entries) != expected or len(entries) != len(archive.infolist()):
        raise ModelFileError("the model file does not hold the arrays that its description names")
    for name, shape in shapes.items():
        _check_header(archive, entries[f"{name}.npy"], shape)
    return meta, {name: _read_array(archive, entries[f"{name}.npy"], shape) for name, shape in shapes.items()}


class _Archive:
    """A zip file, opened with our limits; its damages are ModelFileErrors."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> zipfile.ZipFile:
        try:
            self._zip = zipfile.ZipFile(self._path)
        except FileNotFoundError:
            raise ModelFileError(f"there is no model file {self._path.name}") from None
        except _DAMAGED as exc:
            raise ModelFileError(f"{self._path.name} is no model file: {exc}") from exc
        entries = self._zip.infolist()
        if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _LARGEST_ARRAYS + _LARGEST_META:
            self._zip.close()
            raise ModelFileError(f"{self._path.name} would unpack to more than {_LARGEST_ARRAYS // 2**20} MiB")
        return self._zip

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def _opened(path: Path) -> _Archive:
    return _Archive(path)


def _read_meta(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        entry = archive.getinfo(_META)
        if entry.file_size > _LARGEST_META:
            raise ModelFileError("the model file's description is too long")
        meta: object = json.loads(_take(archive, entry))
    except RecursionError as exc:
        raise ModelFileError("the model file's description is nested too deep") from exc
    except _DAMAGED as exc:
        raise ModelFileError(f"the model file has no readable description: {exc}") from exc
    if not isinstance(meta, dict):
        raise ModelFileError("the model file's description is no object")
    known = cast("dict[str, Any]", meta)
    if known.get("format") != _FORMAT or "kind" not in known or "version" not in known:
        raise ModelFileError("this zip file holds no model of ours")
    return known


def _take(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The entry's bytes, never more than its directory line says."""
    with archive.open(entry) as stream:
        data = stream.read(entry.file_size)
        if len(data) != entry.file_size or stream.read(1):
            raise ModelFileError(f"{entry.filename} has another size than the zip directory says")
        return data


def _check_header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...]) -> None:
    """The array's own header and its size must say exactly what the kind declares."""
    header = _header(shape)
    if entry.file_size != len(header) + 4 * math.prod(shape):
        raise ModelFileError(f"{entry.filename} has not the size of {shape} numbers")
    with archive.open(entry) as stream:
        if stream.read(len(header)) != header:
            raise ModelFileError(f"{entry.filename} is no float32 array of shape {shape}")


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...]) -> F32:
    data = _take(archive, entry)[len(_header(shape)) :]
    array = np.frombuffer(data, "<f4").reshape(shape).astype(np.float32)
    if not np.isfinite(array).all():
        raise ModelFileError(f"{entry.filename} holds values that are no numbers")
    return array


def _check_arrays(declared: Shapes, given: Shapes) -> None:
    if dict(declared) != dict(given):
        wrong = sorted(name for name in {*declared, *given} if declared.get(name) != given.get(name))
        raise ModelFileError(f"arrays that differ from the declared ones: {', '.join(wrong)}")


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


def _npy(array: F32) -> bytes:
    return _header(array.shape) + np.ascontiguousarray(array, "<f4").tobytes()


def _header(shape: tuple[int, ...]) -> bytes:
    """The `.npy` header of a float32 array of this shape; there is exactly one that we write and read."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return file.getvalue()
