"""Clutter: things that are not looked for, some of them in the colours of fruit.

Owns: boxes, mugs, bottles, balls, leaves, sticks, rings and cloths.
Leaves: placing and shadows to `scene`.
"""

import numpy as np
from numpy.typing import NDArray

from automation.drawing.light import Light, shade
from automation.drawing.noise import fractal
from automation.drawing.pixels import Pixels, Plane, hsv, slopes, smoothstep
from automation.drawing.shapes import Patch, Sprite, patch, turned

__all__ = ["CLUTTER", "draw"]

CLUTTER = ("ball", "bottle", "box", "cloth", "leaf", "mug", "ring", "stick")


def draw(rng: np.random.Generator, kind: str, size_px: float, light: Light) -> Sprite:
    """One thing of `kind` (one of `CLUTTER`), about `size_px` long."""
    where = patch(size_px / 2)
    angle = rng.normal(0, 0.25) if kind == "bottle" and rng.random() < 0.5 else rng.uniform(-np.pi, np.pi)
    u, v = turned(where.u, where.v, angle)
    draw_kind = {
        "ball": _ball,
        "bottle": _bottle,
        "box": _box,
        "cloth": _cloth,
        "leaf": _leaf,
        "mug": _mug,
        "ring": _ring,
        "stick": _stick,
    }[kind]
    return draw_kind(rng, where, u, v, light)


def _colour(rng: np.random.Generator) -> NDArray[np.float32]:
    """Any colour; every third time one that fruit has."""
    if rng.random() < 0.35:
        hue, saturation, value = ((0.99, 0.82, 0.68), (0.14, 0.75, 0.9), (0.075, 0.92, 0.93), (0.25, 0.68, 0.68))[
            rng.integers(4)
        ]
        return hsv(hue + rng.normal(0, 0.012), saturation, value + rng.normal(0, 0.06))
    return hsv(rng.random(), rng.uniform(0.05, 0.85), rng.uniform(0.2, 0.9))


def _sprite(where: Patch, edge: Plane, lit: Pixels, *, rise: float) -> Sprite:
    alpha = np.clip(edge * where.radius + 0.5, 0.0, 1.0).astype(np.float32)
    return Sprite(alpha=alpha, colour=lit, rise=rise * where.radius)


def _lit(colour: NDArray[np.float32], tone: Plane, shine: Plane | None = None) -> Pixels:
    """A colour under a light that differs from place to place, with the highlight on it."""
    body = colour * tone[..., None]
    return body if shine is None else body + shine[..., None]


def _worn(rng: np.random.Generator, where: Patch) -> Plane:
    return (0.9 + 0.2 * fractal(rng, *where.shape, cells_across=6, octaves=3)).astype(np.float32)


