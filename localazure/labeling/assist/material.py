"""What a model learns from and looks at: labels and pictures of a project.

Owns: choosing labeled tasks, counting what they show, copying pictures into a job's folder, few at once.
Leaves: what is enough to `lessons.py`, decoding to the worker.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localazure.blobs import Blobs
from localazure.errors import BlobError, BlobUnreachable
from localazure.few_at_once import few_at_once
from localazure.identity import LocalService
from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.tables import Tables
from localazure.labeling.types import Project
from localazure.lane import Stop

__all__ = ["Material", "Sample", "box_of"]

_READS_AT_ONCE = 4
_LIMIT_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A task, and the file of its picture in a job's folder."""

    task: int
    path: str
    file: str = ""
    labels: tuple[Label, ...] = ()


class Material:
    def __init__(self, tables: Tables, blobs: Blobs) -> None:
        self._tables = tables
        self._blobs = blobs

    def shown(self, project: int) -> tuple[int, Mapping[str, int]]:
        """How many pictures are labeled, and how many of them show each class."""
        with self._tables.read() as db:
            (pictures,) = db.execute(
                "SELECT count(*) FROM task WHERE project=? AND state='labeled' AND fault=''", (project,)
            ).fetchone()
            rows = db.execute(
                "SELECT class, count(DISTINCT task) FROM task JOIN label USING (project)"
                " WHERE project=? AND task=number AND state='labeled' AND fault='' GROUP BY class",
                (project,),
            ).fetchall()
        return int(pictures), {key: int(count) for key, count in rows}

    def labeled(self, project: int, *, most: int, seed: int) -> list[Sample]:
        """Labeled tasks with their labels, in the order of their numbers; of more than `most` a drawn lot."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT number, path FROM task WHERE project=? AND state='labeled' AND fault='' ORDER BY number",
                (project,),
            ).fetchall()
            if len(rows) > most:
                rows = sorted(random.Random(seed).sample(rows, most))
            labels = of_tasks(db, project, [number for number, _ in rows])
        return [Sample(task=number, path=path, labels=labels.get(number, ())) for number, path in rows]

    def stage(
        self,
        project: Project,
        samples: Sequence[Sample],
        folder: Path,
        *,
        stop: Stop,
        progress: Callable[[int, int], None] = lambda _done, _count: None,
    ) -> list[Sample]:
        """Copy their pictures into `folder`; those whose blob cannot be read are left out.

        Raises BlobUnreachable when the blob store does not answer, OSError when the disk is full, Interrupted.
        """
        staged: dict[int, Sample] = {}

        def fetch(place: int) -> None:
            sample = samples[place]
            try:
                url = project.place.url(sample.path)
                data = self._blobs.read(url, LocalService(), limit_bytes=_LIMIT_BYTES)
            except BlobUnreachable:
                raise
            except BlobError:
                return
            name = f"{place:06d}"
            (folder / name).write_bytes(data)
            staged[place] = Sample(task=sample.task, path=sample.path, file=name, labels=sample.labels)

        for done in few_at_once(fetch, len(samples), stop, at_once=_READS_AT_ONCE):
            progress(done, len(samples))
        return [staged[place] for place in sorted(staged)]


def box_of(label: Label) -> tuple[float, float, float, float] | None:
    """The label's box, or the one around its polygon; None without an area."""
    box = label.box
    if label.polygon is not None:
        across = [value for ring in label.polygon for value in ring[::2]]
        down = [value for ring in label.polygon for value in ring[1::2]]
        box = (min(across), min(down), max(across) - min(across), max(down) - min(down))
    if box is None:
        return None
    left, top = max(0.0, box[0]), max(0.0, box[1])
    width, height = min(1.0, box[0] + box[2]) - left, min(1.0, box[1] + box[3]) - top
    return (left, top, width, height) if width > 0 and height > 0 else None
