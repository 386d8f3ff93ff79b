"""`visionlab course`: a class list turned into seats, and at the end proof that nothing is left.

Owns: the table of its commands; each is imported when it is used.
"""

import click

from automation.cli.table import LazyGroup, Row

__all__ = ["COURSE_COMMANDS", "course"]

# name, module, attribute, short help (a test compares it with the command's own)
COURSE_COMMANDS: tuple[Row, ...] = (
    ("plan", "automation.cli.course_plan", "plan", "Show what `course up` would do with a roster; changes nothing."),
    ("up", "automation.cli.course_up", "up", "Give everybody on a roster a seat."),
    ("down", "automation.cli.course_down", "down", "End seats, or the whole course, and prove that nothing is left."),
    (
        "status",
        "automation.cli.course_status",
        "status",
        "Show each seat: its state, how far its owner is, what it costs, its last day.",
    ),
    (
        "open",
        "automation.cli.course_open",
        "open_seat",
        "Print where a seat is seen: its pages, its services, its files.",
    ),
    ("run", "automation.cli.course_run", "run_for_seats", "Run the exercise for seats, each in a process of its own."),
    (
        "results",
        "automation.cli.course_results",
        "results",
        "Collect what people reached: the figures of their models, from each seat's own vision account.",
    ),
    (
        "handouts",
        "automation.cli.course_handouts",
        "handouts",
        "Write a page for each person: the links of the seat, what to do, what there is, until when.",
    ),
    (
        "extend",
        "automation.cli.course_extend",
        "extend",
        "Let seats live longer: all of them, or those that are named by id or address.",
    ),
)


class CourseGroup(LazyGroup):
    """The commands of a course."""

    rows = COURSE_COMMANDS


@click.group("course", cls=CourseGroup)
def course() -> None:
    """Courses: a seat for everybody on a class list, and nothing left behind."""
