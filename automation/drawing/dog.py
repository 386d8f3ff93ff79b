"""Dogs: a long muzzle with a large dark nose, round dark eyes, ears that hang, fold or stand.

Owns: the parts of a dog and its coats. Leaves: fur to `fur`, pose and scene to `pets`.
"""

import numpy as np

from automation.drawing.fur import Animal, Colour, Part, ellipse, joined, triangle
from automation.drawing.pixels import Pixels, blend, hsv, smoothstep

__all__ = ["draw_dog"]


def draw_dog(animal: Animal, *, yaw: float, face: bool) -> None:
    """Draw a dog's head, and as much of its body as lies below.

    Args:
        animal: The empty stack to draw into.
        yaw: How far it looks to the side, -1 to 1.
        face: False from behind.
    """
    rng, u, v = animal.rng, animal.u, animal.v
    coat, pale, ear_tone = _coat(animal)
    side = float(rng.choice([-1.0, 1.0]))
    if rng.random() < 0.6:
        body = ellipse(u, v, (0.2 * side, 1.9), (rng.uniform(0.9, 1.15), 1.45))
    else:
        body = ellipse(u, v, (1.2 * side, 1.2), (1.7, rng.uniform(0.75, 0.9)))
    animal.furry(body, coat, falls=True)
    if face:
        animal.furry(ellipse(u, v, (0.0, 1.25), (0.5, 0.75)), blend(coat, pale, np.full(u.shape, 0.55)), falls=True)
    if rng.random() < 0.4:
        collar = hsv(rng.random(), rng.uniform(0.5, 0.9), rng.uniform(0.3, 0.8))
        animal.smooth(ellipse(u, v, (0.0, 0.86), (0.62, 0.2)), collar, gloss=0.2)

    style = str(rng.choice(["hanging", "hanging", "standing", "folded"]))
    lean = 0.12 * yaw
    ears = [_ear(animal, style, s, lean) for s in (-1.0, 1.0)]
    if style == "standing":
        _lay_ears(animal, ears, ear_tone)
    narrow = rng.uniform(0.62, 0.74)
    skull = ellipse(u, v, (0.0, -0.12), (narrow, 0.68))
    jowls = ellipse(u, v, (lean, 0.35), (narrow * 0.82, 0.55))
    animal.furry(joined(skull, jowls), coat, dark=0.35)
    if face:
        _face(animal, coat, pale, yaw)
    if style != "standing":
        _lay_ears(animal, ears, ear_tone)


def _ear(animal: Animal, style: str, s: float, lean: float) -> Part:
    rng, u, v = animal.rng, animal.u, animal.v
    if style == "hanging":
        long = rng.uniform(0.5, 0.68)
        return ellipse(u, v, (s * 0.74 + lean, long - 0.52), (0.22, long), s * -0.18)
    if style == "folded":
        corners = ((s * 0.3 + lean, -0.72), (s * 0.86 + lean, -0.68), (s * 0.86 + lean, -0.12))
        return triangle(u, v, corners if s > 0 else (corners[0], corners[2], corners[1]), 0.06)
    corners = ((s * 0.58 + lean, -1.22), (s * 0.74 + lean, -0.3), (s * 0.2 + lean, -0.6))
    return triangle(u, v, corners if s > 0 else (corners[0], corners[2], corners[1]), 0.07)


def _lay_ears(animal: Animal, ears: list[Part], tone: Pixels) -> None:
    for ear in ears:
        animal.furry(ear, tone, falls=True, dark=0.3)


