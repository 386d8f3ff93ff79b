"""COCO files brought together with their pictures: names, sizes, and where the two do not fit."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from automation.coco import DETECTOR_EVALUATION, DETECTOR_TRAINING
from automation.errors import DatasetError
from automation.training import ModelKind
from automation.workflow import DatasetPlan, Lab, ModelPlan
from automation.workflow.coco_sources import kind_of, picture_size, quota_of, read_labels


def a_picture(path: Path, size: tuple[int, int] = (400, 300), orientation: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", size, "green").save(path, exif=exif)


def a_file(path: Path, *images: dict[str, Any]) -> Path:
    numbered = [{"id": number, **image} for number, image in enumerate(images, start=1)]
    annotations = [{"id": i["id"], "image_id": i["id"], "category_id": 1, "bbox": [10, 10, 50, 50]} for i in numbered]
    document = {"images": numbered, "categories": [{"id": 1, "name": "apple"}], "annotations": annotations}
    path.write_text(json.dumps(document))
    return path


def test_file_names_become_blob_names_wherever_the_file_stands(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    a_picture(folder / "a.jpg")
    a_picture(folder / "sub" / "b.jpg")
    size = {"width": 400, "height": 300}

    beside = a_file(folder / "labels.json", {"file_name": "a.jpg", **size}, {"file_name": "sub/b.jpg", **size})
    above = a_file(
        tmp_path / "labels.json", {"file_name": "photos/a.jpg", **size}, {"file_name": "./photos/sub/b.jpg", **size}
    )

    for coco_file in (beside, above):
        dataset, warnings = read_labels(coco_file, folder, quota=None)
        assert [image.file_name for image in dataset.images] == ["a.jpg", "sub/b.jpg"]
        assert warnings == []


def test_missing_sizes_are_read_from_the_pictures_as_they_are_shown(tmp_path: Path) -> None:
    a_picture(tmp_path / "a.jpg")
    a_picture(tmp_path / "turned.jpg", orientation=6)
    coco_file = a_file(tmp_path / "labels.json", {"file_name": "a.jpg"}, {"file_name": "turned.jpg"})
    dataset, _ = read_labels(coco_file, tmp_path, quota=None)
    assert [(image.width, image.height) for image in dataset.images] == [(400, 300), (300, 400)]


def test_labels_drawn_on_a_picture_before_it_was_turned_are_refused(tmp_path: Path) -> None:
    a_picture(tmp_path / "turned.jpg", orientation=6)
    coco_file = a_file(tmp_path / "labels.json", {"file_name": "turned.jpg", "width": 400, "height": 300})
    with pytest.raises(DatasetError) as caught:
        read_labels(coco_file, tmp_path, quota=None)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where) == ("wrong-size", "labels.json/images/0")
    assert finding.message == "'turned.jpg' is 400 x 300 here, and shown as 300 x 400"


def test_a_resized_picture_keeps_its_labels(tmp_path: Path) -> None:
    a_picture(tmp_path / "a.jpg", (200, 150))
    coco_file = a_file(tmp_path / "labels.json", {"file_name": "a.jpg", "width": 400, "height": 300})
    assert read_labels(coco_file, tmp_path, quota=None)[1] == []


def test_every_picture_that_is_missing_is_named(tmp_path: Path) -> None:
    a_picture(tmp_path / "a.jpg")
    size = {"width": 400, "height": 300}
    names = ("a.jpg", "b.jpg", "c.jpg")
    coco_file = a_file(tmp_path / "labels.json", *({"file_name": name, **size} for name in names))
    with pytest.raises(DatasetError) as caught:
        read_labels(coco_file, tmp_path, quota=None)
    assert [(f.code, f.where) for f in caught.value.findings] == [
        ("missing-picture", "labels.json/images/1/file_name"),
        ("missing-picture", "labels.json/images/2/file_name"),
    ]


def test_what_cannot_be_read_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    assert picture_size(tmp_path / "a.jpg") is None


def test_a_datasets_kind_and_quota_are_those_of_its_model(tmp_path: Path) -> None:
    plans = [DatasetPlan(name=name, container="c", coco_name=f"{name}.json") for name in ("train", "test")]
    model = ModelPlan(name="m", kind=ModelKind.OBJECT_DETECTION, train="train", evaluate="test")
    lab = Lab(path=tmp_path, name="fruit", stack="local", datasets=tuple(plans), models=(model,))
    kinds = [kind_of(lab, plan) for plan in plans]
    assert kinds == [ModelKind.OBJECT_DETECTION] * 2
    assert [quota_of(lab, plan, kind) for plan, kind in zip(plans, kinds, strict=True)] == [
        DETECTOR_TRAINING,
        DETECTOR_EVALUATION,
    ]
