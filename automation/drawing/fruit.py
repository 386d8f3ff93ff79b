"""Apples, bananas and oranges, each with the colours that are typical of it.

Owns: the bodies, skins and stems of the three fruits; every call of `draw` gives another one.
Leaves: placing, shadows and boxes to `scene`.
"""

import numpy as np
from numpy.typing import NDArray

from automation.drawing.light import Light, shade
from automation.drawing.noise import fractal, grain
from automation.drawing.pixels import Pixels, Plane, blend, hsv, slopes, smoothstep
from automation.drawing.shapes import Patch, Sprite, patch, tilt, tube

__all__ = ["FRUIT", "draw"]

FRUIT = ("apple", "banana", "orange")


def draw(rng: np.random.Generator, kind: str, size_px: float, light: Light) -> Sprite:
    """One fruit.

    Args:
        rng: Where its shape and colour come from.
        kind: One of `FRUIT`.
        size_px: About its longest side.
        light: The light of the scene.
    """
    draw_kind = {"apple": _apple, "banana": _banana, "orange": _orange}[kind]
    return draw_kind(rng, size_px / 2, light)


class _Ball:
    """A round body: normals, and latitude and longitude around a pole that may point anywhere.

    The outline is `reach(angle)`; inside it the body bulges like a sphere.
    """

    def __init__(self, where: Patch, pole: tuple[float, float, float], reach: Plane) -> None:
        distance = np.sqrt(where.u**2 + where.v**2)
        self.inside = np.clip((reach - distance) * where.radius + 0.5, 0.0, 1.0)
        share = np.clip(distance / reach, 0.0, 1.0)
        self.x, self.y = where.u / reach, where.v / reach
        self.z = np.sqrt(np.clip(1.0 - share * share, 0.0, 1.0)).astype(np.float32)
        px, py, pz = (np.float32(p) for p in pole)
        cosine = np.clip(self.x * px + self.y * py + self.z * pz, -1.0, 1.0)
        self.latitude = np.arccos(cosine)
        # Directions on the surface: away from the pole, and the longitude around it.
        sine = np.maximum(np.sin(self.latitude), 1e-3)
        self.away = (
            (self.x * cosine - px) / sine,
            (self.y * cosine - py) / sine,
            (self.z * cosine - pz) / sine,
        )
        sideways = np.array([pz, 0.0, -px]) if abs(pz) + abs(px) > 0.1 else np.array([1.0, 0.0, 0.0])
        sideways = sideways / np.linalg.norm(sideways)
        upright = np.cross(np.array(pole), sideways)
        east = self.x * np.float32(sideways[0]) + self.y * np.float32(sideways[1]) + self.z * np.float32(sideways[2])
        north = self.x * np.float32(upright[0]) + self.y * np.float32(upright[1]) + self.z * np.float32(upright[2])
        self.longitude = np.arctan2(north, east)

    @property
    def normal(self) -> tuple[Plane, Plane, Plane]:
        return self.x, self.y, self.z


def _pole(rng: np.random.Generator) -> tuple[float, float, float]:
    """Where a fruit's stem points: mostly up, seen from a little above, sometimes anywhere."""
    if rng.random() < 0.7:
        direction = np.array([rng.normal(0, 0.3), -1.0, rng.uniform(0.0, 1.1)])
    else:
        direction = rng.normal(0, 1, 3)
    x, y, z = (float(v) for v in direction / np.linalg.norm(direction))
    return x, y, z


