"""Blobs from one account into another, copied by the service: not a byte of them passes this machine.

Owns: what is there already, one copy at a time in each of a few threads, waiting for what the service copies by and by.
Leaves: making containers and roles to `infra`, what is copied and where to to the callers.

Sources: "Copy Blob From URL" (answered when it is done, up to 256 MiB), "Copy Blob" (for more) of the storage REST
documentation. The source is read by a delegated signature that is good for an hour, so that nobody needs a key; it is
made anew when a long copy outlives it.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from automation.errors import Conflict, OperationFailed, WaitTimeout
from automation.progress import Progress, silent
from automation.storage.blob_store import BlobStore
from automation.storage.types import BlobInfo

__all__ = ["BlobPlace", "CopyReport", "copy_container", "missing_copies"]

THREADS = 8
AT_ONCE_BYTES = 256 * 1024 * 1024
DEADLINE_S = 3600.0
LINK_HOURS = 1
LINK_GOOD_FOR = timedelta(minutes=40)
POLL_S = (0.2, 5.0)
REQUEST_S = 120.0
STATUS = "x-ms-copy-status"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPlace:
    """A container of an account, and the folder in it; `prefix` is empty or ends with a slash."""

    store: BlobStore
    container: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.store.account}/{self.container}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What a copy did, by names below the places' prefixes, in the source's order.

    Attributes:
        copied: Were not there, or had another content.
        skipped: Were there with this content.
        kept: Have another content there, and were left as they are.
    """

    copied: tuple[str, ...]
    skipped: tuple[str, ...]
    kept: tuple[str, ...] = ()
    bytes_copied: int = 0


@dataclass(slots=True)
class _Link:
    """The signature that reads the source; one for all threads."""

    place: BlobPlace
    lock: threading.Lock = field(default_factory=threading.Lock)
    query: str = ""
    made_s: float = 0.0

    def url(self, name: str) -> str:
        clock = self.place.store.clock
        with self.lock:
            now = clock.monotonic()
            if not self.query or now - self.made_s > LINK_GOOD_FOR.total_seconds():
                self.query = self.place.store.read_query(self.place.container, hours=LINK_HOURS)
                self.made_s = now
            return f"{self.place.store.url(self.place.container, name)}?{self.query}"


def copy_container(
    source: BlobPlace,
    target: BlobPlace,
    *,
    replace: bool = True,
    threads: int = THREADS,
    deadline_s: float = DEADLINE_S,
    progress: Progress = silent,
) -> CopyReport:
    """Bring every blob of `source` to `target`; those that are there with the same content are not touched.

    A copy that was stopped goes on where it was. Nothing is deleted in the target.

    Args:
        source: Read with a signature by delegation: whoever is signed in may read there, and delegate.
        target: Whoever is signed in may write there. Copies between two services of one cloud only.
        replace: Whether a blob of the same name with another content is replaced; else it is kept.
        threads: Copies under way at once.
        deadline_s: Seconds for all of it.
        progress: Hears of bytes.

    Raises:
        WaitTimeout: The deadline came first; what was copied stays, and a second call goes on.
        OperationFailed: The service gave a copy up.
        ServiceError: It said no, to a listing or a copy.
    """
    source.store.wait_for_access(source.container, progress=progress)
    target.store.wait_for_access(target.container, progress=progress)
    there = {_below(blob, target): blob for blob in target.store.list(target.container, target.prefix)}
    wanted = list(source.store.list(source.container, source.prefix))
    link = _Link(source)
    clock = target.store.clock
    ends_s = clock.monotonic() + deadline_s

    def one(blob: BlobInfo, name: str) -> None:
        _copy(blob, link.url(blob.name), target, target.prefix + name, ends_s=ends_s)

    names = [_below(blob, source) for blob in wanted]
    skipped = {name for name, blob in zip(names, wanted, strict=True) if _same(blob, there.get(name))}
    kept = set[str]() if replace else {name for name in names if name in there} - skipped
    todo = [(b, n) for b, n in zip(wanted, names, strict=True) if n not in skipped and n not in kept]
    total = float(sum(blob.size for blob in wanted))
    done = total - sum(blob.size for blob, _ in todo)
    finished = len(wanted) - len(todo)
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="copy") as pool:
        waiting: dict[Future[None], BlobInfo] = {}
        rest = iter(todo)
        try:
            while True:
                for blob, name in _next(rest, 2 * threads - len(waiting)):
                    waiting[pool.submit(one, blob, name)] = blob
                progress(done, total, f"{finished} of {len(wanted)} blobs")
                if not waiting:
                    break
                ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    blob = waiting.pop(future)
                    future.result()
                    done, finished = done + blob.size, finished + 1
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return CopyReport(
        copied=tuple(name for _, name in todo),
        skipped=tuple(name for name in names if name in skipped),
        kept=tuple(name for name in names if name in kept),
        bytes_copied=sum(blob.size for blob, _ in todo),
    )


