"""Light: where it comes from, how a surface answers it, and what a camera makes of the scene.

Owns: shading, the light of a scene, exposure, colour cast, vignette, blur and sensor noise.
Leaves: surfaces and their normals to whoever draws them, shadows to `scene` (they fall on what lies below).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automation.drawing.noise import fractal
from automation.drawing.pixels import Pixels, Plane, blur, power, resize, unsharp

__all__ = ["Light", "draw_light", "photograph", "shade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One main light and what the room gives back.

    Attributes:
        x: Towards the light, to the right; (x, y, z) is a unit vector.
        y: Towards the light, downwards.
        z: Towards the light, out of the picture.
        ambient: Share of light that comes from everywhere.
        softness: 0 for a hard lamp, 1 for an overcast sky; widens shadows.
        shadow: How dark a shadow gets, 0..1.
    """

    x: float
    y: float
    z: float
    ambient: float
    softness: float
    shadow: float


def draw_light(rng: np.random.Generator) -> Light:
    """A light from above, more or less from the side, harder or softer."""
    direction = np.array([rng.uniform(-0.9, 0.9), rng.uniform(-0.9, -0.15), rng.uniform(0.55, 1.1)])
    x, y, z = (float(v) for v in direction / np.linalg.norm(direction))
    softness = float(rng.uniform(0.1, 1.0))
    return Light(
        x=x,
        y=y,
        z=z,
        ambient=float(rng.uniform(0.3, 0.42) + 0.1 * softness),
        softness=softness,
        shadow=float(rng.uniform(0.35, 0.6) - 0.15 * softness),
    )


def shade(nx: Plane, ny: Plane, nz: Plane, light: Light, *, gloss: float, shine: float) -> tuple[Plane, Plane]:
    """How bright a surface with these normals is, and the highlight on it.

    Args:
        nx: Normal to the right; normals need not have length 1.
        ny: Normal downwards.
        nz: Normal out of the picture.
        light: The light of the scene.
        gloss: Strength of the highlight.
        shine: Sharpness of the highlight (8 is wax, 60 is varnish).

    Returns:
        The factor for the surface's own colour, and the white light to add.
    """
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-6
    towards = (nx * light.x + ny * light.y + nz * light.z) / length
    wrap = 0.25 * light.softness
    direct = np.clip((towards + wrap) / (1 + wrap), 0.0, 1.0)
    sky = 0.75 + 0.25 * (nz - ny) / length / 1.42
    halfway = np.array([light.x, light.y, light.z + 1.0])
    hx, hy, hz = (float(v) for v in halfway / np.linalg.norm(halfway))
    mirror = np.clip((nx * hx + ny * hy + nz * hz) / length, 0.0, 1.0)
    rim = (1.0 - np.clip(nz / length, 0.0, 1.0)) ** 3
    brightness = light.ambient * sky + (1.12 - light.ambient) * direct
    highlight = gloss * (mirror**shine * (1.0 - 0.5 * light.softness) + 0.10 * mirror**4 + 0.10 * rim * (ny < 0))
    return brightness.astype(np.float32), highlight.astype(np.float32)


def photograph(rng: np.random.Generator, scene: Pixels) -> NDArray[np.uint8]:
    """What a hand-held camera makes of the scene: uneven light, cast, exposure, blur, noise."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    fall = 1.0 + rng.uniform(-0.3, 0.3) * x + rng.uniform(-0.3, 0.3) * y - rng.uniform(0.0, 0.35) * (x * x + y * y)
    cast = np.array([rng.normal(1.0, 0.05), 1.0, rng.normal(1.0, 0.07)], np.float32)
    taken: Pixels = (scene * (fall * rng.uniform(0.88, 1.24))[..., None] * cast).astype(np.float32)
    if rng.random() < 0.3:
        taken = _window_shadow(rng, taken)
    taken = power(taken, rng.uniform(0.85, 1.2))
    sharpness = rng.random()
    if sharpness < 0.35:
        taken = blur(taken, rng.uniform(0.5, 1.1))
    elif sharpness < 0.65:
        taken = unsharp(taken, rng.uniform(0.2, 0.6))
    strength = rng.uniform(0.004, 0.02)
    noise = rng.standard_normal((height, width, 1), dtype=np.float32)
    noise = noise + resize(rng.standard_normal((height // 2, width // 2, 3), dtype=np.float32), width, height) / 2
    noise *= 0.5 + power(taken, 0.5)
    noisy = taken + strength * noise
    return (np.clip(noisy, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)


def _window_shadow(rng: np.random.Generator, scene: Pixels) -> Pixels:
    """A soft band of shade across the scene, as of a window frame or a leaf outside."""
    height, width = scene.shape[:2]
    if rng.random() < 0.5:
        shape = fractal(rng, height, width, cells_across=2, octaves=2) - 0.5
    else:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)
        turn = rng.uniform(0, np.pi)
        shape = np.sin((x * np.cos(turn) + y * np.sin(turn)) * rng.uniform(5, 11) + rng.uniform(0, 6)) - 0.35
    mask = blur((shape > 0).astype(np.float32), rng.uniform(4, 16))
    return (scene * (1.0 - rng.uniform(0.15, 0.35) * mask)[..., None]).astype(np.float32)
