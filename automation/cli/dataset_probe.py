"""`visionlab dataset check --probe`: the pictures behind the addresses in a COCO file, fetched and looked at.

Owns: fetching into a folder that goes away. Leaves: looking at pictures to `dataset_pictures.py`.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.dataset_pictures import with_findings, with_pictures
from automation.cli.dataset_sources import Fetch
from automation.errors import Finding, LabError, Severity
from automation.progress import silent

if TYPE_CHECKING:
    from automation.coco.checking import Checked

__all__ = ["MOST_PROBED", "probe_option", "with_probe"]

MOST_PROBED = 10_000
_AT_ONCE = 8

probe_option = click.option(
    "--probe",
    is_flag=True,
    help=f"With a FILE: fetch its pictures (absolute_url, coco_url), up to {MOST_PROBED:,}, and look at each of them.",
)


def with_probe(
    console: Console, checked: "Mapping[Path, Checked]", *, fetch: Fetch, profile: str
) -> "dict[Path, Checked]":
    """What was found in each file, and what is wrong with the pictures that its addresses lead to."""
    found: dict[Path, Checked] = {}
    for path, before in checked.items():
        addresses = _addresses(path)
        if not addresses:
            console.say(f"{path.name}: no picture has an https address; there is nothing to probe")
        if len(addresses) > MOST_PROBED:
            console.say(f"the first {MOST_PROBED:,} of {len(addresses):,} pictures are fetched")
        with tempfile.TemporaryDirectory(prefix="visionlab-") as name:
            folder = Path(name)
            lost = _fetched(console, dict(list(addresses.items())[:MOST_PROBED]), folder, fetch)
            after = with_pictures(console, {path: before}, images=folder, profile=profile)[path]
        found[path] = _told(after, before, lost)
    return found


def _told(after: "Checked", before: "Checked", lost: Sequence[Finding]) -> "Checked":
    """A picture that could not be fetched is said to be that, and not to be missing."""
    told = [finding for finding in after.findings[len(before.findings) :] if finding.code != "missing-picture"]
    counts = {key: count for key, count in after.counts.items() if key[0] != "missing-picture"}
    kept = with_findings(before, told, counts)
    if not lost:
        return kept
    return with_findings(kept, lost, Counter((finding.code, finding.severity) for finding in lost))


def _addresses(path: Path) -> dict[str, tuple[str, str]]:
    """By file name: what findings point at, and the https address."""
    from automation.coco.walk import images_of

    found: dict[str, tuple[str, str]] = {}
    for columns in images_of(path):
        for index, name, urls in zip(columns.index.tolist(), columns.names, columns.urls, strict=True):
            for key, url in zip(("absolute_url", "coco_url"), urls, strict=True):
                if url is not None and url.lower().startswith(("https://", "http://")):
                    found.setdefault(name, (f"/images/{index}/{key}", url))
    return found


def _fetched(console: Console, addresses: Mapping[str, tuple[str, str]], folder: Path, fetch: Fetch) -> list[Finding]:
    """What could not be fetched."""
    from automation.pictures import path_inside

    def one(entry: tuple[str, tuple[str, str]]) -> Finding | None:
        name, (where, url) = entry
        target = path_inside(folder, name)
        if target is None:
            return None  # its check says so
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            fetch(url, target, silent)
        except LabError as exc:
            target.unlink(missing_ok=True)
            hint = "give an address that can be read: public, signed (SAS), or in the lab's own storage"
            return Finding(
                code="picture-not-fetched", severity=Severity.ERROR, where=where, message=exc.message, hint=hint
            )
        return None

    lost: list[Finding] = []
    with console.progress("fetching") as progress, ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for done, finding in enumerate(pool.map(one, addresses.items()), 1):
                if finding is not None:
                    lost.append(finding)
                progress(done, len(addresses), "pictures")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return lost
