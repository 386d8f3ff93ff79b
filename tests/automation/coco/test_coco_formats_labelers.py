"""CVAT, Label Studio and Custom Vision: exports as those tools write them, what they lose, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.coco.files import read_coco
from automation.coco.formats.conversion import convert_dataset, find_format
from automation.coco.types import Box
from automation.errors import DatasetError

Tree = dict[str, Any]

CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><labels>
<label><name>dog</name></label><label><name>cat</name></label></labels></task></meta>
<image id="0" name="x/a.jpg" width="200" height="100">
<box label="cat" source="manual" occluded="1" xtl="20.00" ytl="10.00" xbr="120.00" ybr="60.00" rotation="30.5"
 z_order="0">
<attribute name="age">old &lt; new</attribute></box>
<polygon label="dog" occluded="0" points="1.00,2.00;5.00,2.00;5.00,9.00"/>
<polyline label="dog" points="1,2;3,4"/><points label="dog" points="1,2"/>
</image><image id="1" name="b.jpg" width="20" height="10"><tag label="cat"/></image>
<track id="0" label="dog"/></annotations>
"""


def test_an_export_of_cvat(tmp_path: Path) -> None:
    (tmp_path / "annotations.xml").write_text(CVAT)
    assert find_format(tmp_path / "annotations.xml") == "cvat"
    done = convert_dataset(tmp_path / "annotations.xml", tmp_path / "out.json", to="pixels")
    found = read_coco(tmp_path / "out.json")
    assert [c.name for c in found.categories] == ["dog", "cat"]
    assert [(i.file_name, i.width) for i in found.images] == [("x/a.jpg", 200), ("b.jpg", 20)]
    assert [a.box for a in found.annotations] == [Box(x=20, y=10, w=100, h=50), Box(x=1, y=2, w=4, h=7), None]
    assert found.annotations[0].extra == {"attributes": {"rotation": 30.5, "occluded": 1, "age": "old < new"}}
    assert found.annotations[1].extra == {"segmentation": [[1, 2, 5, 2, 5, 9]]}
    assert (found.annotations[0].area, found.annotations[1].area) == (5000, 14)
    assert [(lost.code, lost.count) for lost in done.lost] == [
        ("lost-tracks", 1),
        ("lost-shapes", 1),
        ("lost-shapes", 1),
    ]


def test_the_points_of_a_skeleton_are_no_classes_of_cvat(tmp_path: Path) -> None:
    point = "<label><name>knee</name><type>points</type><parent>dog</parent></label>"
    (tmp_path / "in.xml").write_text(CVAT.replace("</labels>", f"{point}</labels>"))
    convert_dataset(tmp_path / "in.xml", tmp_path / "out.json", to="pixels")
    assert [c.name for c in read_coco(tmp_path / "out.json").categories] == ["dog", "cat"]


