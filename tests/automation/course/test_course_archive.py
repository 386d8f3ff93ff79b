"""A seat's archive: whole and verified, once for the same work, and never an old one overwritten."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from automation.course.archive import ArchiveReport, archive_seat, check_archive
from automation.errors import NotFound, OperationFailed, ServiceError, TransportError
from automation.storage import BlobPlace
from tests.automation.azure.fakes import FakeClock
from tests.automation.course.course_builders import a_course, a_seat
from tests.automation.storage.conftest import Azurite
from tests.automation.storage.conftest import azurite as azurite  # noqa: PLC0414 # pytest finds the fixture here
from tests.automation.storage.test_storage_copying import a_place

pytestmark = pytest.mark.server

LABELS = {"my-labels.json": b'{"images": []}'}
PICTURES = {"a b/ü#.jpg": b"one", "b.jpg": b"two"}
SEAT = a_seat()


@pytest.fixture
def work(azurite: Azurite) -> Iterator[BlobPlace]:
    place = a_place(azurite, azurite.endpoint)
    with place.store:
        for name, content in PICTURES.items():
            place.store.put(place.container, name, content, "image/jpeg")
        yield place


@pytest.fixture
def archives(azurite: Azurite) -> Iterator[BlobPlace]:
    place = a_place(azurite, azurite.other_endpoint)
    with place.store:
        yield place


def archived(
    tmp_path: Path,
    work: BlobPlace,
    archives: BlobPlace,
    exports: Callable[[], Mapping[str, bytes]] = lambda: LABELS,
) -> ArchiveReport:
    return archive_seat(a_course(tmp_path), SEAT, source=[work], into=archives, exports=exports, clock=FakeClock())


def read(place: BlobPlace, name: str) -> bytes:
    return place.store.get(place.container, name, limit_bytes=10_000)


def test_an_archive_holds_blobs_labels_and_a_manifest_with_hashes(
    tmp_path: Path, work: BlobPlace, archives: BlobPlace
) -> None:
    report = archived(tmp_path, work, archives)

    manifest = read(archives, f"{SEAT.id}/1/manifest.json")
    assert (report.folder, report.blobs, report.size, report.new) == (f"{SEAT.id}/1/", 3, 20, True)
    assert report.sha256 == hashlib.sha256(manifest).hexdigest()
    found = json.loads(manifest)
    assert {blob["name"]: (blob["size"], blob["md5"]) for blob in found.pop("blobs")} == {
        **{
            f"blobs/{work.container}/{name}": (len(content), hashlib.md5(content).hexdigest())
            for name, content in PICTURES.items()
        },
        "labels/my-labels.json": (14, hashlib.md5(LABELS["my-labels.json"]).hexdigest()),
    }
    assert found == {
        "format": "visionlab-seat-archive",
        "version": 1,
        "course": "botany",
        "seat": SEAT.id,
        "email": "anna@example.org",
        "made": "2026-11-20T12:00:00+00:00",
    }
    assert read(archives, f"{SEAT.id}/1/blobs/{work.container}/a b/ü#.jpg") == b"one"


def test_the_same_work_is_archived_once_and_other_work_beside_it(
    tmp_path: Path, work: BlobPlace, archives: BlobPlace
) -> None:
    first = archived(tmp_path, work, archives)
    again = archived(tmp_path, work, archives)
    assert (again.new, again.folder, again.sha256) == (False, first.folder, first.sha256)

    work.store.put(work.container, "b.jpg", b"changed", "image/jpeg")
    later = archived(tmp_path, work, archives)

    assert (later.new, later.folder) == (True, f"{SEAT.id}/2/")
    assert read(archives, f"{SEAT.id}/1/blobs/{work.container}/b.jpg") == b"two"
    assert check_archive(archives, first.folder) == check_archive(archives, later.folder) == []


def test_an_archive_that_was_begun_is_gone_on_with(tmp_path: Path, work: BlobPlace, archives: BlobPlace) -> None:
    archives.store.put(archives.container, f"{SEAT.id}/1/blobs/{work.container}/b.jpg", b"tw", "image/jpeg")
    report = archived(tmp_path, work, archives)
    assert (report.folder, check_archive(archives, report.folder)) == (f"{SEAT.id}/1/", [])


def test_labels_that_could_not_be_had_stop_it(tmp_path: Path, work: BlobPlace, archives: BlobPlace) -> None:
    def exports() -> Mapping[str, bytes]:
        raise TransportError("export labels", "connection refused")

    with pytest.raises(TransportError):
        archived(tmp_path, work, archives, exports)
    assert list(archives.store.list(archives.container)) == []


def test_what_is_not_there_as_it_is_in_the_seat_is_no_archive(
    tmp_path: Path, work: BlobPlace, archives: BlobPlace
) -> None:
    def somebody_writes(done: float, total: float | None, message: str) -> None:
        if total and done == total:
            work.store.put(work.container, "late.jpg", b"late", "image/jpeg")

    with pytest.raises(OperationFailed, match=r"1 blobs of .* such as late.jpg"):
        archive_seat(
            a_course(tmp_path),
            SEAT,
            source=[work],
            into=archives,
            exports=dict,
            clock=FakeClock(),
            progress=somebody_writes,
        )
    with pytest.raises(NotFound):
        check_archive(archives, f"{SEAT.id}/1/")


def test_a_check_names_what_is_gone_or_changed(tmp_path: Path, work: BlobPlace, archives: BlobPlace) -> None:
    report = archived(tmp_path, work, archives)
    archives.store.delete(archives.container, f"{report.folder}labels/my-labels.json")
    archives.store.put(archives.container, f"{report.folder}blobs/{work.container}/b.jpg", b"no!", "image/jpeg")
    assert check_archive(archives, report.folder) == [f"blobs/{work.container}/b.jpg", "labels/my-labels.json"]
    assert archived(tmp_path, work, archives).folder == f"{SEAT.id}/2/"

    archives.store.put(archives.container, f"{report.folder}manifest.json", b"[]", "application/json")
    with pytest.raises(ServiceError, match="is no manifest"):
        check_archive(archives, report.folder)
