"""`visionlab labeling import` and `export`: labels into a project, and out of it."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import place_options, plan_of, project_argument, where_of
from automation.cli.options import example, file_option, json_option

__all__ = ["export", "import_file"]

STATES = {"labels": "labeled", "prelabels": "prelabeled"}


@click.command(
    "import",
    epilog=example(
        "visionlab labeling import",
        "visionlab labeling import proposals.json --as prelabels",
        "visionlab labeling import --backend label-studio --url http://localhost:8080",
    ),
)
@click.argument(
    "labels", required=False, metavar="[FILE]", type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option(
    "--as",
    "state",
    type=click.Choice(list(STATES)),
    default="labels",
    show_default=True,
    help="Finished labels, or proposals that people shall confirm.",
)
@place_options
@file_option
@json_option
def import_file(
    *, labels: Path | None, state: str, backend: str | None, url: str | None, file: Path, as_json: bool
) -> None:
    """Put labels that exist already into the project: a COCO file, or that of `import:` in lab.yaml."""
    from automation.workflow.annotations import ensure_project, import_labels, sync_pictures

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = plan_of(lab, backend, url)
        plan = replace(plan, imported=labels.absolute() if labels else plan.imported)
        ensure_project(bench, plan)
        if plan.in_label_studio:
            sync_pictures(bench, plan)
        report = import_labels(lab, bench, plan, console.say, state=STATES[state])
    console.result(asdict(report), lambda: console.line(f"{report.labeled} labeled, {report.ignored} ignored"))


@click.command("export", epilog=example("visionlab labeling export", "visionlab labeling export --out labels.json"))
@project_argument
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the COCO file here, too.")
@place_options
@file_option
@json_option
def export(
    *, project: str | None, out: Path | None, backend: str | None, url: str | None, file: Path, as_json: bool
) -> None:
    """Export what is labeled as COCO, into the containers of the datasets that lab.yaml makes of it."""
    from automation.coco import write_coco
    from automation.workflow.annotations import export_project, put_coco

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        name = project or plan_of(lab).project
        found = export_project(bench, name, where_of(lab, backend, url), console.say)
        written: dict[str, Any] = {
            f"{plan.container}/{plan.coco_name}": put_coco(lab, bench, plan, found)
            for plan in lab.datasets
            if plan.labeling == name
        }
    if out is not None:
        write_coco(found, out)
    result = {"project": name, "images": len(found.images), "files": written, "out": out}
    console.result(result, lambda: console.line(f"{len(found.images)} pictures; {', '.join(written) or 'no dataset'}"))