def _apple(rng: np.random.Generator, radius: float, light: Light) -> Sprite:
    where = patch(radius, margin=1.2)
    pole = _pole(rng)
    around = np.arctan2(where.v, where.u)
    reach = _apple_outline(rng, around, pole)
    ball = _Ball(where, pole, reach)
    height, width = where.shape

    skin, second = _apple_colours(rng)
    clouds = fractal(rng, height, width, cells_across=3, octaves=3)
    streaks = 0.5 + 0.5 * np.sin(
        ball.longitude * rng.integers(16, 30) + 7.0 * fractal(rng, height, width, cells_across=6, octaves=3)
    )
    share = smoothstep(clouds + 0.25 * streaks + rng.uniform(-0.25, 0.1) * ball.latitude, 0.45, 0.85)
    colour: Pixels = blend(
        np.broadcast_to(skin, (height, width, 3)).astype(np.float32), second, share * np.float32(rng.uniform(0.2, 0.95))
    )
    near_pole = np.exp(-((ball.latitude / 0.5) ** 2)).astype(np.float32)
    colour = blend(colour, hsv(0.18, 0.6, 0.6), near_pole * np.float32(rng.uniform(0.1, 0.6)))
    specks = smoothstep(grain(rng, height, width, sigma=max(0.6, radius / 70)), 2.0, 2.6)
    colour = blend(colour, hsv(0.13, 0.35, 0.9), specks * np.float32(rng.uniform(0.1, 0.5)))

    dip = 0.9 * ball.latitude / 0.28**2 * np.exp(-((ball.latitude / 0.28) ** 2)) * 0.28
    end = np.pi - ball.latitude
    dimple = 0.7 * end / 0.22**2 * np.exp(-((end / 0.22) ** 2)) * 0.22
    nx, ny, nz = tilt(ball.normal, ball.away, (dimple - dip).astype(np.float32))
    brightness, highlight = shade(nx, ny, nz, light, gloss=rng.uniform(0.25, 0.7), shine=rng.uniform(18, 60))
    hollow = 1.0 - 0.6 * np.exp(-((ball.latitude / 0.2) ** 2)) - 0.55 * np.exp(-((end / 0.14) ** 2))
    colour = (colour * (brightness * _rounding(ball.z) * hollow)[..., None] + highlight[..., None]).astype(np.float32)
    sprite = Sprite(alpha=ball.inside.astype(np.float32), colour=colour, rise=radius)
    return _with_stem(rng, sprite, where, pole, light) if pole[2] > -0.15 and rng.random() < 0.8 else sprite


def _apple_outline(rng: np.random.Generator, around: Plane, pole: tuple[float, float, float]) -> Plane:
    """Broad shoulders, a dent at the stem and a smaller one at the end, as far as they show from here."""
    stem = np.arctan2(pole[1], pole[0])
    aside = float(np.hypot(pole[0], pole[1]))
    away = np.abs(np.angle(np.exp(1j * (around - stem)))).astype(np.float32)
    side = aside**3
    dent = 0.13 * side * max(0.0, 1.0 - abs(pole[2])) * np.exp(-((away / 0.42) ** 2))
    taper = 0.09 * side * (1 - np.cos(away)) / 2 + 0.05 * side * np.exp(-(((away - np.pi) / 0.35) ** 2))
    wobble = 0.012 * np.cos(2 * around + rng.uniform(0, 6)) + 0.012 * np.cos(3 * around + rng.uniform(0, 6))
    squash = rng.uniform(-0.04, 0.05) * side * np.cos(2 * away)
    return (0.97 - dent - taper + wobble - squash).astype(np.float32)


