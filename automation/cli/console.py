"""Talking to people: results on stdout, everything else on stderr; pictures of progress only on a terminal.

Owns: tables, progress with the time that is left, one plain line a step where nobody watches.
Leaves: what to say to the commands. rich is loaded when something is drawn.
"""

import json
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, cast

import click

from automation.cli.given import given
from automation.errors import Finding, Refused
from automation.progress import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress as Bars
    from rich.progress import Task

__all__ = ["Console", "bar_words"]

TALK_AFTER_S = 2.0
MOST_BAR_WORDS = 44


def bar_words(text: str) -> str:
    """As much of a text as stands beside a bar."""
    return text if len(text) <= MOST_BAR_WORDS else text[: MOST_BAR_WORDS - 1].rstrip() + "\u2026"


class Console:
    """What a command talks through."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.watched = sys.stderr.isatty() and not quiet
        self._rich: RichConsole | None = None
        self._drawing = False

    @classmethod
    def of(cls, as_json: bool) -> "Console":
        """The console of the command that runs now."""
        return cls(as_json=as_json, quiet=given().quiet)

    @property
    def rich(self) -> "RichConsole":
        """The console of rich, on stderr."""
        if self._rich is None:
            from rich.console import Console as RichConsole

            self._rich = RichConsole(stderr=True, highlight=False)
        return self._rich

    def say(self, message: str) -> None:
        """One line of talk; above the bar while there is one."""
        if self._drawing:
            self.rich.print(message, markup=False, soft_wrap=True)
        elif not self.quiet:
            click.echo(message, err=True)

    def warn(self, findings: Sequence[Finding]) -> None:
        """Findings that do not stop the work."""
        for finding in findings:
            self.say(f"{finding.severity.value}: {finding.where}: {finding.message}")

    def result(self, value: object, show: Callable[[], None]) -> None:
        """The command's result: as JSON when that was asked for, else as `show` prints it."""
        if self.as_json:
            click.echo(json.dumps(value, default=_plain, indent=2, sort_keys=True, ensure_ascii=False))
        else:
            show()

    def line(self, text: str) -> None:
        """One line of a result."""
        click.echo(text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table on stdout; where no terminal is, plain columns that other programs can read."""
        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        if not rows:
            several = f"{columns[0]}es" if columns[0].endswith("s") else f"{columns[0]}s"
            click.echo(f"no {several}")
            return
        if sys.stdout.isatty():
            from rich.box import SIMPLE_HEAD
            from rich.console import Console as RichConsole
            from rich.table import Table
            from rich.text import Text

            table = Table(*columns, box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
            for row in cells:
                table.add_row(*(Text(cell) for cell in row))
            RichConsole(highlight=False).print(table)
            return
        widths = [max(len(row[index]) for row in [list(columns), *cells]) for index in range(len(columns))]
        for row in [list(columns), *cells]:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def facts(self, values: Mapping[str, object]) -> None:
        """Names and values, one each line; what is not known is left out."""
        shown = {name: value for name, value in values.items() if value not in (None, "", [], ())}
        width = max((len(name) for name in shown), default=0)
        for name, value in shown.items():
            text = ", ".join(map(str, cast("Sequence[object]", value))) if isinstance(value, list | tuple) else value
            click.echo(f"{name.ljust(width)}  {text}")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask for a typed yes. Raises Refused otherwise; where nobody can type, the answer is no."""
        if yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused(f"{question.removesuffix('.')}: nobody is here to say yes", hint="add --yes when you mean it")
        answer: object = click.prompt(f"{question} Type yes to go on", default="no", show_default=False, err=True)
        if str(answer).strip().lower() != "yes":
            raise Refused("not done: the answer was not yes", hint="type yes in full, or add --yes")

    @contextmanager
    def progress(self, title: str) -> Generator[Progress]:
        """Progress of one long act: a bar with the time left, or a line when it takes longer than two seconds."""
        if self.quiet:
            yield silent
        elif self.watched:
            with self._bar(title) as progress:
                yield progress
        else:
            yield self.slow_line(title)

    def slow_line(self, title: str) -> Progress:
        """Progress of what may not be needed at all: one line, and only when it is not over at once."""
        return _SlowLine(title, self.say)

    @contextmanager
    def bars(self) -> "Generator[Bars]":
        """Bars with the time that is left; they vanish at the end."""
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            SpinnerColumn,
            TaskProgressColumn,
            TextColumn,
        )
        from rich.text import Text

        class Times(ProgressColumn):
            """How long it has taken, and how long it will take, where that is known."""

            def render(self, task: "Task") -> Text:
                left = "" if task.time_remaining is None else f", {_clock(task.time_remaining)} left"
                return Text(_clock(task.elapsed or 0.0) + left)

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TaskProgressColumn(),
            Times(),
        )
        with Progress(*columns, console=self.rich, transient=True) as bars:
            self._drawing = True
            try:
                yield bars
            finally:
                self._drawing = False

    @contextmanager
    def _bar(self, title: str) -> Generator[Progress]:
        with self.bars() as bars:
            task = bars.add_task(title, total=None)

            def progress(done: float, total: float | None, message: str) -> None:
                bars.update(task, completed=done, total=total, description=bar_words(f"{title}: {message}"))

            yield progress


class _SlowLine:
    """One line, two seconds after the first word of work that is not over by then."""

    def __init__(self, title: str, say: Callable[[str], None]) -> None:
        self._title, self._say = title, say
        self._started: float | None = None
        self._said = False

    def __call__(self, done: float, total: float | None, message: str) -> None:
        now = time.monotonic()
        self._started = now if self._started is None else self._started
        over = total is not None and done >= total
        if not (self._said or over) and now - self._started > TALK_AFTER_S:
            self._said = True
            self._say(f"{self._title}: {message}")


def _clock(seconds: float) -> str:
    """Minutes and seconds, as 2:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _plain(value: object) -> object:
    """What JSON itself does not know."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else str(value)
