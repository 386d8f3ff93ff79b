"""Shapes: sprites, the patch they are drawn in, and the two bodies that most things are made of.

Owns: `Sprite`, coordinates inside a patch, balls (round bodies with a pole) and tubes (bodies along a curve).
Leaves: colour and texture to `fruit` and `clutter`, placing and shadows to `scene`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automation.drawing.pixels import Pixels, Plane

__all__ = ["Patch", "Sprite", "Tube", "patch", "tilt", "tube", "turned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprite:
    """A thing that is drawn but not placed yet.

    Attributes:
        alpha: How much of each pixel it covers.
        colour: Its own light, already shaded.
        rise: How far it stands out of the table, in pixels; makes the shadow long.
    """

    alpha: Plane
    colour: Pixels
    rise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A square to draw one sprite in.

    Attributes:
        u: To the right, -1 to 1 over `radius` pixels each way, and a little beyond.
        v: Downwards, likewise.
        radius: Pixels per unit of u and v.
    """

    u: Plane
    v: Plane
    radius: float

    @property
    def shape(self) -> tuple[int, int]:
        return self.u.shape[0], self.u.shape[1]


def patch(radius: float, *, margin: float = 1.12) -> Patch:
    """A patch around the origin that reaches `margin` times `radius` pixels each way."""
    reach = int(np.ceil(radius * margin)) + 1
    axis = (np.arange(-reach, reach + 1, dtype=np.float32)) / np.float32(radius)
    u, v = np.meshgrid(axis, axis)
    return Patch(u=u, v=v, radius=radius)


def turned(u: Plane, v: Plane, angle: float) -> tuple[Plane, Plane]:
    """Coordinates along axes that are turned by `angle` (radians, clockwise on the screen)."""
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return u * c + v * s, v * c - u * s


def tilt(
    normal: tuple[Plane, Plane, Plane], towards: tuple[Plane, Plane, Plane], amount: Plane
) -> tuple[Plane, Plane, Plane]:
    """Normals that lean along `towards` by `amount` (a slope)."""
    return (
        normal[0] + amount * towards[0],
        normal[1] + amount * towards[1],
        normal[2] + amount * towards[2],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """Where each pixel lies relative to a curve with a radius.

    Attributes:
        along: 0 at the start of the curve, 1 at its end.
        across: -1 at one flank, 1 at the other, beyond outside.
        edge: Signed distance to the flank in units of the patch, positive inside.
        nx: Direction across the curve, to the right.
        ny: Direction across the curve, downwards.
    """

    along: Plane
    across: Plane
    edge: Plane
    nx: Plane
    ny: Plane


def tube(where: Patch, points: NDArray[np.float32], radii: NDArray[np.float32]) -> Tube:
    """Measure every pixel of a patch against a polyline whose thickness changes along it."""
    best = np.full(where.shape, -9.0, np.float32)
    along, across = np.zeros_like(best), np.zeros_like(best)
    nx, ny = np.zeros_like(best), np.zeros_like(best)
    count = len(points) - 1
    for i in range(count):
        (x0, y0), (x1, y1) = (float(a) for a in points[i]), (float(a) for a in points[i + 1])
        dx, dy = x1 - x0, y1 - y0
        length = float(np.hypot(dx, dy)) or 1e-6
        tx, ty = dx / length, dy / length
        near = _near(where, points[i : i + 2], float(max(radii[i], radii[i + 1])) + 2 / where.radius)
        px, py = where.u[near] - np.float32(x0), where.v[near] - np.float32(y0)
        share = np.clip((px * tx + py * ty) / length, 0.0, 1.0)
        ox, oy = px - share * np.float32(dx), py - share * np.float32(dy)
        radius = radii[i] + (radii[i + 1] - radii[i]) * share
        distance = np.sqrt(ox * ox + oy * oy)
        edge = radius - distance
        nearer = edge > best[near]
        side = px * np.float32(-ty) + py * np.float32(tx)
        best[near] = np.where(nearer, edge, best[near])
        along[near] = np.where(nearer, (i + share) / count, along[near])
        signed = np.where(side < 0, -distance, distance) / np.maximum(radius, 1e-3)
        across[near] = np.where(nearer, signed, across[near])
        nx[near], ny[near] = np.where(nearer, np.float32(-ty), nx[near]), np.where(nearer, np.float32(tx), ny[near])
    return Tube(along=along, across=across, edge=best, nx=nx, ny=ny)


def _near(where: Patch, ends: NDArray[np.float32], reach: float) -> tuple[slice, slice]:
    """The part of a patch that a piece of tube can touch."""
    middle = (where.shape[0] - 1) / 2
    low = np.floor((ends.min(0) - reach) * where.radius + middle).astype(int)
    high = np.ceil((ends.max(0) + reach) * where.radius + middle).astype(int) + 1
    x0, y0 = (int(c) for c in np.clip(low, 0, where.shape[0]))
    x1, y1 = (int(c) for c in np.clip(high, 0, where.shape[0]))
    return slice(y0, y1), slice(x0, x1)