def missing_copies(source: BlobPlace, target: BlobPlace) -> list[str]:
    """Names of the source's blobs that the target has not, or has with another content; by listing both anew."""
    there = {_below(blob, target): blob for blob in target.store.list(target.container, target.prefix)}
    found = source.store.list(source.container, source.prefix)
    return [_below(blob, source) for blob in found if not _same(blob, there.get(_below(blob, source)))]


def _below(blob: BlobInfo, place: BlobPlace) -> str:
    return blob.name.removeprefix(place.prefix)


def _same(blob: BlobInfo, other: BlobInfo | None) -> bool:
    """Whether a copy need not be made. Without digests, one as long that is younger than its source is it."""
    if other is None or other.copying or blob.size != other.size:
        return False
    if blob.md5 is not None or other.md5 is not None:
        return blob.md5 == other.md5
    return other.last_modified >= blob.last_modified


def _next(rest: Iterator[tuple[BlobInfo, str]], most: int) -> Sequence[tuple[BlobInfo, str]]:
    return [item for _, item in zip(range(max(0, most)), rest, strict=False)]


def _copy(blob: BlobInfo, url: str, target: BlobPlace, name: str, *, ends_s: float) -> None:
    clock, store = target.store.clock, target.store
    resource = f"the copy of {name} to {store.account}/{target.container}"
    started_s = clock.monotonic()
    if started_s >= ends_s:
        raise WaitTimeout(resource=resource, waited_s=0, last_status="not begun")
    status = _start(blob, url, target, name, deadline_s=min(REQUEST_S, ends_s - started_s))
    pause_s = POLL_S[0]
    while status == "pending":
        if clock.monotonic() + pause_s >= ends_s:
            raise WaitTimeout(resource=resource, waited_s=clock.monotonic() - started_s, last_status=status)
        clock.sleep(pause_s)
        pause_s = min(pause_s * 1.5, POLL_S[1])
        seen = store.request("HEAD", target.container, name, operation=f"look at {resource}")
        status = seen.headers.get(STATUS, "")
        said = seen.headers.get("x-ms-copy-status-description", "the service gives no reason")
        if status not in {"pending", "success"}:
            hint = "repeat the command; what was copied is not copied again"
            raise OperationFailed(resource=resource, status=status or "unknown", detail=said, hint=hint)


def _start(blob: BlobInfo, url: str, target: BlobPlace, name: str, *, deadline_s: float) -> str:
    """Ask for one copy of the very content that was listed; how far it is. One that is under way already is joined."""
    headers = {"x-ms-copy-source": url} | ({"x-ms-source-if-match": blob.etag} if blob.etag else {})
    if blob.size <= AT_ONCE_BYTES:
        headers["x-ms-requires-sync"] = "true"
    operation = f"copy {name} to {target.store.account}/{target.container}"
    try:
        answer = target.store.request(
            "PUT", target.container, name, operation=operation, headers=headers, deadline_s=deadline_s
        )
    except Conflict as exc:
        if exc.code != "PendingCopyOperation":
            raise
        return "pending"
    return answer.headers.get(STATUS, "success")
