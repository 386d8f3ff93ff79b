"""Half-sent requests, silence and floods: each is ended, and others are served meanwhile."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from localazure.connections import Limits, guard, keep_sweeping

LIMITS = Limits(most=40, head_bytes=4096, head_s=0.3, body_s=0.3, idle_s=0.6, every_s=0.05)
ASKED = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]})
    await send({"type": "http.response.body", "body": b"%06d" % size})


class Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        guard(self.config, LIMITS)
        await super().startup(sockets=sockets)
        self.sweep = asyncio.create_task(keep_sweeping(self.server_state.connections, LIMITS))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.sweep.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # pyright: ignore[reportAttributeAccessIssue] uvicorn's protocols
        await super().shutdown(sockets=sockets)


@dataclass(frozen=True, kw_only=True)
class Listening:
    port: int
    server: Server

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self) -> bytes:
        with self.connect() as client:
            client.sendall(ASKED)
            return answer(client)


def answer(client: socket.socket) -> bytes:
    """The six bytes of the body."""
    got = b""
    while b"\r\n\r\n" not in got or len(got.split(b"\r\n\r\n", 1)[1]) < 6:
        part = client.recv(4096)
        assert part, got
        got += part
    return got.split(b"\r\n\r\n", 1)[1]


def everything(client: socket.socket) -> bytes:
    """What comes until the other side ends the connection, one way or the other."""
    parts: list[bytes] = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.fixture(scope="module", params=["h11", "httptools"])
def listening(request: Any) -> Generator[Listening]:
    pytest.importorskip(request.param)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = Server(uvicorn.Config(echo, log_level="critical", lifespan="off", http=request.param, loop="asyncio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    found = Listening(port=listener.getsockname()[1], server=server)
    while not server.started:
        thread.join(0.01)
    yield found
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.parametrize("start", [b"GET / HT", b"GET / HTTP/1.1\r\nhost: localhost\r\nx: "])
def test_headers_that_never_end_are_timed_out(listening: Listening, start: bytes) -> None:
    with listening.connect() as client:
        client.sendall(start)
        assert everything(client).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_a_drip_of_header_bytes_is_no_way_around(listening: Listening) -> None:
    with listening.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nx: ")
        client.settimeout(0.05)
        for _ in range(100):
            try:
                client.sendall(b"a")
                if client.recv(10):
                    break
            except TimeoutError:
                continue
        else:
            pytest.fail("a hundred drips, and still welcome")


def test_a_body_that_never_ends_is_ended(listening: Listening) -> None:
    with listening.connect() as client:
        client.sendall(b"PUT / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n12345")
        assert everything(client) == b""


def test_a_flood_of_headers_is_431(listening: Listening) -> None:
    with listening.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n" + b"x-flood: aaaaaaaaaaaaaaaaaaaaaa\r\n" * 150)
        assert everything(client).startswith(b"HTTP/1.1 431 ")


def test_many_requests_on_one_connection_add_up_to_nothing(listening: Listening) -> None:
    with listening.connect() as client:
        for _ in range(25):
            client.sendall(ASKED.replace(b"\r\n\r\n", b"\r\nx-pad: " + b"a" * 200 + b"\r\n\r\n"))
            assert answer(client) == b"000000"


def test_silence_ends_and_whoever_speaks_now_and_then_stays(listening: Listening) -> None:
    with listening.connect() as silent, listening.connect() as speaker:
        speaker.settimeout(0.25)
        for _ in range(4):
            speaker.sendall(ASKED)
            assert answer(speaker) == b"000000"
            with pytest.raises(TimeoutError):
                speaker.recv(1)
        assert everything(silent) == b""


def test_1000_idle_connections_keep_nobody_out_and_are_bounded(listening: Listening) -> None:
    with ExitStack() as held:
        clients = [held.enter_context(listening.connect()) for _ in range(1000)]
        assert listening.ask() == b"000000"
        assert len(listening.server.server_state.connections) <= LIMITS.most + 1
        assert everything(clients[0]) == b""  # the oldest went first


def test_a_body_of_any_length_arrives(listening: Listening) -> None:
    with listening.connect() as client:
        client.sendall(b"PUT / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 300000\r\n\r\n" + b"x" * 300_000)
        assert answer(client) == b"300000"
