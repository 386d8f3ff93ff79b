"""Resources while they are provisioned: a live table on a terminal, one line each where nobody watches."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from automation.cli.console import Console

if TYPE_CHECKING:
    from rich.table import Table

    from automation.provision import ResourceEvent

__all__ = ["Seen", "watch_resources"]

_STYLES = {"done": "green", "failed": "red", "started": "cyan"}
_QUIET_OPS = ("same", "read")


class Seen:
    """The last event of each resource, in the order in which they began."""

    def __init__(self, console: Console, title: str, *, live: bool) -> None:
        self._console, self._title, self._live = console, title, live
        self._events: dict[str, ResourceEvent] = {}
        self._started: dict[str, float] = {}

    def __call__(self, event: "ResourceEvent") -> None:
        self._events[event.urn] = event
        if event.state == "started":
            self._started[event.urn] = time.monotonic()
        elif not self._live and (event.op not in _QUIET_OPS or event.state == "failed"):
            error = f": {event.error}" if event.error else ""
            self._console.say(f"{event.op:<8} {event.state:<7} {event.seconds:5.1f} s  {_short(event)}{error}")

    def rows(self) -> list[dict[str, object]]:
        """As JSON."""
        return [
            {
                "op": event.op,
                "type": event.type,
                "name": event.name,
                "state": event.state,
                "seconds": round(event.seconds, 3),
                "changes": list(event.changes),
                "error": event.error,
            }
            for event in list(self._events.values())
        ]

    def __rich__(self) -> "Table | str":
        """The table of this moment; rich asks for it ten times a second."""
        if not self._events:
            return self._title
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table("", "resource", "type", "time", box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
        now = time.monotonic()
        events = list(self._events.values())
        room = max(self._console.rich.size.height - 6, 5)
        # What is at work is always shown; of what is done, the latest that there is room for.
        at_work = [event for event in events if event.state == "started"][:room]
        done = [event for event in events if event.state != "started"]
        for event in [*done[max(0, len(done) - (room - len(at_work))) :], *at_work]:
            seconds = now - self._started.get(event.urn, now) if event.state == "started" else event.seconds
            said = Text(event.error or event.name, style=_STYLES[event.state])
            table.add_row(Text(event.op), said, Text(event.type.rpartition(":")[2]), f"{seconds:.1f} s")
        return table


def _short(event: "ResourceEvent") -> str:
    return f"{event.type.rpartition(':')[2]} {event.name}"


@contextmanager
def watch_resources(console: Console, title: str) -> Generator[Seen]:
    """An observer of a stack's run that shows what happens."""
    if not console.watched:
        console.say(title)
        yield Seen(console, title, live=False)
        return
    from rich.live import Live

    seen = Seen(console, title, live=True)
    with Live(seen, console=console.rich, refresh_per_second=10):
        yield seen
