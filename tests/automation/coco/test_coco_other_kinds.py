"""Files of COCO's other tasks, and of its neighbours, are told apart from broken ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from automation.coco.checking import check_file
from automation.coco.profiles import PROFILES


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ({"image_id": 1, "segments_info": [{"id": 7, "category_id": 1}]}, "a panoptic file has its classes in"),
        ({"image_id": 1, "caption": "a cat"}, "captions have no classes"),
        ({"video_id": 1, "category_id": 1, "bboxes": [[1, 2, 3, 4]]}, "this is a label of a video"),
        ({"image_id": 1, "predicted_iou": 0.9}, "masks of Segment Anything have no classes"),
        ({"image_id": 1, "bbox": [1, 2, 3, 4]}, None),
    ],
)
def test_a_label_of_another_kind_is_named(tmp_path: Path, entry: dict[str, Any], hint: str | None) -> None:
    images = [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}]
    tree = {"images": images, "annotations": [{"id": 1, **entry}], "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "labels.json").write_text(json.dumps(tree))
    found = [
        f for f in check_file(tmp_path / "labels.json", profile=PROFILES["coco"]).findings if f.code == "missing-key"
    ]
    assert [(f.hint or "").startswith(hint) if hint else f.hint is None for f in found] == [True]


def test_a_list_is_said_to_be_one_of_predictions(tmp_path: Path) -> None:
    (tmp_path / "predictions.json").write_text(
        '[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]'
    )
    [found] = check_file(tmp_path / "predictions.json", profile=PROFILES["coco"]).findings
    assert (found.code, found.message.endswith("this is a list, as predictions are")) == ("not-json", True)
