"""The bundle of an evaluation in a folder.

Owns: which files there are, and that each is written whole; metrics.json comes last.
Leaves: what is in them to the modules beside it.
"""

import csv
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from automation.coco.evaluation import Evaluation, outcome_columns, record
from automation.coco.files import written_whole
from automation.errors import ConfigError
from automation.report.elements import element
from automation.report.evaluation.card import card, card_text
from automation.report.evaluation.charts import (
    confusion_chart,
    precision_recall_chart,
    reliability_chart,
    threshold_chart,
)
from automation.report.evaluation.page import render_page, shown_classes, style
from automation.report.png import chart_png

__all__ = ["FILES", "write_bundle"]

_CHARTS = ("precision-recall", "by-threshold", "confusion", "reliability")
_ROW, _ACROSS, _LONGEST = 22, 3, 20  # of a legend: height of a line, entries side by side, letters of one
FILES = (
    *("report.html", "per-class.csv"),
    *(f"{chart}.{kind}" for chart in _CHARTS for kind in ("svg", "png")),
    *("model-card.md", "model-card.json", "outcomes.json", "metrics.json"),
)


def write_bundle(
    evaluation: Evaluation, out: Path, *, images: Path | None = None, about: Mapping[str, str] | None = None
) -> list[Path]:
    """Write all files; what they are made of being the same, so are they.

    Args:
        evaluation: What they say.
        out: The folder; made if it is not there.
        images: Where the pictures are; None draws outlines only.
        about: What is known of the model beside its figures, for its card.

    Raises:
        ConfigError: `out` is no folder, or holds other things than a bundle; or there is no folder `images`.
    """
    _free(out)
    if images is not None and not images.is_dir():
        raise ConfigError(f"there is no folder {images}", hint="give the folder that the file names of GT start from")
    known = dict(about or {})
    title = f"{known['model']} on {evaluation.split}" if "model" in known else f"Evaluation on {evaluation.split}"
    values = card(evaluation, known)
    contents = {
        "report.html": render_page(evaluation, title=title, images=images),
        "per-class.csv": _per_class(evaluation),
        "precision-recall.svg": _alone(precision_recall_chart(evaluation)),
        "by-threshold.svg": _alone(threshold_chart(evaluation.points, evaluation.threshold)),
        "confusion.svg": _alone(confusion_chart(evaluation, shown_classes(evaluation))),
        "reliability.svg": _alone(reliability_chart(evaluation.reliability)),
        "model-card.md": card_text(values),
        "model-card.json": _json(values),
        "outcomes.json": json.dumps(outcome_columns(evaluation), separators=(",", ":")) + "\n",
        "metrics.json": _json(record(evaluation)),
    }
    return [_write(out / name, _content(name, contents)) for name in FILES]


def _content(name: str, contents: Mapping[str, str]) -> bytes:
    """What goes into a file; a PNG is made of the chart of its name."""
    if name.endswith(".png"):
        return chart_png(contents[name.removesuffix("png") + "svg"])
    return contents[name].encode("utf-8", "replace")


def _free(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file", hint="give a folder with --out")
    if out.is_dir() and any(entry.name not in FILES for entry in out.iterdir()):
        raise ConfigError(f"{out} holds other things than an evaluation", hint="give a new folder with --out")


def _write(path: Path, content: bytes) -> Path:
    with written_whole(path) as file:
        file.write(content)
    return path


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _per_class(evaluation: Evaluation) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        (
            *("class", "split", "iou", "threshold", "labels", "predictions", "hits", "misses", "false_alarms"),
            *("average_precision", "precision", "recall", "f1", "best_threshold", "best_f1"),
        )
    )
    for entry in evaluation.classes:
        counts = (entry.truths, entry.predictions, entry.hits, entry.misses, entry.false_alarms)
        shares = (entry.average_precision, entry.precision, entry.recall, entry.f1, entry.best_threshold, entry.best_f1)
        at = (_text(evaluation.split), evaluation.iou, evaluation.threshold)
        writer.writerow((_text(entry.name), *at, *counts, *("" if value is None else value for value in shares)))
    return buffer.getvalue()


def _text(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _alone(chart: Element) -> str:
    """A chart as a file of its own, with its colours, and its legend below."""
    svg = chart if chart.tag == "svg" else chart.find("svg")
    if svg is None:  # charts are made here: there is one
        raise AssertionError(chart.tag)
    _, _, width, plot_height = map(float, svg.attrib["viewBox"].split())
    legend = _legend(chart, plot_height)
    height = plot_height + math.ceil(len(legend) / 2 / _ACROSS) * _ROW
    alone = element("svg", view_box=f"0 0 {width:g} {height:g}", xmlns="http://www.w3.org/2000/svg", role="img")
    alone.attrib |= {"class": "chart", "width": f"{width:g}", "height": f"{height:g}"}
    alone.attrib["font-family"] = "system-ui, sans-serif"
    alone.append(element("style", style()))
    alone.append(element("rect", width=width, height=height, class_="backing"))
    alone.extend(svg)
    alone.extend(legend)
    return tostring(alone, encoding="unicode") + "\n"


def _legend(chart: Element, top: float) -> list[Element]:
    """A line and its words for each entry of the figure's caption."""
    parts: list[Element] = []
    for number, entry in enumerate(chart.findall("figcaption/span/svg")):
        line = entry.find("line")
        x, y = 52 + number % _ACROSS * 170, top + 8 + number // _ACROSS * _ROW
        kind = "" if line is None else line.attrib["class"]
        parts.append(element("line", x1=x, x2=x + 24, y1=y, y2=y, class_=kind))
        words = (entry.tail or "").strip()
        parts.append(
            element("text", words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "\u2026", x=x + 30, y=y + 4)
        )
    return parts
