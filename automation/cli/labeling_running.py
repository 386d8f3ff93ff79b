"""`visionlab labeling start`, `pause`, `refresh`, `status`, `open` and `classes`: a project's days."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import own_project, place_options, plan_of, project_argument, where_of
from automation.cli.options import example, file_option, json_option
from automation.errors import ConfigError, WaitTimeout

if TYPE_CHECKING:
    from automation.labeling import Progress
    from automation.workflow.workbench import Workbench

__all__ = ["classes", "open_page", "pause", "refresh", "start", "status"]

ME = "administrator@visionlab.example"
CHOICES = {"start-over": "startOverRemove", "keep-as-defaults": "startOverKeep", "continue": "continue"}
LOOK_EVERY_S = 2.0


@click.command("start", epilog=example("visionlab labeling start"))
@project_argument
@file_option
@json_option
def start(*, project: str | None, file: Path, as_json: bool) -> None:
    """Let people label: hand pictures out, after a pause or for the first time."""
    _turn(project, file, as_json=as_json, running=True)


@click.command("pause", epilog=example("visionlab labeling pause"))
@project_argument
@file_option
@json_option
def pause(*, project: str | None, file: Path, as_json: bool) -> None:
    """Hand out no more pictures. Classes can be added now; what is labeled stays."""
    _turn(project, file, as_json=as_json, running=False)


def _turn(project: str | None, file: Path, *, as_json: bool, running: bool) -> None:
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        name = own_project(lab, project)
        (bench.labeling.resume if running else bench.labeling.pause)(name)
        found = bench.labeling.get(name).status
    console.result({"project": name, "status": found}, lambda: console.line(f"{name} is {found}"))


@click.command(
    "refresh",
    epilog=example(
        "visionlab labeling refresh", "visionlab labeling refresh --backend label-studio --url http://localhost:8080"
    ),
)
@project_argument
@place_options
@file_option
@json_option
def refresh(*, project: str | None, backend: str | None, url: str | None, file: Path, as_json: bool) -> None:
    """Look into the container for new and vanished pictures; in Label Studio, renew the links to pictures, too."""
    from automation.workflow.annotations import sync_pictures

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = where_of(lab, backend, url)
        if plan is not None and plan.in_label_studio:
            with console.progress("pictures") as progress:
                synced = sync_pictures(bench, plan, progress)
            found = asdict(synced) | {"missing": len(synced.missing)}
        else:
            found = asdict(bench.labeling_data.refresh(project or plan_of(lab).project))
    console.result(
        found, lambda: console.line(f"{found['added']} new, {found['missing']} gone, {found['total']} pictures in all")
    )


@click.command("status", epilog=example("visionlab labeling status", "visionlab labeling status --watch"))
@project_argument
@click.option("--watch", is_flag=True, help="Go on until every picture is done.")
@click.option(
    "--minutes", type=click.IntRange(1, 7 * 24 * 60), default=60, show_default=True, help="The longest to watch."
)
@place_options
@file_option
@json_option
def status(
    *, project: str | None, watch: bool, minutes: int, backend: str | None, url: str | None, file: Path, as_json: bool
) -> None:
    """Say how far a project is, and how long it will take at the pace of the last hour."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        plan = where_of(lab, backend, url)
        name = project or plan_of(lab).project
        if plan is not None and plan.in_label_studio:
            there = bench.label_studio(plan.url).get(name)
            left = there.total - there.completed - there.skipped
            found: dict[str, Any] = {"total": there.total, "labeled": there.completed, "skipped": there.skipped}
            found |= {"remaining": left}
        else:
            progress = _watched(bench, name, console, watch=watch, minutes=minutes)
            found = asdict(progress) | {
                "remaining": progress.remaining,
                "eta": bench.labeling_data.statistics(name)["eta"],
            }
    console.result({"project": name, **found}, lambda: console.facts({"project": name, **_shown(found)}))


def _watched(bench: "Workbench", name: str, console: Console, *, watch: bool, minutes: int) -> "Progress":
    """The progress now, or when every picture is done. Raises WaitTimeout when the time is over before."""
    found = bench.labeling_data.progress(name)
    if not watch:
        return found
    end = bench.clock.monotonic() + minutes * 60
    with console.progress(name) as progress:
        while found.remaining and bench.clock.monotonic() < end:
            progress(found.done, found.total, f"{found.done} of {found.total} done")
            bench.clock.sleep(LOOK_EVERY_S)
            found = bench.labeling_data.progress(name)
    if found.remaining:
        raise WaitTimeout(resource=name, waited_s=minutes * 60, last_status=f"at {found.done} of {found.total}")
    return found


def _shown(found: dict[str, Any]) -> dict[str, object]:
    eta: dict[str, Any] = found.get("eta") or {}
    hours = eta.get("hours")
    left = None if hours is None else f"{hours:g} hours, at {eta['perHour']:g} pictures an hour"
    return {**{key: value for key, value in found.items() if key != "eta"}, "time left": left}


@click.command("open", epilog=example("visionlab labeling open", "visionlab labeling open --no-browser"))
@project_argument
@click.option("--email", default=ME, show_default=True, help="Who you are there.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@place_options
@file_option
@json_option
def open_page(
    *,
    project: str | None,
    email: str,
    no_browser: bool,
    backend: str | None,
    url: str | None,
    file: Path,
    as_json: bool,
) -> None:
    """Open the project's page in the browser, signed in as its administrator.

    The link signs in once, within an hour: keep it to yourself. The local Azure's certificate is its own; the browser
    asks about it until its authority is trusted (`visionlab local env` says where it is).
    """
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = where_of(lab, backend, url)
        name = project or plan_of(lab).project
        if plan is not None and plan.in_label_studio:
            studio = bench.label_studio(plan.url)
            found = {"link": studio.page(studio.get(name))}
        else:
            bench.labeling_data.put_person(name, email, role="administrator")
            invitation = bench.labeling_data.invite(name, email, hours=1)
            found = {"link": invitation.link, "expires": invitation.expires, "email": email}
    console.result(found, lambda: console.line(found["link"]))
    if not (no_browser or as_json) and console.watched:
        click.launch(found["link"])


@click.group("classes")
def classes() -> None:
    """Classes of a labeling project."""


@classes.command(
    "add", epilog=example("visionlab labeling pause", "visionlab labeling classes add cherry --choice continue")
)
@click.argument("name")
@click.argument("project", required=False)
@click.option(
    "--choice",
    type=click.Choice(list(CHOICES)),
    required=True,
    help="Labels that are there: away and start over; kept as defaults and start over; or kept.",
)
@click.option("--category", help="The category it goes to, where there are several.")
@file_option
@json_option
def add_class(*, name: str, project: str | None, choice: str, category: str | None, file: Path, as_json: bool) -> None:
    """Add a class to a paused project. Add it to lab.yaml, too."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        of_project = own_project(lab, project)
        there = [str(found["key"]) for found in bench.labeling_data.document(of_project)["categories"]]
        chosen = category or (there[0] if len(there) == 1 else None)
        if chosen not in there:
            raise ConfigError("say which category", hint=f"--category {' or '.join(there)}")
        bench.labeling_data.add_class(of_project, name, category=chosen, choice=CHOICES[choice])
    console.result({"project": of_project, "class": name}, lambda: console.line(f"{of_project} has the class {name}"))
