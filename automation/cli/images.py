"""`visionlab images`: pictures in the lab's containers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.options import example, file_option, json_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.storage import UploadReport

__all__ = ["images"]


@click.group("images")
def images() -> None:
    """Pictures in the lab's containers."""


@images.command("upload", epilog=example("visionlab images upload", "visionlab images upload training-images"))
@click.argument("containers", nargs=-1, metavar="[CONTAINER]...")
@file_option
@json_option
def upload(*, containers: tuple[str, ...], file: Path, as_json: bool) -> None:
    """Check all pictures, then send those that are not there yet.

    Without a container: all of them. An upload that was stopped goes on where it was.
    """
    from automation.nearest import hint_for
    from automation.workflow.prepare import check_folders, upload_folder

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        known = [entry.container for entry in lab.images]
        for name in containers:
            if name not in known:
                hint = hint_for(name, known, otherwise=f"lab.yaml has {', '.join(known) or 'none'}")
                raise ConfigError(f"there is no container {name!r} under `images:`", hint=hint)
        chosen = [entry for entry in lab.images if not containers or entry.container in containers]
        with console.progress("checking pictures") as progress:
            check_folders(chosen, progress, console.say)
        reports: dict[str, UploadReport] = {}
        for entry in chosen:
            with console.progress(entry.container) as progress:
                reports[entry.container] = upload_folder(bench, entry, progress)
    rows = [(name, len(r.uploaded), len(r.skipped), r.bytes_sent) for name, r in reports.items()]
    console.result(reports, lambda: console.table(("container", "sent", "there already", "bytes sent"), rows))
