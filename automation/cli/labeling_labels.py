"""`visionlab labeling import` and `export`: labels into a project, and out of it."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import place_options, plan_of, project_argument, where_of
from automation.cli.options import example, file_option, json_option

if TYPE_CHECKING:
    from automation.workflow.lab_types import Lab, LabelingPlan
    from automation.workflow.workbench import Workbench

__all__ = ["export", "import_file"]

FORMATS = {"coco": "Coco", "csv": "CSV", "dataset": "Dataset"}
MOST_BYTES = 1 << 30
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
    """Put labels that exist already into the project: FILE, or that of `import:` in lab.yaml.

    COCO in any of its variants, JSONL of AutoML, CSV, and what else `visionlab dataset convert` reads.
    """
    from automation.workflow.annotations import ensure_project, sync_pictures
    from automation.workflow.importing import import_labels

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = plan_of(lab, backend, url)
        plan = replace(plan, imported=labels.absolute() if labels else plan.imported)
        ensure_project(bench, plan)
        if plan.in_label_studio:
            sync_pictures(bench, plan)
        report = import_labels(lab, bench, plan, console.say, state=STATES[state])
    console.result(asdict(report), lambda: console.line(f"{report.labeled} labeled, {report.ignored} ignored"))


@click.command(
    "export",
    epilog=example(
        "visionlab labeling export",
        "visionlab labeling export --register",
        "visionlab labeling export --approved --out labels.json",
        "visionlab labeling export --format csv --coordinates absolute --out labels.csv",
    ),
)
@project_argument
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="coco", show_default=True, help="What to write."
)
@click.option(
    "--coordinates",
    type=click.Choice(("normalized", "absolute")),
    help="Boxes as shares or in pixels, in the file that the service itself writes.",
)
@click.option("--approved", is_flag=True, help="Only what a reviewer approved.")
@click.option("--register", is_flag=True, help="Make the datasets of the vision service, too.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the file here, too.")
@place_options
@file_option
@json_option
def export(
    *,
    project: str | None,
    form: str,
    coordinates: str | None,
    approved: bool,
    register: bool,
    out: Path | None,
    backend: str | None,
    url: str | None,
    file: Path,
    as_json: bool,
) -> None:
    """Export what is labeled as COCO, into the containers of the datasets that lab.yaml makes of it.

    With --format csv or dataset, or with --coordinates, the service writes a file into the workspace's own store
    instead; a dataset becomes a data asset there.
    """
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = where_of(lab, backend, url)
        name = project or plan_of(lab).project
        if form != "coco" or coordinates is not None:
            if plan is not None and plan.in_label_studio:
                raise click.UsageError("Label Studio's labels come as COCO; `visionlab dataset convert` makes the rest")
            if register or (out is not None and form == "dataset"):
                raise click.UsageError("--register is for COCO as shares, --out for files")
            result = _written_there(bench, name, form, coordinates or "normalized", approved=approved, out=out)
        else:
            result = _into_datasets(lab, bench, name, plan, console, approved=approved, register=register, out=out)
    shown = {key: value for key, value in result.items() if not isinstance(value, dict)}
    console.result(result, lambda: console.facts(shown | {"files": list(result.get("files", ()))}))


def _into_datasets(
    lab: "Lab",
    bench: "Workbench",
    name: str,
    plan: "LabelingPlan | None",
    console: Console,
    *,
    approved: bool,
    register: bool,
    out: Path | None,
) -> dict[str, Any]:
    from automation.coco import write_coco
    from automation.training import ModelKind
    from automation.workflow.annotations import dataset_spec, export_project, put_coco

    found = export_project(bench, name, plan, console.say, approved=approved)
    written: dict[str, Any] = {}
    registered: list[str] = []
    for dataset in lab.datasets:
        if dataset.labeling == name:
            counts = written[f"{dataset.container}/{dataset.coco_name}"] = put_coco(lab, bench, dataset, found)
            if register:
                bench.vision.datasets.ensure(dataset_spec(lab, bench, dataset, ModelKind(str(counts["kind"]))))
                registered.append(dataset.name)
    if out is not None:
        write_coco(found, out)
    return {"project": name, "images": len(found.images), "files": written, "datasets": registered, "out": out}


def _written_there(
    bench: "Workbench", name: str, form: str, coordinates: str, *, approved: bool, out: Path | None
) -> dict[str, Any]:
    place, summary = bench.labeling_data.export(name, form=FORMATS[form], coordinates=coordinates, approved=approved)
    result: dict[str, Any] = {"project": name, "format": form, "rows": summary.get("exportedRowCount"), "out": out}
    if place is None:
        return {**result, "asset": summary.get("labeledAssetName")}
    if out is not None:
        out.write_bytes(bench.export_blobs.get(place.container, place.path, limit_bytes=MOST_BYTES))
    return {**result, "container": place.container, "path": place.path}
