"""The pictures that an MLTable data asset names, in JSON lines or one by one.

Owns: reading the MLTable file and what it points to. Leaves: making tasks of them to `filling.py`.

A project's pictures lie in one container: that of the first picture decides, others are left out and counted.
"""

import fnmatch
import itertools
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import unquote

import msgspec

from localazure.blobs import Blobs
from localazure.errors import AzureError, BlobError
from localazure.identity import LocalService
from localazure.labeling.jobs.places import Places
from localazure.labeling.types import DataPlace, Project

__all__ = ["Named", "TablePictures"]

_V1 = re.compile(r"amldatastore://([^/]+)/(.*)", re.IGNORECASE)
_TABLE_BYTES = 1024 * 1024
_LINES_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Where the pictures lie, and their paths in the order of the table. `elsewhere` lie in other containers."""

    place: DataPlace
    paths: Sequence[str]
    elsewhere: int

    @property
    def prefix(self) -> str:
        """What all paths begin with, whole names or not."""
        first, last = min(self.paths, default=""), max(self.paths, default="")
        alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
        return "".join(letter for letter, _ in alike)


class TablePictures:
    def __init__(self, blobs: Blobs, places: Places) -> None:
        self._blobs = blobs
        self._places = places

    def read(self, project: Project) -> Named:
        """BlobError when the table, or what it points to, is not there or cannot be read as such."""
        try:
            table = self._places.of_data(project.spec.data_id, project.workspace_id)
        except AzureError as error:
            raise BlobError(project.spec.data_id, error.message) from error
        url = table.url(f"{table.folder}MLTable")
        entries, column = _parse(url, self._blobs.read(url, LocalService(), limit_bytes=_TABLE_BYTES))
        addresses = _Addresses(self._places, project, table)
        named: list[tuple[DataPlace | None, str]] = []
        for kind, text in entries:
            place, path = addresses.of(text)
            if place is None:
                raise BlobError(url, f"'{text[:200]}' leads to no blob datastore of the workspace")
            if column is None:
                named += [(place, each) for each in self._pictures(kind, place, path)]
            elif kind == "file":
                named += [addresses.of(address) for address in self._lines(place.url(path), column)]
            else:
                raise BlobError(url, f"JSON lines are named file by file, not by {kind}")
        home = next((place for place, _ in named if place is not None), table)
        paths = [path for place, path in named if place is not None and _same(place, home)]
        place = replace(home, folder="", table=True)
        return Named(place=place, paths=paths, elsewhere=len(named) - len(paths))

    def _pictures(self, kind: str, place: DataPlace, path: str) -> Iterator[str]:
        if kind == "file":
            yield path
            return
        fixed = re.split(r"[*?\[]", path, maxsplit=1)[0] if kind == "pattern" else f"{path.rstrip('/')}/".lstrip("/")
        for item in self._blobs.list(place.account, place.container, fixed):
            if kind == "folder" or fnmatch.fnmatchcase(item.name, path):
                yield item.name

    def _lines(self, url: str, column: str) -> Iterator[str]:
        """The addresses in a file of JSON lines."""
        data = self._blobs.read(url, LocalService(), limit_bytes=_LINES_BYTES)
        decoder = msgspec.json.Decoder(dict[str, Any])
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
            if not line.strip():
                continue
            try:
                address: object = decoder.decode(line).get(column)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise BlobError(url, f"line {number}: {error}") from None
            if not isinstance(address, str):
                raise BlobError(url, f"line {number} has no {column}")
            yield address


class _Addresses:
    """What addresses in a table mean: relative to it, by datastore, or by the container's own address."""

    def __init__(self, places: Places, project: Project, table: DataPlace) -> None:
        self._places = places
        self._project = project
        self._table = table
        self._known: dict[str, DataPlace | None] = {}

    def of(self, address: str) -> tuple[DataPlace | None, str]:
        """Place and path; no place for what is elsewhere."""
        if "://" not in address:
            path = posixpath.normpath(posixpath.join(self._table.folder, address)).lstrip("/")
            return (None, address) if path.startswith("..") else (self._table, path if path != "." else "")
        if address.lower().startswith("http"):
            own = f"{self._table.base_url}{self._table.container}/"
            path = unquote(address.partition("?")[0].removeprefix(own))
            return (self._table, path) if address.startswith(own) else (None, address)
        if found := _V1.fullmatch(address):
            address = f"azureml://datastores/{found[1]}/paths/{found[2]}"
        store, paths, path = address.partition("/paths/")
        if store not in self._known:
            self._known[store] = self._place(store + paths)
        return self._known[store], path

    def _place(self, uri: str) -> DataPlace | None:
        try:
            return self._places.of_uri(uri, self._table.workspace, self._project.workspace_id)
        except AzureError:
            return None


def _parse(url: str, data: bytes) -> tuple[list[tuple[str, str]], str | None]:
    """Kind and address of each path, and the column of pictures; no column when the paths are the pictures."""
    import yaml

    try:
        document: object = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise BlobError(url, f"it is no YAML: {str(error)[:300]}") from None
    fields: Mapping[str, object] = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    entries = [
        (kind, text)
        for entry in _objects(fields.get("paths"))
        for kind, text in entry.items()
        if kind in {"file", "folder", "pattern"} and isinstance(text, str)
    ]
    if not entries:
        raise BlobError(url, "it has no paths")
    steps = [step for each in _objects(fields.get("transformations")) for step in each.items()]
    readers = [name for name, _ in steps if name.startswith("read_")]
    if readers and readers != ["read_json_lines"]:
        raise BlobError(url, f"{readers[0]} is not implemented by the local Azure: name JSON lines, or pictures")
    return entries, _column(steps) if readers else None


def _column(steps: Sequence[tuple[str, object]]) -> str:
    """The column that is told to be a stream; AutoML's own name for it without that."""
    for name, what in steps:
        for each in _objects(what) if name == "convert_column_types" else ():
            columns = each.get("columns")
            if each.get("column_type") == "stream_info":
                several = cast("list[object]", columns) if isinstance(columns, list) else [columns]
                return next((column for column in several if isinstance(column, str)), "image_url")
    return "image_url"


def _objects(value: object) -> list[Mapping[str, object]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, object]", item) for item in items if isinstance(item, dict)]


def _same(one: DataPlace, other: DataPlace) -> bool:
    return (one.account, one.container) == (other.account, other.container)
