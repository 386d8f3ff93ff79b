"""Backgrounds: what lies under and behind the things of a scene.

Owns: a literal list of procedural grounds; none uses a photograph.
Leaves: things on top to `scene`, the light over everything to `light`.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from automation.drawing.noise import cells, fibres, fractal, grain
from automation.drawing.pixels import Pixels, Plane, blend, blur, hsv, smoothstep

__all__ = ["GROUNDS", "draw_ground", "paint"]

Ground: TypeAlias = Callable[[np.random.Generator, int, int], Pixels]


def draw_ground(rng: np.random.Generator, height: int, width: int, *, kind: str | None = None) -> Pixels:
    """A background of `kind` (one of `GROUNDS`), or of any kind."""
    names = sorted(GROUNDS)
    return GROUNDS[kind or names[int(rng.integers(len(names)))]](rng, height, width)


def paint(height: int, width: int, colour: NDArray[np.float32]) -> Pixels:
    """One colour everywhere."""
    return np.broadcast_to(colour, (height, width, 3)).astype(np.float32)


def _grid(rng: np.random.Generator, height: int, width: int, *, turn: float | None = None) -> tuple[Plane, Plane]:
    """Pixel coordinates along axes that are turned at random."""
    angle = rng.uniform(0, np.pi) if turn is None else turn
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return x * c + y * s, y * c - x * s


def _muted(rng: np.random.Generator) -> NDArray[np.float32]:
    """A colour for cloth, walls and tiles: any hue, seldom strong."""
    return hsv(rng.random(), rng.uniform(0, 0.3) + (rng.random() < 0.25) * 0.3, rng.uniform(0.35, 0.92))


def _wood(rng: np.random.Generator, height: int, width: int) -> Pixels:
    along, across = _grid(rng, height, width)
    plank = rng.uniform(55, 170)
    board = np.floor(across / plank)
    key = np.modf(np.abs(np.sin(board * 12.9898 + rng.uniform(0, 9)) * 437.58))[0]
    bend = fractal(rng, height, width, cells_across=3, octaves=3)
    rings = 0.5 + 0.5 * np.sin(
        (across + 30 * key) * rng.uniform(0.12, 0.3) + bend * rng.uniform(10, 22) + key * 40 + along * 0.006
    )
    fibre = fibres(rng, along, across)
    base = hsv(rng.uniform(0.05, 0.11), rng.uniform(0.25, 0.65), rng.uniform(0.35, 0.85))
    tone = 0.86 + 0.22 * key - 0.28 * rings * rng.uniform(0.3, 1.0) + 0.10 * fibre
    gap = smoothstep(np.abs(across / plank - board - 0.5).astype(np.float32), 0.487, 0.498)
    return (base * (tone * (1 - 0.6 * gap * (rng.random() < 0.75)))[..., None]).astype(np.float32)


def _linen(rng: np.random.Generator, height: int, width: int) -> Pixels:
    x, y = _grid(rng, height, width, turn=rng.uniform(-0.3, 0.3))
    frequency = rng.uniform(0.7, 1.5)
    weave = np.sin(x * frequency) * 0.5 + np.sin(y * frequency) * 0.5 + 0.5 * grain(rng, height, width, sigma=0.8)
    folds = fractal(rng, height, width, cells_across=2.5, octaves=2)
    return (_muted(rng) * (0.82 + 0.36 * folds + 0.035 * weave)[..., None]).astype(np.float32)


def _gingham(rng: np.random.Generator, height: int, width: int) -> Pixels:
    x, y = _grid(rng, height, width)
    size = rng.uniform(22, 60)
    stripes = (np.sin(x * np.pi / size) > 0).astype(np.float32), (np.sin(y * np.pi / size) > 0).astype(np.float32)
    pattern = blur(((stripes[0] + stripes[1]) / 2).astype(np.float32), 0.7)
    light = hsv(rng.random(), rng.uniform(0, 0.12), rng.uniform(0.8, 0.95))
    dark = hsv(rng.choice([0.0, 0.33, 0.58, 0.62, 0.08, 0.9]), rng.uniform(0.3, 0.75), rng.uniform(0.4, 0.8))
    folds = fractal(rng, height, width, cells_across=3, octaves=2) + 0.04 * grain(rng, height, width, sigma=0.7)
    return (blend(paint(height, width, light), dark, pattern) * (0.8 + 0.4 * folds)[..., None]).astype(np.float32)


def _marble(rng: np.random.Generator, height: int, width: int) -> Pixels:
    x, _ = _grid(rng, height, width)
    clouds = fractal(rng, height, width, cells_across=3, octaves=5, fade=0.6)
    vein = 1 - np.abs(np.sin(x * rng.uniform(0.008, 0.02) + 7 * clouds))
    base = hsv(rng.random(), rng.uniform(0, 0.12), rng.uniform(0.6, 0.95))
    tone = 0.85 + 0.3 * clouds - 0.35 * vein.astype(np.float32) ** 6
    return (base * tone[..., None]).astype(np.float32)


def _gravel(rng: np.random.Generator, height: int, width: int) -> Pixels:
    stones = cells(rng, height, width, size=rng.uniform(11, 26))
    base = hsv(rng.uniform(0.03, 0.14), rng.uniform(0.05, 0.35), rng.uniform(0.45, 0.75))
    lit = 1 - 0.5 * (stones.dx * float(rng.choice([-1, 1])) * rng.uniform(0.2, 0.7) + stones.dy)
    tone = (0.6 + 0.6 * stones.key) * lit * (0.35 + 0.65 * smoothstep(stones.edge, 0.0, 0.16))
    tone = tone + 0.06 * grain(rng, height, width, sigma=0.8)
    hue = hsv(rng.uniform(0, 0.15), 0.25, 0.7)
    return (blend(paint(height, width, base), hue, stones.key) * tone[..., None]).astype(np.float32)


def _tiles(rng: np.random.Generator, height: int, width: int) -> Pixels:
    x, y = _grid(rng, height, width, turn=float(rng.choice([0.0, 0.06, np.pi / 4, -0.1])))
    size = rng.uniform(50, 130)
    row = np.floor(y / size)
    shift = (row % 2) * 0.5 * (rng.random() < 0.5)
    column = np.floor(x / size + shift)
    inside = np.minimum(0.5 - np.abs(x / size + shift - column - 0.5), 0.5 - np.abs(y / size - row - 0.5))
    key = np.modf(np.abs(np.sin(row * 12.99 + column * 78.23) * 4375.85))[0].astype(np.float32)
    joint = smoothstep(inside.astype(np.float32), 0.035, 0.012)
    clouds = fractal(rng, height, width, cells_across=8, octaves=3)
    tile = _muted(rng) * (0.82 + 0.15 * key + 0.15 * clouds)[..., None]
    return blend(tile.astype(np.float32), hsv(0.1, 0.08, rng.uniform(0.25, 0.8)), joint)


def _grass(rng: np.random.Generator, height: int, width: int) -> Pixels:
    along, across = _grid(rng, height, width, turn=np.pi / 2 + rng.uniform(-0.5, 0.5))
    bend = 14 * fractal(rng, height, width, cells_across=9, octaves=2)
    blades = fibres(rng, along * 2.2 + 9 * bend, across * 0.4 + bend)
    clouds = fractal(rng, height, width, cells_across=5, octaves=3)
    tone = 0.62 + 0.16 * blades + 0.5 * (clouds - 0.5)
    light = hsv(rng.uniform(0.2, 0.3), rng.uniform(0.35, 0.6), rng.uniform(0.5, 0.75))
    return (
        blend(paint(height, width, light), hsv(0.13, 0.5, 0.6), smoothstep(clouds, 0.5, 0.75)) * tone[..., None]
    ).astype(np.float32)


def _studio(rng: np.random.Generator, height: int, width: int) -> Pixels:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    first, second = _muted(rng), _muted(rng)
    share = smoothstep(y / height + rng.uniform(-0.2, 0.2) * x / width, 0.1, 0.9)
    clouds = fractal(rng, height, width, cells_across=4, octaves=4)
    return (blend(paint(height, width, first), second, share) * (0.9 + 0.2 * clouds)[..., None]).astype(np.float32)


def _room(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A table in front of a wall."""
    table = _TABLES[int(rng.integers(len(_TABLES)))](rng, height, width)
    wall = _studio(rng, height, width) * np.float32(rng.uniform(0.7, 1.05))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    horizon = height * rng.uniform(0.12, 0.38) + rng.uniform(-0.08, 0.08) * (x - width / 2)
    behind = np.clip((horizon - y) * 0.8 + 0.5, 0, 1)
    crease = 1 - 0.25 * np.exp(-(((y - horizon) / 9) ** 2))
    return (blend(table, wall, behind) * crease[..., None]).astype(np.float32)


