"""Builders for small COCO files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.coco import Dataset, read_coco

Tree = dict[str, Any]


def a_tree(**sections: Any) -> Tree:
    """A correct file in pixels: two images of 200 x 100, a cat on each."""
    return {
        "images": [
            {"id": 1, "file_name": "one.jpg", "width": 200, "height": 100},
            {"id": 2, "file_name": "two.jpg", "width": 200, "height": 100},
        ],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 10, 100, 50]},
            {"id": 2, "image_id": 2, "category_id": 1, "bbox": [0, 0, 200, 100]},
        ],
        "categories": [{"id": 1, "name": "cat"}],
        **sections,
    }


@pytest.fixture
def tree() -> Callable[..., Tree]:
    return a_tree


@pytest.fixture
def dataset() -> Callable[..., Dataset]:
    def build(**sections: Any) -> Dataset:
        return read_coco(json.dumps(a_tree(**sections)).encode())

    return build


@pytest.fixture
def fruit_labels(fruit_photos: Path) -> Path:
    """The labels of the real photographs."""
    return fruit_photos / "detection" / "labels.json"
