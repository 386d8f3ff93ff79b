"""Labels that are refused, with their codes, and what is kept of those that are taken."""

import dataclasses
from typing import Any

import msgspec
import pytest

from localazure.errors import AzureError
from localazure.labeling.labels import Label
from localazure.labeling.queue.checks import MOST_LABELS, GivenLabel, check_labels
from localazure.labeling.types import AnnotationType
from tests.localazure.labeling.labeling_desk import BOXES, CLASSES, POLYGONS, a_project

NONE: list[dict[str, Any]] = []


def check(kind: AnnotationType, *labels: dict[str, Any], several: bool = False) -> tuple[Label, ...]:
    return check_labels(a_project(kind, several=several), "labeled", msgspec.convert(labels, list[GivenLabel]))


def box(*numbers: float, key: str = "apple") -> dict[str, Any]:
    return {"class": key, "bbox": numbers}


def ring(*numbers: float) -> dict[str, Any]:
    return {"class": "apple", "segmentation": [numbers]}


@pytest.mark.parametrize(
    ("kind", "labels", "code"),
    [
        (BOXES, NONE, "NothingLabeled"),
        (BOXES, [box(0.1, 0.1, 0.2, 0.2), box(0.1, 0.1, 0.2, 0.2, key="Apple")], "UnknownClass"),
        (BOXES, [box(0.1, 0.1, 0.2, 0)], "ZeroSize"),
        (BOXES, [box(0.1, 0.1, -0.2, 0.2)], "ZeroSize"),
        (BOXES, [box(0.1, 0.1, 1e-9, 0.2)], "ZeroSize"),
        (BOXES, [box(0.9, 0.1, 0.2, 0.2)], "OutsideImage"),
        (BOXES, [box(1.0, 0.1, 0.0005, 0.2)], "OutsideImage"),
        (BOXES, [box(-0.1, 0.1, 0.2, 0.2)], "OutsideImage"),
        (BOXES, [box(10, 10, 30, 20)], "OutsideImage"),
        (BOXES, [box(float("nan"), 0.1, 0.2, 0.2)], "OutsideImage"),
        (BOXES, [box(0.1, 0.1, float("nan"), 0.2)], "OutsideImage"),
        (BOXES, [box(0.1, 0.1, float("inf"), 0.2)], "OutsideImage"),
        (BOXES, [box(0.1, 0.1, 0.2)], "InvalidShape"),
        (BOXES, [{"class": "apple"}], "InvalidShape"),
        (BOXES, [ring(0, 0, 1, 0, 1, 1)], "InvalidShape"),
        (BOXES, [box(0.1, 0.1, 0.2, 0.2)] * (MOST_LABELS + 1), "TooManyLabels"),
        (POLYGONS, [box(0.1, 0.1, 0.2, 0.2)], "InvalidShape"),
        (POLYGONS, [{"class": "apple", "segmentation": NONE}], "InvalidShape"),
        (POLYGONS, [ring(0, 0, 1, 1)], "InvalidShape"),
        (POLYGONS, [ring(0, 0, 1, 1, 0.5)], "InvalidShape"),
        (POLYGONS, [ring(0.5, 0, 0.5, 1, 0.5, 0.2)], "ZeroSize"),
        (POLYGONS, [ring(0, 0, 0.5, 0.5, 1, 1)], "ZeroSize"),
        (POLYGONS, [ring(0, 0, 2, 0, 1, 1)], "OutsideImage"),
        (POLYGONS, [ring(0, 0, float("nan"), 0, 1, 1)], "OutsideImage"),
        (CLASSES, [{"class": "apple"}, {"class": "pear"}], "TooManyClasses"),
        (CLASSES, [{"class": "apple"}, {"class": "red"}], "TooManyClasses"),
        (CLASSES, [box(0.1, 0.1, 0.2, 0.2)], "InvalidShape"),
    ],
)
def test_labels_that_are_refused(kind: AnnotationType, labels: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(AzureError) as caught:
        check(kind, *labels)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_the_label_that_is_wrong_is_named() -> None:
    with pytest.raises(AzureError) as caught:
        check(BOXES, box(0, 0, 1, 1), box(0, 0, 2, 1))
    assert (caught.value.target, caught.value.message) == ("labels[1]", "2 is outside the picture, whose side is 1.")


def test_what_a_rounding_leaves_outside_is_cut_off() -> None:
    (label,) = check(
        BOXES, box(0.5, -0.0001, 0.5004, 0.25) | {"name": "Apple", "confidence": 0.1, "source": "prelabel"}
    )
    assert label == Label(class_key="apple", box=(0.5, 0.0, 0.5, pytest.approx(0.2499)), source="person")  # type: ignore[arg-type]


def test_a_polygon_brings_its_box() -> None:
    (label,) = check(POLYGONS, ring(0.25, 0.5, 0.75, 0.5, 0.75, 1))
    assert label == Label(
        class_key="apple", box=(0.25, 0.5, 0.5, 0.5), polygon=((0.25, 0.5, 0.75, 0.5, 0.75, 1.0),), source="person"
    )


def test_each_question_takes_its_own_class_and_several_where_it_says_so() -> None:
    assert [one.class_key for one in check(CLASSES, {"class": "dark"}, {"class": "red"})] == ["dark", "red"]
    both = [{"class": "apple"}, {"class": "pear"}, {"class": "apple"}]
    assert [one.class_key for one in check(CLASSES, *both, several=True)] == ["apple", "pear"]


def test_nothing_is_kept_of_a_skipped_picture() -> None:
    project = dataclasses.replace(a_project(BOXES), number=2)
    assert check_labels(project, "skipped", [GivenLabel(class_key="nothing we know")]) == ()
