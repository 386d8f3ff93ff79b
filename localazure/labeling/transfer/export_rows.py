"""What an export reads: labeled pictures and their labels, row by row from one snapshot of the tables.

Owns: the queries. Leaves: the formats to `export_coco.py`, `export_csv.py` and `export_dataset.py`.

Rows stay plain tuples: benchmarks/labeling_export.py exports 700,000 of them.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from localazure.labeling.jobs.wire import arm_time

__all__ = ["ExportRows", "LabelRow", "PictureRow"]

PictureRow = tuple[int, str, int | None, int | None, str | None]
"""Number, path, width and height in pixels (None when unknown), and when it was labeled."""

LabelRow = tuple[int, str, float | None, float | None, float | None, float | None, bytes | None, float, int, int]
"""Number of the picture, class, left, top, width, height (fractions), rings as JSON, confidence, the picture's size."""


class ExportRows:
    """One project's rows, in the order of its pictures; a picture's labels in the order in which they were given."""

    def __init__(self, db: sqlite3.Connection, project: int, *, approved: bool, sized: bool) -> None:
        """`approved` leaves out what no reviewer approved, `sized` pictures whose size is unknown."""
        self._db = db
        self._project = project
        self._which = "t.project = ? AND t.state = 'labeled'"
        if approved:
            self._which += " AND t.review = 'approved'"
        self._left_out = f"{self._which} AND t.width IS NULL" if sized else "0 = ?"
        if sized:
            self._which += " AND t.width > 0"

    def pictures(self) -> Iterator[PictureRow]:
        columns = "t.number, t.path, t.width, t.height, coalesce(t.labeled_at, t.changed)"
        for number, path, width, height, labeled in self._db.execute(
            f"SELECT {columns} FROM task t WHERE {self._which} ORDER BY t.number",  # noqa: S608 of literals of this module
            (self._project,),
        ):
            date = None if labeled is None else arm_time(datetime.fromisoformat(labeled))
            yield number, path, width, height, date

    def labels(self) -> Iterator[LabelRow]:
        columns = "l.task, l.class, l.x, l.y, l.w, l.h, l.polygon, l.confidence, t.width, t.height"
        return self._db.execute(
            f"SELECT {columns} FROM task t CROSS JOIN label l ON l.project = t.project AND l.task = t.number"  # noqa: S608 of literals of this module
            f" WHERE {self._which} ORDER BY t.number, l.place",
            (self._project,),
        )

    def labels_of_pictures(self) -> Iterator[tuple[PictureRow, list[LabelRow]]]:
        """Each picture with its labels, which may be none."""
        labels = self.labels()
        ahead = next(labels, None)
        for picture in self.pictures():
            own: list[LabelRow] = []
            while ahead is not None and ahead[0] == picture[0]:
                own.append(ahead)
                ahead = next(labels, None)
            yield picture, own

    def count_pictures(self) -> int:
        return self._count(f"SELECT count(*) FROM task t WHERE {self._which}")  # noqa: S608 of literals of this module

    def count_labels(self) -> int:
        return self._count(
            "SELECT count(*) FROM task t CROSS JOIN label l ON l.project = t.project AND l.task = t.number"  # noqa: S608 of literals of this module
            f" WHERE {self._which}"
        )

    def count_left_out(self) -> int:
        """Pictures that are left out because their size is unknown."""
        return self._count(f"SELECT count(*) FROM task t WHERE {self._left_out}")  # noqa: S608 of literals of this module

    def _count(self, query: str) -> int:
        (count,) = self._db.execute(query, (self._project,)).fetchone()
        return int(count)
