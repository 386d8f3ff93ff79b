"""An upload sends what is not there yet, says how far it is, and stops at the first failure."""

import hashlib
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from automation.errors import ConfigError, DatasetError, ServiceUnavailable
from automation.progress import silent
from automation.storage import BlobInfo, BlobStore, Upload
from automation.storage.upload import run_uploads
from tests.automation.azure.fakes import FakeTokens, a_cloud


def files(folder: Path, count: int) -> list[Upload]:
    uploads = [Upload(path=folder / f"{i}.jpg", name=f"p/{i}.jpg") for i in range(count)]
    for i, upload in enumerate(uploads):
        upload.path.write_bytes(bytes([i]) * (i + 1))
    return uploads


def there(upload: Upload, *, content: bytes | None = None, md5: bool = True) -> BlobInfo:
    data = upload.path.read_bytes() if content is None else content
    digest = hashlib.md5(data).digest() if md5 else None
    return BlobInfo(name=upload.name, size=len(data), md5=digest, last_modified=datetime(2026, 1, 1, tzinfo=UTC))


def test_only_what_differs_is_sent(tmp_path: Path) -> None:
    uploads = files(tmp_path, 5)
    existing = [
        there(uploads[0]),
        there(uploads[1], content=b"zz"),
        there(uploads[2], content=b"z"),
        there(uploads[3], md5=False),
    ]
    report = run_uploads(
        uploads, {blob.name: blob for blob in existing}, lambda u: u.path.stat().st_size, threads=2, progress=silent
    )
    assert report.uploaded == ("p/1.jpg", "p/2.jpg", "p/3.jpg", "p/4.jpg")
    assert (report.skipped, report.bytes_sent) == (("p/0.jpg",), 2 + 3 + 4 + 5)


def test_progress_counts_bytes_up_to_the_whole(tmp_path: Path) -> None:
    uploads = files(tmp_path, 3)
    seen: list[tuple[float, float | None, str]] = []

    def progress(done: float, total: float | None, message: str) -> None:
        seen.append((done, total, message))

    run_uploads(uploads, {}, lambda _: 0, threads=1, progress=progress)
    assert seen[-1] == (6.0, 6.0, "3 of 3 files")
    assert [step[0] for step in seen] == sorted(step[0] for step in seen)


def test_the_threads_are_bounded(tmp_path: Path) -> None:
    names: set[str] = set()

    def send(_: Upload) -> int:
        names.add(threading.current_thread().name)
        return 1

    run_uploads(files(tmp_path, 30), {}, send, threads=3, progress=silent)
    assert len(names) <= 3


def test_after_a_failure_no_further_file_is_started(tmp_path: Path) -> None:
    started: list[str] = []

    def send(upload: Upload) -> int:
        started.append(upload.name)
        raise ServiceUnavailable("down", operation="upload", status=503)

    uploads = files(tmp_path, 50)
    with pytest.raises(ServiceUnavailable):
        run_uploads(uploads, {}, send, threads=1, progress=silent)
    assert len(started) < 50


def test_a_file_that_vanishes_on_the_way_is_named(tmp_path: Path) -> None:
    uploads = files(tmp_path, 1)

    def send(upload: Upload) -> int:
        upload.path.unlink()
        return len(upload.path.read_bytes())

    with pytest.raises(DatasetError) as caught:
        run_uploads(uploads, {}, send, threads=1, progress=silent)
    assert str(caught.value) == f"{uploads[0].path} cannot be read: No such file or directory"


def test_bad_files_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    store = BlobStore("https://127.0.0.1:1/a", a_cloud(), FakeTokens())
    with pytest.raises(DatasetError) as caught:
        store.upload(
            "pics", [Upload(path=tmp_path / "gone.jpg", name="a"), Upload(path=tmp_path / "gone.jpg", name="/")]
        )
    assert [finding.code for finding in caught.value.findings] == ["file-missing", "file-missing", "blob-name"]


def test_an_endpoint_in_clear_text_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        BlobStore("http://127.0.0.1:1/a", a_cloud(), FakeTokens())
    assert str(caught.value) == "the blob endpoint http://127.0.0.1:1/a is not https"