def _apple_colours(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The skin and what streaks it: red on yellow-green, dark red, or green."""
    pick = rng.random()
    if pick < 0.5:
        return hsv(rng.normal(0.99, 0.012), rng.uniform(0.75, 0.9), rng.uniform(0.55, 0.8)), hsv(
            rng.uniform(0.1, 0.19), 0.6, rng.uniform(0.7, 0.85)
        )
    if pick < 0.75:
        return hsv(rng.normal(0.98, 0.012), rng.uniform(0.8, 0.92), rng.uniform(0.4, 0.6)), hsv(0.02, 0.75, 0.7)
    return hsv(rng.normal(0.245, 0.015), rng.uniform(0.6, 0.75), rng.uniform(0.6, 0.78)), hsv(
        rng.uniform(0.17, 0.2), 0.55, 0.85
    )


def _with_stem(
    rng: np.random.Generator, sprite: Sprite, where: Patch, pole: tuple[float, float, float], light: Light
) -> Sprite:
    """The sprite with a thin brown stem that comes out of its pole."""
    foot = np.array([pole[0], pole[1]]) * 0.72
    length = rng.uniform(0.22, 0.4)
    bend = rng.uniform(-0.15, 0.15)
    lean = np.array([pole[0] + bend, pole[1] - 0.15])
    points = np.array([foot, foot + lean * length * 0.5, foot + lean * length + np.array([bend * 0.4, 0])], np.float32)
    stem = tube(where, points, np.array([0.028, 0.026, 0.042], np.float32))
    cover = np.clip(stem.edge * where.radius + 0.5, 0.0, 1.0)
    lit, _ = shade(
        stem.nx * stem.across, stem.ny * stem.across, np.full(where.shape, 0.7, np.float32), light, gloss=0, shine=8
    )
    bark = hsv(rng.uniform(0.06, 0.12), 0.55, rng.uniform(0.25, 0.45))
    colour = blend(sprite.colour, (bark * lit[..., None]).astype(np.float32), cover)
    return Sprite(alpha=np.maximum(sprite.alpha, cover).astype(np.float32), colour=colour, rise=sprite.rise)


def _rounding(z: Plane) -> Plane:
    """Skin looks darker where it turns away."""
    return (0.72 + 0.28 * np.sqrt(z)).astype(np.float32)


def _orange(rng: np.random.Generator, radius: float, light: Light) -> Sprite:
    where = patch(radius)
    pole = _pole(rng)
    around = np.arctan2(where.v, where.u)
    reach = 0.98 + 0.012 * np.cos(2 * around + rng.uniform(0, 6)) + 0.008 * np.cos(3 * around + rng.uniform(0, 6))
    ball = _Ball(where, pole, reach.astype(np.float32))
    height, width = where.shape

    pores = grain(rng, height, width, sigma=max(0.7, radius / 48))
    right, down = slopes(pores)
    rough = np.float32(rng.uniform(0.1, 0.2) * max(0.7, radius / 48))
    nx, ny = (ball.x - rough * right).astype(np.float32), (ball.y - rough * down).astype(np.float32)
    button = np.exp(-((ball.latitude / 0.3) ** 2)).astype(np.float32)
    folds = button * 0.35 * np.sin(ball.longitude * 7)
    nx, ny, nz = tilt((nx, ny, ball.z), ball.away, (folds - 0.3 * button).astype(np.float32))
    brightness, highlight = shade(nx, ny, nz, light, gloss=rng.uniform(0.2, 0.45), shine=rng.uniform(10, 22))

    skin = hsv(rng.normal(0.073, 0.008), rng.uniform(0.88, 0.99), rng.uniform(0.86, 0.99))
    clouds = fractal(rng, height, width, cells_across=3, octaves=3)[..., None]
    colour: Pixels = (skin * (0.92 + 0.16 * clouds) * (1 + 0.025 * pores[..., None])).astype(np.float32)
    scar = np.exp(-(((ball.latitude) / rng.uniform(0.07, 0.11)) ** 4)).astype(np.float32)
    colour = blend(colour, hsv(rng.uniform(0.12, 0.3), 0.55, rng.uniform(0.25, 0.5)), scar * np.float32(0.9))
    colour = (colour * (brightness * _rounding(ball.z))[..., None] + highlight[..., None]).astype(np.float32)
    return Sprite(alpha=ball.inside.astype(np.float32), colour=colour, rise=radius)


def _banana(rng: np.random.Generator, radius: float, light: Light) -> Sprite:
    where = patch(radius, margin=1.05)
    height, width = where.shape
    points, radii = _banana_curve(rng)
    body = tube(where, points, radii)
    cover = np.clip(body.edge * where.radius + 0.5, 0.0, 1.0).astype(np.float32)

    # Around the tube: five soft faces with ridges between them.
    around = np.arcsin(np.clip(body.across, -1.0, 1.0))
    phase = np.float32(rng.uniform(0, 2 * np.pi))
    flat = smoothstep(np.abs(body.along - 0.45), 0.5, 0.3)
    faced = around - 0.17 * flat * np.sin(5 * around + phase)
    side, out = np.sin(faced), np.cos(faced)
    brightness, highlight = shade(
        (body.nx * side).astype(np.float32),
        (body.ny * side).astype(np.float32),
        out.astype(np.float32),
        light,
        gloss=rng.uniform(0.08, 0.25),
        shine=rng.uniform(8, 20),
    )
    ripe = rng.random()
    skin = hsv(rng.normal(0.142, 0.006) + 0.025 * (ripe < 0.3), rng.uniform(0.68, 0.85), rng.uniform(0.84, 0.97))
    clouds = fractal(rng, height, width, cells_across=5, octaves=3)
    colour: Pixels = (skin * (0.9 + 0.2 * clouds[..., None])).astype(np.float32)
    ends = smoothstep(np.abs(body.along - 0.45) + 0.15 * (clouds - 0.5), 0.28, 0.52)
    colour = blend(colour, hsv(rng.uniform(0.17, 0.23), 0.65, 0.68), ends * np.float32(rng.uniform(0.3, 0.9)))
    ridges = smoothstep(np.cos(5 * around + phase), 0.93, 1.0) * flat
    colour = blend(colour, hsv(0.11, 0.7, 0.55), ridges * np.float32(rng.uniform(0.15, 0.5)))
    if ripe > 0.4:
        spots = fractal(rng, height, width, cells_across=float(np.clip(radius / 4, 12, 40)), octaves=2)
        edge = rng.uniform(0.68, 0.8)
        colour = blend(colour, hsv(0.07, 0.65, 0.32), smoothstep(spots, edge, edge + 0.06) * np.float32(0.8))
    bruise = smoothstep(fractal(rng, height, width, cells_across=4, octaves=3), 0.66, 0.75)
    colour = blend(colour, hsv(0.08, 0.6, 0.45), bruise * np.float32(rng.uniform(0.0, 0.5)))
    tips = np.maximum(smoothstep(body.along, 0.02, 0.0), smoothstep(body.along + 0.03 * clouds, 0.975, 0.995))
    colour = blend(colour, hsv(0.07, 0.5, 0.16), tips)
    rounding = _rounding(np.clip(out, 0.0, 1.0).astype(np.float32))
    colour = (colour * (brightness * rounding)[..., None] + highlight[..., None]).astype(np.float32)
    return Sprite(alpha=cover, colour=colour, rise=radius * 0.32)


def _banana_curve(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centre line and thickness: a bend that tightens towards the neck, a body, a thin neck, a stub.

    The curve is turned at random and scaled to fill the unit circle.
    """
    along = np.linspace(0, 1, 25)
    bend = rng.uniform(1.0, 2.3) * rng.choice([-1, 1])
    kink = rng.uniform(-0.3, 0.9) * np.sign(bend)
    heading = bend * (along - 0.5) + kink * np.clip((along - 0.72) / 0.28, 0, 1) ** 2
    steps = np.stack([np.cos(heading), np.sin(heading)], 1)
    points = np.cumsum(steps, 0)
    points[:, 1] *= rng.uniform(0.8, 1.0)
    points = points - (points.max(0) + points.min(0)) / 2
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    length = float(np.ptp(points @ turn, axis=0).max())
    thick = rng.uniform(0.15, 0.2) * (2.0 / 25) * 25
    neck = rng.uniform(0.26, 0.38)
    body = np.where(
        along < 0.37, 1 - 0.8 * np.abs((along - 0.37) / 0.37) ** 2.4, 1 - np.clip((along - 0.37) / 0.42, 0, 1) ** 2.2
    )
    shoulder = neck + (1 - neck) * np.clip((0.84 - along) / 0.2, 0, 1)
    profile = np.where(along < 0.5, body, np.maximum(np.minimum(body, shoulder), neck))
    profile[-2:] *= (1.1, 1.25)
    spread = turn.T @ points.T
    fit = 2.0 * (1 - thick * 0.55) / max(length, float(np.ptp(spread, axis=1).max()))
    return (points @ turn * fit).astype(np.float32), (profile * thick).astype(np.float32)
