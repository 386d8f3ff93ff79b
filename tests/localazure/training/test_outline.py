"""Outlines of things in boxes: close where the thing stands out, the box itself where it does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from localazure.training.arrays import U8
from localazure.training.outline import outline

BOX = (60.0, 40.0, 80.0, 50.0)
CORNERS = [60, 40, 140, 40, 140, 90, 60, 90]


def scene(*, thing: bool) -> U8:
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(190, 230, (150, 200, 3)).astype(np.uint8))
    if thing:
        ImageDraw.Draw(image).ellipse((60, 40, 139, 89), fill=(200, 40, 30))
    return np.asarray(image, np.uint8)


def drawn(points: list[float]) -> U8:
    mask = Image.new("1", (200, 150))
    ImageDraw.Draw(mask).polygon(points, fill=1)
    return np.asarray(mask, np.uint8)


def test_the_outline_of_an_ellipse_is_nearly_the_ellipse() -> None:
    found = drawn(outline(scene(thing=True), BOX))
    truth = np.asarray(scene(thing=True)[..., 1] < 100, np.uint8)
    assert (found & truth).sum() / (found | truth).sum() > 0.93


def test_the_same_picture_has_the_same_outline() -> None:
    assert outline(scene(thing=True), BOX) == outline(scene(thing=True), BOX)


@pytest.mark.parametrize("pixels", [np.full((150, 200, 3), 90, np.uint8), np.zeros((150, 200, 3), np.uint8)])
def test_where_nothing_stands_out_the_outline_is_the_box(pixels: U8) -> None:
    assert outline(pixels, BOX) == CORNERS


def test_a_box_of_a_few_pixels_stays_a_box() -> None:
    assert outline(scene(thing=True), (10.0, 10.0, 3.0, 3.0)) == [10, 10, 13, 10, 13, 13, 10, 13]


@settings(max_examples=15, deadline=None)
@given(left=st.floats(0, 180), top=st.floats(0, 130), width=st.floats(1, 200), height=st.floats(1, 150))
def test_an_outline_never_leaves_its_box(left: float, top: float, width: float, height: float) -> None:
    width, height = min(width, 200 - left), min(height, 150 - top)
    points = outline(scene(thing=True), (left, top, width, height))
    assert 6 <= len(points) <= 80
    assert len(points) % 2 == 0
    assert all(left - 1e-3 <= x <= left + width + 1e-3 for x in points[::2])
    assert all(top - 1e-3 <= y <= top + height + 1e-3 for y in points[1::2])
