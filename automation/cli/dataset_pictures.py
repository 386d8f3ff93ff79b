"""The pictures behind COCO files: `--images` of `visionlab dataset check`, and `visionlab dataset duplicates`.

Owns: reading image names out of COCO files for `automation.pictures`, which knows no COCO. Leaves: looking to it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import ConfigError, Finding, Severity

if TYPE_CHECKING:
    from automation.coco.checking import Checked
    from automation.pictures.stated import Stated
    from automation.pictures.twins import Cluster, Twin

__all__ = ["duplicates", "images_option", "stated", "with_findings", "with_pictures", "with_pictures_here"]

images_option = click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="With a FILE: the folder of its pictures, to look at each of them too.",
)


def with_pictures(
    console: Console, checked: "Mapping[Path, Checked]", *, images: Path, profile: str
) -> "dict[Path, Checked]":
    """What was found in each file, and what is wrong with its pictures in the folder `images`."""
    from automation.pictures import limits_of
    from automation.pictures.stated import check_stated

    images_stated = [image for path in checked for image in stated(path)]
    with console.progress("pictures") as progress:
        found = check_stated(images_stated, images, limits_of(profile), progress=progress)
    return {
        path: with_findings(before, found[str(path)].findings, found[str(path)].counts)
        if str(path) in found
        else before
        for path, before in checked.items()
    }


def with_findings(
    before: "Checked", findings: Sequence[Finding], counts: Mapping[tuple[str, Severity], int]
) -> "Checked":
    """What was found, and more."""
    from dataclasses import replace

    return replace(before, findings=(*before.findings, *findings), counts={**before.counts, **counts})


def with_pictures_here(
    console: Console, checked: "Mapping[Path, Checked]", *, folder: Path, profile: str
) -> "dict[Path, Checked]":
    """As `with_pictures`, for the COCO files of a folder, when a picture of one of them is in that folder."""
    from automation.pictures import path_inside

    mine = {path: found for path, found in checked.items() if path.parent == folder}
    names = {image.name for path in mine for image in stated(path)}
    if not any((file := path_inside(folder, name)) is not None and _is_file(file) for name in names):
        return mine
    return with_pictures(console, mine, images=folder, profile=profile)


def stated(path: Path) -> "list[Stated]":
    """The images of a COCO file that are well formed; nothing of a file that is none, which its own check says."""
    from automation.coco.walk import images_of
    from automation.pictures.stated import Stated

    return [
        Stated(file=str(path), where=f"/images/{index}", name=name, width=size[0], height=size[1])
        for columns in images_of(path)
        for index, name, size in zip(columns.index.tolist(), columns.names, columns.sizes.tolist(), strict=True)
    ]


@click.command(
    "duplicates",
    epilog=example(
        "visionlab dataset duplicates photos",
        "visionlab dataset duplicates labels.json --images photos --near",
        "visionlab dataset duplicates photos --near --distance 8 --list > drop.txt",
    ),
)
@click.argument("source", metavar="DIR|FILE", type=click.Path(path_type=Path))
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Where the pictures of a COCO FILE are; its own folder unless given.",
)
@click.option("--near", is_flag=True, help="Pictures that are almost the same too: scaled, saved again, a burst.")
@click.option(
    "--distance",
    type=click.IntRange(0, 16),
    default=4,
    show_default=True,
    help="With --near: in how many of 64 bits they may differ.",
)
@click.option("--list", "listed", is_flag=True, help="Only the names of the pictures to drop, one each line.")
@json_option
def duplicates(*, source: Path, images: Path | None, near: bool, distance: int, listed: bool, as_json: bool) -> None:
    """Find pictures that are there twice, in a folder or behind a COCO file. Nothing is deleted.

    Of each cluster the first one stays, by name in a folder, by place in a FILE; every other is like one that stays.
    """
    from automation.pictures import ANYTHING, find_pictures, look_at, path_inside
    from automation.pictures.twins import find_twins
    from automation.printable import printable

    console = Console.of(as_json)
    folder = images or (source if source.is_dir() else source.parent)
    if source.is_dir():
        names = [path.relative_to(folder).as_posix() for path in find_pictures(source)]
    else:
        names = list(dict.fromkeys(image.name for image in stated(source)))
    paths = {name: path for name in names if (path := path_inside(folder, name)) is not None and _is_file(path)}
    if not paths:
        hint = "name the folder with --images" if not source.is_dir() else "name the folder that they are in"
        raise ConfigError(f"no picture of {source} is in {folder}", hint=hint)
    prints: list[int | None] = []
    unreadable: list[str] = []
    if near:
        with console.progress("pictures") as progress:
            looks = look_at(list(paths.values()), ANYTHING, fingerprint=True, progress=progress)
        prints = [looked.print64 for looked in looks]
        unreadable = [name for name, looked in zip(paths, looks, strict=True) if looked.stored is None]
    clusters = find_twins(list(paths.values()), prints, near=distance if near else None)
    kept = list(paths)
    drop = [kept[twin.row] for cluster in clusters for twin in cluster.twins]
    missing = len(names) - len(paths)
    for count, what in ((missing, "are not there"), (len(unreadable), "cannot be read")):
        if count:
            console.say(f"{count:,} of {len(names):,} pictures {what}; `visionlab dataset check` says why")
    facts = {
        "pictures": len(paths),
        "missing": missing,
        "unreadable": unreadable,
        "distance": distance if near else None,
        "clusters": [_facts(cluster, kept) for cluster in clusters],
        "drop": drop,
    }

    def show() -> None:
        if listed:
            for name in drop:
                console.line(printable(name))
            return
        if drop:
            twins = [twin for cluster in clusters for twin in cluster.twins]
            rows = [(printable(kept[t.row]), printable(kept[t.like]), _difference(t)) for t in twins]
            console.table(("picture", "like", "difference"), rows)
        console.line(f"{len(drop):,} of {len(paths):,} pictures can be dropped")

    console.result(facts, show)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _difference(twin: "Twin") -> str:
    return "none, byte by byte" if twin.exact else f"{twin.distance} of 64 bits"


def _facts(cluster: "Cluster", names: list[str]) -> dict[str, object]:
    twins = [
        {"name": names[t.row], "like": names[t.like], "exact": t.exact, "distance": t.distance} for t in cluster.twins
    ]
    return {"keep": [names[row] for row in cluster.keep], "drop": twins}
