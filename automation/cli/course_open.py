"""`visionlab course open`: where one seat is seen, and which files it has."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.course_place import choose_seats, complete_seats, course_options, find_course, open_course
from automation.cli.options import example, json_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.course import Course, Seat

__all__ = ["open_seat"]


@click.command(
    "open",
    epilog=example("visionlab course open anna@example.org", "visionlab course open anna-x7q2aa --browser"),
)
@click.argument("seat", shell_complete=complete_seats)
@click.option("--browser", is_flag=True, help="Open the first page: the labeling page, or the portal.")
@course_options
@json_option
def open_seat(*, seat: str, browser: bool, name: str | None, home: Path | None, as_json: bool) -> None:
    """Print where a seat is seen: its pages, its services, its files.

    SEAT is its id or its person's address. On the local Azure `--browser` lets you into the labeling page as the seat's
    person, by a link that works once.
    """
    from automation.cli.course_seat import invite, labeling_of, links_of_seat, outputs_of

    console = Console.of(as_json)
    course = find_course(name, home)
    (found,) = choose_seats(course, [seat])
    outputs, plan = outputs_of(course, found), labeling_of(course, found)
    with open_course(course, console) as bench:
        links = links_of_seat(outputs, plan, bench)
        first = next((link for link in links if link.is_page), None)
        if browser and first is None:
            raise ConfigError(f"the seat {found.id} has no page", hint="its lab.yaml has no `labeling:`")
        opened = first.url if first else None
        if browser and bench.cloud.is_local and plan is not None and not plan.in_label_studio:
            opened = invite(found, outputs, plan, bench, hours=1)
    files = _files(course, found)
    result = {
        "seat": found.id,
        "email": found.person.email,
        "state": found.state.value,
        "links": {link.key: link.url for link in links},
        "files": {what: str(path) for what, path in files.items()},
    }

    def show() -> None:
        console.line(f"{found.id} for {found.person.email}, {found.state}")
        console.facts({link.what: link.url for link in links} | {what: str(path) for what, path in files.items()})

    console.result(result, show)
    if browser and opened:
        click.launch(opened)


def _files(course: "Course", seat: "Seat") -> dict[str, Path]:
    """The seat's files that are there."""
    from automation.course.exercise import OUTPUTS_FILE
    from automation.course.running import LOG_FILE
    from automation.course.seat_labs import LAB_FILE
    from automation.course.seat_progress import STATE_FOLDER
    from automation.course.stack_settings import lab_name

    folder = course.seat_folder(seat.id)
    state = folder / STATE_FOLDER
    report = state / "reports" / f"{lab_name(course.name, seat.id)}-{course.stack}.html"
    known = {
        "lab file": folder / LAB_FILE,
        "outputs": folder / OUTPUTS_FILE,
        "report": report,
        "log of the last run": state / LOG_FILE,
    }
    return {what: path for what, path in known.items() if path.is_file()}
