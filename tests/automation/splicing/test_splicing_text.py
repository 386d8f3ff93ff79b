"""New numbers in old text: what has its keys where they are looked for, and what has them elsewhere too."""

import json
import math
from array import array
from typing import Any

import pytest

from automation.splicing.text import NewNumbers, spliced

BOX = [0.1, 0.2, 0.3, 0.4]


def numbers(*flags: str, usual: bool = True) -> NewNumbers:
    """Numbers for as many entries as there are flags: b, a, p and k are what each has."""
    has = [bytes(letter in flag for flag in flags) for letter in "bapk"]
    nan = math.nan
    return NewNumbers(
        boxes=array("d", BOX * len(flags)),
        areas=array("d", [0.12] * len(flags)),
        polygons=array("d", [1, 2, 3, nan, 4, 5, nan, nan, *[6, nan, nan] * (sum(has[2]) - 1)] if any(has[2]) else ()),
        keypoints=array("d", [7, 8, 2, nan] * sum(has[3])),
        boxed=has[0],
        sized=has[1],
        outlined=has[2],
        pointed=has[3],
        usual=usual,
    )


def entries(text: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(b"[" + text + b"]")
    return found


@pytest.mark.parametrize("usual", [True, False])
def test_an_area_without_a_box_is_left_as_it_is(usual: bool) -> None:
    text = b'{"area": 7, "id": 1}, {"bbox": [1, 2, 3, 4], "area": 12}'
    assert entries(spliced(text, numbers("", "ba", usual=usual))) == [{"area": 7, "id": 1}, {"bbox": BOX, "area": 0.12}]


def test_polygons_and_keypoints_stand_where_the_old_ones_did() -> None:
    text = (
        b'{"segmentation" : [ [1,2 , 3], [4 ,5]\n] , "keypoints":[1, 2,3], "x": [[1]]} ,'
        b' {"segmentation":[[9]],"id":1}, {"segmentation": {"counts": [1], "size": [1, 1]}}'
    )
    new = (
        b'{"segmentation": [[1.0,2.0,3.0],[4.0,5.0]] , "keypoints": [7.0,8.0,2.0], "x": [[1]]} ,'
        b' {"segmentation": [[6.0]],"id":1}, {"segmentation": {"counts": [1], "size": [1, 1]}}'
    )
    assert spliced(text, numbers("pk", "p", "")) == new


def test_keys_that_stand_elsewhere_too_are_not_taken_for_others() -> None:
    text = b'{"note": {"segmentation": [[0]], "keypoints": [1]}, "segmentation": [[1]], "keypoints": [0, 0, 0]}'
    for usual in (True, False):
        [found] = entries(spliced(text, numbers("pk", usual=usual)))
        assert found["note"] == {"segmentation": [[0]], "keypoints": [1]}
        assert (found["segmentation"], found["keypoints"]) == ([[1, 2, 3], [4, 5]], [7, 8, 2])


def test_what_gets_no_numbers_stays_byte_by_byte() -> None:
    text = b'{"bbox" : [1,2, 3,4],"area":1e3, "segmentation": [ [1]], "keypoints": []}'
    assert spliced(text, numbers("")) == text