def _face(animal: Animal, coat: Pixels, pale: Colour, yaw: float) -> None:
    rng, u, v = animal.rng, animal.u, animal.v
    turn = 0.4 * yaw
    if rng.random() < 0.4:
        blaze = ellipse(u, v, (turn * 0.6, -0.25), (0.13, 0.6))
        animal.furry(blaze, blend(coat, pale, np.full(u.shape, 0.8)))
    for s in (-1.0, 1.0):
        near = 1 - 0.25 * s * yaw
        at = (turn * 0.55 + s * 0.3 * near, -0.17)
        animal.smooth(ellipse(u, v, at, (0.135 * near, 0.115)), hsv(0.05, 0.4, 0.06), soft=2.5)
        animal.smooth(ellipse(u, v, at, (0.1 * near, 0.09)), hsv(0.06, 0.65, rng.uniform(0.18, 0.4)), gloss=0.4)
        animal.smooth(ellipse(u, v, at, (0.05, 0.05)), hsv(0, 0, 0.02))
        glint = (at[0] + 0.04 * animal.light.x - 0.015, at[1] - 0.035)
        animal.smooth(ellipse(u, v, glint, (0.022, 0.022)), hsv(0, 0, 1.3))
    tongue_out = rng.random() < 0.4
    ink = hsv(0.03, 0.4, 0.08)
    muzzle_coat = blend(coat, pale, np.full(u.shape, rng.choice([0.0, 0.5, 0.9])))
    if tongue_out:
        animal.furry(ellipse(u, v, (turn, 0.78), (0.27, 0.2)), muzzle_coat * np.float32(0.6))
        animal.smooth(ellipse(u, v, (turn, 0.84), (0.13, 0.24)), hsv(0.97, 0.5, 0.85), gloss=0.25)
    else:
        animal.furry(ellipse(u, v, (turn, 0.72), (0.24, 0.18)), muzzle_coat * np.float32(0.85))
    bridge = ellipse(u, v, (turn * 0.8, 0.2), (0.27, 0.42), -0.25 * yaw)
    lips = ellipse(u, v, (turn, 0.5), (rng.uniform(0.34, 0.42), 0.27))
    animal.furry(joined(bridge, lips), muzzle_coat, dark=0.3)
    nose = ellipse(u, v, (turn * 1.1, 0.36), (rng.uniform(0.15, 0.19), 0.12))
    animal.smooth(nose, hsv(0.03, 0.25, 0.07), gloss=0.55, soft=1.5)
    animal.line(u - turn, 0.014, ink, (v - 0.46) * (0.68 - v), 0.85)
    for s in (-1.0, 1.0):
        curve = v - (0.68 - 0.1 * np.clip((u - turn) * s / 0.34, 0, 1) ** 2)
        animal.line(curve, 0.016, ink, ((u - turn) * s) * (0.34 - (u - turn) * s), 0.85)


def _coat(animal: Animal) -> tuple[Pixels, Colour, Pixels]:
    """The coat, the paler colour of muzzle and chest, and the coat of the ears."""
    rng = animal.rng
    kind = str(rng.choice(["plain", "plain", "patched", "tan points", "mask", "spotted"]))
    base = {
        0: hsv(rng.uniform(0.08, 0.1), rng.uniform(0.4, 0.6), rng.uniform(0.65, 0.85)),
        1: hsv(0.06, rng.uniform(0.45, 0.6), rng.uniform(0.25, 0.45)),
        2: hsv(0.07, 0.15, rng.uniform(0.08, 0.16)),
        3: hsv(0.09, rng.uniform(0.1, 0.25), rng.uniform(0.8, 0.92)),
        4: hsv(0.6, 0.05, rng.uniform(0.35, 0.5)),
    }[int(rng.integers(5))]
    pale = hsv(0.09, 0.1, 0.92)
    coat = animal.plain(base)
    ears = coat * np.float32(rng.uniform(0.65, 1.0))
    if kind == "patched":
        coat = blend(animal.plain(pale), base, smoothstep(animal.patches(3), 0.48, 0.5))
    elif kind == "spotted":
        coat = blend(animal.plain(pale), hsv(0.05, 0.2, 0.1), smoothstep(animal.patches(14), 0.62, 0.64))
        ears = animal.plain(hsv(0.05, 0.2, 0.12))
    elif kind == "tan points":
        coat, pale = animal.plain(hsv(0.06, 0.2, 0.1)), hsv(0.07, 0.6, 0.6)
        spots = np.exp(-(((np.abs(animal.u) - 0.24) / 0.09) ** 2 + ((animal.v + 0.36) / 0.06) ** 2))
        coat, ears = blend(coat, pale, spots), animal.plain(hsv(0.06, 0.2, 0.1))
    elif kind == "mask":
        white = smoothstep(animal.v + 0.9 * np.abs(np.abs(animal.u) - 0.3), -0.2, 0.1)
        coat = blend(coat, pale, white * (animal.v < 1.0))
    return coat, pale, ears
