"""`visionlab dataset draw`: the labels of a COCO file on its pictures, for a person to look at.

Owns: reading labels out of the file for `automation.pictures`, which knows no COCO, and writing the results.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from automation.cli.console import Console
from automation.cli.dataset_files import unit_option
from automation.cli.options import example, json_option
from automation.errors import ConfigError, DatasetError
from automation.printable import printable

if TYPE_CHECKING:
    from PIL.Image import Image

    from automation.coco.columns import AnnotationColumns
    from automation.coco.units import UnitFinder
    from automation.pictures import Look
    from automation.pictures.painting import Mark
    from automation.progress import Progress

__all__ = ["draw"]

_JPEG = (".jpg", ".jpeg")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    name: str
    marks: "Sequence[Mark]"


@click.command(
    "draw",
    epilog=example(
        "visionlab dataset draw labels.json --images photos --out drawn",
        "visionlab dataset draw labels.json --images photos --out drawn --contact-sheet --limit 100",
    ),
)
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="The folder of the pictures; that of FILE unless given.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A folder for the results, apart from the pictures.",
)
@click.option("--contact-sheet", "sheets", is_flag=True, help="Twenty small pictures a sheet, not each on its own.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N pictures of the file.")
@unit_option
@json_option
def draw(
    *,
    source: Path,
    images: Path | None,
    out: Path,
    sheets: bool,
    limit: int | None,
    unit: str | None,
    as_json: bool,
) -> None:
    """Draw the boxes, polygons and class names of a COCO file on its pictures, as JPEG files of at most 1,600 pixels.

    Pictures are drawn as they are shown, turned by their EXIF tag. What is missing or broken is said and left out.
    """
    console = Console.of(as_json)
    folder = images or source.parent
    one, other = folder.resolve(), out.resolve()
    if other.is_relative_to(one) or one.is_relative_to(other):
        hint = "give a folder that neither holds the pictures nor is in theirs"
        raise ConfigError(f"{out} and the pictures in {folder} are not apart", hint=hint)
    with console.progress(source.name) as progress:
        labelled = _labelled(source, limit=limit, unit=unit, progress=progress)
    with console.progress("drawing") as progress:
        write = _write_sheets if sheets else _write_each
        left_out: list[str] = []
        files = write(labelled, folder, out, left_out, progress)
    if left_out:
        more = f" and {len(left_out) - 3:,} more" if len(left_out) > 3 else ""
        console.say(f"left out, for they cannot be drawn: {', '.join(map(printable, left_out[:3]))}{more}")
    if not files:
        raise ConfigError(f"no picture of {source} could be drawn", hint="name their folder with --images")
    drawn = len(labelled) - len(left_out)
    result = {"drawn": drawn, "files": [str(path) for path in files], "left_out": left_out}
    said = (
        f"{out}: {drawn:,} picture{'s' * (drawn != 1)}" + f" on {len(files):,} sheet{'s' * (len(files) != 1)}" * sheets
    )
    console.result(result, lambda: console.line(said))


def _labelled(source: Path, *, limit: int | None, unit: str | None, progress: "Progress") -> list[_Labelled]:
    """The first images of a file with their labels; the file is read as a stream."""
    from automation.coco.types import Unit
    from automation.coco.units import UnitFinder, undecided
    from automation.coco.walk import Walk
    from automation.pictures.painting import Mark

    walk, finder = Walk(source, progress=progress), UnitFinder()
    marks: dict[int, list[tuple[int, Mark]]] = {}
    for columns in walk.annotations():
        finder.add(columns.boxes)
        for place, outlines in _outlines(columns, limit):
            _add_points(finder, outlines)
            row, category = int(columns.rows[place]), int(columns.category_ids[place])
            box = cast("list[float]", columns.boxes[place].tolist()) if columns.boxed[place] else None
            mark = Mark(name="", number=0, box=(box[0], box[1], box[2], box[3]) if box else None, outlines=outlines)
            marks.setdefault(row, []).append((category, mark))
    found = Unit(unit) if unit else finder.found
    if found is Unit.UNDECIDED:
        raise DatasetError(f"the unit of the boxes in {source.name} is not clear", findings=[undecided()])
    classes = {category.id: (place, category.name) for place, category in enumerate(walk.categories)}
    shares = found is Unit.NORMALISED

    def named(category: int, mark: Mark) -> Mark:
        number, name = classes.get(category, (len(classes), f"class {category}"))
        return replace(mark, name=name, number=number, normalised=shares)

    count = len(walk.images) if limit is None else min(limit, len(walk.images))
    return [
        _Labelled(name=walk.images.name(row), marks=[named(*pair) for pair in marks.get(row, ())])
        for row in range(count)
    ]


def _outlines(columns: "AnnotationColumns", limit: int | None) -> "Iterator[tuple[int, Sequence[Sequence[float]]]]":
    """The places of the annotations whose images are drawn, and their polygons."""
    texts = iter(columns.outlines)
    for place, (row, outlined) in enumerate(zip(columns.rows.tolist(), columns.outlined.tolist(), strict=True)):
        text = next(texts, b"[]") if outlined else b"[]"
        if row >= 0 and (limit is None or row < limit):
            yield place, _polygons(text)


def _polygons(text: bytes) -> list[list[float]]:
    """Polygons of numbers; of a mask in run lengths, and of what is neither, nothing."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    polygons = [cast("list[object]", one) for one in cast("list[object]", found) if isinstance(one, list)]
    return [
        [float(number) for number in one if isinstance(number, int | float)]
        for one in polygons
        if len(one) >= 6 and all(isinstance(number, int | float) and abs(number) < 1e15 for number in one)
    ]


