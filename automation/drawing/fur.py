"""Furry bodies: parts that are laid over each other, with hair at their edges.

Owns: the stack of parts that becomes an animal, ellipses and ears, hair.
Leaves: which parts make a cat or a dog to `cat` and `dog`.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from automation.drawing.light import Light, shade
from automation.drawing.noise import fibres, fractal
from automation.drawing.pixels import Pixels, Plane, blend, smoothstep

__all__ = ["Animal", "Colour", "Part", "ellipse", "joined", "triangle"]

Colour: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of body.

    Attributes:
        edge: Signed distance to its outline in head radii, positive inside.
        nx: Normal to the right.
        ny: Normal downwards.
        nz: Normal out of the picture.
    """

    edge: Plane
    nx: Plane
    ny: Plane
    nz: Plane


def ellipse(u: Plane, v: Plane, centre: tuple[float, float], radii: tuple[float, float], turn: float = 0.0) -> Part:
    """A round part, turned by `turn` radians clockwise."""
    c, s = float(np.cos(turn)), float(np.sin(turn))
    du, dv = u - centre[0], v - centre[1]
    a, b = (du * c + dv * s) / radii[0], (dv * c - du * s) / radii[1]
    distance = np.sqrt(a * a + b * b)
    out = np.sqrt(np.clip(1.0 - distance * distance, 0.04, 1.0))
    return Part(edge=(1.0 - distance) * min(radii), nx=a * c - b * s, ny=a * s + b * c, nz=out)


def triangle(u: Plane, v: Plane, corners: tuple[tuple[float, float], ...], roundness: float = 0.05) -> Part:
    """A flat part with three corners, given clockwise on the screen."""
    edge = np.full(u.shape, 9.0, np.float32)
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0))
        inside = ((x1 - x0) * (v - y0) - (y1 - y0) * (u - x0)) / length
        edge = -np.logaddexp(-edge / roundness, -inside / roundness) * roundness
    flat = np.zeros_like(u)
    return Part(edge=edge, nx=flat, ny=flat - 0.2, nz=flat + 0.9)


def joined(first: Part, second: Part, smooth: float = 0.1) -> Part:
    """Two parts as one, with a soft crease between them."""
    share = 1.0 / (1.0 + np.exp(np.clip((second.edge - first.edge) / (smooth / 2), -30, 30)))
    edge = np.logaddexp(first.edge / smooth, second.edge / smooth) * smooth
    return Part(
        edge=edge,
        nx=first.nx * share + second.nx * (1 - share),
        ny=first.ny * share + second.ny * (1 - share),
        nz=first.nz * share + second.nz * (1 - share),
    )


@dataclass(slots=True, kw_only=True)
class Animal:
    """A stack of parts that grows from back to front.

    Attributes:
        rng: Where hair and patches come from.
        u: Right, in head radii from the middle of the head.
        v: Down, likewise.
        radius: Head radius in pixels.
        light: The light of the scene.
        fluff: Length of the hair at the edges, in head radii.
    """

    rng: np.random.Generator
    u: Plane
    v: Plane
    radius: float
    light: Light
    fluff: float
    alpha: Plane = field(init=False)
    colour: Pixels = field(init=False)
    _hair: dict[bool, Plane] = field(init=False)

    def __post_init__(self) -> None:
        self.alpha = np.zeros(self.u.shape, np.float32)
        self.colour = np.zeros((*self.u.shape, 3), np.float32)
        fine = min(1.0, 60 / self.radius)
        away, around = np.hypot(self.u, self.v - 0.25), np.arctan2(self.u, self.v - 0.25)
        self._hair = {
            True: fibres(self.rng, self.v * 120 * fine + 9 * self.u, self.u * 75 * fine + 4 * self.v),
            False: fibres(self.rng, away * 110 * fine, (around + 0.15 * away) * 48 * fine),
        }

    def patches(self, across: float) -> Plane:
        """Clouds for coats with more than one colour; `across` patches over the picture."""
        height, width = self.u.shape
        return fractal(self.rng, height, width, cells_across=across, octaves=3)

    def plain(self, colour: Colour) -> Pixels:
        """A coat of one colour."""
        return np.broadcast_to(colour, (*self.u.shape, 3)).astype(np.float32)

    def furry(self, part: Part, coat: Pixels, *, falls: bool = False, dark: float = 0.0) -> None:
        """Lay a hairy part over what is there.

        Args:
            part: Its outline and surface.
            coat: Its colours.
            falls: Whether the hair falls down as on a body, or points away from the nose.
            dark: How much it darkens what it touches.
        """
        at = _around(part.edge, 0.3)
        hair = self._hair[falls][at]
        edge = part.edge[at] + self.fluff * hair * 0.5
        brightness, _ = shade(part.nx[at] + 0.15 * hair, part.ny[at], part.nz[at], self.light, gloss=0.0, shine=8)
        lit = coat[at] * (brightness * (1.0 + 0.13 * hair))[..., None]
        if dark:
            touched = smoothstep(part.edge[at], -0.28, 0.0) * np.float32(dark)
            self.colour[at] *= (1.0 - touched)[..., None]
        self._over(at, np.clip(edge * self.radius * 0.7 + 0.5, 0.0, 1.0), lit)

    def smooth(
        self, part: Part, colour: Colour, *, gloss: float = 0.0, soft: float = 1.0, strength: float = 1.0
    ) -> None:
        """Lay a hairless part over what is there: an eye, a nose, a tongue."""
        at = _around(part.edge, 4 / self.radius)
        brightness, highlight = shade(part.nx[at], part.ny[at], part.nz[at], self.light, gloss=gloss, shine=30)
        lit = colour * brightness[..., None] + highlight[..., None]
        self._over(at, np.clip(part.edge[at] * self.radius / soft + 0.5, 0.0, 1.0) * strength, lit)

    def line(self, distance: Plane, width: float, colour: Colour, where: Plane, strength: float = 1.0) -> None:
        """A thin line where `distance` (in head radii) is near 0 and `where` is above 0."""
        at = _around(where, 0.0)
        cover = np.clip((width - np.abs(distance[at])) * self.radius + 0.5, 0.0, 1.0) * strength * (where[at] > 0)
        self._over(at, cover, np.broadcast_to(colour, (*cover.shape, 3)))

    def _over(self, at: tuple[slice, slice], cover: Plane, lit: Pixels) -> None:
        below = self.alpha[at]
        self.colour[at] = blend(self.colour[at], lit, np.where(below > 0, cover, np.sign(cover)))
        self.alpha[at] = below + (1.0 - below) * cover


def _around(edge: Plane, reach: float) -> tuple[slice, slice]:
    """The window where `edge` is above -`reach`; empty when there is no such place."""
    inside = edge > -reach
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
