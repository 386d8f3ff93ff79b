"""A task for each picture in a project's folder: at first, and whenever somebody looks again.

Owns: which blobs are pictures, adding new ones, noting those that are gone and those that are back, the messages about
it. Leaves: when to look to `refreshing.py` and `projects.py`, the rows to `tasks.py`.

A picture that is gone takes its task out of the queue (`fault` is missing); labels stay. Doing it twice
changes nothing.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.labeling.jobs.table_pictures import Named, TablePictures
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks
from localazure.labeling.types import DataPlace, Project, StatusMessage

__all__ = ["IMAGE_SUFFIXES", "MOST_IMAGES", "REFRESH_CODES", "Filled", "Filling"]

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".dcm", ".dicom")
MOST_IMAGES = 500_000
REFRESH_CODES = ("NoData", "TooMuchData", "MissingData", "DataElsewhere", "DataRefreshed", "DataRefreshFailed")
_BATCH = 5_000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """`missing`: tasks whose picture is gone, however long ago. `messages` replace those of the last look.

    `place` is the project's, as it is known now that the data asset has been read.
    """

    added: int
    missing: int
    total: int
    messages: tuple[StatusMessage, ...]
    place: DataPlace


class Filling:
    """Safe to share between threads; one folder is listed at a time."""

    def __init__(self, *, blobs: Blobs, tables: Tables, tasks: Tasks, named: TablePictures, clock: Clock) -> None:
        """`named` reads data assets that name their pictures."""
        self._blobs = blobs
        self._named = named
        self._tables = tables
        self._tasks = tasks
        self._clock = clock
        self._lock = threading.Lock()

    def fill(self, project: Project) -> Filled:
        """Look through the whole folder. BlobError when it cannot be listed: then nothing counts as gone."""
        named = self._named.read(project) if project.place.table else None
        if named is not None:
            project = replace(project, place=named.place)
        place = project.place
        with self._lock:
            self._begin()
            try:
                batch: list[str] = []
                added = found = 0
                folder = place.folder
                if named is not None:
                    added, found = self._add_named(project, named), len(named.paths)
                    folder = named.prefix
                for item in self._blobs.list(place.account, place.container, folder):
                    if item.name.lower().endswith(IMAGE_SUFFIXES):
                        batch.append(item.name)
                    if len(batch) == _BATCH:
                        more = self._add(project, batch)
                        added, found = added + more, found + (len(batch) if named is None else 0)
                        batch = []
                more = self._add(project, batch)
                added, found = added + more, found + (len(batch) if named is None else 0)
                missing, example = self._compare(project.number)
            finally:
                self._end()
        total = self._tasks.counts(project.number).total
        return Filled(
            added=added,
            missing=missing,
            total=total,
            messages=(
                *self._messages(project, added, missing, example, total, left_out=found > total - missing),
                *self._about(named),
            ),
            place=place,
        )

    def message(self, code: str, level: str, text: str) -> StatusMessage:
        return StatusMessage(code=code, level=level, message=text, created=self._clock.now())

    def _begin(self) -> None:
        with self._tables.write() as db:
            db.execute("CREATE TEMP TABLE IF NOT EXISTS listed (path TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID")
            db.execute("DELETE FROM temp.listed")

    def _end(self) -> None:
        with self._tables.write() as db:
            db.execute("DROP TABLE IF EXISTS temp.listed")

    def _add(self, project: Project, paths: Sequence[str]) -> int:
        with self._tables.write() as db:
            db.executemany("INSERT OR IGNORE INTO temp.listed VALUES (?)", [(path,) for path in paths])
            if project.place.table:  # only what the table names is to be labeled
                return 0
            return self._tasks.add(project.number, paths, at_most=MOST_IMAGES)

    def _add_named(self, project: Project, named: Named) -> int:
        """A task for each picture that the table names; those that are not there count as gone."""
        paths = [path for path in named.paths if path.lower().endswith(IMAGE_SUFFIXES)]
        return sum(
            self._tasks.add(project.number, paths[start : start + _BATCH], at_most=MOST_IMAGES)
            for start in range(0, len(paths), _BATCH)
        )

    def _about(self, named: Named | None) -> tuple[StatusMessage, ...]:
        if named is None or not named.elsewhere:
            return ()
        text = (
            f"{named.elsewhere} pictures of the table lie outside '{named.place.container}', and are left out: "
            "a project has its pictures in one container."
        )
        return (self.message("DataElsewhere", "Warning", text),)

    def _compare(self, project: int) -> tuple[int, str]:
        """How many tasks have no picture now, and the path of one."""
        with self._tables.write() as db:
            changed = db.execute(
                "UPDATE task SET fault='missing' WHERE project=? AND fault<>'missing' AND path NOT IN temp.listed",
                (project,),
            ).rowcount
            changed += db.execute(
                "UPDATE task SET fault='' WHERE project=? AND fault='missing' AND path IN temp.listed", (project,)
            ).rowcount
            if changed:
                self._tables.touch(project)
            missing, example = db.execute(
                "SELECT count(*), min(path) FROM task WHERE project=? AND fault='missing'", (project,)
            ).fetchone()
        return missing, example or ""

    def _messages(
        self, project: Project, added: int, missing: int, example: str, total: int, *, left_out: bool
    ) -> tuple[StatusMessage, ...]:
        messages: list[StatusMessage] = []
        folder = f"{project.place.container}/{project.place.folder}"
        if total == 0:
            messages.append(self.message("NoData", "Warning", f"There are no pictures in '{folder}'."))
        if total >= MOST_IMAGES and left_out:
            text = f"A project holds at most {MOST_IMAGES} pictures; the others are left out."
            messages.append(self.message("TooMuchData", "Warning", text))
        if missing:
            text = (
                f"{missing} of {total} pictures are gone from '{folder}', such as '{example[:_LONGEST_NAME]}'. "
                "Nobody is asked for them until they are back; their labels stay."
            )
            messages.append(self.message("MissingData", "Warning", text))
        if added and project.refreshed is not None:
            messages.append(self.message("DataRefreshed", "Information", f"{added} new pictures came in."))
        return tuple(messages)