def _add_points(finder: "UnitFinder", outlines: Sequence[Sequence[float]]) -> None:
    import numpy as np

    for outline in outlines:
        points = np.zeros((len(outline) // 2, 4))
        points[:, :2] = np.reshape(outline[: len(outline) // 2 * 2], (-1, 2))
        finder.add(points)


def _painted(
    labelled: Sequence[_Labelled], folder: Path, side_px: int, left_out: list[str], progress: "Progress"
) -> "Iterator[tuple[_Labelled, Image]]":
    """Those that can be drawn, in order; names of the others go to `left_out`."""
    from automation.pictures import ANYTHING, path_inside
    from automation.pictures.looking import look, quietly
    from automation.pictures.many import on_threads
    from automation.pictures.painting import paint

    def one(entry: _Labelled) -> "Image | None":
        path = path_inside(folder, entry.name)
        if path is None or not _drawable(look(path, ANYTHING)):
            return None
        try:
            return paint(path, entry.marks, max_side_px=side_px)
        except (OSError, ValueError, SyntaxError):
            return None

    with quietly():
        for done, (entry, picture) in enumerate(zip(labelled, on_threads(one, labelled), strict=True), 1):
            progress(done, len(labelled), entry.name)
            if picture is None:
                left_out.append(entry.name)
            else:
                yield entry, picture


def _drawable(looked: "Look") -> bool:
    from automation.errors import Severity
    from automation.pictures.looking import NOT_DECODED

    return not any(f.severity is Severity.ERROR or f.code == NOT_DECODED for f in looked.findings)


def _write_each(
    labelled: Sequence[_Labelled], folder: Path, out: Path, left_out: list[str], progress: "Progress"
) -> list[Path]:
    from automation.coco.files import written_whole
    from automation.pictures.painting import MAX_SIDE_PX, as_jpeg

    files: list[Path] = []
    for entry, picture in _painted(labelled, folder, MAX_SIDE_PX, left_out, progress):
        name = entry.name if entry.name.lower().endswith(_JPEG) else f"{entry.name}.jpg"
        with written_whole(out / name) as file:  # the name led to a picture inside of `folder`: it does so here
            file.write(as_jpeg(picture))
        files.append(out / name)
    return files


def _write_sheets(
    labelled: Sequence[_Labelled], folder: Path, out: Path, left_out: list[str], progress: "Progress"
) -> list[Path]:
    from automation.coco.files import written_whole
    from automation.pictures.painting import as_jpeg
    from automation.pictures.sheet import PER_SHEET, TILE_PX, sheet

    files: list[Path] = []
    tiles: list[tuple[str, Image]] = []

    def write() -> None:
        path = out / f"sheet-{len(files) + 1:03}.jpg"
        with written_whole(path) as file:
            file.write(as_jpeg(sheet(tiles)))
        files.append(path)
        tiles.clear()

    for entry, picture in _painted(labelled, folder, TILE_PX, left_out, progress):
        tiles.append((entry.name, picture))
        if len(tiles) == PER_SHEET:
            write()
    if tiles:
        write()
    return files
