"""`visionlab dataset stats`: what is in a COCO file, in figures."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.dataset_files import unit_option
from automation.cli.options import example, json_option
from automation.printable import printable

if TYPE_CHECKING:
    from automation.coco.file_statistics import FileStatistics, Share

__all__ = ["plain", "stats"]

_SHADES = " .:-=+*#%@"
MOST_CLASSES = 40


@click.command(
    "stats",
    epilog=example(
        "visionlab dataset stats labels.json",
        "visionlab dataset stats labels.json --json",
        "visionlab dataset stats labels.json --html stats.html",
    ),
)
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every class, not only the most frequent.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Draw the figures into this page, too.")
@unit_option
@json_option
def stats(*, source: Path, everything: bool, html: Path | None, unit: str | None, as_json: bool) -> None:
    """Count a COCO file: classes, boxes per image, sizes, shapes, positions, and which classes meet.

    The file may be of any size and needs no lab.
    """
    from automation.coco.file_statistics import file_statistics
    from automation.coco.types import Unit

    console = Console.of(as_json)
    with console.progress(source.name) as progress:
        found = file_statistics(source, unit=Unit(unit) if unit else None, progress=progress)
    if found.unreadable:
        console.say(f"warning: {found.unreadable:,} entries could not be read: `visionlab dataset check {source}`")
    if html is not None:
        from automation.coco.files import written_whole
        from automation.report.statistics_page import render_statistics

        with written_whole(html) as page:
            page.write(render_statistics(found, title=source.name).encode())
        console.say(f"drawn in {html}")
    console.result(found, lambda: _show(console, found, everything=everything))


def plain(name: str) -> str:
    """A name out of a file for the terminal: short, and without what would move its cursor."""
    return printable(name[:60]) + "\u2026" * (len(name) > 60)


def _show(console: Console, found: "FileStatistics", *, everything: bool) -> None:
    least, mean, median, most = found.per_image
    facts: dict[str, object] = {
        "images": f"{found.images:,}",
        "without labels": f"{found.unlabeled_images:,}",
        "annotations": f"{found.annotations:,}",
        "boxes": f"{found.boxes:,} in {found.unit}" if found.boxes else "none",
        "with an outline": f"{found.outlines:,}",
        "annotations an image": f"{least} to {most}, mean {mean:.2f}, median {median:g}",
    }
    if found.shares is not None:
        smallest, middle, largest = found.shares
        facts["share of the image"] = f"{smallest:.3%} to {largest:.1%}, median {middle:.2%}"
    console.facts(facts)
    ranked = sorted(found.categories, key=lambda category: -category.annotations)
    shown = ranked if everything else ranked[:MOST_CLASSES]
    console.line("")
    console.table(
        ("class", "annotations", "images"), [(plain(c.name), f"{c.annotations:,}", f"{c.images:,}") for c in shown]
    )
    if len(shown) < len(ranked):
        console.line(f"and {len(ranked) - len(shown)} classes more: --all shows them")
    for title, shares in (
        ("annotations an image", found.images_by_annotations),
        ("size of boxes", found.sizes),
        ("width to height", found.aspects),
    ):
        _bars(console, title, shares)
    if found.image_sizes:
        console.line("")
        console.table(("image size", "images"), [(f"{w} x {h}", f"{count:,}") for w, h, count in found.image_sizes[:8]])
    if any(map(any, found.heat)):
        console.line("\nwhere the centres of boxes are in their images")
        peak = max(map(max, found.heat))
        for row in found.heat:
            console.line("  |" + "".join(_SHADES[count * (len(_SHADES) - 1) // peak] * 2 for count in row) + "|")
    if found.together:
        console.line("")
        rows = [(plain(pair.first), plain(pair.second), f"{pair.images:,}") for pair in found.together[:10]]
        console.table(("class", "meets", "images"), rows)


def _bars(console: Console, title: str, shares: "tuple[Share, ...]") -> None:
    if not shares:
        return
    console.line(f"\n{title}")
    wide = max(len(share.name) for share in shares)
    for share in shares:
        bar = "#" * round(share.share * 30)
        console.line(f"  {share.name.ljust(wide)}  {share.count:>10,}  {share.share:6.1%}  {bar}".rstrip())
