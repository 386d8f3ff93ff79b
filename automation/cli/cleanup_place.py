"""Which Azure a clean-up is about, by which rules, and what it is asked for.

Owns: the options that say so, and VISIONLAB_BLOCKLIST. Leaves: what they mean to `automation.cleanup`.
"""

import os
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.cli.console import Console
from automation.cli.context import home_of, local_home_of
from automation.cli.given import given
from automation.cli.options import file_option, stack_option
from automation.clock import SystemClock
from automation.errors import ConfigError, Refused

if TYPE_CHECKING:
    from automation.cleanup.targets import Target
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = [
    "DAYS",
    "blocklist_options",
    "open_cleanup",
    "place_options",
    "read_blocklist",
    "read_target",
    "target_options",
]

F = TypeVar("F", bound=Callable[..., Any])
BLOCKLIST = "VISIONLAB_BLOCKLIST"
MOST_PATTERNS_BYTES = 1024 * 1024


class Days(click.ParamType[int]):
    """A number of days, like 30, 30d or 4w."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,5})(d|w)?", str(value).strip().lower(), re.ASCII)
        if match is None:
            self.fail(f"{value!r} is no number of days: say it like 30d or 4w", param, ctx)
        return int(match[1]) * (7 if match[2] == "w" else 1)


DAYS = Days()


def place_options(command: F) -> F:
    """`-f`, `--stack`, `--subscription`: which Azure."""
    subscription = click.option(
        "--subscription", metavar="ID", help="The subscription; refused where the sign-in is in another."
    )
    return file_option(stack_option(subscription(command)))


def target_options(command: F) -> F:
    """What a clean-up is about: exactly one kind, and by default the lab of the lab file."""
    for option in reversed(
        (
            click.option("--lab", metavar="NAME", help="A lab, in all its stacks."),
            click.option("--course", metavar="NAME", help="A whole course: its seats and its shared parts."),
            click.option(
                "--seat", "seats", metavar="ID", multiple=True, help="Only this seat of --course; repeatable."
            ),
            click.option("--group", "groups", metavar="NAME", multiple=True, help="A resource group; repeatable."),
            click.option("--expired", is_flag=True, help="Whatever of the subscription has expired."),
            click.option("--tag", metavar="NAME=VALUE", help="Whatever of the subscription has this tag."),
            click.option(
                "--older-than", type=DAYS, metavar="DAYS", help="Groups in which nothing is younger: 30d, 4w."
            ),
        )
    ):
        command = option(command)
    return command


def blocklist_options(command: F) -> F:
    """`--blocklist`, `--blocklist-file`: what must stay whatever else is said."""
    one = click.option(
        "--blocklist",
        metavar="PATTERN",
        multiple=True,
        help=f"Name or id of a group that must stay, with * and ?; repeatable. Also {BLOCKLIST}, separated by commas.",
    )
    file = click.option(
        "--blocklist-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The same from a file: one a line, # begins a comment.",
    )
    return one(file(command))


def read_blocklist(patterns: Sequence[str], file: Path | None) -> tuple[str, ...]:
    """All patterns that were given, each once. Raises ConfigError for a file that cannot be read."""
    lines: list[str] = []
    if file is not None:
        try:
            with file.open("rb") as source:
                content = source.read(MOST_PATTERNS_BYTES + 1)
            if len(content) > MOST_PATTERNS_BYTES:
                raise ConfigError(f"{file} is larger than 1 MiB", hint="one pattern a line is enough")
            lines = content.decode("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"the blocklist {file} cannot be read: {exc}", hint="mend --blocklist-file") from exc
    said = [
        *patterns,
        *os.environ.get(BLOCKLIST, "").split(","),
        *(line.partition("#")[0] for line in lines),
    ]
    return tuple(dict.fromkeys(pattern.strip() for pattern in said if pattern.strip()))


def read_target(file: Path, *, stack: str | None, **asked: Any) -> "Target":
    """What was asked for. Raises UsageError unless it is exactly one thing."""
    from automation.cleanup.targets import Target

    course, seats = asked["course"], asked["seats"]
    kinds = ("lab", "course", "groups", "expired", "tag", "older_than")
    named = [name for name in kinds if asked[name] or (name == "older_than" and asked[name] is not None)]
    if seats and not course:
        raise click.UsageError("--seat needs --course NAME")
    if len(named) > 1:
        said = " and ".join("--" + name.replace("_", "-").replace("groups", "group") for name in named)
        raise click.UsageError(f"{said} are two things: clean up one after the other")
    if not named:
        return _lab_of_file(file, stack)
    makers: dict[str, Callable[[], Target]] = {
        "lab": lambda: Target.lab(asked["lab"], stack=stack or ""),
        "course": lambda: Target.seats(course, *seats) if seats else Target.course(course),
        "groups": lambda: Target.groups(*asked["groups"]),
        "expired": Target.expired,
        "tag": lambda: Target.tagged(*_name_and_value(asked["tag"])),
        "older_than": lambda: Target.older_than(asked["older_than"]),
    }
    return makers[named[0]]()


def _name_and_value(tag: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in tag.partition("="))
    if not (equals and name and value):
        raise click.UsageError("--tag is NAME=VALUE")
    return name, value


def _lab_of_file(file: Path, stack: str | None) -> "Target":
    from automation.cleanup.targets import Target
    from automation.workflow.lab_file import read_lab

    if not file.exists():
        raise click.UsageError(
            f"{file} is not there: say what is to be cleaned up, by --lab, --course, --group, --expired, --tag or"
            " --older-than"
        )
    lab = read_lab(file)
    return Target.lab(lab.name, stack=stack or lab.stack)


@contextmanager
def open_cleanup(
    console: Console, *, file: Path, stack: str | None, subscription: str | None
) -> "Generator[Workbench]":
    """The clients of the Azure that a clean-up is about; they are closed at the end.

    It is the lab file's, where there is one; else the local Azure of the state folder, or Azure for `--stack azure`.

    Raises:
        ConfigError: There is no local Azure, or nobody is signed in.
        Refused: The subscription is another one.
    """
    from automation.workflow.workbench import Workbench

    lab = _place(file, stack)
    environment = dict(os.environ)
    if subscription and lab.stack != "local":
        environment["AZURE_SUBSCRIPTION_ID"] = subscription
    home = lab.home or home_of(file)
    make = given().bench
    if lab.stack == "local" and make is None and not (local_home_of(file) / "local").is_dir():
        raise ConfigError(
            f"there is no local Azure in {local_home_of(file)}",
            hint="name its lab file with -f, set VISIONLAB_HOME, or add --stack azure",
        )
    bench = make(lab, home) if make else Workbench(lab, home=home, environment=environment, clock=SystemClock())
    bench.watch_start(console.slow_line("local Azure"))
    try:
        here = bench.cloud.subscription_id
        if subscription and here.lower() != subscription.lower():
            raise Refused(
                f"the {bench.cloud.name} subscription is {here}, not {subscription}",
                hint="name that one, or another --stack",
            )
        yield bench
    finally:
        bench.close()


def _place(file: Path, stack: str | None) -> "Lab":
    """A lab that stands for the place only: its stack, and where its state is."""
    from automation.workflow.lab_file import read_lab
    from automation.workflow.lab_types import Lab

    if file.exists():
        lab = read_lab(file)
        return Lab(path=lab.path, name=lab.name, stack=stack or lab.stack, home=lab.home)
    return Lab(path=file.absolute(), name="cleanup", stack=stack or "local")
