"""Server-sent events: what is sent, how often, and when a stream ends."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest

from localazure.errors import AzureError
from localazure.labeling.review.events import Events, Pace
from localazure.labeling.tables import Tables

QUICK = Pace(least=0.01, comment=0.05, whole=20)


@pytest.fixture
def tables() -> Generator[Tables]:
    opened = Tables(None)
    yield opened
    opened.close()


class Reader:
    """A browser that reads a stream until it hangs up."""

    def __init__(self, events: Events, document: Callable[[], bytes], project: int = 1) -> None:
        self.parts: asyncio.Queue[bytes] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._headers: dict[bytes, bytes] = {}
        self.task = asyncio.create_task(self._run(events.response(project, document)))

    async def _run(self, response: Any) -> None:
        await response({"type": "http"}, self._receive, self._send)

    async def _receive(self) -> dict[str, str]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.headers = dict(message["headers"])
        elif message["body"]:
            await self.parts.put(message["body"])

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.parts.get(), 5)

    async def hang_up(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.task, 5)


def change(tables: Tables, project: int = 1) -> None:
    with tables.write():
        tables.touch(project)


def test_each_change_is_told_to_everybody_once(tables: Tables) -> None:
    async def story() -> None:
        events, turn = Events(tables, QUICK), [0]
        readers = [Reader(events, lambda: b'{"turn":%d}' % turn[0]) for _ in range(3)]
        other = Reader(events, lambda: b"{}", project=2)
        for reader in readers:
            assert await reader.next() == b'event: statistics\ndata: {"turn":0}\n\n'
            assert reader.headers[b"content-type"].startswith(b"text/event-stream")
        assert await other.next() == b"event: statistics\ndata: {}\n\n"
        turn[0] = 1
        await asyncio.to_thread(change, tables)
        for reader in readers:
            assert await reader.next() == b'event: statistics\ndata: {"turn":1}\n\n'
        assert events.listening() == 4
        assert await other.next() == b": still here\n\n"
        for reader in (*readers, other):
            await reader.hang_up()
        assert events.listening() == 0

    asyncio.run(story())


def test_many_changes_in_a_row_are_one_event(tables: Tables) -> None:
    async def story() -> None:
        events, turn = Events(tables, Pace(least=0.2, comment=5, whole=20)), [0]

        def document() -> bytes:
            turn[0] += 1
            return b"%d" % turn[0]

        reader = Reader(events, document)
        await reader.next()
        for _ in range(20):
            await asyncio.to_thread(change, tables)
        assert await reader.next() == b"event: statistics\ndata: 2\n\n"
        assert reader.parts.empty()
        await reader.hang_up()

    asyncio.run(story())


def test_nothing_is_sent_twice_and_the_line_is_kept_open(tables: Tables) -> None:
    async def story() -> None:
        reader = Reader(Events(tables, QUICK), lambda: b"same")
        await reader.next()
        change(tables)
        assert await reader.next() == b": still here\n\n"
        await reader.hang_up()

    asyncio.run(story())


def test_streams_end_with_the_server_and_after_their_time(tables: Tables) -> None:
    async def story() -> None:
        events = Events(tables, Pace(least=5, comment=5, whole=5))
        reader = Reader(events, lambda: b"x")
        await reader.next()
        await asyncio.to_thread(events.close)
        await asyncio.wait_for(reader.task, 2)
        late = Reader(events, lambda: b"x")
        await asyncio.wait_for(late.task, 2)
        short = Reader(Events(tables, Pace(least=0.01, comment=0.01, whole=0.05)), lambda: b"x")
        await asyncio.wait_for(short.task, 2)

    asyncio.run(story())


def test_there_is_an_end_to_how_many_may_listen(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localazure.labeling.review.events._MOST_LISTENERS", 1)

    async def story() -> None:
        events = Events(tables, QUICK)
        reader = Reader(events, lambda: b"x")
        await reader.next()
        with pytest.raises(AzureError) as refused:
            events.response(1, lambda: b"x")
        assert refused.value.status == 503
        await reader.hang_up()
        events.response(1, lambda: b"x")

    asyncio.run(story())
