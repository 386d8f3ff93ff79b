"""What the commands that make COCO files of COCO files have in common: their arguments, and what they say at the end.

Owns: both. Leaves: the making to `automation.coco.transform`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.coco.transform import Part

__all__ = ["facts_of", "out_option", "pairs", "said_of", "source_argument"]

source_argument = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
out_option = click.option("--out", required=True, type=click.Path(path_type=Path), help="The new file.")


def pairs(texts: Sequence[str], option: str, *, hint: str, addresses: bool = False) -> dict[str, str]:
    """OLD=NEW as they were typed. An address may have a = in it, so of addresses the new one begins at `=http`.

    Raises ConfigError for what is none.
    """
    found: dict[str, str] = {}
    for text in texts:
        between = "=http" if addresses and "=http" in text else "="
        old, equals, new = text.partition(between)
        if not (old and equals and (new or equals != "=")):
            raise ConfigError(f"{option}: {text!r} is not OLD=NEW", hint=hint)
        found[old] = equals[1:] + new
    return found


def facts_of(part: "Part") -> Mapping[str, object]:
    """A written file as JSON."""
    return {**asdict(part), "path": str(part.path)}


def said_of(part: "Part") -> str:
    """A written file as a line."""
    return f"{part.path}: {part.images:,} images, {part.annotations:,} annotations, {part.categories:,} classes"
