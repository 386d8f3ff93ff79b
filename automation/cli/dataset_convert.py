"""`visionlab dataset convert`: from one annotation format to another, with or without a lab."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.dataset_files import unit_option
from automation.cli.options import example, json_option

if TYPE_CHECKING:
    from automation.coco.types import Unit

__all__ = ["convert"]

# A test compares them with the formats that there are.
_COCO = ("pixels", "normalised")
TARGETS = (*_COCO, "azure", "automl", "yolo", "yolo-seg", "voc", "csv", "cvat", "label-studio", "custom-vision")
SOURCES = ("coco", "automl", "yolo", "voc", "csv", "cvat", "label-studio", "custom-vision")


@click.command(
    "convert",
    epilog=example(
        "visionlab dataset convert labels.json --to normalised --out labels-normalised.json",
        "visionlab dataset convert export.json --to pixels --images photos --out labels.json",
        "visionlab dataset convert labels.json --to yolo --out yolo",
        "visionlab dataset convert yolo --to azure --images photos --url-base URL --out labels.json",
    ),
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="The new format.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The new file, or a new folder.")
@click.option("--from", "written_in", type=click.Choice(SOURCES), help="The format of IN, where it is not found out.")
@click.option(
    "--images", type=click.Path(path_type=Path), help="The folder with the pictures, for names and sizes that IN lacks."
)
@click.option("--url-base", metavar="URL", help="Where the pictures lie; their addresses begin with it.")
@unit_option
@json_option
def convert(
    *,
    source: Path,
    target: str,
    out: Path,
    written_in: str | None,
    images: Path | None,
    url_base: str | None,
    unit: str | None,
    as_json: bool,
) -> None:
    """Write a dataset in another format. What the new one cannot hold is said, with counts.

    pixels, normalised and azure are COCO: boxes in pixels, as shares of their image, and as the vision service takes
    it. IN is a file or a folder. From COCO to pixels or normalised a file may be of any size, and everything but the
    numbers of its boxes, areas, polygons and keypoints stays byte by byte.
    """
    from automation.coco.formats.conversion import convert_dataset, find_format
    from automation.coco.types import Unit

    console = Console.of(as_json)
    asked = Unit(unit) if unit else None
    written_in = written_in or find_format(source)
    if target in _COCO and written_in == "coco" and source.is_file() and not (images or url_base):
        _rewrite(console, source, out, target=Unit(target), unit=asked)
        return
    with console.progress(source.name) as progress:
        done = convert_dataset(
            source,
            out,
            to=target,
            written_in=written_in,
            unit=asked,
            images=images,
            url_base=url_base,
            progress=progress,
        )
    console.warn(done.findings)
    counts = {key: getattr(done, key) for key in ("images", "annotations", "categories", "files")}
    facts = {"file": str(out), "from": done.source, "to": target, **counts, "lost": done.lost}
    said = f"{out}: {done.images:,} pictures, {done.annotations:,} annotations, {done.source} to {target}"
    console.result({**facts, "findings": done.findings}, lambda: console.line(said))


def _rewrite(console: Console, source: Path, out: Path, *, target: "Unit", unit: "Unit | None") -> None:
    from automation.coco.rewriting import convert_file
    from automation.coco.types import Unit

    with console.progress(source.name) as progress:
        checked = convert_file(source, out, to=target, unit=unit, progress=progress)
    console.warn(checked.findings)
    counts = {key: getattr(checked, key) for key in ("images", "annotations", "categories")}
    facts = {"file": str(out), "from": checked.unit, "to": target, **counts, "files": 1, "lost": ()}
    said = f"{out}: {checked.annotations:,} annotations, {checked.unit} to {target}"
    if checked.unit in (target, Unit.ABSENT):
        said = f"{out}: a copy, for there was nothing to convert ({checked.unit})"
    console.result({**facts, "findings": checked.findings}, lambda: console.line(said))
