"""Scenes: boxes are exact, what is looked for stays visible, every kind can be drawn."""

import numpy as np
import pytest

from automation.drawing import clutter, fruit
from automation.drawing.backgrounds import GROUNDS, draw_ground
from automation.drawing.light import draw_light
from automation.drawing.pets import DOUBTS, draw_pet_scene
from automation.drawing.pixels import hsv
from automation.drawing.scene import Canvas, draw_fruit_scene
from automation.drawing.shapes import Sprite
from automation.drawing.types import Mark


def _square(side: int) -> Sprite:
    return Sprite(alpha=np.ones((side, side), np.float32), colour=np.ones((side, side, 3), np.float32), rise=1.0)


@pytest.mark.parametrize("number", range(6))
def test_boxes_are_tight_around_the_visible_pixels_and_inside_the_picture(number: int) -> None:
    picture = draw_fruit_scene(np.random.default_rng([3, number]), first="banana", long_side_px=240)
    height, width = picture.pixels.shape[:2]
    labelled = [owner for owner in range(int(picture.owners.max()) + 1) if (picture.owners == owner).any()]
    tight: set[tuple[int, int, int, int]] = set()
    for owner in labelled:
        rows, columns = np.nonzero(picture.owners == owner)
        box = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
        tight.add((int(box[0]), int(box[1]), int(box[2]), int(box[3])))
    assert picture.marks
    for mark in picture.marks:
        assert mark.box is not None
        left, top, wide, tall = mark.box
        assert mark.box in tight
        assert 0 <= left < left + wide <= width
        assert 0 <= top < top + tall <= height


def test_the_first_thing_asked_for_is_in_the_picture() -> None:
    for number, kind in enumerate(fruit.FRUIT):
        picture = draw_fruit_scene(np.random.default_rng(number), first=kind, long_side_px=160)
        assert kind in {mark.label for mark in picture.marks}


def test_a_box_shrinks_to_what_a_later_thing_leaves_visible() -> None:
    rng = np.random.default_rng(0)
    light = draw_light(rng)
    canvas = Canvas(np.zeros((20, 20, 3), np.float32))
    assert canvas.place(rng, _square(20), light, "below")
    before = canvas.marks()[0].box
    canvas.paste(_square(20), light, centre=(10, 22))
    assert before is not None
    left, top, wide, _ = before
    assert canvas.marks()[0] == Mark(label="below", box=(left, top, wide, 12 - top))


def test_nothing_is_placed_where_it_would_hide_what_is_looked_for() -> None:
    rng = np.random.default_rng(0)
    light = draw_light(rng)
    canvas = Canvas(np.zeros((20, 20, 3), np.float32))
    assert canvas.place(rng, _square(20), light, "below")
    pixels = canvas.pixels.copy()
    assert not canvas.place(rng, _square(20), light, "above")
    assert np.array_equal(canvas.pixels, pixels)


@pytest.mark.parametrize("kind", sorted(GROUNDS))
def test_every_ground_fills_the_picture(kind: str) -> None:
    ground = draw_ground(np.random.default_rng(1), 40, 60, kind=kind)
    assert ground.shape == (40, 60, 3)
    assert np.isfinite(ground).all()
    assert ground.std() > 0.005


@pytest.mark.parametrize("kind", clutter.CLUTTER)
def test_every_kind_of_clutter_covers_part_of_its_patch(kind: str) -> None:
    rng = np.random.default_rng(2)
    sprite = clutter.draw(rng, kind, 60, draw_light(rng))
    assert 0.02 < float((sprite.alpha > 0.5).mean()) < 0.98
    assert np.isfinite(sprite.colour).all()


@pytest.mark.parametrize(("kind", "hues"), [("apple", (0.9, 0.35)), ("banana", (0.08, 0.25)), ("orange", (0.03, 0.11))])
def test_fruit_has_the_colour_that_is_typical_of_it(kind: str, hues: tuple[float, float]) -> None:
    import colorsys

    for seed in range(5):
        rng = np.random.default_rng(seed)
        sprite = fruit.draw(rng, kind, 80, draw_light(rng))
        middle = np.median(sprite.colour[sprite.alpha > 0.9], axis=0)
        hue = colorsys.rgb_to_hsv(*(float(c) for c in middle))[0]
        low, high = hues
        assert (low <= hue <= high) if low < high else (hue >= low or hue <= high)


@pytest.mark.parametrize("doubt", DOUBTS)
def test_every_doubt_can_be_drawn(doubt: str) -> None:
    picture = draw_pet_scene(np.random.default_rng(4), label="Uncertain", long_side_px=120, doubt=doubt)
    assert picture.marks == (Mark(label="Uncertain"),)
    assert picture.pixels.dtype == np.uint8


def test_a_colour_is_clipped_and_its_hue_wraps() -> None:
    assert hsv(1.0, 1.0, 2.0).tolist() == [1.0, 0.0, 0.0]
