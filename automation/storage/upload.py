"""Uploading many files: which are there already, and sending the rest in parallel.

Owns: the comparison with one listing, the pool of threads, progress in bytes.
Leaves: sending one file to the function it is given.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from automation.errors import DatasetError, Finding, Severity
from automation.progress import Progress
from automation.storage.types import BlobInfo, Upload, UploadReport

__all__ = ["file_md5", "run_uploads"]


def file_md5(path: Path) -> bytes:
    """The digest that Blob storage keeps as Content-MD5; it compares content and secures nothing."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()


def run_uploads(
    uploads: Sequence[Upload],
    there: Mapping[str, BlobInfo],
    send: Callable[[Upload], int],
    *,
    threads: int,
    progress: Progress,
) -> UploadReport:
    """Send what is not in `there` with the same content, and say what was done.

    After the first failure no further file is started; those under way are finished. What was sent stays sent, so a
    second run goes on where this one ended.
    """
    sizes = {upload.name: upload.path.stat().st_size for upload in uploads}
    total, done, sent = float(sum(sizes.values())), 0.0, 0
    uploaded: set[str] = set()
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="upload") as pool:
        waiting: set[Future[tuple[Upload, int | None]]] = {
            pool.submit(_one, upload, sizes[upload.name], there.get(upload.name), send) for upload in uploads
        }
        finished = 0
        try:
            while waiting:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    upload, count = future.result()
                    finished += 1
                    done += sizes[upload.name]
                    if count is not None:
                        uploaded.add(upload.name)
                        sent += count
                progress(done, total, f"{finished} of {len(uploads)} files")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return UploadReport(
        uploaded=tuple(upload.name for upload in uploads if upload.name in uploaded),
        skipped=tuple(upload.name for upload in uploads if upload.name not in uploaded),
        bytes_sent=sent,
    )


def _one(upload: Upload, size: int, there: BlobInfo | None, send: Callable[[Upload], int]) -> tuple[Upload, int | None]:
    """Send one file unless it is there; the count of bytes sent, None when it was there."""
    try:
        if there is not None and there.size == size and there.md5 is not None and there.md5 == file_md5(upload.path):
            return upload, None
        return upload, send(upload)
    except OSError as exc:
        where, said = str(upload.path), f"{upload.path} cannot be read: {exc.strerror or exc}"
        finding = Finding(code="file-unreadable", severity=Severity.ERROR, where=where, message=said)
        raise DatasetError(said, findings=[finding]) from exc
