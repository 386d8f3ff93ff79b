"""Several files as one: classes are one by name, ids get out of each other's way, everything else stays as it is.

Owns: the new ids, and what stands in the way. Leaves: numbers in text to `renumbering.py`.

Annotations are gathered in a file aside until all images are written, so the order of sections does not matter.
"""

import json
import shutil
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from automation.coco.columns import NO_ID
from automation.coco.files import open_coco, written_whole
from automation.coco.growing import Whole
from automation.coco.scan import Entries, scan
from automation.coco.transform.renumbering import renumbered, with_prefix
from automation.coco.transform.selecting import AS_TEXT, Part
from automation.coco.transform.survey import Survey, survey
from automation.coco.types import Category, Unit
from automation.errors import ConfigError, DatasetError, Finding, Refused, Severity
from automation.progress import Progress, silent

__all__ = ["Merged", "merge_files"]

MOST_NAMED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A file that was made of several.

    Attributes:
        part: It.
        renumbered: The sources whose ids of images or annotations had to change.
        left_out: Keys at the top of later sources, like info, that the new file has from the first or not at all.
    """

    part: Part
    renumbered: tuple[Path, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What changes in one of the files: what is added to its ids, and the new id of each of its classes."""

    path: Path
    seen: Survey
    images: int
    annotations: int
    classes: np.ndarray
    prefix: str


def merge_files(
    sources: Sequence[Path],
    out: Path,
    *,
    names: Mapping[str, str] | None = None,
    prefix: bool = False,
    progress: Progress = silent,
) -> Merged:
    """Write one file with all images, annotations and classes.

    Args:
        sources: COCO files; the first one keeps its ids and gives info, licenses and other keys of the top.
        out: The new file.
        names: New names of classes, by old name; classes of one name become one.
        prefix: Whether file names get the name of their source before them, as in `a/one.jpg` out of a.json.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file, or it is one file only, or a name to change that no file has.
        DatasetError: One is not sound, their boxes are measured differently, or two images have one file name.
        Refused: The new file would be one of the sources.
    """
    if len(sources) < 2:
        raise ConfigError("one file cannot be merged", hint="name two files or more")
    if out.exists() and any(path.exists() and out.samefile(path) for path in sources):
        raise Refused("the new file would take the place of an old one", hint="give another --out")
    seen = [survey(path, progress=progress) for path in sources]
    prefixes = [f"{path.stem}/" if prefix else "" for path in sources]
    _one_unit(sources, seen)
    _no_collisions(sources, seen, prefixes)
    categories, plans = _plan(sources, seen, prefixes, names or {})
    left_out: set[str] = set()
    with written_whole(out) as new, _aside(out) as aside:
        tops: list[bytes] = []
        begun: set[str] = set()
        new.write(b'{"images": [')
        for index, plan in enumerate(plans):
            keys = _gather(plan, {"images": new, "annotations": aside}, begun, progress)
            if index:
                left_out |= keys.keys()
            else:
                tops = [json.dumps(key).encode() + b": " + value + b", " for key, value in keys.items()]
        new.write(b'], "annotations": [')
        aside.seek(0)
        shutil.copyfileobj(aside, new, 1 << 22)
        new.write(b"], " + b"".join(tops))
        listed = b", ".join(json.dumps({**c.extra, "id": c.id, "name": c.name}).encode() for c in categories)
        new.write(b'"categories": [' + listed + b"]}")
    return Merged(
        part=Part(
            path=out,
            images=sum(len(survey.images) for survey in seen),
            annotations=sum(len(survey.rows) for survey in seen),
            categories=len(categories),
        ),
        renumbered=tuple(plan.path for plan in plans if plan.images or plan.annotations),
        left_out=tuple(sorted(left_out)),
    )


@contextmanager
def _aside(out: Path) -> Generator[BinaryIO]:
    """A file that is gone afterwards."""
    with tempfile.TemporaryFile(dir=out.parent) as file:
        yield cast("BinaryIO", file)


def _one_unit(sources: Sequence[Path], seen: Sequence[Survey]) -> None:
    units = {survey.unit for survey in seen} - {Unit.ABSENT}
    if len(units) > 1:
        findings = [
            Finding(code="units-mixed", severity=Severity.ERROR, where=str(path), message=f"boxes in {survey.unit}")
            for path, survey in zip(sources, seen, strict=True)
        ]
        hint = "bring them to one unit first: `visionlab dataset convert`"
        raise DatasetError("the files measure their boxes differently", findings=findings, hint=hint)


