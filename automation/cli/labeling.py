"""`visionlab labeling`: labeling projects of the ML workspace."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.options import example, file_option, json_option, yes_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.labeling import Project
    from automation.workflow.lab_types import Lab, LabelingPlan

__all__ = ["labeling"]


@click.group("labeling")
def labeling() -> None:
    """Labeling projects: create, import, export."""


@labeling.command("create", epilog=example("visionlab labeling create"))
@file_option
@json_option
def create(*, file: Path, as_json: bool) -> None:
    """Make the project of lab.yaml; does nothing when it is there."""
    from automation.workflow.annotations import ensure_project

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        found = facts(ensure_project(bench, _plan(lab)))
    console.result(found, lambda: console.facts(found))


@labeling.command("list", epilog=example("visionlab labeling list"))
@file_option
@json_option
def list_all(*, file: Path, as_json: bool) -> None:
    """List the projects of the workspace."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        found = [facts(project) for project in bench.labeling.list()]
    rows = [(f["name"], f["task"], f["status"], f"{f['completed']} of {f['total']}") for f in found]
    console.result(found, lambda: console.table(("project", "task", "status", "labeled"), rows))


@labeling.command("show", epilog=example("visionlab labeling show"))
@click.argument("project", required=False)
@file_option
@json_option
def show(*, project: str | None, file: Path, as_json: bool) -> None:
    """Show one project; without a name, that of lab.yaml."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        found = facts(bench.labeling.get(project or _plan(lab).project))
    console.result(found, lambda: console.facts(found))


@labeling.command("import", epilog=example("visionlab labeling import"))
@file_option
@json_option
def import_coco(*, file: Path, as_json: bool) -> None:
    """Put labels that exist already (`import:` in lab.yaml) into the project."""
    from automation.workflow.annotations import ensure_project, import_labels

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = _plan(lab)
        ensure_project(bench, plan)
        report = import_labels(lab, bench, plan, console.say)
    console.result(asdict(report), lambda: console.line(f"{report.labeled} labeled, {report.ignored} ignored"))


@labeling.command("export", epilog=example("visionlab labeling export", "visionlab labeling export --out labels.json"))
@click.argument("project", required=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the COCO file here, too.")
@file_option
@json_option
def export(*, project: str | None, out: Path | None, file: Path, as_json: bool) -> None:
    """Export what is labeled as COCO, into the containers of the datasets that lab.yaml makes of it."""
    from automation.coco import write_coco
    from automation.workflow.annotations import export_project, put_coco

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        name = project or _plan(lab).project
        found = export_project(bench, name)
        written: dict[str, Any] = {
            f"{plan.container}/{plan.coco_name}": put_coco(lab, bench, plan, found)
            for plan in lab.datasets
            if plan.labeling == name
        }
    if out is not None:
        write_coco(found, out)
    result = {"project": name, "images": len(found.images), "files": written, "out": out}
    console.result(result, lambda: console.line(f"{len(found.images)} pictures; {', '.join(written) or 'no dataset'}"))


@labeling.command("delete", epilog=example("visionlab labeling delete my-project --yes"))
@click.argument("project")
@file_option
@yes_option
@json_option
def delete(*, project: str, file: Path, yes: bool, as_json: bool) -> None:
    """Delete a project with all labels in it. Azure never gives a project's name again."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (_, bench):
        bench.labeling.get(project)
        console.confirm(f"This deletes the project {project} and its labels.", yes=yes)
        bench.labeling.delete(project)
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


def _plan(lab: "Lab") -> "LabelingPlan":
    if lab.labeling is None:
        raise ConfigError(f"{lab.path.name} has no `labeling:`", hint="add it, or name a project")
    return lab.labeling
