"""Cats: pointed ears, a short face, slit pupils, whiskers.

Owns: the parts of a cat and its coats. Leaves: fur to `fur`, pose and scene to `pets`.
"""

import numpy as np

from automation.drawing.fur import Animal, Colour, ellipse, joined, triangle
from automation.drawing.pixels import Pixels, Plane, blend, hsv, smoothstep

__all__ = ["draw_cat"]


def draw_cat(animal: Animal, *, yaw: float, face: bool) -> None:
    """Draw a cat's head, and as much of its body as lies below.

    Args:
        animal: The empty stack to draw into.
        yaw: How far it looks to the side, -1 to 1.
        face: False from behind.
    """
    rng, u, v = animal.rng, animal.u, animal.v
    coat, pale = _coat(animal)
    side = float(rng.choice([-1.0, 1.0]))
    if rng.random() < 0.55:
        body = ellipse(u, v, (0.25 * side, 1.75), (rng.uniform(0.85, 1.05), 1.35))
    else:
        body = ellipse(u, v, (1.15 * side, 1.05), (1.6, rng.uniform(0.72, 0.85)))
    animal.furry(body, coat, falls=True)
    if face:
        chest = ellipse(u, v, (0.05 * side, 1.25), (0.42, 0.75))
        animal.furry(chest, blend(coat, pale, np.full(u.shape, 0.7)), falls=True)

    lean = 0.12 * yaw
    spread, tall = rng.uniform(0.5, 0.6), rng.uniform(1.12, 1.32)
    for s in (-1.0, 1.0):
        tip = (s * (spread + 0.14) + lean, -tall)
        outer, inner = (s * 0.83 + lean, -0.22), (s * 0.16 + lean, -0.55)
        corners = (tip, outer, inner) if s > 0 else (tip, inner, outer)
        animal.furry(triangle(u, v, corners, 0.035), coat * np.float32(0.92))
        if face:
            small = tuple((x * 0.62 + s * 0.2 + lean * 0.38, y * 0.66 - 0.15) for x, y in corners)
            animal.smooth(triangle(u, v, small, 0.04), hsv(0.02, rng.uniform(0.2, 0.4), 0.72), soft=5, strength=0.8)
    skull = ellipse(u, v, (0.0, -0.05), (rng.uniform(0.78, 0.86), 0.72))
    cheeks = ellipse(u, v, (lean, 0.24), (rng.uniform(0.8, 0.92), 0.5))
    animal.furry(joined(skull, cheeks), coat, dark=0.35)
    if face:
        _face(animal, coat, pale, yaw)


def _face(animal: Animal, coat: Pixels, pale: Colour, yaw: float) -> None:
    rng, u, v = animal.rng, animal.u, animal.v
    turn = 0.26 * yaw
    light_muzzle = blend(coat, pale, np.full(u.shape, rng.uniform(0.4, 0.95)))
    animal.furry(ellipse(u, v, (turn, 0.58), (0.24, 0.17)), light_muzzle)
    for s in (-1.0, 1.0):
        animal.furry(ellipse(u, v, (turn + s * 0.17 * (1 - 0.2 * s * yaw), 0.40), (0.25, 0.19)), light_muzzle)
    iris = hsv(float(rng.choice([0.13, 0.18, 0.27, 0.3, 0.54])), rng.uniform(0.45, 0.8), rng.uniform(0.65, 0.9))
    slit = rng.uniform(0.03, 0.11)
    for s in (-1.0, 1.0):
        near = 1 - 0.22 * s * yaw
        at = (turn * 0.8 + s * 0.37 * near, -0.04)
        tilt = s * -0.25
        animal.smooth(ellipse(u, v, at, (0.21 * near, 0.155), tilt), hsv(0.05, 0.3, 0.07), soft=2)
        eye = ellipse(u, v, at, (0.18 * near, 0.13), tilt)
        animal.smooth(eye, iris, gloss=0.3)
        pupil = ellipse(u, v, at, (slit * near, 0.125))
        animal.smooth(pupil, hsv(0, 0, 0.03), strength=1.0)
        glint = (at[0] + 0.05 * animal.light.x - 0.02, at[1] - 0.05)
        animal.smooth(ellipse(u, v, glint, (0.03, 0.03)), hsv(0, 0, 1.3))
    tone = hsv(0.98, rng.uniform(0.25, 0.5), 0.75) if rng.random() < 0.7 else hsv(0.05, 0.3, 0.2)
    nose = triangle(u, v, ((turn - 0.11, 0.19), (turn + 0.11, 0.19), (turn, 0.31)), 0.025)
    animal.smooth(nose, tone, gloss=0.2)
    ink = hsv(0.03, 0.4, 0.15)
    animal.line(u - turn, 0.012, ink, (v - 0.29) * (0.42 - v), 0.8)
    for s in (-1.0, 1.0):
        curve = v - (0.42 + 0.06 * np.sin(np.clip((u - turn) * s / 0.22, 0, 1) * np.pi))
        animal.line(curve, 0.012, ink, ((u - turn) * s) * (0.22 - (u - turn) * s), 0.8)
        _whiskers(animal, turn, s)


