"""A file cut into parts of which each has its share of every class.

Owns: which image goes where. Leaves: writing to `selecting.py`.

As in iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) images with the rarest classes are dealt out first,
each to the part that lacks most of its classes; unlike there, what is rarest is decided once.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automation.coco.transform.selecting import Part, write_parts
from automation.coco.transform.survey import Survey, survey
from automation.errors import ConfigError
from automation.progress import Progress, silent

__all__ = ["ClassShares", "Splitting", "split_file"]

MOST_PARTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShares:
    """How the annotations of a class were dealt out: how many went into each part."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitting:
    """What a file was cut into.

    Attributes:
        parts: By name.
        wanted: Which share of all images each was to get.
        classes: In the order of the file.
        left_out: Images that went nowhere, for counts were given.
        groups: What was kept together; as many as images where nothing was.
    """

    parts: Mapping[str, Part]
    wanted: tuple[float, ...]
    classes: tuple[ClassShares, ...]
    left_out: int
    groups: int


def split_file(
    source: Path,
    folder: Path,
    *,
    ratios: Mapping[str, float] | None = None,
    counts: Mapping[str, int] | None = None,
    seed: int,
    group_by: re.Pattern[str] | None = None,
    groups_of: Callable[[Sequence[str]], Sequence[int]] | None = None,
    progress: Progress = silent,
) -> Splitting:
    """Cut a file into parts, `folder`/NAME.json.

    Args:
        source: A COCO file.
        folder: Where the parts go.
        ratios: By name of a part how large it is to be; what counts is their ratio.
        counts: By name how many images it is to have; with groups, about so many.
        seed: Decides between images that are equally good.
        group_by: Images stay together whose names have the same first group of it, or the same match.
        groups_of: Gives for the names of all images a number each: images of one number stay together too.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file, or the wishes make no sense.
        DatasetError: It is not sound.
        Refused: A part would be the source.
    """
    asked: Mapping[str, float] = ratios or counts or {}
    _check(asked)
    seen = survey(source, progress=progress)
    total = len(seen.images)
    rooms = [int(room) for room in counts.values()] if counts else _rooms(list(asked.values()), total)
    if sum(rooms) > total:
        raise ConfigError(f"{source.name} has {total:,} images, not {sum(rooms):,}", hint="ask for fewer")
    unit_of, units = _groups(seen, group_by, groups_of)
    parts = _dealt(seen, unit_of, units, rooms, seed)
    targets = {"images": parts[unit_of], "annotations": parts[unit_of][seen.rows]}
    written = write_parts(source, [folder / f"{name}.json" for name in asked], targets, progress=progress)
    size = len(asked) + 1
    table = np.bincount(seen.classes.astype(np.int64) * size + targets["annotations"] + 1)
    table = np.pad(table, (0, size * len(seen.categories) - len(table))).reshape(-1, size)[:, 1:]
    return Splitting(
        parts=dict(zip(asked, written, strict=True)),
        wanted=tuple(room / total if total else 0.0 for room in rooms),
        classes=tuple(
            ClassShares(name=category.name, counts=tuple(row))
            for category, row in zip(seen.categories, table.tolist(), strict=True)
        ),
        left_out=total - sum(part.images for part in written),
        groups=units,
    )


def _check(asked: Mapping[str, float]) -> None:
    if not 1 <= len(asked) <= MOST_PARTS:
        raise ConfigError("there are no parts to make", hint="as in --ratios train=0.8,val=0.2")
    for name, share in asked.items():
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ConfigError(f"{name!r} is no name of a part", hint="letters, digits, dots, hyphens")
        if not 0 < share < float("inf"):
            raise ConfigError(f"{name} is to have {share:g}", hint="give a number above 0")


def _rooms(ratios: Sequence[float], total: int) -> list[int]:
    """Whole numbers of images in these ratios, by largest remainders."""
    exact = [ratio / sum(ratios) * total for ratio in ratios]
    rooms = [int(value) for value in exact]
    first = sorted(range(len(exact)), key=lambda part: (rooms[part] - exact[part], part))
    for part in first[: total - sum(rooms)]:
        rooms[part] += 1
    return rooms


