"""`visionlab dataset remap|rewrite-urls`: a COCO file with other classes, or other addresses of its pictures."""

from pathlib import Path

import click

from automation.cli.console import Console
from automation.cli.dataset_parts import facts_of, out_option, pairs, said_of, source_argument
from automation.cli.dataset_stats import plain
from automation.cli.options import example, json_option
from automation.errors import ConfigError

__all__ = ["remap", "rewrite_urls"]


@click.command(
    "remap",
    epilog=example(
        "visionlab dataset remap labels.json --map kitten=cat --map puppy=dog --out two.json",
        "visionlab dataset remap labels.json --drop person --order apple,banana --renumber --out fruit.json",
    ),
)
@source_argument
@out_option
@click.option("--map", "names", multiple=True, metavar="OLD=NEW", help="Another name of a class; repeat it.")
@click.option("--drop", multiple=True, metavar="NAME", help="A class that goes with its annotations; repeat it.")
@click.option("--order", metavar="NAME,...", help="The order of the classes; others follow.")
@click.option("--renumber", is_flag=True, help="Give the classes the ids 1, 2, 3 in their order.")
@json_option
def remap(
    *, source: Path, out: Path, names: tuple[str, ...], drop: tuple[str, ...], order: str | None, renumber: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write a COCO file with other classes: renamed, made one, left out, in another order or with other ids.

    Images stay, also those whose labels go (`visionlab dataset filter --labelled` takes them out).
    """
    from automation.coco.transform import remap_file

    if not (names or drop or order or renumber):
        raise ConfigError("there is nothing to change", hint="give --map, --drop, --order or --renumber")
    console = Console.of(as_json)
    with console.progress(source.name) as progress:
        found = remap_file(
            source,
            out,
            names=pairs(names, "--map", hint="as in --map kitten=cat"),
            drop=drop,
            order=[name.strip() for name in order.split(",")] if order else [],
            renumber=renumber,
            progress=progress,
        )
    facts = {
        **facts_of(found.part),
        "classes": [
            {"old": old, "new": new, "id": number, "annotations": count} for old, new, number, count in found.classes
        ],
    }

    def show() -> None:
        rows = [
            (plain(old), "left out" if new is None else plain(new), "" if number is None else str(number), f"{count:,}")
            for old, new, number, count in found.classes
        ]
        console.table(("class", "now", "id", "annotations"), rows)
        console.line(said_of(found.part))

    console.result(facts, show)


@click.command(
    "rewrite-urls",
    epilog=example(
        "visionlab dataset rewrite-urls labels.json --container https://me.blob.core.windows.net/photos --out new.json",
        "visionlab dataset rewrite-urls labels.json --datastore training_images --folder 2026 --out new.json",
        "visionlab dataset rewrite-urls labels.json --unsigned --replace https://old/=https://new/ --out new.json",
    ),
)
@source_argument
@out_option
@click.option("--container", metavar="URL", help="absolute_url becomes the file name below this container's address.")
@click.option("--datastore", metavar="NAME", help="coco_url becomes AmlDatastore://NAME/ and the file name.")
@click.option("--folder", default="", help="Stands before the file name in both.")
@click.option("--replace", multiple=True, metavar="OLD=NEW", help="Another beginning of addresses; repeat it.")
@click.option("--unsigned", is_flag=True, help="Take signatures (SAS) off.")
@click.option("--remove", is_flag=True, help="Take the addresses out that there are.")
@json_option
def rewrite_urls(
    *, source: Path, out: Path, container: str | None, datastore: str | None, folder: str, replace: tuple[str, ...],
    unsigned: bool, remove: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write a COCO file with other addresses of its pictures (absolute_url, coco_url); the rest stays as it is."""
    from automation.coco.transform import Addresses, rewrite_urls_file

    wish = Addresses(
        remove=remove,
        unsigned=unsigned,
        replace=pairs(replace, "--replace", hint="as in --replace https://old/=https://new/", addresses=True),
        container=container,
        datastore=datastore,
        folder=folder,
    )
    console = Console.of(as_json)
    with console.progress(source.name) as progress:
        found = rewrite_urls_file(source, out, wish, progress=progress)

    def show() -> None:
        console.line(f"{out}: {found.changed:,} of {found.part.images:,} images have other addresses")
        for title, addresses in zip(("was", "is"), found.example or (), strict=False):
            for key, address in addresses.items():
                console.line(f"  {title:<3} {key} {plain(address.partition('?')[0])}")

    console.result({**facts_of(found.part), "changed": found.changed}, show)
