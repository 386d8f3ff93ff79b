"""`visionlab dataset`: what models learn from."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.dataset_convert import convert
from automation.cli.dataset_diff import diff
from automation.cli.dataset_draw import draw
from automation.cli.dataset_files import check_files, file_check_options
from automation.cli.dataset_mending import Mending
from automation.cli.dataset_pictures import duplicates
from automation.cli.dataset_rewriting import remap, rewrite_urls
from automation.cli.dataset_sources import are_sources, fetcher, sources
from automation.cli.dataset_stats import stats
from automation.cli.dataset_transform import filter_, merge, sample, split
from automation.cli.options import example, file_option, json_option
from automation.errors import ConfigError, DatasetError, Finding, Severity

if TYPE_CHECKING:
    from automation.training import Dataset
    from automation.workflow.lab_types import DatasetPlan, Lab

__all__ = ["dataset"]


@click.group("dataset")
def dataset() -> None:
    """Datasets: pictures and labels to learn from."""


dataset.add_command(convert)
dataset.add_command(diff)
dataset.add_command(draw)
dataset.add_command(duplicates)
dataset.add_command(stats)
dataset.add_command(merge)
dataset.add_command(split)
dataset.add_command(filter_)
dataset.add_command(sample)
dataset.add_command(remap)
dataset.add_command(rewrite_urls)


@dataset.command("create", epilog=example("visionlab dataset create", "visionlab dataset create training_images"))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@file_option
@json_option
def create(*, names: tuple[str, ...], file: Path, as_json: bool) -> None:
    """Make datasets of lab.yaml: their COCO file into the container, then the dataset itself.

    Without a name: all of them. A dataset that is there already is brought to what lab.yaml says.
    """
    from automation.coco import Dataset as Coco
    from automation.training import ModelKind
    from automation.workflow.annotations import dataset_spec, export_project, put_coco
    from automation.workflow.coco_sources import kind_of, quota_of, read_labels

    console = Console.of(as_json)
    made: dict[str, Any] = {}
    with open_lab(file, console, lock=True) as (lab, bench):
        for plan in _plans(lab, names):
            found: Coco
            if plan.coco_file is not None:
                quota = quota_of(lab, plan, kind_of(lab, plan))
                found, warnings = read_labels(plan.coco_file, lab.folder_of(plan.container), quota=quota)
                console.warn(warnings)
            else:
                found = export_project(bench, plan.labeling or "", lab.labeling, console.say)
            counts = put_coco(lab, bench, plan, found)
            kind = ModelKind(str(counts["kind"]))
            made[plan.name] = {**counts, **_facts(bench.vision.datasets.ensure(dataset_spec(lab, bench, plan, kind)))}
    rows = [(name, facts["images"], facts["annotations"]) for name, facts in made.items()]
    console.result(made, lambda: console.table(("dataset", "pictures", "labels"), rows))


@dataset.command("list", epilog=example("visionlab dataset list", "visionlab dataset list --json"))
@file_option
@json_option
def list_all(*, file: Path, as_json: bool) -> None:
    """List the datasets of the vision service."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        found = [_facts(entry) for entry in bench.vision.datasets.list()]
    rows = [(entry["name"], entry["kind"], entry["created"]) for entry in found]
    console.result(found, lambda: console.table(("dataset", "kind", "created"), rows))


@dataset.command("show", epilog=example("visionlab dataset show training_images"))
@click.argument("name")
@file_option
@json_option
def show(*, name: str, file: Path, as_json: bool) -> None:
    """Show one dataset."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        found = _facts(bench.vision.datasets.get(name))
    console.result(found, lambda: console.facts(found))


@dataset.command("delete", epilog=example("visionlab dataset delete training_images"))
@click.argument("name")
@file_option
@json_option
def delete(*, name: str, file: Path, as_json: bool) -> None:
    """Delete a dataset; pictures and labels in the container stay."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (_, bench):
        bench.vision.datasets.delete(name)
        bench.journal.forget("datasets")
    console.result({"deleted": name}, lambda: console.line(f"deleted {name}"))


@dataset.command(
    "check",
    epilog=example(
        "visionlab dataset check",
        "visionlab dataset check evaluation_images",
        "visionlab dataset check labels.json --profile image-analysis --strict",
        "visionlab dataset check labels.json --format sarif > labels.sarif",
        "visionlab dataset check labels.json --fix --out mended.json",
        "visionlab dataset check https://example.blob.core.windows.net/photos/labels.json --probe",
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME|FILE|FOLDER|URL]...")
@file_check_options
@file_option
@json_option
def check(*, names: tuple[str, ...], file: Path, as_json: bool, **of_file: Any) -> None:
    """Check COCO files and pictures; every problem at once. Nothing is sent.

    Without one it looks at the datasets of lab.yaml that are made of COCO files, at labels to import, and at all
    pictures. A COCO FILE needs no lab, and may be of any size. Of a FOLDER all COCO files are checked, with the
    pictures beside them. A URL is fetched; from the lab's own storage, as whoever is signed in.
    """
    if are_sources(names):
        given: dict[str, Any] = of_file | ({"form": "json"} if as_json else {})
        mending = Mending(**{name: given.pop(name) for name in ("fix", "out", "in_place", "drop")})
        console, probe = Console.of(as_json), given.pop("probe")
        with ExitStack() as stack:
            files = stack.enter_context(sources(console, names, file))
            fetch = stack.enter_context(fetcher(console, file)) if probe else None
            check_files(console, files, mending=mending, probe=fetch, **given)
        return
    from automation.workflow.coco_sources import check_labels, kind_of, quota_of
    from automation.workflow.lab_file import read_lab
    from automation.workflow.pictures import check_pictures, find_pictures

    console = Console.of(as_json)
    lab = read_lab(file)
    findings: list[Finding] = []
    for plan in _plans(lab, names):
        if plan.coco_file is not None:
            quota = quota_of(lab, plan, kind_of(lab, plan))
            findings += check_labels(plan.coco_file, lab.folder_of(plan.container), quota=quota)[1]
    if lab.labeling is not None and lab.labeling.imported is not None and not names:
        folder = lab.folder_of(lab.labeling.container)
        findings += check_labels(lab.labeling.imported, folder, quota=None)[1]
    pictures = [path for entry in lab.images for path in find_pictures(entry.path)]
    with console.progress("checking pictures") as progress:
        findings += check_pictures(pictures, progress)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors:
        raise DatasetError(f"{errors} error{'s' * (errors != 1)} in the data of {lab.name}", findings=findings)
    result = {"errors": 0, "findings": findings, "pictures": len(pictures)}
    console.warn(findings)
    console.result(result, lambda: console.line(f"no errors in {len(pictures)} pictures and their labels"))


def _plans(lab: "Lab", names: tuple[str, ...]) -> "list[DatasetPlan]":
    from automation.nearest import hint_for

    known = [plan.name for plan in lab.datasets]
    for name in names:
        if name not in known:
            hint = hint_for(name, known, otherwise=f"lab.yaml has {', '.join(known) or 'none'}")
            raise ConfigError(f"there is no dataset {name!r} in {lab.path.name}", hint=hint)
    return [plan for plan in lab.datasets if not names or plan.name in names]


def _facts(found: "Dataset") -> Mapping[str, Any]:
    return {
        "name": found.name,
        "kind": found.spec.kind.value,
        "annotation_urls": list(found.spec.annotation_urls),
        "authentication": found.spec.authentication.kind.value,
        "created": found.created.isoformat() if found.created else None,
        "updated": found.updated.isoformat() if found.updated else None,
    }
