"""CSV: one row for each labelled thing, with the columns of `COLUMNS`, in pixels.

Owns: the columns. A row without left, top, box_width and box_height labels the whole picture; a row without label is a
picture without labels. Leaves: spreadsheets: a cell is text, whatever it begins with.
"""

import csv
import io

from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number, text_of
from automation.coco.formats.told import Told
from automation.coco.types import Annotation, Box, Dataset, Image, Unit

__all__ = ["COLUMNS", "CSV"]

COLUMNS = ("image", "width", "height", "url", "label", "left", "top", "box_width", "box_height", "iscrowd")
_NEEDED = {"image", "label"}
_BOX = ("left", "top", "box_width", "box_height")


def parse(files: Files, told: Told) -> Read:
    """Columns may stand in any order, and others beside them; image and label have to be there."""
    [path] = files.texts
    building = Building()
    reader = csv.DictReader(io.StringIO(files.text(path, told), newline=""), restval="")
    try:
        named = list(reader.fieldnames or [])
        if missing := sorted(_NEEDED - set(named)):
            told.wrong(
                "missing-key", f"{path}:1", f"there is no column {missing[0]}", hint=f"name {', '.join(COLUMNS)}"
            )
            return Read(dataset=building.dataset, unit=Unit.PIXELS)
        for row in reader:
            _row(building, {key: row[key] for key in named}, f"{path}:{reader.line_num}", told)
        unknown = [key for key in named if key not in COLUMNS]
        told.lost("lost-columns", f"columns are not read: {', '.join(unknown)[:200]}", len(unknown))
    except csv.Error as wrong:
        told.wrong("not-csv", f"{path}:{reader.line_num + 1}", f"this is no CSV: {wrong}")
    return Read(dataset=building.dataset, unit=Unit.PIXELS)


def _row(building: Building, row: dict[str, str], where: str, told: Told) -> None:
    if not (name := row["image"]):
        told.wrong("missing-key", f"{where}: image", "the row names no picture")
        return
    image = building.known(name)
    if image is None:
        size = (number(row.get("width", "")) or 0, number(row.get("height", "")) or 0)
        image = building.image(name, size, url=row.get("url") or None)
    given = [row.get(key, "").strip() for key in _BOX]
    values = [number(text) for text in given]
    x, y, w, h = values
    if not row["label"]:
        if any(given):
            told.wrong("missing-key", f"{where}: label", "there is a box without a label")
    elif not any(given):
        building.label(image, row["label"])
    elif x is None or y is None or w is None or h is None:
        told.wrong("wrong-type", where, f"a box is four numbers, {', '.join(_BOX)}")
    else:
        crowd = row.get("iscrowd") == "1"
        building.label(image, row["label"], box=Box(x=x, y=y, w=w, h=h), crowd=crowd)


def dump(dataset: Dataset, _told: Told) -> Dumped:
    """Rows in the order of the pictures, then of the labels."""
    names = {category.id: category.name for category in dataset.categories}
    of_image: dict[int, list[Annotation]] = {}
    for annotation in dataset.annotations:
        of_image.setdefault(annotation.image_id, []).append(annotation)
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for image in dataset.images:
        head = _head(image)
        for annotation in of_image.get(image.id, []):
            box = annotation.box
            cells = [] if box is None else [text_of(value, 3) for value in (box.x, box.y, box.w, box.h)]
            crowd = str(annotation.iscrowd or 0)
            writer.writerow([*head, names[annotation.category_id], *(cells or [""] * 4), "" if box is None else crowd])
        if image.id not in of_image:
            writer.writerow([*head, *[""] * 6])
    return {"": file.getvalue().encode()}


def _head(image: Image) -> list[str]:
    size = [text_of(image.width, 3), text_of(image.height, 3)] if image.sized else ["", ""]
    return [image.file_name, *size, image.absolute_url or image.coco_url or ""]


CSV = Format(
    name="csv",
    unit=Unit.PIXELS,
    folder=False,
    suffixes=(".csv",),
    parse=parse,
    dump=dump,
    holds=frozenset((Holds.BOXES, Holds.LABELS, Holds.CROWDS, Holds.SIZES, Holds.ADDRESSES, Holds.EMPTY)),
    by_name=True,
)
