"""`visionlab dataset diff`: what changed between two COCO files."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.dataset_stats import plain
from automation.cli.options import example, json_option

if TYPE_CHECKING:
    from automation.coco.differences import Differences
    from automation.coco.label_pairs import BoxChange

__all__ = ["diff"]

MOST_SHOWN = 20
_DIFFERENT = 1


@click.command(
    "diff",
    epilog=example(
        "visionlab dataset diff monday.json tuesday.json",
        "visionlab dataset diff labels.json reviewed.json --iou 0.7",
        "visionlab dataset diff expected.json made.json --exit-code",
    ),
)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--iou",
    type=float,
    default=0.5,
    show_default=True,
    help="Two boxes of an image are the same thing when they overlap by so much.",
)
@click.option("--exit-code", is_flag=True, help="End with 1 when the files differ.")
@json_option
def diff(*, old: Path, new: Path, iou: float, exit_code: bool, as_json: bool) -> None:
    """Say what the COCO file NEW has otherwise than OLD: images, classes, and boxes added, removed, moved, relabelled.

    Images are known by their file names and classes by theirs: ids do not matter.
    """
    from automation.coco.differences import compare_files

    console = Console.of(as_json)
    with console.progress(new.name) as progress:
        found = compare_files(old, new, least_iou=iou, progress=progress)
    console.result({"different": not found.none, **asdict(found)}, lambda: _show(console, found))
    if exit_code and not found.none:
        raise click.exceptions.Exit(_DIFFERENT)


def _show(console: Console, found: "Differences") -> None:
    if found.none:
        console.line(f"the same: {found.images_same:,} images, {found.same:,} labels")
        return
    for title, names in (
        ("images added", found.images_added),
        ("images removed", found.images_removed),
        ("images of another size", found.images_resized),
        ("classes added", found.classes_added),
        ("classes removed", found.classes_removed),
    ):
        if names:
            listed = ", ".join(plain(name) for name in names[:MOST_SHOWN])
            more = f" and {len(names) - MOST_SHOWN:,} more" if len(names) > MOST_SHOWN else ""
            console.line(f"{title} ({len(names):,}): {listed}{more}")
    counts = ("before", "after", "same", "moved", "relabelled", "added", "removed")
    rows = [(plain(change.name), *(f"{getattr(change, count):,}" for count in counts)) for change in found.classes]
    console.table(("class", *counts), rows)
    for change in found.changes[:MOST_SHOWN]:
        console.line(_said(change))
    left = sum(found.changed.values()) - MOST_SHOWN
    if left > 0:
        console.line(f"and {left:,} labels more: --json has the first {len(found.changes)}")


def _said(change: "BoxChange") -> str:
    names = " -> ".join(plain(name) for name in dict.fromkeys((change.old, change.new)) if name is not None)
    overlap = "" if change.iou is None else f", IoU {change.iou:.2f}"
    return f"  {change.kind:<10} {plain(change.image)}: {names}{overlap}"
