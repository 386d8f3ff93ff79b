"""The same picture twice: byte by byte, or so alike that one of the two is enough.

Owns: clusters, and which of a cluster stays. Leaves: looking at files to `many`, the search for near ones to `near`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.pictures.limits import ANYTHING
from automation.pictures.many import look_at, on_threads
from automation.pictures.near import Kept, near_groups
from automation.progress import Progress, silent

__all__ = ["Cluster", "Twin", "find_twins", "near_duplicate_groups", "same_bytes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A picture that is there already.

    Attributes:
        row: Its place in what was asked for.
        like: The place of the one that stays.
        exact: Whether the files are the same byte by byte.
        distance: In how many of 64 bits their prints differ; 0 for exact ones.
    """

    row: int
    like: int
    exact: bool
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Pictures that are alike, directly or by others between them.

    Attributes:
        keep: Rows of those that stay: no two of them are within the distance, and each twin is of one of them.
        twins: The others.
    """

    keep: tuple[int, ...]
    twins: tuple[Twin, ...]


def find_twins(paths: Sequence[Path], prints: Sequence[int | None] = (), *, near: int | None) -> list[Cluster]:
    """The clusters among some files, by the first member; of alike ones the first one stays.

    Args:
        paths: The files.
        prints: The print of each; nothing without `near`.
        near: Bits in which near duplicates may differ, or None for exact duplicates only.
    """
    exact = same_bytes(paths)
    groups = exact if near is None else near_groups(_one_each(prints, exact), near)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for row, first in enumerate(exact):
        members[groups[first]].append(row)
    found = (_cluster(rows, exact, prints, near) for _, rows in sorted(members.items()) if len(rows) > 1)
    return sorted(found, key=lambda cluster: cluster.keep)


def near_duplicate_groups(paths: Sequence[Path], *, near: int, progress: Progress = silent) -> list[int]:
    """A group number for each file: files of one group are alike within `near` bits, step by step.

    What has to stay together when a dataset is split. A file that cannot be read is a group of its own.
    """
    looks = look_at(paths, ANYTHING, fingerprint=True, progress=progress)
    exact = same_bytes(paths)
    groups = near_groups(_one_each([looked.print64 for looked in looks], exact), near)
    return [groups[first] for first in exact]


def same_bytes(paths: Sequence[Path]) -> list[int]:
    """For each file the row of the first one with the same bytes; only files of one size are read for it."""
    sizes: defaultdict[int, list[int]] = defaultdict(list)
    for row, path in enumerate(paths):
        if path.is_file() and (size := path.stat().st_size):
            sizes[size].append(row)
    rows = [row for alike in sizes.values() if len(alike) > 1 for row in alike]
    first: dict[bytes, int] = {}
    same = list(range(len(paths)))
    for row, digest in zip(rows, on_threads(lambda row: _digest(paths[row]), rows), strict=True):
        if digest is not None:
            same[row] = first.setdefault(digest, row)
    return same


def _digest(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:  # it may not be read
        return None


def _one_each(prints: Sequence[int | None], exact: Sequence[int]) -> list[int | None]:
    """Prints of the first of each exact group only."""
    return [value if exact[row] == row else None for row, value in enumerate(prints)]


def _cluster(rows: Sequence[int], exact: Sequence[int], prints: Sequence[int | None], near: int | None) -> Cluster:
    keep = Kept(len(rows))
    like: dict[int, tuple[int, int]] = {}
    twins: list[Twin] = []
    for row in rows:
        first = exact[row]
        if first != row:
            stays, bits = like.get(first, (first, 0))
            twins.append(Twin(row=row, like=stays, exact=stays == first, distance=bits))
        elif near is not None and (nearest := keep.nearest(prints[row])) is not None and nearest[1] <= near:
            stays, bits = like[row] = nearest
            twins.append(Twin(row=row, like=stays, exact=False, distance=bits))
        else:
            keep.add(row, None if near is None else prints[row])
    return Cluster(keep=keep.rows, twins=tuple(twins))