def _groups(
    seen: Survey, pattern: re.Pattern[str] | None, groups_of: Callable[[Sequence[str]], Sequence[int]] | None
) -> "tuple[np.ndarray, int]":
    """For each image its group, numbered as they come, and how many there are."""
    total = len(seen.images)
    if pattern is None and groups_of is None:
        return np.arange(total), total
    names = seen.images.names(range(total))
    parent = list(range(total))
    if pattern is not None:
        _join(parent, [_match(pattern, name, row) for row, name in enumerate(names)])
    if groups_of is not None:
        _join(parent, groups_of(names))
    known: dict[int, int] = {}
    found = np.array([known.setdefault(_root(parent, row), len(known)) for row in range(total)], np.int64)
    return found, len(known)


def _match(pattern: re.Pattern[str], name: str, row: int) -> str | int:
    match = pattern.search(name)
    return row if match is None else (match.group(1) if pattern.groups else match.group()) or row


def _join(parent: list[int], keys: Sequence[str | int]) -> None:
    """Put what has one key under one root."""
    first: dict[str | int, int] = {}
    for row, key in enumerate(keys):
        parent[_root(parent, row)] = _root(parent, first.setdefault(key, row))


def _root(parent: list[int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def _dealt(seen: Survey, unit_of: "np.ndarray", units: int, rooms: Sequence[int], seed: int) -> "np.ndarray":
    """For each group its part, or -1."""
    classes = max(len(seen.categories), 1)
    weights = np.bincount(unit_of, minlength=units).tolist()
    pairs, counts = np.unique(unit_of[seen.rows] * classes + seen.classes, return_counts=True)
    owners, kinds = pairs // classes, pairs % classes
    totals = np.bincount(seen.classes, minlength=classes)
    images = max(len(seen.images), 1)
    rank = np.empty(classes, np.int64)
    rank[np.argsort(totals, kind="stable")] = np.arange(classes)
    rarest = np.full(units, classes)  # those without labels come last
    np.minimum.at(rarest, owners, rank[kinds])
    shuffled = list(range(units))
    random.Random(seed).shuffle(shuffled)
    drawn = np.array(shuffled, np.int64)
    most = np.zeros(units, np.int64)
    np.add.at(most, owners, counts)
    # Within a class the fullest first: small ones level out at the end.
    order: list[int] = drawn[np.lexsort((-most[drawn], rarest[drawn]))].tolist()
    spans: list[int] = np.searchsorted(owners, np.arange(units + 1)).tolist()
    worths: list[float] = (counts / totals[kinds]).tolist()
    kinds_at: list[int] = kinds.tolist()
    counts_at: list[int] = counts.tolist()
    # Which share of its due a part still lacks, of each class and of images: so all parts fill at the same pace.
    lacks = [[1.0] * classes for _ in rooms]
    dues = [np.maximum(totals * (room / images), 1e-9).tolist() for room in rooms]
    free = list(rooms)
    parts = np.full(units, -1, np.int8)
    for unit in order:
        fitting = [part for part, room in enumerate(free) if room >= weights[unit]]
        if not fitting:
            if sum(free) < weights[unit] // 2 + 1:
                continue
            fitting = [max(range(len(free)), key=free.__getitem__)]
        best = fitting[0]
        start, stop = spans[unit], spans[unit + 1]
        if len(fitting) > 1:
            here = range(start, stop)
            wants = [
                (sum([lacks[part][kinds_at[at]] * worths[at] for at in here]), free[part] / rooms[part])
                for part in fitting
            ]
            best = fitting[wants.index(max(wants))]
        parts[unit] = best
        free[best] -= weights[unit]
        lack, due = lacks[best], dues[best]
        for at in range(start, stop):
            lack[kinds_at[at]] -= counts_at[at] / due[kinds_at[at]]
    return parts