def test_cvat_keeps_attributes_there_and_back(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(CVAT)
    convert_dataset(tmp_path / "a.xml", tmp_path / "b.xml", to="cvat")
    convert_dataset(tmp_path / "b.xml", tmp_path / "c.xml", to="cvat")
    assert (tmp_path / "b.xml").read_bytes() == (tmp_path / "c.xml").read_bytes()
    box = '<box label="cat" source="manual" occluded="1" xtl="20" ytl="10" xbr="120" ybr="60" rotation="30.5">'
    assert box in (tmp_path / "b.xml").read_text()
    assert '<attribute name="age">old &lt; new</attribute>' in (tmp_path / "b.xml").read_text()


def test_what_cvat_says_and_others_do_not_hold_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(CVAT)
    done = convert_dataset(tmp_path / "a.xml", tmp_path / "yolo", to="yolo")
    lost = {finding.message for finding in done.findings}
    assert "1 boxes are rotated: yolo gets them upright, with the same middle" in lost
    assert "1 polygons: yolo gets their boxes" in lost
    assert "1 values of the attribute 'age': yolo has none" in lost
    assert "1 labels of whole pictures: yolo has labels of boxes only" in lost


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<annotations>", '<!DOCTYPE x SYSTEM "http://example.invalid/x"><annotations>', "not-xml"),
        ('xtl="20.00"', 'xtl="x"', "wrong-type"),
        ('points="1.00,2.00;5.00,2.00;5.00,9.00"', 'points="1,2;3"', "wrong-type"),
        ('name="x/a.jpg"', "", "missing-key"),
        ('name="b.jpg" width="20"', 'name="b.jpg"', "size-missing"),
    ],
)
def test_bad_cvat_is_named(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in CVAT
    (tmp_path / "a.xml").write_text(CVAT.replace(old, new))
    with pytest.raises(DatasetError) as refused:
        convert_dataset(tmp_path / "a.xml", tmp_path / "out.xml", to="cvat", written_in="cvat")
    assert [finding.code for finding in refused.value.findings] == [code]


def test_a_shape_of_cvat_without_a_label_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(CVAT)
    whole = convert_dataset(tmp_path / "a.xml", tmp_path / "whole.xml", to="cvat")
    (tmp_path / "a.xml").write_text(CVAT.replace('label="cat" source', "source", 1))
    done = convert_dataset(tmp_path / "a.xml", tmp_path / "out.xml", to="cvat", written_in="cvat")
    assert done.annotations == whole.annotations - 1
    assert [(lost.count, lost.message) for lost in done.lost if "label" in lost.message] == [
        (1, "shapes are not read: they have no label")
    ]


def a_task(*results: Tree, **more: Any) -> Tree:
    return {"data": {"image": "/data/local-files/?d=x/a%20b.jpg"}, "annotations": [{"result": list(results)}], **more}


def a_rectangle(**value: Any) -> Tree:
    frame = {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 0, "rectanglelabels": ["cat"]}
    return {"type": "rectanglelabels", "original_width": 200, "original_height": 100, "value": {**frame, **value}}


def converted(folder: Path, *tasks: Tree) -> Any:
    (folder / "in.json").write_text(json.dumps(tasks))
    done = convert_dataset(folder / "in.json", folder / "out.json", to="pixels")
    return [(lost.code, lost.count) for lost in done.lost], read_coco(folder / "out.json")


def test_an_export_of_label_studio(tmp_path: Path) -> None:
    polygon = {"points": [[0, 0], [50, 0], [50, 100]], "polygonlabels": ["dog"]}
    brush = {"type": "brushlabels", "value": {"rle": [1, 2], "brushlabels": ["dog"]}}
    shapes = [
        a_rectangle(x=75, rotation=90),
        {"type": "polygonlabels", "value": polygon},
        brush,
        a_rectangle(rectanglelabels=[]),
    ]
    task = a_task(*shapes, predictions=[{}])
    task["annotations"] = [{"was_cancelled": True, "result": [brush]}, *task["annotations"], {"result": []}]
    lost, found = converted(tmp_path, task)
    assert find_format(tmp_path / "in.json") == "label-studio"
    assert [(i.file_name, i.width, i.height) for i in found.images] == [("x/a b.jpg", 200, 100)]
    assert [a.box for a in found.annotations] == [Box(x=75, y=35, w=100, h=50), Box(x=0, y=0, w=100, h=100)]
    assert found.annotations[0].extra == {"attributes": {"rotation": 90}}
    assert lost == [
        ("lost-annotations", 1),
        ("lost-predictions", 1),
        ("lost-results", 1),
        ("lost-unlabelled", 1),
    ]


def test_an_answer_about_one_shape_is_no_label_of_the_picture(tmp_path: Path) -> None:
    place = {key: value for key, value in a_rectangle()["value"].items() if key != "rectanglelabels"}
    of_shape = {"type": "choices", "value": {**place, "choices": ["unsure"]}}
    lost, found = converted(tmp_path, a_task(a_rectangle(), of_shape))
    assert [c.name for c in found.categories] == ["cat"]
    assert [a.box for a in found.annotations] == [Box(x=20, y=10, w=100, h=50)]
    assert lost == [("lost-answers", 1)]


def test_rotated_boxes_come_back_to_label_studio(tmp_path: Path) -> None:
    converted(tmp_path, a_task(a_rectangle(x=40, y=20, width=20, height=30, rotation=20)))
    convert_dataset(tmp_path / "out.json", tmp_path / "back.json", to="label-studio")
    [task] = json.loads((tmp_path / "back.json").read_bytes())
    value = task["annotations"][0]["result"][0]["value"]
    assert [round(value[key], 2) for key in ("x", "y", "width", "height", "rotation")] == [40, 20, 20, 30, 20]


def test_label_studio_is_written_as_it_imports(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    images = [{"id": 1, "file_name": "x/a b.jpg", "width": 200, "height": 100}]
    (tmp_path / "in.json").write_text(json.dumps(tree(images=images, annotations=tree()["annotations"][:1])))
    convert_dataset(tmp_path / "in.json", tmp_path / "out.json", to="label-studio")
    [task] = json.loads((tmp_path / "out.json").read_bytes())
    assert task["data"] == {"image": "/data/local-files/?d=x/a%20b.jpg", "width": 200, "height": 100}
    assert task["annotations"] == [
        {
            "result": [
                {
                    "id": "r1",
                    "to_name": "image",
                    "from_name": "label",
                    "original_width": 200,
                    "original_height": 100,
                    "type": "rectanglelabels",
                    "value": {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 0, "rectanglelabels": ["cat"]},
                }
            ]
        }
    ]


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ([a_task(data={})], "missing-key"),
        ([3], "missing-key"),
        ([a_task(a_rectangle(x="10"), a_rectangle(x=None))], "wrong-type"),
        ([a_task({"type": "polygonlabels", "value": {"points": [[1, 2]], "polygonlabels": ["c"]}})], "wrong-type"),
        ([a_task(a_rectangle(width=500))], "box-outside-image"),
    ],
)
def test_bad_tasks_are_named(tmp_path: Path, tasks: list[Any], code: str) -> None:
    with pytest.raises(DatasetError) as refused:
        converted(tmp_path, *tasks)
    assert [finding.code for finding in refused.value.findings] == [code]


