"""A seat's work kept before the seat goes: its blobs and labels in the course storage, with a manifest.

Owns: where they lie there, what the manifest says, and that all of it is verified before it is called an archive.
Leaves: the copying to `storage`, exporting labels to the caller, deleting to whoever wants to.

An archive is `<seat>/<number>/` in the container: `blobs/<container>/...`, `labels/...`, and last of all
`manifest.json`. A folder without a manifest is one that was begun: the next call goes on with it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from automation.clock import Clock
from automation.course.types import Course, Seat
from automation.errors import OperationFailed, ServiceError
from automation.progress import Progress, silent
from automation.storage import BlobInfo, BlobPlace, copy_container, missing_copies

__all__ = ["MANIFEST", "ArchiveReport", "archive_seat", "check_archive"]

MANIFEST = "manifest.json"
FORMAT, VERSION = "visionlab-seat-archive", 1
LARGEST_MANIFEST_BYTES = 64 * 1024 * 1024
DEADLINE_S = 3600.0
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """An archive that is whole.

    Attributes:
        folder: Where it lies in the container.
        blobs: How many it has, labels included.
        size: Their bytes.
        sha256: Of the manifest, as it is stored.
        new: Whether this call wrote the manifest; else it was there already, of the same blobs.
    """

    seat: str
    container: str
    folder: str
    blobs: int
    size: int
    sha256: str
    new: bool


def archive_seat(
    course: Course,
    seat: Seat,
    *,
    source: Sequence[BlobPlace],
    into: BlobPlace,
    exports: Callable[[], Mapping[str, bytes]],
    clock: Clock,
    progress: Progress = silent,
    deadline_s: float = DEADLINE_S,
) -> ArchiveReport:
    """Archive a seat and verify it; called again, it goes on, or says that it is done.

    Args:
        course: The course.
        seat: Its seat.
        source: The seat's containers.
        into: The course storage's container for archives.
        exports: Gives the labels as files, by name; called once.
        clock: Stamps the manifest.
        progress: Hears of bytes.
        deadline_s: Seconds for the copies of each container.

    Raises:
        OperationFailed: What was copied is not what is there: nothing may be deleted.
        ServiceError: Something could not be read or written; likewise.
    """
    labels = dict(exports())
    last = _last_archive(into, seat)
    if last and (found := _still_true(into, seat, last, source, labels)) is not None:
        return found
    folder = f"{seat.id}/{last + 1}/"
    for place in source:
        copy_container(place, _below(into, f"{folder}blobs/{place.container}/"), progress=progress,
                       deadline_s=deadline_s)  # fmt: skip
    for name, content in labels.items():
        into.store.put(into.container, f"{into.prefix}{folder}labels/{name}", content, _JSON)
    entries = _verified(into, folder, source, labels)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "course": course.name,
        "seat": seat.id,
        "email": seat.person.email,
        "made": clock.now().isoformat(timespec="seconds"),
        "blobs": entries,
    }
    content = _bytes(document)
    into.store.put(into.container, f"{into.prefix}{folder}{MANIFEST}", content, _JSON)
    return _report(into, seat, folder, content, entries, new=True)


def check_archive(into: BlobPlace, folder: str) -> list[str]:
    """What of an archive is no longer as its manifest says, by names; none is good.

    Raises:
        NotFound: It has no manifest.
        ServiceError: The manifest is none.
    """
    document, _ = _manifest(into, folder)
    there = _listed(into, folder)
    return [
        str(entry["name"])
        for entry in cast("list[dict[str, Any]]", document["blobs"])
        if (blob := there.get(str(entry["name"]))) is None or _entry(str(entry["name"]), blob) != entry
    ]


def _still_true(
    into: BlobPlace, seat: Seat, number: int, source: Sequence[BlobPlace], labels: Mapping[str, bytes]
) -> ArchiveReport | None:
    """The last archive when it is whole and the seat is as it was then."""
    folder = f"{seat.id}/{number}/"
    if check_archive(into, folder):
        return None
    document, content = _manifest(into, folder)
    entries = cast("list[dict[str, Any]]", document["blobs"])
    try:
        wanted = _verified(into, folder, source, labels)
    except OperationFailed:
        return None
    return _report(into, seat, folder, content, entries, new=False) if wanted == entries else None


def _verified(
    into: BlobPlace, folder: str, source: Sequence[BlobPlace], labels: Mapping[str, bytes]
) -> list[dict[str, Any]]:
    """What the folder holds of all that it has to hold, by listing it and the seat anew."""
    wanted: set[str] = set()
    for place in source:
        target = _below(into, f"{folder}blobs/{place.container}/")
        if missing := missing_copies(place, target):
            raise OperationFailed(
                resource=f"the archive {into}/{folder}",
                status="incomplete",
                detail=f"{len(missing)} blobs of {place.container} are not there as they are in the seat, "
                f"such as {missing[0]}",
                hint="does somebody still write into the seat? Repeat the command; nothing was deleted",
            )
        wanted |= {
            f"blobs/{place.container}/{blob.name.removeprefix(place.prefix)}"
            for blob in place.store.list(place.container, place.prefix)
        }
    there = _listed(into, folder)
    for name, content in labels.items():
        blob = there.get(f"labels/{name}")
        if blob is None or blob.md5 != hashlib.md5(content, usedforsecurity=False).digest():
            raise OperationFailed(
                resource=f"the archive {into}/{folder}",
                status="incomplete",
                detail=f"the labels {name} are not there as they were exported",
                hint="repeat the command; nothing was deleted",
            )
        wanted.add(f"labels/{name}")
    return [_entry(name, there[name]) for name in sorted(wanted & there.keys())]


def _entry(name: str, blob: BlobInfo) -> dict[str, Any]:
    return {"name": name, "size": blob.size, "md5": blob.md5.hex() if blob.md5 else None}


def _listed(into: BlobPlace, folder: str) -> dict[str, BlobInfo]:
    root = into.prefix + folder
    return {blob.name.removeprefix(root): blob for blob in into.store.list(into.container, root)}


def _last_archive(into: BlobPlace, seat: Seat) -> int:
    """The number of the last archive with a manifest; 0 when there is none."""
    pattern = re.compile(rf"{re.escape(into.prefix + seat.id)}/([1-9][0-9]*)/{re.escape(MANIFEST)}")
    names = (blob.name for blob in into.store.list(into.container, f"{into.prefix}{seat.id}/"))
    return max((int(found[1]) for name in names if (found := pattern.fullmatch(name))), default=0)


def _manifest(into: BlobPlace, folder: str) -> tuple[dict[str, Any], bytes]:
    name = f"{into.prefix}{folder}{MANIFEST}"
    content = into.store.get(into.container, name, limit_bytes=LARGEST_MANIFEST_BYTES)
    try:
        found: object = json.loads(content)
    except ValueError:
        found = None
    document = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    stated = (document.get("format"), document.get("version"))
    if stated != (FORMAT, VERSION) or not isinstance(document.get("blobs"), list):
        said = f"{name} is no manifest of an archive"
        raise ServiceError(said, operation="read an archive", status=200)
    return document, content


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def _below(place: BlobPlace, folder: str) -> BlobPlace:
    return BlobPlace(store=place.store, container=place.container, prefix=place.prefix + folder)


def _report(
    into: BlobPlace, seat: Seat, folder: str, content: bytes, entries: Sequence[Mapping[str, Any]], *, new: bool
) -> ArchiveReport:
    return ArchiveReport(
        seat=seat.id,
        container=into.container,
        folder=folder,
        blobs=len(entries),
        size=sum(int(entry["size"]) for entry in entries),
        sha256=hashlib.sha256(content).hexdigest(),
        new=new,
    )