def _box(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    half = rng.uniform(0.3, 0.62)
    edge = np.minimum(0.78 - np.abs(u), half - np.abs(v))
    stripes = 1 - rng.uniform(0.0, 0.35) * (np.sin(u * rng.uniform(3, 14) + 1) > 0.3)
    label = (np.abs(u) < 0.45) & (np.abs(v) < half * 0.55)
    tone = (0.75 + 0.3 * light.z) * stripes * _worn(rng, where) * np.where(label, rng.uniform(0.7, 1.25), 1.0)
    tone = tone * (1 - 0.35 * smoothstep(edge.astype(np.float32), 0.035, 0.0))
    return _sprite(where, edge, _lit(_colour(rng), tone), rise=0.35)


def _cloth(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    around = np.arctan2(v, u)
    wobble = sum(rng.uniform(0.02, 0.09) * np.cos(k * around + rng.uniform(0, 6)) for k in range(2, 7))
    edge = 0.75 + wobble - np.sqrt(u * u + v * v)
    folds = fractal(rng, *where.shape, cells_across=4, octaves=3)
    right, down = slopes(folds * np.float32(where.radius * 0.9))
    brightness, _ = shade(-right, -down, np.ones_like(u), light, gloss=0, shine=8)
    weave = 1 + 0.05 * np.sin(u * where.radius * 1.3) * np.sin(v * where.radius * 1.3)
    return _sprite(where, edge, _lit(_colour(rng), brightness * weave), rise=0.05)


def _round(
    rng: np.random.Generator, across: Plane, light: Light, axis: tuple[Plane, Plane], gloss: float
) -> tuple[Plane, Plane]:
    """Light on a cylinder: `across` is -1..1, `axis` the direction across it on the screen."""
    side = np.clip(across, -1, 1)
    nx, ny = axis[0] * side, axis[1] * side
    return shade(
        nx, ny, np.sqrt(np.clip(1 - side * side, 0.02, 1)), light, gloss=gloss, shine=float(rng.uniform(12, 40))
    )


def _across(where: Patch, u: Plane) -> tuple[Plane, Plane]:
    """The direction in which u grows, on the screen."""
    right, down = slopes(u)
    return right * where.radius, down * where.radius


def _bottle(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    belly, neck = rng.uniform(0.24, 0.34), rng.uniform(0.08, 0.12)
    half = neck + (belly - neck) * smoothstep(v, rng.uniform(-0.5, -0.3), rng.uniform(-0.2, 0.0))
    edge = np.minimum(0.97 - np.abs(v), half - np.abs(u))
    brightness, shine = _round(rng, u / half, light, _across(where, u), rng.uniform(0.3, 0.8))
    label = 1 + rng.uniform(-0.4, 0.5) * ((v > 0.2) & (v < 0.7))
    return _sprite(where, edge, _lit(_colour(rng), brightness * label, shine), rise=0.3)


def _mug(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    distance = np.sqrt(u * u + v * v)
    handle = 0.07 - np.abs(np.sqrt((u - 0.68) ** 2 + v * v) - 0.2)
    edge = np.maximum(0.7 - distance, handle)
    inside = smoothstep(distance, 0.62, 0.6)
    drink = smoothstep(distance, 0.5, 0.49)
    tone = 1.0 - 0.35 * inside * (1 - drink) - 0.6 * drink + 0.1 * (u * light.x + v * light.y)
    return _sprite(where, edge, _lit(_colour(rng), tone), rise=0.6)


def _ball(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    """Blue, violet or grey, striped or dimpled: round like fruit, in colours fruit does not have."""
    distance = np.sqrt(u * u + v * v)
    z = np.sqrt(np.clip(0.9 - distance**2, 0, 1)).astype(np.float32)
    brightness, shine = shade(where.u, where.v, z, light, gloss=rng.uniform(0.1, 0.7), shine=rng.uniform(10, 50))
    stripes = 1 - rng.uniform(0.2, 0.7) * (
        np.sin(np.arcsin(np.clip(v, -1, 1)) * rng.uniform(4, 12)) > rng.uniform(-0.2, 0.6)
    )
    colour = hsv(rng.uniform(0.48, 0.85), rng.uniform(0.1, 0.85), rng.uniform(0.3, 0.9))
    return _sprite(where, 0.95 - distance, _lit(colour, brightness * stripes, shine), rise=0.9)


def _leaf(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    edge = rng.uniform(0.3, 0.5) * np.clip(1 - u * u, 0, 1) * (1 - 0.3 * u) - np.abs(v)
    veins = np.abs(np.sin(u * 13 + np.abs(v) * 10))
    tone = (0.7 + 0.3 * light.z) * (0.8 + 0.25 * veins) * (1 - 0.35 * np.exp(-((v / 0.025) ** 2))) * _worn(rng, where)
    hue = rng.uniform(0.22, 0.38) if rng.random() < 0.7 else rng.uniform(0.06, 0.12)
    return _sprite(where, edge, _lit(hsv(hue, rng.uniform(0.45, 0.7), rng.uniform(0.3, 0.6)), tone), rise=0.05)


def _stick(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    """A pencil, a handle, a spoon."""
    half = rng.uniform(0.05, 0.09) + (rng.random() < 0.5) * 0.16 * np.clip(1 - ((u - 0.72) / 0.26) ** 2, 0, 1) ** 0.5
    edge = np.minimum(0.97 - np.abs(u), half - np.abs(v))
    brightness, shine = _round(rng, v / np.maximum(half, 1e-3), light, _across(where, v), rng.uniform(0.1, 0.8))
    tip = np.where(u < -0.85, 0.5, 1.0)
    return _sprite(where, edge, _lit(_colour(rng), (brightness * tip), shine), rise=0.08)


def _ring(rng: np.random.Generator, where: Patch, u: Plane, v: Plane, light: Light) -> Sprite:
    middle, half = 0.75, rng.uniform(0.08, 0.2)
    distance = np.sqrt(u * u + v * v)
    across = (distance - middle) / half
    axis = (
        (where.u / np.maximum(distance, 1e-3)).astype(np.float32),
        (where.v / np.maximum(distance, 1e-3)).astype(np.float32),
    )
    brightness, shine = _round(rng, across, light, axis, rng.uniform(0.2, 0.9))
    return _sprite(where, half - np.abs(distance - middle), _lit(_colour(rng), brightness, shine), rise=0.12)
