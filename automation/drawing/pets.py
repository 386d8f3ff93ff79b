"""Pets: one cat or dog per picture, or a picture that leaves it open.

Owns: pose, place, scene, and what makes a picture uncertain.
Leaves: the animals to `cat` and `dog`, grounds to `backgrounds`.
"""

import numpy as np

from automation.drawing import clutter
from automation.drawing.backgrounds import GROUNDS, draw_ground
from automation.drawing.cat import draw_cat
from automation.drawing.dog import draw_dog
from automation.drawing.fur import Animal
from automation.drawing.light import Light, draw_light, photograph
from automation.drawing.pixels import blend, blur
from automation.drawing.scene import Canvas, draw_frame
from automation.drawing.types import Mark, Picture

__all__ = ["DOUBTS", "draw_pet_scene"]

DOUBTS = ("behind", "blurred", "dark", "far", "hidden", "none", "cut off")
"""Why a picture is Uncertain."""

_INDOORS = tuple(sorted(set(GROUNDS) - {"plate"}))


def draw_pet_scene(rng: np.random.Generator, *, label: str, long_side_px: int, doubt: str | None = None) -> Picture:
    """A photo-like picture of a cat or a dog, or of something between.

    Args:
        rng: Where everything comes from.
        label: Cat, Dog or Uncertain.
        long_side_px: Longer side of the picture.
        doubt: Why it is Uncertain (one of `DOUBTS`); any when not given.
    """
    width, height = draw_frame(rng, long_side_px)
    light = draw_light(rng)
    canvas = Canvas(draw_ground(rng, height, width, kind=str(rng.choice(_INDOORS))))
    doubt = (doubt or str(rng.choice(DOUBTS))) if label == "Uncertain" else None
    for _ in range(int(rng.integers(0, 3))):
        _add_clutter(rng, canvas, light, long_side_px * float(rng.uniform(0.12, 0.3)))
    if doubt == "none":
        for _ in range(int(rng.integers(1, 4))):
            _add_clutter(rng, canvas, light, long_side_px * float(rng.uniform(0.2, 0.45)))
    else:
        _add_animal(rng, canvas, light, label, doubt)
    pixels = photograph(rng, canvas.pixels)
    if doubt == "blurred":
        pixels = (blur(pixels.astype(np.float32), long_side_px * float(rng.uniform(0.025, 0.045))) + 0.5).astype(
            np.uint8
        )
    elif doubt == "dark":
        pixels = (pixels * rng.uniform(0.08, 0.16) + rng.normal(8, 4, pixels.shape)).clip(0, 255).astype(np.uint8)
    quality = int(rng.integers(80, 95))
    return Picture(pixels=pixels, marks=(Mark(label=label),), owners=canvas.owners, quality=quality)


def _add_clutter(rng: np.random.Generator, canvas: Canvas, light: Light, size_px: float) -> None:
    sprite = clutter.draw(rng, str(rng.choice(clutter.CLUTTER)), size_px, light)
    canvas.place(rng, sprite, light, None)


def _add_animal(rng: np.random.Generator, canvas: Canvas, light: Light, label: str, doubt: str | None) -> None:
    height, width = (int(side) for side in canvas.owners.shape)
    side = min(height, width)
    radius = side * float(rng.uniform(0.17, 0.33))
    x, y = width * rng.uniform(0.32, 0.68), height * rng.uniform(0.34, 0.55)
    if doubt == "far":
        radius = side * float(rng.uniform(0.025, 0.045))
        x, y = width * rng.uniform(0.1, 0.9), height * rng.uniform(0.2, 0.8)
    elif doubt == "cut off":
        x, y = (-0.45 * radius, y) if rng.random() < 0.5 else (width + 0.45 * radius, y)
    down, right = np.mgrid[0:height, 0:width].astype(np.float32)
    roll = float(rng.normal(0, 0.16))
    c, s = float(np.cos(roll)), float(np.sin(roll))
    dx, dy = (right - float(x)) / radius, (down - float(y)) / radius
    flat = float(rng.uniform(0.92, 1.08))
    fluff = float(rng.uniform(0.015, 0.055))
    animal = Animal(rng=rng, u=(dx * c + dy * s) / flat, v=dy * c - dx * s, radius=radius, light=light, fluff=fluff)
    draw = {"Cat": draw_cat, "Dog": draw_dog}.get(label) or (draw_cat if rng.random() < 0.5 else draw_dog)
    draw(animal, yaw=float(np.clip(rng.normal(0, 0.5), -1, 1)), face=doubt != "behind")
    margin = int(0.6 * radius) + 2
    shift = (round(0.1 * radius), round(-light.x * 0.5 * radius))
    shadow = np.roll(blur(np.pad(animal.alpha, margin, mode="edge"), radius * 0.18), shift, (0, 1))
    shadow = shadow[margin:-margin, margin:-margin] * light.shadow
    canvas.pixels = blend(canvas.pixels * (1 - shadow)[..., None], animal.colour.clip(0, 1), animal.alpha)
    if doubt == "hidden":
        for _ in range(3):
            kind = str(rng.choice(["box", "cloth", "leaf"]))
            sprite = clutter.draw(rng, kind, radius * float(rng.uniform(2.4, 3.2)), light)
            at = (float(x + rng.normal(0, 0.3) * radius), float(y + rng.normal(0.1, 0.3) * radius))
            canvas.paste(sprite, light, centre=at)
