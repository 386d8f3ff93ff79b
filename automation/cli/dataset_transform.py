"""`visionlab dataset merge|split|filter|sample`: COCO files made of COCO files, of any size, with or without a lab."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.dataset_groups import near_duplicates, sessions
from automation.cli.dataset_parts import facts_of, out_option, pairs, said_of, source_argument
from automation.cli.dataset_stats import plain
from automation.cli.options import example, json_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    pass

__all__ = ["filter_", "merge", "sample", "split"]

_seed = click.option("--seed", type=int, default=0, show_default=True, help="The same seed draws the same images.")


@click.command(
    "split",
    epilog=example(
        "visionlab dataset split labels.json --out parts --ratios train=0.8,val=0.2",
        "visionlab dataset split labels.json --out parts --counts train=1000,val=200 --seed 7",
        "visionlab dataset split labels.json --out parts --ratios train=4,test=1 --group-by '^(camera\\d+)_'",
        "visionlab dataset split labels.json --out parts --ratios train=4,test=1 --together near-duplicates",
    ),
)
@source_argument
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder of the parts.")
@click.option("--ratios", metavar="NAME=SHARE,...", help="The parts, and how large they are to be.")
@click.option("--counts", metavar="NAME=N,...", help="The parts, and how many images each is to have.")
@click.option(
    "--group-by", metavar="REGEX", help="Keep images together whose names have the same (first group of a) match."
)
@click.option(
    "--together",
    type=click.Choice(("near-duplicates", "sessions")),
    help="Keep pictures together that are almost the same, or that a camera took one soon after the other (EXIF).",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="With --together: where the pictures are; the folder of FILE unless given.",
)
@click.option(
    "--distance",
    type=click.IntRange(0, 16),
    default=4,
    show_default=True,
    help="With near-duplicates: in how many of 64 bits they may differ.",
)
@click.option(
    "--gap",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="With sessions: one ends after so many minutes without a picture.",
)
@_seed
@json_option
def split(
    *,
    source: Path,
    out: Path,
    ratios: str | None,
    counts: str | None,
    group_by: str | None,
    together: str | None,
    images: Path | None,
    distance: int,
    gap: float,
    seed: int,
    as_json: bool,
) -> None:
    """Cut a COCO file into parts of which each has its share of every class.

    Entries stay byte by byte as they are, ids too; each part has all categories.
    """
    from automation.coco.transform import split_file

    if (ratios is None) == (counts is None):
        raise ConfigError("give either --ratios or --counts", hint="as in --ratios train=0.8,val=0.2")
    console = Console.of(as_json)
    folder = images or source.parent

    def alike(names: Sequence[str]) -> Sequence[int]:
        if together == "sessions":
            return sessions(console, names, folder, gap_s=gap * 60)
        return near_duplicates(console, names, folder, distance=distance)

    with console.progress(source.name) as progress:
        found = split_file(
            source,
            out,
            ratios=_numbers(ratios, "--ratios") if ratios else None,
            counts={name: _whole(name, value) for name, value in _numbers(counts, "--counts").items()}
            if counts
            else None,
            seed=seed,
            group_by=_pattern(group_by, "--group-by"),
            groups_of=None if together is None else alike,
            progress=progress,
        )
    facts = {**asdict(found), "parts": {name: facts_of(part) for name, part in found.parts.items()}}

    def show() -> None:
        rows = [
            (str(part.path), f"{part.images:,}", f"{part.annotations:,}", f"{wanted:.1%}")
            for part, wanted in zip(found.parts.values(), found.wanted, strict=True)
        ]
        console.table(("file", "images", "annotations", "wanted"), rows)
        if found.left_out:
            console.line(f"{found.left_out:,} images went nowhere")
        console.line("")
        shares = [
            (plain(c.name), f"{sum(c.counts):,}", *(f"{n / max(sum(c.counts), 1):.1%}" for n in c.counts))
            for c in found.classes
        ]
        console.table(("class", "annotations", *found.parts), shares)

    console.result(facts, show)


@click.command(
    "sample", epilog=example("visionlab dataset sample labels.json --images 100 --seed 7 --out hundred.json")
)
@source_argument
@click.option("--images", type=click.IntRange(min=0), required=True, help="How many.")
@out_option
@_seed
@json_option
def sample(*, source: Path, images: int, out: Path, seed: int, as_json: bool) -> None:
    """Draw some images of a COCO file, with their annotations, into a new file."""
    from automation.coco.transform import sample_file

    console = Console.of(as_json)
    with console.progress(source.name) as progress:
        part = sample_file(source, out, images=images, seed=seed, progress=progress)
    console.result(facts_of(part), lambda: console.line(said_of(part)))


@click.command(
    "filter",
    epilog=example(
        "visionlab dataset filter labels.json --class cat --class dog --labelled --out pets.json",
        "visionlab dataset filter labels.json --min-area 100 --out larger.json",
        "visionlab dataset filter labels.json --names '^2026/' --without crowd --out new.json",
    ),
)
@source_argument
@out_option
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Only this class; repeat it for several.")
@click.option("--without", multiple=True, metavar="NAME", help="Not this class; repeat it for several.")
@click.option("--names", metavar="REGEX", help="Only images in whose file name this is found.")
@click.option("--min-area", type=float, help="Only boxes of at least this area, in the unit of the file, squared.")
@click.option("--max-area", type=float, help="Only boxes of at most this area.")
@click.option("--min-side", type=float, help="Only boxes with no side shorter than this, in the unit of the file.")
@click.option("--crowd/--no-crowd", default=None, help="Only annotations of a crowd (iscrowd), or only others.")
@click.option("--labelled", is_flag=True, help="Only images on which an annotation stays.")
@json_option
def filter_(
    *,
    source: Path,
    out: Path,
    classes: tuple[str, ...],
    without: tuple[str, ...],
    names: str | None,
    min_area: float | None,
    max_area: float | None,
    min_side: float | None,
    crowd: bool | None,
    labelled: bool,
    as_json: bool,
) -> None:
    """Write the images and annotations of a COCO file that are wanted; the rest of it stays as it is.

    Labels without a box have no size and stay. Images stay unless --names or --labelled says otherwise.
    """
    from automation.coco.transform import Wish, filter_file

    wish = Wish(
        classes=classes,
        without=without,
        names=_pattern(names, "--names"),
        least_area=min_area,
        most_area=max_area,
        least_side=min_side,
        crowd=crowd,
        labelled=labelled,
    )
    console = Console.of(as_json)
    with console.progress(source.name) as progress:
        part = filter_file(source, out, wish, progress=progress)
    console.result(facts_of(part), lambda: console.line(said_of(part)))


@click.command(
    "merge",
    epilog=example(
        "visionlab dataset merge monday.json tuesday.json --out week.json",
        "visionlab dataset merge a.json b.json --map kitten=cat --prefix --out both.json",
    ),
)
@click.argument("sources", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@out_option
@click.option(
    "--map", "names", multiple=True, metavar="OLD=NEW", help="Another name of a class; repeat it for several."
)
@click.option("--prefix", is_flag=True, help="Put the name of its source, and a slash, before each file name.")
@json_option
def merge(*, sources: tuple[Path, ...], out: Path, names: tuple[str, ...], prefix: bool, as_json: bool) -> None:
    """Make one COCO file of several: classes of one name become one, ids that meet are changed.

    The first file keeps its ids, and gives info, licenses and what else stands at its top.
    """
    from automation.coco.transform import merge_files

    renamed = pairs(names, "--map", hint="as in --map kitten=cat")
    console = Console.of(as_json)
    with console.progress(out.name) as progress:
        merged = merge_files(sources, out, names=renamed, prefix=prefix, progress=progress)
    if merged.left_out:
        console.say(f"note: of {', '.join(map(plain, merged.left_out))} the new file has what {sources[0]} says")
    facts = {
        **facts_of(merged.part),
        "renumbered": [str(path) for path in merged.renumbered],
        "left_out": merged.left_out,
    }
    console.result(facts, lambda: console.line(said_of(merged.part)))


def _numbers(text: str, option: str) -> Mapping[str, float]:
    """`a=1,b=2` as it was typed."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (word.strip() for word in part.partition("="))
        try:
            found[name] = float(value)
        except ValueError:
            raise ConfigError(f"{option}: {part!r} is not NAME=NUMBER", hint="as in train=0.8,val=0.2") from None
    if len(found) < len(text.split(",")):
        raise ConfigError(f"{option}: a name stands there twice", hint="as in train=0.8,val=0.2")
    return found


def _whole(name: str, value: float) -> int:
    if not value.is_integer():
        raise ConfigError(f"--counts: {value:g} images for {name} are no whole number", hint="or give --ratios")
    return int(value)


def _pattern(text: str | None, option: str) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise ConfigError(
            f"{option}: {text!r} is no regular expression: {error}", hint="quote it for the shell"
        ) from error
