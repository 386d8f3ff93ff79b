"""Exported labels as AutoML wants them: one JSON object a picture (JSONL), and the MLTable file that points to it.

Owns: the two files. Same labels, same bytes. Pure.
Leaves: the rows to `export_rows.py`, registering them as a data asset to `exporting.py`.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from localazure.labeling.jobs.places import workspace_uri
from localazure.labeling.transfer.export_rows import ExportRows, LabelRow
from localazure.labeling.types import AnnotationType, Project

__all__ = ["JSONL_NAME", "ML_TABLE", "jsonl_pieces"]

JSONL_NAME = "annotations.jsonl"
ML_TABLE = f"""\
paths:
  - file: ./{JSONL_NAME}
transformations:
  - read_json_lines:
      encoding: utf8
      invalid_lines: error
      include_path_column: false
  - convert_column_types:
      - columns: image_url
        column_type: stream_info
""".encode()
_AT_ONCE = 2_000
_DIGITS = 12  # the sum of two fractions has noise in its last digits


class _Details(msgspec.Struct, gc=False):
    width: int
    height: int
    format: str


class _Box(msgspec.Struct, gc=False):
    label: str
    topX: float  # noqa: N815 AutoML's names
    topY: float  # noqa: N815 AutoML's names
    bottomX: float  # noqa: N815 AutoML's names
    bottomY: float  # noqa: N815 AutoML's names
    isCrowd: bool = False  # noqa: N815 AutoML's names


class _Polygon(_Box, kw_only=True):
    polygon: msgspec.Raw
    bbox: tuple[float, float, float, float]


class _Row(msgspec.Struct):
    image_url: str
    image_details: _Details | msgspec.UnsetType
    label: str | list[str] | list[_Box]
    label_confidence: float | list[float] | msgspec.UnsetType = msgspec.UNSET


def jsonl_pieces(project: Project, rows: ExportRows) -> Iterator[bytes]:
    """The rows. Boxes and polygons have a row for a picture without any; tags have none, since a row needs its tag."""
    encoder = msgspec.json.Encoder()
    made = _rows(project, rows)
    while batch := list(islice(made, _AT_ONCE)):
        yield encoder.encode_lines(batch)


def _rows(project: Project, rows: ExportRows) -> Iterator[_Row]:
    place = project.place
    prefix = f"{workspace_uri(place.workspace or project.workspace_id)}/datastores/{place.datastore}/paths/"
    names = dict(project.spec.class_names())
    tags = project.spec.annotation_type is AnnotationType.CLASSIFICATION
    several = project.spec.multi_label or len(project.spec.categories) > 1
    for (_, path, width, height, _), labels in rows.labels_of_pictures():
        row = _Row(image_url=prefix + path, image_details=_details(path, width, height), label=[])
        if not tags:
            row.label = [_shape(label, names) for label in labels if label[2] is not None]
            yield row
            continue
        words = [names.get(label[1], label[1]) for label in labels]
        if not words:
            continue
        as_list = several or len(words) > 1  # several were allowed when it was labeled
        row.label = words if as_list else words[0]
        row.label_confidence = [label[7] for label in labels] if as_list else labels[0][7]
        yield row


def _details(path: str, width: int | None, height: int | None) -> _Details | msgspec.UnsetType:
    if not width or not height:
        return msgspec.UNSET
    suffix = path.rpartition(".")[2].lower()
    return _Details(width=width, height=height, format="jpg" if suffix == "jpeg" else suffix)


def _shape(label: LabelRow, names: dict[str, str]) -> _Box:
    _, key, x, y, w, h, rings, *_ = label
    left, top = x or 0.0, y or 0.0
    right, bottom = round(left + (w or 0.0), _DIGITS), round(top + (h or 0.0), _DIGITS)
    name = names.get(key, key)
    if rings is None:
        return _Box(name, left, top, right, bottom)
    return _Polygon(name, left, top, right, bottom, polygon=msgspec.Raw(rings), bbox=(left, top, right, bottom))
