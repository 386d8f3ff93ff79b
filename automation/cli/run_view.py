"""A run on the screen: one line a step, and a bar for the step that runs; plain lines where nobody watches."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from automation.cli.console import Console, bar_words
from automation.workflow.events import EventKind, Listener, RunEvent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["watch_run"]

_MARKS = {EventKind.DONE: "done", EventKind.SKIPPED: "kept", EventKind.FAILED: "FAILED"}


@contextmanager
def watch_run(console: Console) -> Generator[Listener]:
    """A listener that shows a run's events."""
    if not console.watched:

        def tell(event: RunEvent) -> None:
            if line := _line(event):
                console.say(line)

        yield tell
        return
    with console.bars() as bars:
        yield _Drawing(bars)


def _line(event: RunEvent) -> str | None:
    """The line that stays, or None."""
    if event.kind is EventKind.NOTE:
        return f"  {event.step}: {event.message}"
    if event.kind not in _MARKS:
        return None
    took = f"{event.seconds:6.1f} s" if event.kind is EventKind.DONE else " " * 8
    return f"{event.step:<10} {_MARKS[event.kind]:<6} {took}  {event.message}"


class _Drawing:
    """A Listener that keeps one bar, for the step that runs."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._resources = 0

    def __call__(self, event: RunEvent) -> None:
        match event.kind:
            case EventKind.STARTED:
                self._resources = 0
                self._task = self._bars.add_task(bar_words(f"{event.step}: {event.message}"), total=None)
            case EventKind.PROGRESS if self._task is not None:
                shown = bar_words(f"{event.step}: {event.message}")
                self._bars.update(self._task, completed=event.done, total=event.total, description=shown)
            case EventKind.RESOURCE if self._task is not None and event.resource is not None:
                self._resources += event.resource.state == "done"
                shown = f"{event.step}: {self._resources} resources, {event.resource.op} {event.resource.name}"
                self._bars.update(self._task, description=bar_words(shown))
            case EventKind.DONE | EventKind.FAILED if self._task is not None:
                self._bars.remove_task(self._task)
                self._task = None
            case _:
                pass
        if line := _line(event):
            self._bars.console.print(line, markup=False, soft_wrap=True)
