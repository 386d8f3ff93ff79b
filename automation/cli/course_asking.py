"""What a roster and the options of `course plan` and `course up` ask for, as a plan.

Owns: these options, the course that they and the course's file come to, and asking the directory about people.
Leaves: deciding to `automation.course.plan`, doing it to the commands.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.cli.console import Console
from automation.cli.context import home_of
from automation.cli.course_place import open_course
from automation.cli.options import json_option
from automation.errors import ConfigError, Refused

if TYPE_CHECKING:
    from automation.course import Course, Person
    from automation.course.plan import CoursePlan
    from automation.course.roster import Enrolled, Roster
    from automation.workflow.workbench import Workbench

__all__ = ["Asked", "asked_options", "asked_plan", "course_at", "pictures_lab", "roster_argument"]

F = TypeVar("F", bound=Callable[..., Any])
SIZES = ("standard", "small")  # a test compares them with the course's
STACKS = ("local", "course")
BUDGET = 20.0
FRUIT = ("training-images", "evaluation-images")  # containers of the exercise that is drawn when none is named

roster_argument = click.argument("roster", type=click.Path(path_type=Path, dir_okay=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options, as they were given."""

    name: str | None
    stack: str | None
    exercise: Path | None
    pictures: Path | None
    size: str | None
    expires: datetime | None
    owner: str | None
    budget: float | None
    registry: bool | None
    settings: tuple[str, ...]
    allow_guests: bool
    create_people: bool
    directory: bool
    repair: bool


def asked_options(command: F) -> F:
    """The options that say what a course is to be, and how its people are looked up."""
    options = (
        click.option("--name", metavar="NAME", help="The course's name; by default that of the roster's file."),
        click.option("--stack", type=click.Choice(STACKS), help="On this machine, or on Azure.  [default: local]"),
        click.option(
            "--exercise",
            type=click.Path(exists=True, path_type=Path),
            metavar="LAB",
            help="The lab.yaml, or its folder, that people work on; its pictures are the teaching pictures. By default"
            " the fruit lab, drawn.",
        ),
        click.option("--pictures", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER",
                     help="Teaching pictures without an exercise: a folder of them, for every seat."),
        click.option("--size", type=click.Choice(SIZES), help="Of seats whose line names none: small ones share the"
                     " course's ML workspace.  [default: standard]"),
        click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
                     help="Last day of seats whose line names none."),
        click.option("--owner", metavar="EMAIL", help="Who answers for the course, and hears of the budgets."),
        click.option("--budget", type=click.FloatRange(min=0), metavar="AMOUNT",
                     help=f"A month for each seat, in the subscription's currency; 0 is none.  [default: {BUDGET:g}]"),
        click.option("--registry/--no-registry", "registry", default=None, help="Whether the ML workspaces get a"
                     " container registry, which they share.  [default: no]"),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE",
                     help="A setting of the Pulumi program for all parts, like location=westeurope."),
        click.option("--allow-guests", is_flag=True, help="Guests of the directory get seats too."),
        click.option("--create-people", is_flag=True, help="On local: make users of the local Azure's directory of"
                     " those who are not in it."),
        click.option("--no-directory", "directory", is_flag=True, default=True, flag_value=False,
                     help="Ask no directory: the roster has an objectId for everybody."),
        click.option("--repair", is_flag=True, help="Run every seat's program again, changed or not."),
        json_option,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def course_at(roster: Path, name: str | None) -> "tuple[Path, str]":
    """The state folder, and the course's name: as given, or of the file. Raises ConfigError with a suggestion."""
    from automation.course.seat_names import course_name_problem, suggest_course_name

    said = name if name is not None else roster.stem
    if (problem := course_name_problem(said)) is None:
        return home_of(roster), said
    near = suggest_course_name(said)
    what = "" if name is not None else "the name of the file, "
    hint = f"say --name {near}" if near else "say --name botany-2026, or what it is"
    raise ConfigError(f"a course cannot be called {what}{said!r}: {problem}", hint=hint)


@contextmanager
def asked_plan(
    roster: Path, asked: Asked, console: Console, *, prepare: "Callable[[Course], Course] | None" = None
) -> "Generator[tuple[CoursePlan, Workbench]]":
    """Read the roster and the course, ask the directory, and plan; the Azure stays open meanwhile.

    Args:
        roster: The file.
        asked: The options.
        console: Hears of warnings.
        prepare: Makes what the course needs here, as its exercise; without it nothing is written.
    """
    from automation.course.exercise import containers_of, read_exercise
    from automation.course.plan import Wish, plan_course
    from automation.course.roster import read_roster

    today = datetime.now(UTC).date()
    if asked.pictures and asked.exercise:
        raise click.UsageError("--pictures is for courses without an exercise; an exercise names its own pictures")
    home, name = course_at(roster, asked.name)
    found = read_roster(roster, today=today)
    console.warn(found.warnings)
    course = _wanted(home, name, roster, asked)
    if prepare is not None:
        course = prepare(course)
    containers = containers_of(read_exercise(course.exercise)) if course.exercise else FRUIT
    if asked.pictures and prepare is None:
        containers = FRUIT[:1]
    with open_course(course, console) as bench:
        known = _look_up(found, course, asked, bench, console, makes=prepare is not None)
        wish = Wish(size=asked.size, expires=asked.expires.date() if asked.expires else None)
        yield (
            plan_course(
                course,
                found.people,
                known=known,
                wish=wish,
                containers=containers,
                repair=asked.repair,
                today=today,
            ),
            bench,
        )


