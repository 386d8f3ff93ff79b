"""COCO becomes Label Studio's results and its answers become COCO: percent, turns, empty pictures, order of classes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.coco import Dataset, decode
from automation.errors import DatasetError
from automation.labeling import Answers, Task
from automation.workflow.studio import results_of, studio_dataset


def a_coco(*annotations: dict[str, Any]) -> Dataset:
    coco = {
        "images": [
            {"id": 7, "file_name": "dir/a b.jpg", "width": 200, "height": 100},
            {"id": 3, "file_name": "100%.jpg", "width": 50, "height": 50},
        ],
        "categories": [{"id": 5, "name": "apple"}, {"id": 9, "name": "banana"}],
        "annotations": [{"id": n, "area": 1, "iscrowd": 0, **a} for n, a in enumerate(annotations, 1)],
    }
    return decode(json.dumps(coco).encode()).dataset


def answered(**results: list[dict[str, Any]]) -> Answers:
    return answers({name + ".jpg": said for name, said in results.items()})


def answers(results: dict[str, Any], further: int = 0, strange: int = 0) -> Answers:
    kept = {name: tuple(said) for name, said in results.items()}
    return Answers(results=kept, skipped=("s.jpg",), open=(), further=further, strange=strange)


def a_box(label: str, frame: tuple[float, float, float, float], rotation: float = 0) -> dict[str, Any]:
    named = dict(zip(("x", "y", "width", "height"), frame, strict=True))
    value = {**named, "rotation": rotation, "rectanglelabels": [label]}
    return {"type": "rectanglelabels", "original_width": 200, "original_height": 100, "value": value}


def boxes_of(dataset: Dataset) -> list[tuple[str, str, list[float]]]:
    names = {image.id: image.file_name for image in dataset.images}
    classes = {category.id: category.name for category in dataset.categories}
    return [
        (names[a.image_id], classes[a.category_id], [round(v, 9) for v in (a.box.x, a.box.y, a.box.w, a.box.h)])
        for a in dataset.annotations
        if a.box is not None
    ]


def test_boxes_in_pixels_become_percent_with_their_scores() -> None:
    coco = a_coco({"image_id": 7, "category_id": 9, "bbox": [20, 10, 50, 40], "score": 0.75})
    assert results_of(coco, Task.OBJECT_DETECTION) == {
        "dir/a b.jpg": (
            {
                "id": "r1",
                "from_name": "label",
                "to_name": "image",
                "type": "rectanglelabels",
                "original_width": 200,
                "original_height": 100,
                "value": {"x": 10, "y": 10, "width": 25, "height": 40, "rotation": 0, "rectanglelabels": ["banana"]},
                "score": 0.75,
            },
        ),
        "100%.jpg": (),
    }


def test_what_a_task_has_no_place_for_takes_another_shape_or_stays_away() -> None:
    polygon = {"image_id": 7, "category_id": 5, "bbox": [0, 0, 20, 10], "segmentation": [[0, 0, 20, 0, 20, 10]]}
    coco = a_coco(
        polygon, {"image_id": 7, "category_id": 9, "bbox": [0, 0, 100, 50]}, {"image_id": 3, "category_id": 5}
    )
    kinds = {
        task: [
            (r["type"], r["value"].get("points") or r["value"].get("choices"))
            for r in results_of(coco, task)["dir/a b.jpg"]
        ]
        for task in Task
    }
    assert kinds == {
        Task.OBJECT_DETECTION: [("rectanglelabels", None), ("rectanglelabels", None)],
        Task.INSTANCE_SEGMENTATION: [
            ("polygonlabels", [[0, 0], [10, 0], [10, 10]]),
            ("polygonlabels", [[0, 0], [50, 0], [50, 50], [0, 50]]),
        ],
        Task.IMAGE_CLASSIFICATION: [("choices", ["apple"])],
        Task.IMAGE_CLASSIFICATION_MULTILABEL: [("choices", ["apple", "banana"])],
    }


@given(
    frames=st.lists(
        st.tuples(*[st.floats(0, 0.5, allow_subnormal=False)] * 2, *[st.floats(0.001, 0.5)] * 2), min_size=1, max_size=4
    )
)
def test_boxes_go_there_and_back(frames: list[tuple[float, float, float, float]]) -> None:
    boxes = [{"image_id": 7, "category_id": 5, "bbox": list(frame)} for frame in frames]
    there = results_of(a_coco(*boxes), Task.OBJECT_DETECTION)
    back, findings = studio_dataset(answers(dict(there)), ("apple", "banana"))
    assert findings == []
    assert [box for _, _, box in boxes_of(back)] == [pytest.approx(list(frame), abs=1e-9) for frame in frames]


def test_pictures_and_classes_come_in_a_fixed_order_and_empty_pictures_stay() -> None:
    said = answers({"dir/a b%20.jpg": [a_box("banana", (0, 0, 50, 50))], "data/x.jpg": []}, further=2, strange=1)
    dataset, findings = studio_dataset(said, ("apple", "banana", "cherry"))
    assert [(image.id, image.file_name) for image in dataset.images] == [(1, "dir/a b%20.jpg"), (2, "data/x.jpg")]
    assert [(category.id, category.name) for category in dataset.categories] == [
        (1, "apple"),
        (2, "banana"),
        (3, "cherry"),
    ]
    assert boxes_of(dataset) == [("dir/a b%20.jpg", "banana", [0, 0, 0.5, 0.5])]
    assert [finding.message for finding in findings] == [
        "2 further annotations of a picture are not read: the newest counts",
        "1 tasks are about no picture of the lab",
    ]


@pytest.mark.parametrize(
    ("frame", "rotation", "upright"),
    [
        # 40 x 20 pixels from (100, 40), turned about that corner: to the left and down.
        ((50, 40, 20, 20), 90, [0.4, 0.4, 0.1, 0.4]),
        ((50, 40, 20, 20), 180, [0.3, 0.2, 0.2, 0.2]),
        ((50, 40, 20, 20), 360, [0.5, 0.4, 0.2, 0.2]),
        ((50, 40, 20, 20), 45, [0.5 - 14.142135624 / 200, 0.4, 42.426406871 / 200, 42.426406871 / 100]),
    ],
)
def test_a_turned_box_becomes_the_upright_one_around_it(
    frame: tuple[float, float, float, float], rotation: float, upright: list[float]
) -> None:
    dataset, findings = studio_dataset(answered(a=[a_box("apple", frame, rotation)]), ("apple",))
    [(_, _, box)] = boxes_of(dataset)
    assert box == pytest.approx(upright, abs=1e-7)
    assert [finding.code for finding in findings] == ["rotated-boxes"]
    assert dataset.annotations[0].extra == {}


def test_shapes_end_at_the_edge_and_those_without_area_are_left_out() -> None:
    polygon = {"points": [[-10, 0], [50, 0], [50, 120]], "polygonlabels": ["apple"]}
    said = [
        a_box("apple", (-10, 90, 30, 30)),
        a_box("apple", (110, 10, 30, 30)),
        a_box("apple", (10, 10, 0, 30)),
        {"type": "polygonlabels", "original_width": 200, "original_height": 100, "value": polygon},
    ]
    dataset, findings = studio_dataset(answered(a=said), ("apple",))
    assert [box for _, _, box in boxes_of(dataset)] == [[0, 0.9, 0.2, 0.1], [0, 0, 0.5, 1]]
    assert dataset.annotations[1].extra == {"segmentation": [[0, 0, 0.5, 0, 0.5, 1]]}
    assert [(finding.code, finding.message) for finding in findings] == [
        ("no-area", "2 shapes without an area are left out")
    ]


def test_choices_are_labels_of_the_whole_picture() -> None:
    said = {"type": "choices", "value": {"choices": ["banana", "apple"]}}
    dataset, findings = studio_dataset(answered(a=[said]), ("apple", "banana"))
    assert [(a.category_id, a.box) for a in dataset.annotations] == [(2, None), (1, None)]
    assert findings == []


def test_a_class_that_is_no_more_in_the_project_stands_last() -> None:
    dataset, findings = studio_dataset(answered(a=[a_box("plum", (0, 0, 10, 10))]), ("apple", "banana"))
    assert [category.name for category in dataset.categories] == ["apple", "banana", "plum"]
    assert [finding.code for finding in findings] == ["unknown-class"]


def test_a_broken_result_names_its_picture() -> None:
    broken = {"type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["apple"]}}
    with pytest.raises(DatasetError) as caught:
        studio_dataset(answered(a=[], b=[broken]), ("apple",))
    assert [finding.where for finding in caught.value.findings] == ["b.jpg: /annotations/0/result/0/value"]
