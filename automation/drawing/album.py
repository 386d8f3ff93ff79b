"""Albums: folders of drawn pictures with their labels, drawn once and kept.

Owns: files, file names, the stamp that says what was drawn, going on after a stop.
Leaves: what is on a picture to the recipe it is given, COCO to `labels`.

The stamp `photos/.drawn` has one line for the recipe, its seed and version, and one per finished picture. A picture
depends on the seed, its folder and its number only, so a stopped run goes on where it was, and more pictures can be
asked for later.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from automation.drawing.labels import Labelled, dump_coco
from automation.drawing.types import Mark, Picture
from automation.progress import Progress

__all__ = ["Drawn", "Recipe", "draw_album"]

STAMP = ".drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What an album shows.

    Attributes:
        name: Also the start of every file name.
        version: Changes when the same seed gives other pictures.
        long_side_px: Size of the pictures.
        classes: In the order of their COCO ids.
        draw: Gives the picture for (seed, folder number, picture number).
    """

    name: str
    version: int
    long_side_px: int
    classes: tuple[str, ...]
    draw: Callable[[int, int, int], Picture]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What `draw_album` did.

    Attributes:
        folder: Where the pictures are.
        drawn: Pictures drawn now.
        kept: Pictures that were there already.
    """

    folder: Path
    drawn: int
    kept: int


_Records: TypeAlias = dict[str, dict[str, Any]]

_LABEL_FILES = {"training": "labels.json", "evaluation": "eval-labels.json", "test": None}
"""The folders, in the order of their numbers, and the file that labels them; test pictures are not labelled."""


def draw_album(folder: Path, recipe: Recipe, counts: Mapping[str, int], *, seed: int, progress: Progress) -> Drawn:
    """Draw the pictures that are missing under `folder`/photos, and the labels of all.

    Pictures of another seed or recipe version are drawn again, pictures beyond the counts are removed; files that
    this did not draw stay as they are. Labels are written when they are missing or when one of their pictures was
    drawn now, so that corrected labels survive a repeat.

    Args:
        folder: Folder of the lab.
        recipe: What to draw.
        counts: Pictures per folder: training, evaluation, test.
        seed: Same seed, same bytes.
        progress: Told per picture.
    """
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    stamp = photos / STAMP
    head = {"recipe": recipe.name, "version": recipe.version, "long_side_px": recipe.long_side_px, "seed": seed}
    records, known = _read_stamp(stamp, head)
    wanted = {split: _names(recipe, split, counts[split]) for split in _LABEL_FILES}
    every = [name for names in wanted.values() for name in names]
    _remove(photos, set(known) - set(every))
    fresh = {name for name in every if not _is_there(photos / name, records.get(name))}
    records = {name: records[name] for name in every if name not in fresh}
    _write(stamp, b"".join(_line(entry) for entry in [head, *records.values()]))
    done = 0
    progress(done, len(every), f"drawing {recipe.name} pictures")
    with stamp.open("ab") as log:
        for number, (split, names) in enumerate(wanted.items()):
            for index, name in enumerate(names):
                if name in fresh:
                    records[name] = _draw_one(photos / name, name, recipe.draw(seed, number, index))
                    log.write(_line(records[name]))
                    log.flush()
                done += 1
                progress(done, len(every), f"{split} picture {index + 1} of {len(names)}")
    for split, names in wanted.items():
        _write_labels(
            photos / split, _LABEL_FILES[split], recipe, [records[name] for name in names], fresh & set(names)
        )
    return Drawn(folder=photos, drawn=len(fresh), kept=len(every) - len(fresh))


def _names(recipe: Recipe, split: str, count: int) -> list[str]:
    return [f"{split}/{recipe.name}-{split}-{index + 1:03d}.jpg" for index in range(count)]


def _draw_one(path: Path, name: str, picture: Picture) -> dict[str, Any]:
    """Write one picture; gives its line of the stamp."""
    from automation.drawing.pixels import jpeg

    data = jpeg(picture.pixels, picture.quality)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, data)
    height, width = picture.pixels.shape[:2]
    marks = [[mark.label, list(mark.box) if mark.box else None] for mark in picture.marks]
    return {"picture": name, "bytes": len(data), "width": int(width), "height": int(height), "marks": marks}


def _write_labels(
    folder: Path, file_name: str | None, recipe: Recipe, records: list[dict[str, Any]], fresh: set[str]
) -> None:
    if file_name is None or not records:
        return
    target = folder / file_name
    if fresh or not target.exists():
        _write(target, dump_coco([_labelled(record) for record in records], recipe.classes))


def _labelled(record: Mapping[str, Any]) -> Labelled:
    return Labelled(
        file_name=Path(record["picture"]).name,
        width_px=record["width"],
        height_px=record["height"],
        marks=tuple(Mark(label=label, box=tuple(box) if box else None) for label, box in record["marks"]),
    )


def _read_stamp(stamp: Path, head: Mapping[str, Any]) -> tuple[_Records, set[str]]:
    """The finished pictures of this very recipe and seed, and the names of all pictures drawn here before.

    The last line may be cut off by a stop in the middle; then its picture is drawn again.
    """
    try:
        lines = stamp.read_bytes().splitlines()
    except FileNotFoundError:
        return {}, set()
    entries: list[dict[str, Any]] = []
    for line in lines:
        with contextlib.suppress(ValueError):
            entry: object = json.loads(line)
            if isinstance(entry, dict):
                entries.append(cast("dict[str, Any]", entry))
    records = {str(entry["picture"]): entry for entry in entries if "picture" in entry}
    return (records if entries and entries[0] == head else {}), set(records)


def _is_there(path: Path, record: Mapping[str, Any] | None) -> bool:
    return record is not None and path.is_file() and path.stat().st_size == record["bytes"]


def _remove(photos: Path, names: Iterable[str]) -> None:
    for name in names:
        path = photos / name
        if path.parent.parent == photos:
            path.unlink(missing_ok=True)


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there completely or not at all."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    beside.replace(path)