def _plate(rng: np.random.Generator, height: int, width: int) -> Pixels:
    ground = _TABLES[int(rng.integers(len(_TABLES)))](rng, height, width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    radius = min(height, width) * rng.uniform(0.42, 0.7)
    dx = (x - width * rng.uniform(0.35, 0.65)) / radius
    dy = (y - height * rng.uniform(0.35, 0.65)) / radius * rng.uniform(1.0, 1.5)
    distance = np.sqrt(dx * dx + dy * dy)
    shadow = blur(
        np.clip((1.02 - np.sqrt(dx * dx + (dy - 0.05) ** 2)) * radius, 0, 1).astype(np.float32), radius * 0.04
    )
    ground = (ground * (1 - 0.4 * shadow)[..., None]).astype(np.float32)
    glaze = hsv(rng.random(), rng.uniform(0, 0.25), rng.uniform(0.75, 0.97))
    rim = np.exp(-(((distance - 0.97) / 0.025) ** 2)) - 0.9 * np.exp(-(((distance - 0.7) / 0.05) ** 2))
    slope = smoothstep(distance, 0.62, 0.74) * (dx * float(rng.choice([-1, 1])) * 0.5 + dy) * 0.16
    plate = glaze * (0.9 + 0.08 * rim - slope)[..., None]
    if rng.random() < 0.4:
        band = np.exp(-(((distance - 0.86) / 0.02) ** 4)).astype(np.float32)
        plate = blend(plate.astype(np.float32), _muted(rng), band * np.float32(0.8))
    return blend(ground, plate.astype(np.float32), np.clip((1 - distance) * radius, 0, 1).astype(np.float32))


_TABLES: tuple[Ground, ...] = (_wood, _linen, _marble, _tiles, _gingham)

GROUNDS: dict[str, Ground] = {
    "gingham": _gingham,
    "grass": _grass,
    "gravel": _gravel,
    "linen": _linen,
    "marble": _marble,
    "plate": _plate,
    "room": _room,
    "studio": _studio,
    "tiles": _tiles,
    "wood": _wood,
}
"""Every kind of background by name."""
