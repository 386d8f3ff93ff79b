"""Telling pages at once: server-sent events, one when something changed, at most one a second.

Owns: who listens, how often each is told, when it ends. Leaves: what is told to `project_statistics.py`.

A stream ends when its reader goes away, when the server ends, and after some minutes: a browser connects again by
itself, and is asked again who it is.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from localazure.errors import AzureError
from localazure.labeling.tables import Tables

__all__ = ["Events", "Pace"]

_MOST_LISTENERS = 200
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Pace:
    """Seconds: between two events at least, between comments that keep the line open, until a stream ends."""

    def __init__(self, *, least: float = 1.0, comment: float = 15.0, whole: float = 300.0) -> None:
        self.least, self.comment, self.whole = least, comment, whole


class Events:
    """Created anywhere; streams run in the server's event loop, changes come from any thread."""

    def __init__(self, tables: Tables, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._lock = threading.Lock()
        self._listeners: dict[int, set[_Listener]] = {}
        self._closed = False
        tables.watch(self.changed)

    def response(self, project: int, document: Callable[[], bytes]) -> Response:
        """An endless answer. `document` is JSON of one line and is read in a thread. AzureError 503 when too many
        listen.
        """
        if self.listening() >= _MOST_LISTENERS:
            raise AzureError(503, "TooManyListeners", f"{_MOST_LISTENERS} pages listen already; try again later.")
        return _Stream(self, project, document, self._pace)

    def listening(self) -> int:
        with self._lock:
            return sum(len(listeners) for listeners in self._listeners.values())

    def close(self) -> None:
        """All streams end now, and no new ones begin."""
        with self._lock:
            self._closed = True
            everybody = [listener for listeners in self._listeners.values() for listener in listeners]
        for listener in everybody:
            listener.wake(over=True)

    def join(self, project: int, listener: "_Listener") -> None:
        with self._lock:
            self._listeners.setdefault(project, set()).add(listener)
            closed = self._closed
        if closed:
            listener.wake(over=True)

    def leave(self, project: int, listener: "_Listener") -> None:
        with self._lock:
            listeners = self._listeners.get(project, set())
            listeners.discard(listener)
            if not listeners:
                self._listeners.pop(project, None)

    def changed(self, project: int) -> None:
        """From any thread: there is another document to send."""
        with self._lock:
            listeners = list(self._listeners.get(project, ()))
        for listener in listeners:
            listener.wake()


class _Listener:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.changed = asyncio.Event()
        self.over = asyncio.Event()

    def wake(self, *, over: bool = False) -> None:
        """From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the stream with it
            self._loop.call_soon_threadsafe((self.over if over else self.changed).set)


class _Stream(Response):
    media_type = "text/event-stream"

    def __init__(self, events: Events, project: int, document: Callable[[], bytes], pace: Pace) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._events = events
        self._project = project
        self._document = document
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        listener = _Listener()
        self._events.join(self._project, listener)
        gone = asyncio.create_task(_until_gone(receive, listener.over))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            with contextlib.suppress(OSError):  # the reader went away
                await self._tell(listener, lambda data: send(_chunk(data)))
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._events.leave(self._project, listener)

    async def _tell(self, listener: _Listener, send: Callable[[bytes], Awaitable[None]]) -> None:
        end = asyncio.get_running_loop().time() + self._pace.whole
        last = b""
        listener.changed.set()
        while not listener.over.is_set() and asyncio.get_running_loop().time() < end:
            if listener.changed.is_set():
                listener.changed.clear()
                document = await run_in_threadpool(self._document)
                if document != last:
                    await send(b"event: statistics\ndata: " + document + b"\n\n")
                    last = document
                await _wait(listener.over, self._pace.least)
            elif not await _wait_for_any(listener, self._pace.comment):
                await send(b": still here\n\n")


async def _until_gone(receive: Receive, over: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    over.set()


async def _wait_for_any(listener: _Listener, seconds: float) -> bool:
    """False when nothing came in that time."""
    waits = [asyncio.ensure_future(event.wait()) for event in (listener.changed, listener.over)]
    done, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()
    return bool(done)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _chunk(data: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": data, "more_body": True}
