"""Colours of classes: fixed by their order, seen on light and on dark, as far apart as a list can be.

Owns: the palette. Pure. Leaves: which class stands where to `types.py`.
"""

import colorsys
import itertools
from collections.abc import Iterator

__all__ = ["class_colours", "luminance"]

# Between 3 to 1 against white and 3 to 1 against near-black; neighbours differ in hue also for who sees little red or
# green. Past the end hues go on by the golden angle, which comes near none of the last few.
_FIRST = (
    "#d1495b", "#0077b6", "#b36b00", "#2a9d5c", "#8e5bd0", "#007f8b", "#c2438f", "#6b8000", "#4c6ef5", "#a65a3a",
    "#5f7a8a", "#c0502c",
)  # fmt: skip
_GOLDEN = 0.381966
_BRIGHT = 0.2


def class_colours(count: int) -> list[str]:
    """`count` colours as #rrggbb; the same place always has the same one."""
    return [*_FIRST[:count], *itertools.islice(_more(), max(count - len(_FIRST), 0))]


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, 0 (black) to 1 (white), as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _more() -> Iterator[str]:
    for number in itertools.count():
        hue = (0.06 + number * _GOLDEN) % 1
        saturation = (0.85, 0.6, 0.4)[number % 3]
        low, high = 0.0, 1.0
        for _ in range(12):  # the lightness at which this hue is as bright as the others
            middle = (low + high) / 2
            low, high = (middle, high) if luminance(_hex(hue, middle, saturation)) < _BRIGHT else (low, middle)
        yield _hex(hue, low, saturation)


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))
