"""Scenes: sprites on a ground, with shadows, overlap, and exact boxes of what stays visible.

Owns: the canvas, who owns which pixel, placing, fruit scenes.
Leaves: bodies to `fruit` and `clutter`, grounds to `backgrounds`, files to `album`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automation.drawing import clutter, fruit
from automation.drawing.backgrounds import draw_ground
from automation.drawing.light import Light, draw_light, photograph
from automation.drawing.pixels import Pixels, blur
from automation.drawing.shapes import Sprite
from automation.drawing.types import Mark, Picture

__all__ = ["Canvas", "draw_frame", "draw_fruit_scene"]

_LEAST_VISIBLE = 0.7
"""A thing that is looked for shows at least this share of itself, so that its box can be told from the picture."""

_PREFERRED_VISIBLE = 0.95
"""Half of the tries look for a place that hides no more than this leaves, so overlap is common but not the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    label: str | None
    area: int


class Canvas:
    """A picture that grows sprite by sprite and knows which sprite owns each pixel."""

    def __init__(self, ground: Pixels) -> None:
        self.pixels: Pixels = ground.copy()
        self.owners: NDArray[np.int16] = np.full(ground.shape[:2], -1, np.int16)
        self._placed: list[_Placed] = []

    def place(
        self, rng: np.random.Generator, sprite: Sprite, light: Light, label: str | None, *, tries: int = 40
    ) -> bool:
        """Paint a sprite where it and everything labelled before it stays visible enough.

        Returns:
            Whether a place was found; if not, nothing is painted.
        """
        height, width = (int(side) for side in self.owners.shape)
        tall, wide = (int(side) for side in sprite.alpha.shape)
        solid = sprite.alpha > 0.5
        area = int(solid.sum())
        for attempt in range(tries):
            least = _PREFERRED_VISIBLE if attempt < tries // 2 else _LEAST_VISIBLE
            left = int(rng.uniform(-0.12 * wide, width - 0.88 * wide))
            top = int(rng.uniform(-0.12 * tall, height - 0.88 * tall))
            window, inner = _overlap((left, top), sprite.alpha.shape, self.owners.shape)
            covered = solid[inner]
            needed = 0.8 if label else 0.3
            if covered.sum() < needed * area or not self._leaves_enough(window, covered, least):
                continue
            self._paint(sprite, (left, top), light)
            self.owners[window][covered] = len(self._placed)
            self._placed.append(_Placed(label=label, area=area))
            return True
        return False

    def paste(self, sprite: Sprite, light: Light, *, centre: tuple[float, float]) -> None:
        """Paint a sprite without a label around `centre` (right, down), whatever it hides."""
        tall, wide = sprite.alpha.shape
        corner = (round(centre[0] - wide / 2), round(centre[1] - tall / 2))
        self._paint(sprite, corner, light)
        window, inner = _overlap(corner, sprite.alpha.shape, self.owners.shape)
        self.owners[window][sprite.alpha[inner] > 0.5] = len(self._placed)
        self._placed.append(_Placed(label=None, area=0))

    def _paint(self, sprite: Sprite, corner: tuple[int, int], light: Light) -> None:
        self._shadow(sprite, *corner, light)
        window, inner = _overlap(corner, sprite.alpha.shape, self.owners.shape)
        share = sprite.alpha[inner][..., None]
        self.pixels[window] = self.pixels[window] * (1 - share) + np.clip(sprite.colour[inner], 0, 1) * share

    def marks(self) -> tuple[Mark, ...]:
        """The labelled things with the box of their visible pixels."""
        found: list[Mark] = []
        for owner, placed in enumerate(self._placed):
            if placed.label is None:
                continue
            rows, columns = np.nonzero(self.owners == owner)
            left, top = int(columns.min()), int(rows.min())
            box = (left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top)
            found.append(Mark(label=placed.label, box=box))
        return tuple(found)

    def _leaves_enough(self, window: tuple[slice, slice], covered: NDArray[np.bool_], least: float) -> bool:
        below = self.owners[window][covered]
        for owner in np.unique(below[below >= 0]):
            placed = self._placed[int(owner)]
            if placed.label is None:
                continue
            remains = int((self.owners == owner).sum()) - int((below == owner).sum())
            if remains < least * placed.area:
                return False
        return True

    def _shadow(self, sprite: Sprite, left: int, top: int, light: Light) -> None:
        """Darken what lies below: close contact all around, and a cast shadow away from the light."""
        tall, wide = sprite.alpha.shape
        margin = int(0.35 * max(tall, wide)) + 4
        cover = np.pad(sprite.alpha, margin)
        contact = blur(cover, 0.02 * wide + 0.8)
        length = sprite.rise / max(light.z, 0.3) * 0.55
        shift = (round(-light.y * length + 0.1 * sprite.rise), round(-light.x * length))
        cast = np.roll(blur(cover, (0.03 + 0.07 * light.softness) * sprite.rise + 1.0), shift, (0, 1))
        dark = 1.0 - (1.0 - 0.35 * contact) * (1.0 - light.shadow * cast)
        window, inner = _overlap((left - margin, top - margin), cover.shape, self.owners.shape)
        self.pixels[window] *= (1.0 - dark[inner])[..., None]


