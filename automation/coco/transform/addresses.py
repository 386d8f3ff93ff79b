"""Other addresses of pictures: the blob's https address, the datastore's, or none.

Owns: what becomes of absolute_url and coco_url. Leaves: writing to `rewriting_entries.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit, urlunsplit

from automation.coco.scan import Entries
from automation.coco.transform.rewriting_entries import write_changed
from automation.coco.transform.selecting import Part
from automation.coco.transform.survey import survey
from automation.errors import ConfigError
from automation.progress import Progress, silent

__all__ = ["Addresses", "Readdressed", "rewrite_urls_file"]

_KEYS = ("absolute_url", "coco_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """What is to become of the addresses; in this order.

    Attributes:
        remove: Take them all out.
        unsigned: Take signatures (what stands behind a `?`) off.
        replace: Other beginnings, by old beginning; the longest that fits is replaced.
        container: The https address of a container: absolute_url is the picture's file name below it.
        datastore: A datastore of Azure ML: coco_url is AmlDatastore://NAME/ and the file name.
        folder: Stands before the file name in both.
    """

    remove: bool = False
    unsigned: bool = False
    replace: Mapping[str, str] | None = None
    container: str | None = None
    datastore: str | None = None
    folder: str = ""

    def __post_init__(self) -> None:
        if not (self.remove or self.unsigned or self.replace or self.container or self.datastore):
            raise ConfigError("there is nothing to rewrite", hint="give --container, --datastore, --replace or another")
        if self.container is not None:
            parts = urlsplit(self.container)
            if parts.scheme not in ("https", "http") or not parts.netloc:
                raise ConfigError(
                    f"{self.container!r} is no address", hint="as in https://account.blob.core.windows.net/c"
                )
            if parts.query:
                raise ConfigError(
                    "the container's address has a signature, which would be a secret in a file",
                    hint="give it without what stands behind the ?",
                )

    def of(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """The entry with other addresses."""
        new = dict(entry)
        for key in _KEYS:
            if isinstance(new.get(key), str):
                new[key] = self._changed(new[key])
                if self.remove:
                    del new[key]
        path = self._path(str(new["file_name"]))
        if self.container is not None:
            new["absolute_url"] = f"{self.container.rstrip('/')}/{quote(path)}"
        if self.datastore is not None:
            new["coco_url"] = f"AmlDatastore://{self.datastore}/{path}"
        return new

    def _path(self, name: str) -> str:
        folder = self.folder.strip("/")
        return f"{folder}/{name}" if folder else name

    def _changed(self, address: str) -> str:
        if self.unsigned and address.lower().startswith("http"):
            parts = urlsplit(address)
            address = urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) if parts.query else address
        for old in sorted(self.replace or (), key=len, reverse=True):
            if address.startswith(old):
                return (self.replace or {})[old] + address[len(old) :]
        return address


@dataclass(frozen=True, slots=True, kw_only=True)
class Readdressed:
    """A file that was written: of how many images the addresses changed, and one before and after."""

    part: Part
    changed: int
    example: tuple[dict[str, str], dict[str, str]] | None


def rewrite_urls_file(source: Path, out: Path, wish: Addresses, *, progress: Progress = silent) -> Readdressed:
    """Write the file with other addresses of its pictures.

    Raises:
        ConfigError: There is no such file.
        DatasetError: It is not sound.
        Refused: The new file would be the old one.
    """
    survey(source, progress=progress)
    changed = 0
    example: tuple[dict[str, str], dict[str, str]] | None = None

    def images(piece: Entries) -> tuple[bytes, int]:
        nonlocal changed, example
        old = cast("Sequence[dict[str, Any]]", json.loads(piece.text))
        new = [wish.of(entry) for entry in old]
        others = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        if not others:
            return piece.raw, piece.count
        changed += len(others)
        if example is None:
            example = _addresses(old[others[0]]), _addresses(new[others[0]])
        return b", ".join([json.dumps(entry).encode() for entry in new]), piece.count

    part = write_changed(source, out, {"images": images}, progress=progress)
    return Readdressed(part=part, changed=changed, example=example)


def _addresses(entry: Mapping[str, Any]) -> dict[str, str]:
    return {key: entry[key] for key in _KEYS if isinstance(entry.get(key), str)}
