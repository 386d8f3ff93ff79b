"""What a format is: how it is read and written, and what it can hold.

Owns: the words in which formats describe themselves. Leaves: each format to its module, comparing to `losses.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from automation.coco.formats.told import Told
from automation.coco.types import Dataset, Unit

__all__ = ["Dumped", "Files", "Format", "Holds", "Read"]


class Holds(StrEnum):
    """Things that some formats hold and others do not."""

    BOXES = "boxes"
    LABELS = "labels of whole pictures"
    POLYGONS = "polygons"
    PIECES = "polygons in several pieces"
    SPLITS = "a thing for each piece of a polygon"
    CROWDS = "crowds"
    SIZES = "sizes of pictures"
    ADDRESSES = "addresses of pictures"
    CLASSES = "the list of classes"
    EMPTY = "pictures without labels"
    ATTRIBUTES = "attributes"
    OTHERS = "other keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a dataset, in memory.

    Attributes:
        texts: Bytes by name; a name is relative to the folder, with "/".
        pictures: Names of pictures that lie beside them; their bytes are not read.
    """

    texts: Mapping[str, bytes]
    pictures: tuple[str, ...] = ()

    def text(self, name: str, told: Told) -> str:
        """A file as text; empty, and said, when it is not UTF-8."""
        try:
            return self.texts[name].decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            told.wrong("not-utf8", name, f"byte {wrong.start:,} is not UTF-8", hint="save the file as UTF-8")
            return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A dataset as a format gives it; `unit` is None where the numbers have to show it."""

    dataset: Dataset
    unit: Unit | None


Dumped = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format.

    Attributes:
        name: As `--to` and `--from` spell it.
        unit: In which it measures, and so in which `dump` is given boxes.
        folder: Whether it is written as a folder; otherwise `dump` gives one file, named "".
        suffixes: Of the files that `parse` looks at, in lower case; "mltable" for the file of that name.
        parse: Files to a dataset; what is wrong or not understood is told.
        dump: A dataset to files by name.
        holds: What survives in it.
        attributes: Names of attributes it holds although it does not hold all.
        sizes_needed: Whether every picture needs its size.
        plain_names: Whether it is text in which names with control characters have no place.
        by_name: Whether a picture is known by its file name alone.
    """

    name: str
    unit: Unit
    folder: bool
    suffixes: tuple[str, ...]
    parse: Callable[[Files, Told], Read]
    dump: Callable[[Dataset, Told], Dumped]
    holds: frozenset[Holds]
    attributes: frozenset[str] = field(default_factory=frozenset[str])
    sizes_needed: bool = False
    plain_names: bool = True
    by_name: bool = False
