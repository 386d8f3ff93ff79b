"""How long until all pictures of a large folder are tasks, and how long it takes to see that nothing has changed.

    python benchmarks/labeling_filling.py [--pictures 100000] [--times 3]

The tables on the disk and the code between them and the listing; the listing itself is made up here, so that the
figures tell of us and not of the blob server. Azurite lists some 5,000 to 6,000 blobs a second beside it.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_azure import Figure

from localazure.blobs import BlobItem
from localazure.clock import SystemClock
from localazure.errors import BlobMissing
from localazure.identity import Identity
from localazure.labeling.jobs.filling import Filling
from localazure.labeling.jobs.places import Places
from localazure.labeling.jobs.table_pictures import TablePictures
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks
from localazure.labeling.types import AnnotationType, DataPlace, JobStatus, Project, ProjectSpec, ProvisioningState

GOAL_PER_S = 2_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Listing:
    """A container that is only listed."""

    def __init__(self, pictures: int) -> None:
        self.pictures = pictures

    def list(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        """Whatever the account and the container."""
        del account, container
        for number in range(self.pictures):
            yield BlobItem(name=f"{prefix}{number % 100:02}/image-{number:06}.jpg", size=1, last_modified=NOW)

    def read(self, url: str, identity: Identity, *, limit_bytes: int) -> bytes:
        raise BlobMissing(url, f"{identity} reads no {limit_bytes} bytes here")

    def read_start(self, url: str, *, most_bytes: int) -> bytes:
        raise BlobMissing(url, f"nobody reads {most_bytes} bytes here")

    def write(self, account: str, container: str, name: str, data: bytes, content_type: str) -> str:
        raise BlobMissing(f"{account}/{container}/{name}", f"{len(data)} bytes of {content_type} have no place")

    def write_pieces(self, account: str, container: str, name: str, pieces: Iterable[bytes], content_type: str) -> str:
        return self.write(account, container, name, b"".join(pieces), content_type)


class Nothing:
    """No resources: the folder is known."""

    def get(self, resource_id: str) -> dict[str, Any] | None:
        del resource_id


def a_project() -> Project:
    return Project(
        id="job",
        name="job",
        workspace_id="ws",
        workspace_generation="1",
        number=1,
        project_id="1",
        spec=ProjectSpec(data_id="data", annotation_type=AnnotationType.BOUNDING_BOX),
        place=DataPlace(datastore="d", account="a", container="c", folder="photos/", base_url="https://localhost/"),
        status=JobStatus.PREPARING,
        provisioning=ProvisioningState.IN_PROGRESS,
        created=NOW,
        created_by="me",
        modified=NOW,
    )


def measured(folder: Path, pictures: int) -> tuple[float, float]:
    """Seconds until all are tasks, and seconds of a second look."""
    tables = Tables(folder / "labeling.sqlite3")
    listing = Listing(pictures)
    filling = Filling(
        blobs=listing,
        tables=tables,
        tasks=Tasks(tables),
        named=TablePictures(listing, Places(Nothing())),
        clock=SystemClock(),
    )
    began = time.perf_counter()
    filled = filling.fill(a_project())
    first = time.perf_counter() - began
    if filled.added != pictures:
        raise SystemExit(f"{filled.added} of {pictures} pictures became tasks")
    began = time.perf_counter()
    filling.fill(a_project())
    second = time.perf_counter() - began
    tables.close()
    return first, second


def main() -> int:
    parser = argparse.ArgumentParser(description="A large folder becomes a labeling project.")
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    pictures, times = arguments.pictures, arguments.times
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, n = {times}")
    rounds: list[tuple[float, float]] = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as name:
            rounds.append(measured(Path(name), pictures))
    goal = pictures / GOAL_PER_S
    words = ("pictures become tasks", "pictures looked at again")
    figures = [
        Figure(name=f"{pictures} {what} (median)", value=statistics.median(seconds), unit="s", most=goal)
        for what, seconds in zip(words, zip(*rounds, strict=True), strict=True)
    ]
    for figure in figures:
        print(f"{figure}  {pictures / figure.value:,.0f}/s")
    return 1 if any(figure.value > figure.most for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