def _whiskers(animal: Animal, turn: float, s: float) -> None:
    rng, u, v = animal.rng, animal.u, animal.v
    shade = hsv(0.1, 0.05, float(rng.choice([0.95, 0.95, 0.12])))
    for row in (-0.06, 0.0, 0.06):
        slope, sag = rng.uniform(-0.2, 0.25) + row * 2, rng.uniform(0.0, 0.2)
        out = (u - turn) * s - 0.12
        line = v - (0.38 + row + slope * out + sag * out * out)
        animal.line(line, 0.008, shade, out * (rng.uniform(0.8, 1.1) - out), 0.75)


def _coat(animal: Animal) -> tuple[Pixels, Colour]:
    """The coat and the paler colour of muzzle and chest."""
    rng = animal.rng
    kind = str(rng.choice(["tabby", "tabby", "tabby", "plain", "patched", "points"]))
    base = {
        0: hsv(0.09, rng.uniform(0.15, 0.35), rng.uniform(0.45, 0.65)),
        1: hsv(rng.uniform(0.06, 0.09), rng.uniform(0.5, 0.7), rng.uniform(0.65, 0.85)),
        2: hsv(0.6, 0.06, rng.uniform(0.3, 0.55)),
        3: hsv(0.08, 0.1, rng.uniform(0.75, 0.92)),
        4: hsv(0.07, 0.15, rng.uniform(0.1, 0.18)),
    }[int(rng.integers(5))]
    pale = hsv(0.09, 0.08, 0.92)
    coat = animal.plain(base)
    if kind == "tabby":
        coat = blend(coat, base * np.float32(0.38), _stripes(animal) * np.float32(rng.uniform(0.55, 0.95)))
    elif kind == "patched":
        coat = blend(coat, pale, smoothstep(animal.patches(3), 0.5, 0.53))
    elif kind == "points":
        coat = animal.plain(hsv(0.09, 0.2, 0.85))
        mask = np.exp(-((animal.u / 0.42) ** 2 + ((animal.v - 0.25) / 0.45) ** 2))
        mask = np.maximum(mask, smoothstep(-animal.v, 0.55, 0.85))
        coat, pale = blend(coat, hsv(0.07, 0.35, 0.25), mask * 0.9), hsv(0.07, 0.35, 0.3)
    return coat, pale


def _stripes(animal: Animal) -> Plane:
    """Tabby: upright on the forehead, across the cheeks, rings on the body."""
    u, v = animal.u, animal.v
    wave = 5 * (animal.patches(5) - 0.5)
    forehead = np.sin(u * 19 + wave) * smoothstep(-v, 0.1, 0.3) * (np.hypot(u, v) < 1)
    cheeks = np.sin(np.arctan2(v - 0.1, np.abs(u)) * 11 + wave) * smoothstep(np.abs(u), 0.45, 0.6) * (v < 0.85)
    body = np.sin(np.hypot(u * 0.7, v - 0.4) * 11 + 2 * wave) * (v >= 0.85)
    return smoothstep(forehead + cheeks + body, 0.1, 0.7)
