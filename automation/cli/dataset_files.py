"""`visionlab dataset check FILE` and `convert`: COCO files of any size, with or without a lab."""

from collections.abc import Sequence
from pathlib import Path

import click

from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import DatasetError, Finding

__all__ = ["PROFILES", "check_files", "convert", "unit_option"]

PROFILES = ("coco", "image-analysis")
_UNITS = ("pixels", "normalised")

unit_option = click.option(
    "--unit", type=click.Choice(_UNITS), help="The unit of the boxes, where the file does not show it."
)


def check_files(console: Console, files: Sequence[Path], *, profile: str, unit: str | None) -> None:
    """Check each; DatasetError with all findings when one of them has an error."""
    from automation.coco.checking import check_file
    from automation.coco.types import Unit

    findings: list[Finding] = []
    result: list[dict[str, object]] = []
    errors = 0
    for path in files:
        with console.progress(path.name) as progress:
            checked = check_file(
                path, unit=Unit(unit) if unit else None, for_service=profile == "image-analysis", progress=progress
            )
        errors += checked.errors
        findings += checked.findings
        facts = {key: getattr(checked, key) for key in ("images", "annotations", "categories", "unit", "errors")}
        result.append({"file": str(path), **facts, "findings": checked.findings})
    if errors:
        name = files[0].name if len(files) == 1 else f"{len(files)} files"
        raise DatasetError(f"{errors} error{'s' * (errors != 1)} in {name}", findings=findings)
    console.warn(findings)
    rows = [(r["file"], r["images"], r["annotations"], r["categories"], r["unit"]) for r in result]
    console.result(result, lambda: console.table(("file", "images", "annotations", "categories", "boxes in"), rows))


@click.command(
    "convert",
    epilog=example(
        "visionlab dataset convert labels.json --to normalised --out labels-normalised.json",
        "visionlab dataset convert export.json --to pixels --out labels.json",
    ),
)
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Choice(_UNITS), required=True, help="How to measure boxes.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The new file.")
@unit_option
@json_option
def convert(*, source: Path, target: str, out: Path, unit: str | None, as_json: bool) -> None:
    """Write a COCO file with its boxes in pixels, or as shares of their image as the vision service takes them.

    The file is checked on the way and may be of any size. Everything else in it stays byte by byte.
    """
    from automation.coco.rewriting import convert_file
    from automation.coco.types import Unit

    console = Console.of(as_json)
    with console.progress(source.name) as progress:
        checked = convert_file(source, out, to=Unit(target), unit=Unit(unit) if unit else None, progress=progress)
    console.warn(checked.findings)
    facts = {"file": str(out), "annotations": checked.annotations, "from": checked.unit, "to": target}
    said = f"{out}: {checked.annotations:,} annotations, {checked.unit} to {target}"
    if checked.unit in (target, Unit.ABSENT):
        said = f"{out}: a copy, for there was nothing to convert ({checked.unit})"
    console.result({**facts, "findings": checked.findings}, lambda: console.line(said))
