"""Connections that ask for nothing: half a request, endless headers, or silence do not keep the server from others.

Owns: how many connections there may be, how long a request may take to arrive, and who is hung up on first.
Leaves: HTTP to uvicorn, whose protocol is extended here; sizes of bodies to `pipeline.py`.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import uvicorn

__all__ = ["Limits", "guard", "keep_sweeping"]

_TOO_LARGE = b"431 Request Header Fields Too Large"
_TOO_LATE = b"408 Request Timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`head_s` from the first byte to the last of the headers, `body_s` between two bytes of a body, `idle_s` without
    any request; above `most` connections the one that was idle for longest is closed.
    """

    most: int = 256
    head_bytes: int = 64 * 1024
    head_s: float = 20.0
    body_s: float = 30.0
    idle_s: float = 75.0
    every_s: float = 1.0


class _Guarded:
    """Before uvicorn's protocol, whichever it is: notes when bytes come, and what they belong to."""

    limits: Limits
    # uvicorn's own, by whichever protocol comes after this class.
    transport: Any
    connections: Any
    cycle: Any
    loop: Any
    flow: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.head = 0
        self.last = self.head_since = self.loop.time()
        super().connection_made(transport)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] uvicorn's
        if len(self.connections) > self.limits.most:
            idle = [c for c in self.connections if c is not self and c.is_idle() and not c.transport.is_closing()]
            for oldest in sorted(idle, key=lambda c: c.last)[: len(self.connections) - self.limits.most]:
                oldest.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.last = self.loop.time()
        before = self.cycle
        if not self.receives_body():
            if self.head == 0:
                self.head_since = self.last
            self.head += len(data)
        super().data_received(data)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] uvicorn's
        if self.cycle is not before:
            self.head = 0
        elif self.head > self.limits.head_bytes:
            self.hang_up(_TOO_LARGE)

    def receives_body(self) -> bool:
        return self.cycle is not None and self.cycle.more_body

    def is_idle(self) -> bool:
        return self.head == 0 and (self.cycle is None or self.cycle.response_complete)

    def check(self, now: float) -> None:
        """Hang up when the deadline of what is awaited is over."""
        if self.transport.is_closing():
            if self.transport.get_write_buffer_size() == 0:
                self.transport.abort()  # over TLS a polite end waits for the other side: one round is enough
        elif self.head:
            if now - self.head_since > self.limits.head_s:
                self.hang_up(_TOO_LATE)
        elif self.receives_body():
            if now - self.last > self.limits.body_s and not self.flow.read_paused:
                self.transport.abort()
        elif self.is_idle() and now - self.last > self.limits.idle_s:
            self.transport.abort()

    def hang_up(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()


def guard(config: uvicorn.Config, limits: Limits) -> None:
    """Let the server of this configuration keep the limits."""
    if not config.loaded:
        config.load()
    config.http_protocol_class = type("GuardedProtocol", (_Guarded, config.http_protocol_class), {"limits": limits})


async def keep_sweeping(connections: Iterable[Any], limits: Limits) -> None:
    """Look after deadlines until it is cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(limits.every_s)
            now = asyncio.get_running_loop().time()
            for connection in list(connections):
                connection.check(now)
