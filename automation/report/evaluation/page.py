"""The page of an evaluation: one file that opens from disk, in light and dark, and fetches nothing.

Owns: what stands on it, and which classes the matrix shows. Leaves: charts and pictures to the modules beside it.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from automation.coco.evaluation import Evaluation
from automation.report.elements import Content, element, table
from automation.report.evaluation.cells import MOST_FIGURES, PER_CELL, Cell, Gallery, chosen_cells
from automation.report.evaluation.charts import precision_recall_chart, reliability_chart, threshold_chart
from automation.report.frame import page

__all__ = ["render_page", "shown_classes", "style"]

MOST_SHOWN = 40
_TILES = ("mAP50", "mAP", "accuracy", "accuracy-top5", "precision", "recall", "F1")


def style() -> str:
    """The style sheet of pages and of charts that stand alone."""
    folder = Path(__file__).parent.parent
    return "".join((folder / name).read_text("utf-8") for name in ("page.css", "evaluation.css"))


def shown_classes(evaluation: Evaluation) -> list[int]:
    """Rows of the matrix that are shown: all, or those with most labels and predictions; background comes last."""
    classes = len(evaluation.classes)
    weight = [sum(evaluation.matrix[row]) + sum(other[row] for other in evaluation.matrix) for row in range(classes)]
    most = sorted(range(classes), key=lambda row: (-weight[row], row))[:MOST_SHOWN]
    return [*sorted(most), classes]


def render_page(evaluation: Evaluation, *, title: str, images: Path | None) -> str:
    """The page as text."""
    shown = shown_classes(evaluation)
    gallery = Gallery(evaluation=evaluation, folder=images)
    chosen = chosen_cells(evaluation, shown)
    galleries = [_cell(evaluation, gallery, cell) for cell in chosen]
    defined = element("svg", element("defs", *gallery.defined), width=0, height=0, aria_hidden="true")
    many = f"{evaluation.images:,} pictures, {len(evaluation.found.image):,} predictions, split {evaluation.split}"
    body = element(
        "main",
        element("header", element("h1", title), element("p", f"{evaluation.kind}: {many}")),
        _tiles(evaluation),
        _section("Figures", *(element("p", f"Note: {note}.") for note in evaluation.notes), _figures(evaluation)),
        _section("Classes", element("p", _at(evaluation)), _classes(evaluation)),
        _section(
            "Precision and recall", precision_recall_chart(evaluation), element("h3", "By threshold"), _by(evaluation)
        ),
        _calibration(evaluation),
        _section("Confusion", *_matrix(evaluation, shown, chosen)),
        _section("Pictures", *_key(evaluation), *_missing(gallery), *galleries),
        defined,
    )
    return page(title, style=style(), body=body)


def _section(title: str, *content: Content) -> Element:
    return element("section", element("h2", title), *content)


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"


def _at(evaluation: Evaluation) -> str:
    overlap = f" and IoU {evaluation.iou:g}" if evaluation.iou is not None else ""
    return f"At threshold {evaluation.threshold:.4g} ({evaluation.chosen}){overlap}, on {evaluation.split}."


def _tiles(evaluation: Evaluation) -> Element:
    tiles: list[tuple[str, str]] = []
    for name in _TILES:
        figure = evaluation.figure(name)
        if figure is not None and len(tiles) < 5:
            iou = f", IoU {figure.iou}" if figure.iou else ""
            at = f", from score {figure.threshold:.3g}" if figure.threshold is not None else ""
            tiles.append((_number(figure.value), f"{figure.name}{iou}{at}"))
    tiles.append((f"{evaluation.threshold:.3g}", f"threshold: {evaluation.chosen}"))
    return element("div", *(element("p", element("b", v), element("span", t)) for v, t in tiles), class_="tiles")


def _figures(evaluation: Evaluation) -> Element:
    rows = [
        (
            figure.name,
            figure.split,
            _number(figure.value),
            figure.iou or "",
            "" if figure.threshold is None else f"{figure.threshold:.4g}",
            "" if figure.most is None else str(figure.most),
        )
        for figure in evaluation.figures
    ]
    return table(("figure", "split", "value", "IoU", "threshold", "most a picture"), rows, numbers_from=2)


def _classes(evaluation: Evaluation) -> Element:
    rows = [
        (
            entry.name,
            *(_number(value) for value in (entry.average_precision, entry.precision, entry.recall, entry.f1)),
            *(f"{count:,}" for count in (entry.truths, entry.hits, entry.misses, entry.false_alarms)),
            "n/a" if entry.best_threshold is None else f"{entry.best_threshold:.3g}",
        )
        for entry in evaluation.classes
    ]
    head = ("class", "AP", "precision", "recall", "F1", "labels", "hits", "misses", "false alarms", "best at")
    return table(head, rows, numbers_from=1)


def _by(evaluation: Evaluation) -> Element:
    return threshold_chart(evaluation.points, evaluation.threshold)


def _calibration(evaluation: Evaluation) -> Element | None:
    if not evaluation.reliability:
        return None
    error = evaluation.figure("ECE")
    said = (
        f"Expected calibration error {_number(error.value if error else None)}. On the line, a score of 0.8 is right "
    )
    return _section("Calibration", element("p", said + "in 8 of 10 cases."), reliability_chart(evaluation.reliability))


def _matrix(evaluation: Evaluation, shown: Sequence[int], chosen: Sequence[Cell]) -> list[Element]:
    names = [*evaluation.truth.classes, "(background)"]
    linked = {(cell.row, cell.column) for cell in chosen}

    def cell(row: int, column: int) -> Element:
        count, whole = evaluation.matrix[row][column], sum(evaluation.matrix[row]) or 1
        if not count:
            return element("td", "0" if row == column else "", class_="none")
        place = (row, column)
        text = element("a", f"{count:,}", href=f"#cell-{row}-{column}") if place in linked else f"{count:,}"
        kind = "right" if row == column else "wrong"
        title = f"{names[row]} taken for {names[column]}: {count}"
        return element("td", text, class_=kind, style=f"--share: {count / whole:.3f}", title=title)

    head = element("tr", element("th", "truth / taken for"), *(element("th", names[c], title=names[c]) for c in shown))
    rows = [element("tr", element("th", names[r], title=names[r]), *(cell(r, c) for c in shown)) for r in shown]
    said = "Rows are the truth, columns what it was taken for; a number leads to its pictures. "
    said += "Background as the truth is a false alarm, as prediction a miss."
    if len(shown) <= len(evaluation.classes):
        said += f" Shown are the {len(shown) - 1} classes with most labels and predictions."
    made = element("table", element("thead", head), element("tbody", *rows), class_="matrix")
    return [element("p", said, id="matrix"), element("div", made, class_="scroll")]


def _cell(evaluation: Evaluation, gallery: Gallery, cell: Cell) -> Element:
    names = [*evaluation.truth.classes, "(background)"]
    count = evaluation.matrix[cell.row][cell.column]
    back = element("a", "back to the matrix", href="#matrix")
    title = element("h3", f"{names[cell.row]} taken for {names[cell.column]}: {count:,} ", back, class_="cellhead")
    pictures = element("div", *(gallery.figure(image) for image in cell.images), class_="pictures")
    return element("div", title, pictures, id=f"cell-{cell.row}-{cell.column}")


def _key(evaluation: Evaluation) -> list[Element]:
    bounds = f"At most {PER_CELL} pictures for each cell and {MOST_FIGURES} in all."
    if not evaluation.truth.boxed:
        return [element("p", bounds)]
    words = {"truth": "label, found", "miss": "label, missed", "hit": "prediction, right", "alarm": "false alarm"}

    def sample(kind: str) -> Element:
        frame = element("rect", x=3, y=3, width=22, height=10, class_=kind, stroke_width=2)
        return element("svg", frame, view_box="0 0 28 16", width=28, height=16, aria_hidden="true")

    return [
        element("p", bounds),
        element("p", *(element("span", sample(kind), text) for kind, text in words.items()), class_="key"),
    ]


def _missing(gallery: Gallery) -> list[Element]:
    if gallery.folder is None:
        return [element("p", "Without the pictures: outlines only.")]
    return [element("p", f"Not in the folder, or no pictures: {gallery.missing}.")] if gallery.missing else []