def _wanted(home: Path, name: str, roster: Path, asked: Asked) -> "Course":
    """The course as its file has it, and as the options change it."""
    from automation.course import Course, course_folder, list_courses, read_course

    there = name in list_courses(home)
    course = read_course(home, name) if there else Course(name=name, folder=course_folder(home, name))
    if there and asked.stack not in (None, course.stack) and any(seat.is_there for seat in course.seats):
        raise Refused(
            f"the course {name} is on {course.stack}, and a course does not move",
            hint=f"give the one on {asked.stack} another --name, or end this one by `visionlab course down`",
        )
    course = replace(
        course,
        stack=asked.stack or course.stack,
        roster=roster.absolute(),
        owner=asked.owner or course.owner,
        expires=asked.expires.date() if asked.expires else course.expires,
        settings=_settings(course.settings, asked),
    )
    return replace(course, exercise=_exercise(asked.exercise)) if asked.exercise else course


def _settings(before: Mapping[str, object], asked: Asked) -> dict[str, object]:
    import yaml

    settings = dict(before)
    amount = asked.budget if asked.budget is not None else None if "budget" in before else BUDGET
    if amount is not None:
        settings["budget"] = {"amount": amount} if amount else None
    if asked.registry is not None:
        settings["containerRegistry"] = asked.registry
    for text in asked.settings:
        key, equals, value = text.partition("=")
        if not equals or not key.isalnum():
            raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--set")
        if key in {"course", "seat", "sharedStack", "person", "sharedWorkspace", "owner", "expires", "budget", "lab"}:
            raise click.BadParameter(f"{key} comes from the roster and the other options", param_hint="--set")
        settings[key] = yaml.safe_load(value)
    return settings


def pictures_lab(folder: Path) -> str:
    """A lab file that has nothing but pictures."""
    import yaml

    return yaml.safe_dump({"name": "pictures", "images": {FRUIT[0]: {"path": str(folder.absolute())}}}, sort_keys=False)


def _exercise(path: Path) -> Any:
    from automation.course import Exercise
    from automation.course.exercise import read_exercise

    exercise = Exercise(lab_file=(path / "lab.yaml" if path.is_dir() else path).absolute())
    read_exercise(exercise)
    return exercise


def _look_up(
    roster: "Roster", course: "Course", asked: Asked, bench: "Workbench", console: Console, *, makes: bool
) -> "Mapping[str, Person]":
    """What the directory says of those whom nobody has looked up yet."""
    from automation.course.people import Directory, check_people

    settled = {seat.person.email: seat.person for seat in course.seats if seat.person.object_id}
    people = [
        person
        for person in roster.people
        if (before := settled.get(person.email)) is None
        or (person.object_id is not None and person.object_id != before.object_id)
    ]
    if not asked.directory:
        _demand_ids(roster, people)
        return {}
    if not people:
        return {}
    directory = Directory(bench.rest, bench.cloud)
    with console.progress("directory") as progress:
        found = directory.look_up(people, progress=progress)
        if asked.create_people and found.unknown:
            if not makes and bench.cloud.is_local:
                console.say(f"not in the local directory, where `course up` makes them: {len(found.unknown)}")
                return dict(found.people)
            made = directory.create(found.unknown, progress=progress)
            console.say(f"users made in the local Azure's directory: {made}")
            found = directory.look_up(people, progress=progress)
    local = bench.cloud.is_local
    file = roster.path.name
    asked_now, listed = {person.email for person in people}, {person.email for person in roster.people}
    others = {p.object_id: p.email for p in settled.values() if p.object_id and p.email in listed - asked_now}
    console.warn(check_people(found, people, file=file, allow_guests=asked.allow_guests, local=local, settled=others))
    return dict(found.people)


def _demand_ids(roster: "Roster", people: "Sequence[Enrolled]") -> None:
    if unnamed := [person for person in people if not person.object_id]:
        more = f" and {len(unnamed) - 1} more" if len(unnamed) > 1 else ""
        raise ConfigError(
            f"{roster.path.name} has no objectId for {unnamed[0].email} in line {unnamed[0].line}{more}",
            hint="fill the column objectId, or leave --no-directory out",
        )
