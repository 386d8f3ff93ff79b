"""`visionlab labeling`: labeling projects, of the ML workspace or of Label Studio."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_assist import assist
from automation.cli.labeling_labels import export, import_file
from automation.cli.labeling_people import assign, invite, people
from automation.cli.labeling_place import place_options, plan_of, project_argument, projects_of, where_of
from automation.cli.labeling_review import review, stats
from automation.cli.labeling_running import classes, open_page, pause, refresh, start, status
from automation.cli.options import example, file_option, json_option, yes_option

if TYPE_CHECKING:
    from automation.labeling import Project

__all__ = ["labeling"]


@click.group("labeling")
def labeling() -> None:
    """Labeling projects: create, label, review, export."""


for command in (
    import_file,
    export,
    start,
    pause,
    refresh,
    status,
    open_page,
    classes,
    invite,
    people,
    assign,
    review,
    stats,
    assist,
):
    labeling.add_command(command)


@labeling.command(
    "create",
    epilog=example(
        "visionlab labeling create",
        "visionlab labeling create --backend label-studio --url http://localhost:8080",
    ),
)
@place_options
@file_option
@json_option
def create(*, backend: str | None, url: str | None, file: Path, as_json: bool) -> None:
    """Make the project of lab.yaml, with its pictures; does nothing when it is there.

    In Label Studio each picture gets a signed link that is good for seven days; `labeling refresh` renews them. Its
    pages load pictures from the storage account, so its address must stand in `settings: {corsOrigins: [...]}`.
    """
    from automation.workflow.annotations import ensure_project, sync_pictures
    from automation.workflow.labeling_setup import set_up_people

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = plan_of(lab, backend, url)
        project = ensure_project(bench, plan)
        found = facts(project)
        if not plan.in_label_studio:
            found["people"] = set_up_people(bench, plan)
        else:
            with console.progress("pictures") as progress:
                synced = sync_pictures(bench, plan, progress)
            found |= {"total": synced.total, "added": synced.added, "page": bench.label_studio(plan.url).page(project)}
    console.result(found, lambda: console.facts(found))


@labeling.command("list", epilog=example("visionlab labeling list"))
@place_options
@file_option
@json_option
def list_all(*, backend: str | None, url: str | None, file: Path, as_json: bool) -> None:
    """List the projects of the workspace, or of Label Studio."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        found = [facts(project) for project in projects_of(bench, where_of(lab, backend, url)).list()]
    rows = [(f["name"], f["task"], f["status"], f"{f['completed']} of {f['total']}") for f in found]
    console.result(found, lambda: console.table(("project", "task", "status", "labeled"), rows))


@labeling.command("show", epilog=example("visionlab labeling show"))
@project_argument
@place_options
@file_option
@json_option
def show(*, project: str | None, backend: str | None, url: str | None, file: Path, as_json: bool) -> None:
    """Show one project; without a name, that of lab.yaml."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        plan = where_of(lab, backend, url)
        found = facts(projects_of(bench, plan).get(project or plan_of(lab).project))
    console.result(found, lambda: console.facts(found))


@labeling.command("delete", epilog=example("visionlab labeling delete my-project --yes"))
@click.argument("project")
@place_options
@file_option
@yes_option
@json_option
def delete(*, project: str, backend: str | None, url: str | None, file: Path, yes: bool, as_json: bool) -> None:
    """Delete a project with all labels in it. Azure never gives a project's name again."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        projects = projects_of(bench, where_of(lab, backend, url))
        projects.get(project)
        console.confirm(f"This deletes the project {project} and its labels.", yes=yes)
        projects.delete(project)
        bench.journal.forget("labeling", "labels")
    console.result({"deleted": project}, lambda: console.line(f"deleted {project}"))


def facts(project: "Project") -> dict[str, Any]:
    """A project as JSON."""
    return {
        "name": project.name,
        "task": project.spec.task,
        "classes": list(project.spec.classes),
        "status": project.status,
        "total": project.total,
        "completed": project.completed,
        "skipped": project.skipped,
        "created": project.created.isoformat() if project.created else None,
        "messages": list(project.messages),
    }
