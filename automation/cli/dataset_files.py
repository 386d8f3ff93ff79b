"""`visionlab dataset check FILE` and `convert`: COCO files of any size, with or without a lab."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from automation.cli.console import Console
from automation.cli.dataset_findings import FORMATS, Report, examples_for, show
from automation.cli.options import example, json_option

__all__ = ["PROFILES", "check_files", "convert", "file_check_options", "unit_option"]

PROFILES = ("coco", "image-analysis", "custom-vision", "automl", "label-studio", "cvat")  # a test compares
_UNITS = ("pixels", "normalised")

unit_option = click.option(
    "--unit", type=click.Choice(_UNITS), help="The unit of the boxes, where the file does not show it."
)


F = TypeVar("F", bound=Callable[..., Any])


def file_check_options(command: F) -> F:
    """The options of `check` that are about a FILE."""
    options = (
        click.option(
            "--profile",
            type=click.Choice(PROFILES),
            default="coco",
            show_default=True,
            help="Who is to take a FILE as it is.",
        ),
        click.option(
            "--purpose",
            type=click.Choice(("training", "evaluation")),
            default="training",
            show_default=True,
            help="Whose quotas to compare a FILE with.",
        ),
        unit_option,
        click.option("--strict", is_flag=True, help="With a FILE: warnings are errors."),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="With a FILE: how to print what was found.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def check_files(
    console: Console, files: Sequence[Path], *, profile: str, purpose: str, unit: str | None, form: str, strict: bool
) -> None:
    """Check each and print what was found; exit code 1 when there is an error, or with `strict` anything."""
    from automation.coco.checking import check_file
    from automation.coco.grouping import grouped
    from automation.coco.profiles import PROFILES as KNOWN
    from automation.coco.profiles import Purpose
    from automation.coco.types import Unit

    reports: list[Report] = []
    for path in files:
        with console.progress(path.name) as progress:
            checked = check_file(
                path,
                unit=Unit(unit) if unit else None,
                profile=KNOWN[profile],
                purpose=Purpose(purpose),
                progress=progress,
            )
        groups = grouped(path, checked, examples=examples_for(form))
        reports.append(Report(path=path, checked=checked, groups=groups))
    show(console, reports, form=form, strict=strict)
    if any(report.failed(strict=strict) for report in reports):
        click.get_current_context().exit(1)


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
