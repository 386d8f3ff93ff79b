"""Charts of an evaluation as SVG: precision over recall, figures over the threshold, calibration, confusion.

Owns: their geometry. Leaves: colours to the style sheets, what stands around them to `page.py`.
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from automation.coco.evaluation import Evaluation, Reliability, ScorePoint
from automation.report.charts import SERIES
from automation.report.elements import element

__all__ = ["confusion_chart", "precision_recall_chart", "reliability_chart", "threshold_chart"]

WIDTH, HEIGHT = 560, 360
LEFT, TOP, RIGHT, BOTTOM = 52, 12, 12, 44
MOST_CURVES = 8
MOST_CELLS = 40


def precision_recall_chart(evaluation: Evaluation) -> Element:
    """A line for each class, at most eight: those with most to find."""
    shown = sorted((c for c in evaluation.classes if c.precision_points), key=lambda entry: -entry.truths)[:MOST_CURVES]
    lines = [
        _line(
            [(place / (len(entry.precision_points) - 1), value) for place, value in enumerate(entry.precision_points)],
            f"s{index % SERIES}",
            f"{entry.name}: average precision {entry.average_precision or 0:.3f}",
        )
        for index, entry in enumerate(shown)
    ]
    return _figure(
        _plot("Precision over recall", "recall", "precision", lines),
        [(f"s{index % SERIES}", f"{c.name} {c.average_precision or 0:.3f}") for index, c in enumerate(shown)],
    )


def threshold_chart(points: Sequence[ScorePoint], threshold: float) -> Element:
    """Precision, recall and F1 over the threshold."""
    low, high = points[0].threshold, points[-1].threshold
    span = (high - low) or 1.0

    def values(name: str) -> list[tuple[float, float]]:
        pairs = [(point.threshold, getattr(point, name)) for point in points]
        return [((at - low) / span, value) for at, value in pairs if value is not None]

    names = (("precision", "precision"), ("recall", "recall"), ("f1", "F1"))
    lines = [_line(values(key), f"c-{key}", words) for key, words in names]
    at = _x(min(max((threshold - low) / span, 0), 1))
    mark = element("line", x1=at, x2=at, y1=_y(0), y2=_y(1), class_="mark")
    title = "Precision, recall and F1 over the threshold"
    plot = _plot(title, "threshold", "value", [*lines, mark], ends=(low, high))
    return _figure(plot, [(f"c-{key}", words) for key, words in names])


def reliability_chart(bins: Sequence[Reliability]) -> Element:
    """How often predictions of a score are right; on the diagonal they are as good as they say."""
    columns = [
        element(
            "rect",
            element("title", f"{bin_.low:.1f} to {bin_.high:.1f}: {bin_.predictions} predictions"),
            x=_x(bin_.low) + 2,
            y=_y(bin_.accuracy),
            width=_x(bin_.high) - _x(bin_.low) - 4,
            height=_y(0) - _y(bin_.accuracy),
            class_="column",
        )
        for bin_ in bins
        if bin_.accuracy is not None
    ]
    diagonal = element("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="mark")
    return _figure(_plot("Share of right predictions by score", "score", "share right", [*columns, diagonal]), [])


def confusion_chart(evaluation: Evaluation, rows: Sequence[int]) -> Element:
    """The confusion matrix as coloured squares; `rows` are the classes shown, background among them."""
    names = [*evaluation.truth.classes, "(background)"]
    side, left, top = 34, 150, 150
    parts: list[Element] = []
    for y, row in enumerate(rows):
        whole = sum(evaluation.matrix[row]) or 1
        middle = top + y * side + side / 2 + 4
        parts.append(element("text", _short(names[row]), x=left - 8, y=middle, text_anchor="end"))
        turned = f"translate({left + y * side + side / 2 + 4:g} {top - 8}) rotate(-60)"
        parts.append(element("text", _short(names[row]), x=0, y=0, transform=turned))
        for x, column in enumerate(rows):
            count = evaluation.matrix[row][column]
            kind = "cell" if row == column else "cell wrong"
            at = {"x": left + x * side, "y": top + y * side}
            title = element("title", f"{names[row]} as {names[column]}: {count}")
            opacity = round(0.04 + 0.8 * count / whole, 2)
            parts.append(
                element("rect", title, **at, width=side - 2, height=side - 2, class_=kind, fill_opacity=opacity)
            )
            if count:
                centre = left + x * side + side / 2 - 1
                parts.append(element("text", _count(count), x=centre, y=middle, text_anchor="middle", class_="over"))
    size = len(rows) * side
    return element(
        "svg",
        element("title", "Confusion: rows are the truth, columns the predictions"),
        *parts,
        view_box=f"0 0 {left + size + 90} {top + size + 12}",
        role="img",
        class_="chart",
    )


def _count(count: int) -> str:
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "\u2026"


def _plot(
    title: str, across: str, up: str, content: Iterable[Element], *, ends: tuple[float, float] = (0.0, 1.0)
) -> Element:
    lines: list[Element] = []
    for step in range(6):
        share = step / 5
        along = f"{ends[0] + share * (ends[1] - ends[0]):.4g}"
        lines += [
            element("line", x1=_x(0), x2=_x(1), y1=_y(share), y2=_y(share), class_="grid"),
            element("text", f"{share:.1f}", x=LEFT - 8, y=_y(share) + 4, text_anchor="end"),
            element("text", along, x=_x(share), y=HEIGHT - BOTTOM + 18, text_anchor="middle"),
        ]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return element(
        "svg",
        element("title", title),
        *lines,
        element("text", across, x=_x(0.5), y=HEIGHT - 6, text_anchor="middle"),
        element("text", up, x=0, y=0, text_anchor="middle", transform=f"translate(12 {middle:g}) rotate(-90)"),
        *content,
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        class_="chart",
    )


def _figure(plot: Element, legend: Sequence[tuple[str, str]]) -> Element:
    entries = [
        element(
            "span",
            element(
                "svg",
                element("line", x1=0, x2=28, y1=6, y2=6, class_=f"curve {kind}"),
                view_box="0 0 28 12",
                width=28,
                height=12,
                aria_hidden="true",
            ),
            f" {words}",
        )
        for kind, words in legend
    ]
    caption = [element("figcaption", *entries, class_="legend")] if entries else []
    return element("figure", plot, *caption)


def _line(points: Sequence[tuple[float, float]], kind: str, title: str) -> Element:
    drawn = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return element("polyline", element("title", title), points=drawn, class_=f"curve {kind}")


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