def _overlap(
    corner: tuple[int, int], size: tuple[int, ...], canvas: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of the canvas that a sprite meets, and the part of the sprite that meets it."""
    (left, top), (tall, wide), (height, width) = corner, size, canvas
    y0, y1 = max(top, 0), min(top + tall, height)
    x0, x1 = max(left, 0), min(left + wide, width)
    y1, x1 = max(y0, y1), max(x0, x1)
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))


def draw_fruit_scene(rng: np.random.Generator, *, first: str, long_side_px: int) -> Picture:
    """A photo-like picture of one to six fruits among clutter; the first is of the kind `first`."""
    width, height = draw_frame(rng, long_side_px)
    light = draw_light(rng)
    canvas = Canvas(draw_ground(rng, height, width))
    count = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.2, 0.26, 0.22, 0.16, 0.1, 0.06]))
    kinds = [first] + [_next_kind(rng, first) for _ in range(count - 1)]
    things: list[str | None] = [*kinds[1:], *([None] * int(rng.integers(0, 4)))]
    shuffled = sorted(range(len(things)), key=lambda _: rng.random())
    order: list[str | None] = [kinds[0], *(things[i] for i in shuffled)]
    side = min(height, width)
    typical = side * math.exp(rng.uniform(math.log(0.22), math.log(0.48 if count < 3 else 0.34)))
    for kind in order:
        size = typical * math.exp(rng.uniform(-0.22, 0.22))
        for shrink in (1.0, 0.75, 0.55):
            sprite = (
                clutter.draw(rng, str(rng.choice(clutter.CLUTTER)), size * shrink * float(rng.uniform(0.8, 1.8)), light)
                if kind is None
                else fruit.draw(rng, kind, size * shrink * (1.75 if kind == "banana" else 1.0), light)
            )
            if canvas.place(rng, sprite, light, kind):
                break
    quality = int(rng.integers(80, 95))
    return Picture(pixels=photograph(rng, canvas.pixels), marks=canvas.marks(), owners=canvas.owners, quality=quality)


def _next_kind(rng: np.random.Generator, first: str) -> str:
    return first if rng.random() < 0.2 else str(rng.choice(fruit.FRUIT))


def draw_frame(rng: np.random.Generator, long_side_px: int) -> tuple[int, int]:
    """Width and height in one of the usual proportions."""
    ratio = float(rng.choice([4 / 3, 4 / 3, 1.0, 3 / 4, 3 / 2]))
    return (long_side_px, round(long_side_px / ratio)) if ratio >= 1 else (round(long_side_px * ratio), long_side_px)