def test_pictures_of_custom_vision(tmp_path: Path) -> None:
    region = {"tagName": "cat", "left": 0.1, "top": 0.1, "width": 0.5, "height": 0.5, "tagId": "t"}
    pictures: list[Tree] = [
        {
            "id": "p1",
            "width": 200,
            "height": 100,
            "originalImageUri": "https://a/b",
            "regions": [region],
            "tags": [region],
        },
        {"id": "p2", "width": 20, "height": 10, "originalImageUri": "https://a/c"},
    ]
    (tmp_path / "in.json").write_text(json.dumps(pictures))
    assert find_format(tmp_path / "in.json") == "custom-vision"
    done = convert_dataset(tmp_path / "in.json", tmp_path / "train.json", to="custom-vision")
    assert json.loads((tmp_path / "train.json").read_bytes()) == {
        "images": [
            {"id": 1, "width": 200, "height": 100, "file_name": "p1", "coco_url": "https://a/b"},
            {"id": 2, "width": 20, "height": 10, "file_name": "p2", "coco_url": "https://a/c"},
        ],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.1, 0.1, 0.5, 0.5]}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    assert (find_format(tmp_path / "train.json"), done.lost) == ("coco", ())


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"tags": [{"tagName": "cat"}]}, "missing-key"),
        ({"id": "p", "tags": [{"tagId": "t"}]}, "missing-key"),
        ({"id": "p", "regions": [{"tagName": "cat", "left": 1}]}, "wrong-type"),
    ],
)
def test_bad_pictures_of_custom_vision_are_named(tmp_path: Path, entry: Tree, code: str) -> None:
    (tmp_path / "in.json").write_text(json.dumps([entry]))
    with pytest.raises(DatasetError) as refused:
        convert_dataset(tmp_path / "in.json", tmp_path / "out.json", to="pixels", written_in="custom-vision")
    assert [finding.code for finding in refused.value.findings] == [code]
