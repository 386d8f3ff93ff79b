"""`visionlab labeling invite`, `people` and `assign`: who labels, and which pictures are whose."""

from dataclasses import asdict
from pathlib import Path

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import own_project, project_argument
from automation.cli.options import example, file_option, json_option

__all__ = ["assign", "invite", "people"]

ROLES = ("labeler", "teamLead", "administrator")


@click.command(
    "invite",
    epilog=example(
        "visionlab labeling invite ana@example.com",
        "visionlab labeling invite ben@example.com --role teamLead --team night",
    ),
)
@click.argument("email")
@project_argument
@click.option("--role", type=click.Choice(ROLES), help="What the person may do; labeler when nothing is said.")
@click.option("--team", help="The team the person is in.")
@click.option("--name", help="The person's name.")
@click.option("--hours", type=click.IntRange(1, 720), default=168, show_default=True, help="How long the link is good.")
@file_option
@json_option
def invite(
    *,
    email: str,
    project: str | None,
    role: str | None,
    team: str | None,
    name: str | None,
    hours: int,
    file: Path,
    as_json: bool,
) -> None:
    """Let a person in, and show the personal link, which signs in once.

    Hand it over as you would a key: whoever has it first is this person. `people revoke` ends it.
    """
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        of_project = own_project(lab, project)
        known = {person.email: person for person in bench.labeling_data.people(of_project)}
        asked = role or (known[email.lower()].role if email.lower() in known else "labeler")
        bench.labeling_data.put_person(of_project, email, role=asked, team=team, shown=name)
        found = bench.labeling_data.invite(of_project, email, hours=hours)
    result = {"email": email.lower(), "role": asked, "link": found.link, "expires": found.expires}
    console.result(result, lambda: console.line(found.link))
    console.say(f"for {email.lower()}, {asked}, once, until {found.expires}")


@click.group("people")
def people() -> None:
    """Who labels: list, change, take out."""


@people.command("list", epilog=example("visionlab labeling people list"))
@project_argument
@file_option
@json_option
def list_all(*, project: str | None, file: Path, as_json: bool) -> None:
    """List the people of a project."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        found = [asdict(person) for person in bench.labeling_data.people(own_project(lab, project))]
    columns = ("person", "name", "role", "team", "labeled", "kept", "last seen")
    keys = ("email", "name", "role", "team", "labeled", "assigned", "last_seen")
    rows = [[person[key] for key in keys] for person in found]
    console.result(found, lambda: console.table(columns, rows))


@people.command("put", epilog=example("visionlab labeling people put ben@example.com --role teamLead"))
@click.argument("email")
@project_argument
@click.option("--role", type=click.Choice(ROLES), help="What the person may do.")
@click.option("--team", help='The team the person is in; "" for none.')
@click.option("--name", help="The person's name.")
@file_option
@json_option
def put(
    *, email: str, project: str | None, role: str | None, team: str | None, name: str | None, file: Path, as_json: bool
) -> None:
    """Let a person in without a link, or change role, team or name."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        of_project = own_project(lab, project)
        bench.labeling_data.put_person(of_project, email, role=role, team=team, shown=name)
        found = next(p for p in bench.labeling_data.people(of_project) if p.email == email.lower())
    console.result(asdict(found), lambda: console.line(f"{found.email} is {found.role}"))


@people.command("remove", epilog=example("visionlab labeling people remove ben@example.com"))
@click.argument("email")
@project_argument
@file_option
@json_option
def remove(*, email: str, project: str | None, file: Path, as_json: bool) -> None:
    """Take a person out; what the person labeled stays."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        bench.labeling_data.remove_person(own_project(lab, project), email)
    console.result({"removed": email.lower()}, lambda: console.line(f"{email.lower()} is out"))


@people.command("revoke", epilog=example("visionlab labeling people revoke ben@example.com"))
@click.argument("email")
@project_argument
@file_option
@json_option
def revoke(*, email: str, project: str | None, file: Path, as_json: bool) -> None:
    """End a person's links and sessions; `invite` makes a new link."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        bench.labeling_data.revoke(own_project(lab, project), email)
    console.result({"revoked": email.lower()}, lambda: console.line(f"{email.lower()} is signed out everywhere"))


@click.command(
    "assign",
    epilog=example(
        "visionlab labeling assign ana@example.com --share 0.5",
        "visionlab labeling assign ana@example.com --task 3 --task 4",
        "visionlab labeling assign everybody --count 100",
    ),
)
@click.argument("email")
@project_argument
@click.option("--count", type=click.IntRange(1, 500_000), help="So many pictures, from the front of the queue.")
@click.option("--share", type=click.FloatRange(0, 1, min_open=True), help="So much of all pictures, 0 to 1.")
@click.option("--task", "tasks", type=click.IntRange(0), multiple=True, help="This picture, by its task's number.")
@file_option
@json_option
def assign(
    *,
    email: str,
    project: str | None,
    count: int | None,
    share: float | None,
    tasks: tuple[int, ...],
    file: Path,
    as_json: bool,
) -> None:
    """Keep pictures for one person; EMAIL `everybody` gives them back to all."""
    if sum((count is not None, share is not None, bool(tasks))) != 1:
        raise click.UsageError("say which pictures: one of --count, --share and --task")
    console = Console.of(as_json)
    whose = None if email == "everybody" else email
    with open_lab(file, console, lock=True) as (lab, bench):
        name = own_project(lab, project)
        done = bench.labeling_data.assign(name, whose, tasks=tasks, count=count, share=share)
    console.result({"email": whose, "assigned": done}, lambda: console.line(f"{done} pictures for {email}"))