def _no_collisions(sources: Sequence[Path], seen: Sequence[Survey], prefixes: Sequence[str]) -> None:
    """No file name of one source in another; within one that is the matter of its check."""
    if "" not in prefixes and len(set(prefixes)) == len(prefixes):
        return  # no prefix has a slash inside, so none begins another
    owner: dict[str, int] = {}
    findings: list[Finding] = []
    count = 0
    for index, (path, one, prefix) in enumerate(zip(sources, seen, prefixes, strict=True)):
        for row, name in enumerate(one.images.names(range(len(one.images)))):
            first = owner.setdefault(prefix + name, index)
            if first != index:
                count += 1
                if count <= MOST_NAMED:
                    message = f"{name!r} is in {sources[first].name} too"
                    where = f"{path.name}/images/{one.images.places.one(row)}/file_name"
                    finding = Finding(code="file-name-collision", severity=Severity.ERROR, where=where, message=message)
                    findings.append(finding)
    if count:
        hint = "--prefix puts the name of its file before each; or leave the doubles out of one"
        raise DatasetError(f"{count:,} file names are in two files", findings=findings, hint=hint)


def _plan(
    sources: Sequence[Path], seen: Sequence[Survey], prefixes: Sequence[str], names: Mapping[str, str]
) -> tuple[list[Category], list[_Source]]:
    known = {category.name for one in seen for category in one.categories}
    for old in names:
        if old not in known:
            raise ConfigError(f"no file has a class {old!r}", hint="check the names given to --map")
    taken: dict[str, Category] = {}
    ids: set[int] = set()
    plans: list[_Source] = []
    images = annotations = 0  # the largest so far
    for path, one, prefix in zip(sources, seen, prefixes, strict=True):
        of: list[int] = []
        for category in one.categories:
            name = names.get(category.name, category.name)
            if name not in taken:
                number = category.id if category.id not in ids else max(ids) + 1
                taken[name] = Category(id=number, name=name, extra=category.extra)
                ids.add(number)
            of.append(taken[name].id)
        own = one.ids[one.ids != NO_ID]
        shift_images = _shift(one.images.ids, images) if plans else 0
        shift_annotations = _shift(own, annotations) if plans else 0
        images = max(images, int(one.images.ids.max(initial=0)) + shift_images)
        annotations = max(annotations, int(own.max(initial=0)) + shift_annotations)
        plans.append(
            _Source(
                path=path,
                seen=one,
                images=shift_images,
                annotations=shift_annotations,
                classes=np.array(of, np.int64),
                prefix=prefix,
            )
        )
    return list(taken.values()), plans


def _shift(ids: Whole, largest: int) -> int:
    """What to add so that all are beyond the largest so far; nothing where they are."""
    if not len(ids) or int(ids.min()) > largest:
        return 0
    return largest + 1 - int(ids.min())


def _gather(plan: _Source, spools: Mapping[str, BinaryIO], begun: set[str], progress: Progress) -> dict[str, bytes]:
    """Put the entries of a file behind those of the others; the other keys of its top, as they stand."""
    tops: dict[str, bytes] = {}
    size = plan.path.stat().st_size
    with open_coco(plan.path) as file:
        for piece in scan(file, AS_TEXT):
            if isinstance(piece, Entries):
                if piece.section in spools:
                    if piece.section in begun:
                        spools[piece.section].write(b", ")
                    begun.add(piece.section)
                    spools[piece.section].write(_rewritten(plan, piece))
            elif piece.key is not None and piece.key not in AS_TEXT:
                tops[piece.key] = piece.raw
            progress(piece.offset + len(piece.raw), size, "writing")
    return tops


def _rewritten(plan: _Source, piece: Entries) -> bytes:
    here = slice(piece.first, piece.first + piece.count)
    if piece.section == "images":
        raw = piece.raw
        if plan.images:
            raw = renumbered(raw, {"id": (plan.seen.images.ids[here].astype(np.int64) + plan.images).tolist()})
        return with_prefix(raw, plan.prefix, piece.count) if plan.prefix else raw
    numbers: dict[str, list[int | None]] = {}
    if plan.annotations:
        own = plan.seen.ids[here].astype(np.int64).tolist()
        numbers["id"] = [None if number == NO_ID else number + plan.annotations for number in own]
    if plan.images:
        rows = plan.seen.rows[here]
        numbers["image_id"] = (plan.seen.images.ids[rows].astype(np.int64) + plan.images).tolist()
    classes = plan.seen.classes[here]
    old = np.array([category.id for category in plan.seen.categories], np.int64)
    if not np.array_equal(old, plan.classes):
        numbers["category_id"] = plan.classes[classes].tolist()
    return renumbered(piece.raw, numbers) if numbers else piece.raw
