"""Precision-recall curves as inline SVG.

Owns: the geometry; colours are the page's, so that the chart follows light and dark.
Leaves: the figures to `automation.coco`.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from automation.coco import ClassCurve, Curves
from automation.report.elements import element

__all__ = ["SERIES", "curves_chart"]

SERIES = 8  # colours that the page has; with more classes they come again, with other dashes
WIDTH, HEIGHT = 560, 360
LEFT, TOP, RIGHT, BOTTOM = 52, 12, 12, 44
_DASHES = ("", "7 4", "2 3", "9 3 2 3")


def curves_chart(curves: Curves, colours: Mapping[str, int]) -> Element:
    """Precision over recall, a line for each class, and a legend with their average precision."""
    shown = [curve for curve in curves.classes if curve.average_precision is not None]
    said = ", ".join(f"{curve.name} {curve.average_precision:.3f}" for curve in shown)
    return element(
        "figure",
        element(
            "svg",
            element("title", f"Precision over recall; average precision: {said}"),
            *_grid(),
            *(_line(curve, colours[curve.name]) for curve in shown),
            view_box=f"0 0 {WIDTH} {HEIGHT}",
            role="img",
            class_="chart",
        ),
        element("figcaption", *(_legend(curve, colours[curve.name]) for curve in shown), class_="legend"),
    )


def _grid() -> list[Element]:
    lines: list[Element] = []
    for step in range(6):
        share = step / 5
        x, y = _x(share), _y(share)
        lines += [
            element("line", x1=_x(0), x2=_x(1), y1=y, y2=y, class_="grid"),
            element("text", f"{share:.1f}", x=LEFT - 8, y=y + 4, text_anchor="end"),
            element("text", f"{share:.1f}", x=x, y=HEIGHT - BOTTOM + 18, text_anchor="middle"),
        ]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return [
        *lines,
        element("text", "recall", x=_x(0.5), y=HEIGHT - 6, text_anchor="middle"),
        element("text", "precision", x=0, y=0, text_anchor="middle", transform=f"translate(12 {middle:g}) rotate(-90)"),
    ]


def _line(curve: ClassCurve, index: int) -> Element:
    """The curve up to the recall that was reached, and straight down from there: beyond, nothing was found."""
    steps = len(curve.precision) - 1
    last = int(curve.max_recall * steps + 1e-9)
    points = [(_x(place / steps), _y(value)) for place, value in enumerate(curve.precision[: last + 1])]
    if curve.max_recall < 1:
        points += [(_x(curve.max_recall), points[-1][1]), (_x(curve.max_recall), _y(0))]
    return element(
        "polyline",
        element("title", f"{curve.name}: average precision {curve.average_precision:.3f}"),
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        class_=f"curve s{index % SERIES}",
        stroke_dasharray=_dash(index) or "none",
    )


def _legend(curve: ClassCurve, index: int) -> Element:
    sample = element(
        "line", x1=0, x2=28, y1=6, y2=6, class_=f"curve s{index % SERIES}", stroke_dasharray=_dash(index) or "none"
    )
    return element(
        "span",
        element("svg", sample, view_box="0 0 28 12", width=28, height=12, aria_hidden="true"),
        f" {curve.name} {curve.average_precision:.3f}",
    )


def _dash(index: int) -> str:
    return _DASHES[index // SERIES % len(_DASHES)]


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
