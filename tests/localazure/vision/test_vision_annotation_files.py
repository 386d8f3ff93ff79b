"""The service's strict reading of annotation files: each mistake fails with its place."""

import json
from typing import Any

import pytest

from localazure.vision.coco_reader import UnitBox, read_annotation_file
from localazure.vision.failures import RunFailed
from localazure.vision.types import AnnotationKind


def file(**changes: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "width": 224.0, "height": 0.0, "file_name": "a.jpg", "absolute_url": "https://a/c/a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 2, "bbox": [0.1, 0.2, 0.9, 0.8]}],
        "categories": [{"id": 2, "name": "pear"}],
        "info": None,
    } | changes


def read(body: dict[str, Any], kind: AnnotationKind = AnnotationKind.DETECTION) -> Any:
    return read_annotation_file(json.dumps(body).encode(), kind, source="x.json")


def annotation(**changes: Any) -> dict[str, Any]:
    return file(annotations=[{"id": 1, "image_id": 1, "category_id": 2, "bbox": [0.1, 0.2, 0.3, 0.4]} | changes])


def image(**changes: Any) -> dict[str, Any]:
    return file(images=[{"id": 1, "file_name": "a.jpg", "coco_url": "https://a/c/a.jpg"} | changes])


def test_boxes_are_fractions_and_rounding_is_cut_off() -> None:
    contents = read(annotation(bbox=[0.1, -0.0004, 0.9004, 0.8]))
    assert contents.categories == ("pear",)
    assert contents.images[0].boxes == (UnitBox(left=0.1, top=0.0, width=0.9, height=0.8, category="pear"),)


def test_classification_needs_no_boxes() -> None:
    contents = read(annotation(bbox=None), AnnotationKind.CLASSIFICATION)
    assert (contents.images[0].category, contents.images[0].boxes) == ("pear", ())


def test_coco_url_stands_in_for_absolute_url() -> None:
    assert read(image()).images[0].url == "https://a/c/a.jpg"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (annotation(bbox=[10, 20, 30, 40]), "annotations[0].bbox: [10.0, 20.0, 30.0, 40.0] is not normalised"),
        (annotation(bbox=[0.5, 0.5, 0.6, 0.1]), "annotations[0].bbox: [0.5, 0.5, 0.6, 0.1] leaves the picture"),
        (annotation(bbox=[-0.1, 0.5, 0.6, 0.1]), "annotations[0].bbox: [-0.1, 0.5, 0.6, 0.1] has a negative place"),
        (annotation(bbox=[0.1, 0.5, 0, 0.1]), "annotations[0].bbox: [0.1, 0.5, 0.0, 0.1] has a negative place or no"),
        (annotation(bbox=[1.0, 0.5, 0.0005, 0.1]), "annotations[0].bbox: [1.0, 0.5, 0.0005, 0.1] lies outside"),
        (annotation(bbox=[0.1, 0.5, 0.1]), "annotations[0].bbox: it has 3 numbers, not 4"),
        (annotation(bbox=None), "annotations[0].bbox: it is missing"),
        (annotation(image_id=7), "annotations[0].image_id: there is no image 7"),
        (annotation(category_id=7), "annotations[0].category_id: there is no category 7"),
        (file(annotations=file()["annotations"] * 2), "annotations[1].id: 1 stands twice"),
        (file(images=file()["images"] * 2), "images[1].id: 1 stands twice"),
        (file(categories=file()["categories"] * 2), "categories[1].id: 2 stands twice"),
        (file(categories=[{"id": 2, "name": " "}]), "categories[0].name: it is empty"),
        (image(coco_url=None), "images[0]: it has neither absolute_url nor coco_url"),
        (image(coco_url="AmlDatastore://d/a.jpg"), "images[0]: 'AmlDatastore://d/a.jpg' is no https address"),
    ],
)
def test_mistakes_are_named_with_their_place(body: dict[str, Any], message: str) -> None:
    with pytest.raises(RunFailed) as caught:
        read(body)
    assert caught.value.failure.code == "datasetCorrupt"
    assert caught.value.failure.message.startswith(f"The annotation file x.json is not valid: {message}")


def test_two_categories_on_one_picture_are_no_classification() -> None:
    two = [{"id": number, "image_id": 1, "category_id": number} for number in (1, 2)]
    body = file(annotations=two, categories=[{"id": 1, "name": "apple"}, {"id": 2, "name": "pear"}])
    with pytest.raises(RunFailed, match=r"images\[0\]: it has 2 categories; a classifier learns one per image"):
        read(body, AnnotationKind.CLASSIFICATION)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"images": []}', b'{"x":' + b"[" * 100_000])
def test_what_is_no_coco_at_all_fails_too(data: bytes) -> None:
    with pytest.raises(RunFailed, match=r"datasetCorrupt: The annotation file x\.json cannot be read"):
        read_annotation_file(data, AnnotationKind.DETECTION, source="x.json")
