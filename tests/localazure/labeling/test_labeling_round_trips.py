"""What goes out comes in again; and an export is of one moment, whatever is written meanwhile."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localazure.labeling import labels as rows
from localazure.labeling.labels import Label
from localazure.labeling.schema import create
from localazure.labeling.transfer.export_csv import csv_pieces
from localazure.labeling.transfer.export_dataset import jsonl_pieces
from localazure.labeling.transfer.export_rows import ExportRows
from localazure.labeling.transfer.text_import import read_csv, read_jsonl
from localazure.labeling.types import (
    AnnotationType,
    Category,
    DataPlace,
    JobStatus,
    LabelClass,
    Project,
    ProjectSpec,
    ProvisioningState,
)
from tests.localazure.labeling.conftest import OpenLabeling, fill
from tests.localazure.labeling.labeling_lab import DATA, WORKSPACE, coco

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1, max_size=20).filter(str.strip)
SIDES = st.floats(0.001, 0.5)
BOXES = st.tuples(SIDES, SIDES, SIDES, SIDES)
PICTURES = st.lists(st.lists(st.tuples(st.integers(0, 2), BOXES), max_size=3), min_size=1, max_size=4)


def project(names: list[str]) -> Project:
    classes = {f"class-{place}": LabelClass(display_name=name) for place, name in enumerate(names)}
    categories = {"all": Category(display_name="All", classes=classes)}
    place = DataPlace(
        datastore="d", account="a", container="c", folder="", base_url="https://x/a/", workspace=WORKSPACE
    )
    return Project(
        id="i",
        name="n",
        workspace_id=WORKSPACE,
        workspace_generation="g",
        number=1,
        project_id="p",
        spec=ProjectSpec(data_id=DATA, annotation_type=AnnotationType.BOUNDING_BOX, categories=categories),
        place=place,
        status=JobStatus.RUNNING,
        provisioning=ProvisioningState.SUCCEEDED,
        created=NOW,
        created_by="me",
        modified=NOW,
    )


def labeled(pictures: Iterable[list[tuple[int, tuple[float, float, float, float]]]]) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    create(db)
    for number, labels in enumerate(pictures, start=1):
        db.execute(
            "INSERT INTO task (project, number, path, name, state) VALUES (1, ?, ?, ?, 'labeled')",
            (number, f"p q/{number}, a.jpg", "a.jpg"),
        )
        rows.insert(db, 1, number, [Label(class_key=f"class-{place}", box=box) for place, box in labels])
    return db


@example(names=["=1", "'=1", "''=1"], pictures=[[(0, (0.1,) * 4), (1, (0.1,) * 4), (2, (0.1,) * 4)]])
@settings(max_examples=40, deadline=None)
@given(names=st.lists(NAMES, min_size=3, max_size=3, unique=True), pictures=PICTURES)
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_boxes_and_classes_come_back_from_lines_of_text(
    kind: str, names: list[str], pictures: list[list[tuple[int, tuple[float, float, float, float]]]]
) -> None:
    db = labeled(pictures)
    out = ExportRows(db, 1, approved=False, sized=False)
    if kind == "csv":
        text = b"".join(csv_pieces(project(names), out, absolute=False)).decode()
        file, places = read_csv(text)
    else:
        text = b"".join(jsonl_pieces(project(names), out)).decode()
        file, places = read_jsonl(text)
    db.close()
    assert places.findings == []
    known = {category.id: category.name for category in file.categories}
    expected = [(names[place], box) for labels in pictures for place, box in labels]
    assert [known[row.category_id] for row in file.annotations] == [name for name, _ in expected]
    for row, (_, box) in zip(file.annotations, expected, strict=True):
        assert row.bbox == pytest.approx(list(box), abs=1e-9)


def test_an_export_is_of_the_moment_at_which_it_began(open_labeling: OpenLabeling, monkeypatch: Any) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    lab.import_labels(coco([10, 10, 30, 20]))
    lab.import_labels(coco([10, 10, 30, 20], file_name="more/a2.jpeg"))
    write = lab.blobs.write_pieces

    def meanwhile(account: str, container: str, name: str, pieces: Iterable[bytes], content_type: str) -> str:
        held = iter(pieces)
        begun = [next(held), next(held)]
        lab.import_labels(coco([1, 1, 2, 2], [1, 1, 2, 2], file_name="b c.PNG"))
        with lab.service.tables.write() as db:
            db.execute("DELETE FROM label WHERE task=1")
            db.execute("UPDATE task SET state='open' WHERE number=1")
        return write(account, container, name, [*begun, *held], content_type)

    monkeypatch.setattr(lab.blobs, "write_pieces", meanwhile)
    path = lab.export()["snapshotPath"]
    exported = json.loads(lab.blobs.blobs[f"acct/azureml-blobstore-1/{path}"])
    assert [image["file_name"] for image in exported["images"]] == ["a.jpg", "more/a2.jpeg"]
    assert [(row["image_id"], row["bbox"]) for row in exported["annotations"]] == [
        (1, [0.1, 0.2, 0.3, 0.4]),
        (2, [0.1, 0.2, 0.3, 0.4]),
    ]
    monkeypatch.undo()
    assert [image["file_name"] for image in lab.exported()["images"]] == ["b c.PNG", "more/a2.jpeg"]
