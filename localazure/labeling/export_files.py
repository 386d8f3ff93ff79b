"""Exported labels as files: COCO in the shape of Azure ML's own exports, and CSV.

Owns: the two formats. Same labels, same bytes: no clock in here. Pure.
Leaves: fetching tasks and sizes, and writing, to `exporting.py`.

COCO: sizes as floats (0.0 when the picture cannot be read), boxes as fractions, area 0.0, dates with seven digits.
CSV: Azure ML's columns are not published; these are ours, one row a label.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from localazure.labeling.tasks import Label, Task
from localazure.labeling.types import Project
from localazure.labeling.wire import arm_time

__all__ = ["CocoFile", "csv_file"]

_CSV_COLUMNS = ("image_url", "label", "label_confidence", "topX", "topY", "bottomX", "bottomY", "polygon")


@dataclass(slots=True, kw_only=True)
class CocoFile:
    """Grows image by image; kept as encoded pieces, so that memory stays near the size of the file."""

    project: Project
    images: list[bytes]
    annotations: list[bytes]
    category_ids: Mapping[str, int]

    @classmethod
    def begin(cls, project: Project) -> "CocoFile":
        ids = {key: number for number, (key, _) in enumerate(project.spec.class_names(), start=1)}
        return cls(project=project, images=[], annotations=[], category_ids=ids)

    def add(self, task: Task, size: tuple[int, int] | None) -> None:
        place = self.project.place
        width, height = size or (0, 0)
        number = len(self.images) + 1
        image: dict[str, object] = {
            "id": number,
            "width": float(width),
            "height": float(height),
            "file_name": task.path,
            "coco_url": f"AmlDatastore://{place.datastore}/{task.path}",
            "absolute_url": place.url(task.path),
        }
        if task.changed is not None:
            image["date_captured"] = arm_time(task.changed)
        self.images.append(msgspec.json.encode(image))
        for label in task.labels:
            if label.class_key in self.category_ids:
                self.annotations.append(msgspec.json.encode(self._annotation(number, label)))

    def data(self) -> bytes:
        categories = [
            msgspec.json.encode({"id": self.category_ids[key], "name": shown})
            for key, shown in self.project.spec.class_names()
        ]
        parts = ((b"images", self.images), (b"annotations", self.annotations), (b"categories", categories))
        lists = [b'"' + name + b'":[' + b",".join(rows) + b"]" for name, rows in parts]
        return b"{" + b",".join(lists) + b"}"

    def _annotation(self, image: int, label: Label) -> dict[str, object]:
        row: dict[str, object] = {
            "id": len(self.annotations) + 1,
            "category_id": self.category_ids[label.class_key],
            "image_id": image,
        }
        if label.box is None:
            return row
        if label.polygon is not None:
            row["segmentation"] = [list(ring) for ring in label.polygon]
        return row | {"area": 0.0, "bbox": list(label.box)}


def csv_file(project: Project, tasks: Iterable[Task]) -> tuple[bytes, int]:
    """The file and its number of rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    names = dict(project.spec.class_names())
    rows = 0
    for task in tasks:
        for label in task.labels:
            corners: tuple[object, ...] = ("",) * 4
            if label.box is not None:
                left, top, width, height = label.box
                corners = (left, top, left + width, top + height)
            polygon = "" if label.polygon is None else msgspec.json.encode(label.polygon).decode()
            name = _harmless(names.get(label.class_key, label.class_key))
            writer.writerow((project.place.url(task.path), name, label.confidence, *corners, polygon))
            rows += 1
    return text.getvalue().encode(), rows


def _harmless(text: str) -> str:
    """Spreadsheets run cells that begin like formulas."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
