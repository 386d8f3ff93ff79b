"""`visionlab dataset check FILE|URL|FOLDER`: COCO files of any size, with or without a lab."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.cli.console import Console
from automation.cli.dataset_findings import FORMATS, Report, examples_for, show
from automation.cli.dataset_mending import Mending, mending_options
from automation.cli.dataset_pictures import images_option, with_pictures, with_pictures_here
from automation.cli.dataset_probe import probe_option, with_probe
from automation.cli.dataset_sources import Fetch, Source

if TYPE_CHECKING:
    from automation.coco.checking import Checked

__all__ = ["PROFILES", "check_files", "file_check_options", "unit_option"]

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
        images_option,
        probe_option,
        mending_options,
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
    console: Console,
    files: Sequence[Source],
    *,
    profile: str,
    purpose: str,
    unit: str | None,
    form: str,
    strict: bool,
    images: Path | None,
    probe: Fetch | None = None,
    mending: Mending,
) -> None:
    """Check each and print what was found; exit code 1 when there is an error, or with `strict` anything.

    With a fix it is the new file that is checked.
    """
    from automation.coco.checking import check_file
    from automation.coco.grouping import grouped
    from automation.coco.profiles import PROFILES as KNOWN
    from automation.coco.profiles import Purpose
    from automation.coco.types import Unit

    mending.demand(len(files), fetched=any(source.fetched for source in files))
    given, taker = Unit(unit) if unit else None, KNOWN[profile]
    reports: list[Report] = []
    found: dict[Path, Checked] = {}
    named: dict[Path, str] = {}
    mends: dict[Path, Mapping[str, int] | None] = {}
    for source in files:
        path, mended = mending.run(console, source.path, profile=taker, unit=given)
        mends[path] = mended
        named[path] = source.named if mended is None else str(path)
        with console.progress(named[path].rpartition("/")[2]) as progress:
            checked = check_file(
                path,
                unit=given,
                profile=taker,
                purpose=Purpose(purpose),
                progress=progress,
            )
        found[path] = checked
    if probe is not None:
        found = with_probe(console, found, fetch=probe, profile=profile)
    elif images is not None:
        found = with_pictures(console, found, images=images, profile=profile)
    else:
        for folder in dict.fromkeys(source.folder for source in files if source.folder is not None):
            found |= with_pictures_here(console, found, folder=folder, profile=profile)
    for path, checked in found.items():
        groups = grouped(path, checked, profile=taker, examples=examples_for(form))
        reports.append(Report(path=path, named=named[path], checked=checked, groups=groups, mends=mends[path]))
    show(console, reports, form=form, strict=strict)
    if any(report.failed(strict=strict) for report in reports):
        click.get_current_context().exit(1)
