"""`visionlab course handouts`: a page for each seat."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.course_place import choose_seats, complete_seats, course_options, find_course, open_course
from automation.cli.options import example, json_option
from automation.errors import ConfigError, LabError
from automation.printable import printable

if TYPE_CHECKING:
    from automation.course.handouts import Handout

__all__ = ["handouts"]

ENDINGS = {"html": ".html", "markdown": ".md"}
LONGEST_HOURS = 24 * 30


@click.command(
    "handouts",
    epilog=example(
        "visionlab course handouts --out handouts",
        "visionlab course handouts --format markdown --out handouts anna@example.org",
        "visionlab course handouts --out handouts --labeling-hours 48",
    ),
)
@click.argument("seats", nargs=-1, metavar="[SEAT]...", shell_complete=complete_seats)
@click.option(
    "--format", "shape", type=click.Choice(list(ENDINGS)), default="html", show_default=True, help="Of the pages."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the pages go: one file for each seat, named by its id.",
)
@click.option(
    "--labeling-hours",
    type=click.IntRange(1, LONGEST_HOURS),
    metavar="N",
    help="Put a personal link to the labeling page in, good for so many hours.",
)
@course_options
@json_option
def handouts(
    *,
    seats: tuple[str, ...],
    shape: str,
    out: Path,
    labeling_hours: int | None,
    name: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Write a page for each person: the links of the seat, what to do, what there is, until when.

    A page is one file that opens from disk and prints. With --labeling-hours it holds a link that lets its reader into
    the labeling page of the local Azure, once, as this person: hand it to nobody else.
    """
    from automation.cli.course_seat import invite, labeling_of, links_of_seat, outputs_of
    from automation.course import SeatState
    from automation.course.handouts import make_handout
    from automation.course.seat_progress import exercise_steps

    console = Console.of(as_json)
    course = find_course(name, home)
    chosen = choose_seats(course, seats, all_of_them=not seats)
    steps = exercise_steps(course)
    written: dict[str, str] = {}
    left_out: dict[str, str] = {}
    with open_course(course, console) as bench, console.progress("handouts") as progress:
        for index, seat in enumerate(chosen):
            try:
                outputs, plan = outputs_of(course, seat), labeling_of(course, seat)
                own = invite(seat, outputs, plan, bench, hours=labeling_hours) if labeling_hours else None
            except LabError as exc:
                if seats:
                    raise
                left_out[seat.id] = exc.message
                continue
            links = links_of_seat(outputs, plan, bench)
            page = make_handout(course, seat, outputs, links=links, steps=steps, invitation=own)
            path = out / f"{seat.id}{ENDINGS[shape]}"
            _write(path, _renderer(shape)(page), private=own is not None)
            written[seat.id] = str(path)
            progress(index + 1, len(chosen), seat.id)
    result = {"written": written, "left_out": left_out}

    def show() -> None:
        console.line(f"{len(written)} handouts in {out}")
        for seat_id, why in left_out.items():
            console.line(f"{seat_id}: left out, {printable(why)}")

    console.result(result, show)
    if any(seat.state is SeatState.UP and seat.id in left_out for seat in chosen):
        click.get_current_context().exit(1)


def _renderer(shape: str) -> "Callable[[Handout], str]":
    if shape == "html":
        from automation.course.handout_html import render_html

        return render_html
    from automation.course.handout_markdown import render_markdown

    return render_markdown


def _write(path: Path, text: str, *, private: bool) -> None:
    """Write a page, whole or not at all; one with a personal link is for its owner's eyes."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        beside.replace(path)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror or exc}", hint="give another --out") from exc
