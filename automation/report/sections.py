"""The sections of the page, in the order of a run: what was made, labeled, trained, tried, and torn down.

Owns: which figures are shown and in which words.
Leaves: charts to `charts.py`, pictures to `pictures.py`, the frame to `page.py`.
"""

from collections.abc import Iterable, Mapping
from typing import cast
from xml.etree.ElementTree import Element

from automation.coco import Statistics
from automation.report.charts import curves_chart
from automation.report.elements import Content, element, table
from automation.report.pictures import picture_figure
from automation.report.types import DatasetSummary, ModelResult, Report

__all__ = ["headline", "sections"]

MOST_PICTURES = 24
FIGURES = {  # the service's names, in the order and the words of the page
    "meanAveragePrecision50": "mAP at IoU 0.50",
    "meanAveragePrecision75": "mAP at IoU 0.75",
    "meanAveragePrecision30": "mAP at IoU 0.30",
    "accuracyTop1": "accuracy, first guess",
    "accuracyTop5": "accuracy, first five guesses",
    "averagePrecision": "average precision",
    "calibrationECE": "calibration error",
}


def headline(report: Report) -> Element:
    """The figures that people ask for first."""
    tiles: list[tuple[str, str]] = []
    for model in report.models[:2]:
        key = next((key for key in FIGURES if _number(model.performance.get(key)) is not None), None)
        if key:
            tiles.append((_percent(_number(model.performance.get(key))), f"{model.name}: {FIGURES[key]}"))
    tiles.append((str(sum(summary.statistics.images for summary in report.datasets)), "labeled pictures"))
    tiles.append((str(len(report.resources)), "resources made"))
    tiles.append((_duration(sum(step.seconds or 0 for step in report.steps)), "in all"))
    if report.teardown is not None:
        left = len(report.teardown.left_behind)
        tiles.append((str(left) if left else "nothing", "left behind"))
    return element(
        "div", *(element("p", element("b", value), element("span", label)) for value, label in tiles), class_="tiles"
    )


def sections(report: Report) -> list[Element]:
    """All sections that have something to show."""
    colours = _colours(report)
    made = [
        _section("Models", *(part for model in report.models for part in _model(model))),
        _section("Precision and recall", *(part for model in report.models for part in _curves(model, colours))),
        _section("Test pictures", *_pictures(report, colours)),
        _section("Pictures and labels", *(part for summary in report.datasets for part in _dataset(summary))),
        _section("What was made", _resources(report)),
        _section("Steps", _steps(report)),
        _section("Teardown", *_teardown(report)),
    ]
    return [section for section in made if section is not None]


def _colours(report: Report) -> dict[str, int]:
    """A class has one colour on the whole page."""
    charted = [curve.name for model in report.models if model.curves for curve in model.curves.classes]
    drawn = sorted({box.label for picture in report.pictures for box in picture.boxes})
    return {name: index for index, name in enumerate(dict.fromkeys([*charted, *drawn]))}


def _section(title: str, *content: Content) -> Element | None:
    parts = [part for part in content if part is not None]
    return element("section", element("h2", title), *parts) if parts else None


def _resources(report: Report) -> Element | None:
    if not report.resources:
        return None
    rows = [
        (
            resource.type.removeprefix("azure-native:"),
            element("span", resource.name, class_="whole"),
            element("code", resource.id.rpartition("/")[2], title=resource.id),
        )
        for resource in report.resources
    ]
    return table(("resource", "in the program", "in Azure"), rows, numbers_from=9)


def _dataset(summary: DatasetSummary) -> Iterable[Element]:
    figures = summary.statistics
    most = max((category.annotations for category in figures.categories), default=0)
    yield element("h3", summary.name)
    yield element("p", _sentence(summary.container, figures))
    rows = [
        (
            c.name,
            element("i", class_="bar", style=f"width: {100 * c.annotations / (most or 1):.0f}%"),
            str(c.annotations),
            str(c.images),
        )
        for c in figures.categories
    ]
    yield table(("class", "", "labels", "pictures"), rows, numbers_from=2)


def _sentence(container: str, figures: Statistics) -> str:
    low, mean, high = figures.annotations_per_image
    text = f"{_counted(figures.images, 'picture')} in {container}, {_counted(figures.annotations, 'label')}"
    text += f", {low} to {high} on a picture, {mean:.1f} on average."
    if figures.unlabeled_images:
        text += f" Without a label: {figures.unlabeled_images}."
    if figures.box_shares:
        smallest, median, largest = (_percent(share) for share in figures.box_shares)
        text += f" A box covers {smallest} to {largest} of its picture, {median} in the middle."
    if figures.image_sizes:
        width, height, count = figures.image_sizes[0]
        text += f" Size in pixels: {width} x {height}" + ("." if count == figures.images else f" for {count} of them.")
    return text


def _model(model: ModelResult) -> Iterable[Element]:
    yield element("h3", model.name)
    measured = f", measured on {model.measured_on}" if model.measured_on else ""
    yield element("p", f"{model.kind}, trained on {model.trained_on}{measured}.")
    rows = [(words, _figure(model.performance[key])) for key, words in FIGURES.items() if key in model.performance]
    rows += list(model.facts.items())
    if rows:
        yield table(("figure", "value"), rows, numbers_from=1)
    by_class = _mapping(model.performance.get("tagPerformance"))
    if by_class:
        names = {"averagePrecision50": "AP at IoU 0.50", "accuracy": "accuracy"}
        used = [key for key in names if any(key in _mapping(figures) for figures in by_class.values())]
        class_rows = [
            (name, *(_figure(_mapping(figures).get(key)) for key in used)) for name, figures in sorted(by_class.items())
        ]
        yield table(("class", *(names[key] for key in used)), class_rows, numbers_from=1)


def _curves(model: ModelResult, colours: Mapping[str, int]) -> Iterable[Element]:
    if model.curves is None or model.curves.mean_average_precision is None:
        return
    yield element("h3", model.name)
    yield element(
        "p",
        f"A box counts as found when its overlap (IoU) with the true one is at least {model.curves.iou:g}. "
        "The legend gives the area under each curve, the average precision.",
    )
    yield curves_chart(model.curves, colours)


def _pictures(report: Report, colours: Mapping[str, int]) -> Iterable[Element]:
    if not report.pictures:
        return
    for model in dict.fromkeys(picture.model for picture in report.pictures):
        own = [picture for picture in report.pictures if picture.model == model]
        yield element("h3", model)
        yield element("div", *(picture_figure(picture, colours) for picture in own[:MOST_PICTURES]), class_="pictures")
        if len(own) > MOST_PICTURES:
            yield element("p", f"Not shown: {_counted(len(own) - MOST_PICTURES, 'more picture')}.")


def _steps(report: Report) -> Element | None:
    if not report.steps:
        return None
    rows = [
        (step.name, step.summary, "done before" if step.seconds is None else _duration(step.seconds))
        for step in report.steps
    ]
    return table(("step", "what came of it", "time"), rows, numbers_from=2)


def _teardown(report: Report) -> Iterable[Element]:
    if report.teardown is None:
        if report.resources:
            yield element("p", "The lab is still there. Tear it down with: visionlab lab down.")
        return
    left = report.teardown.left_behind
    if left:
        yield element("p", f"Still there, {len(left)} of {len(report.teardown.checked)}:", class_="bad")
        yield element("ul", *(element("li", element("code", name)) for name in left))
        return
    yield element(
        "p", "Everything is gone. Each of these was looked for, live and soft-deleted, and not found:", class_="good"
    )
    yield element("ul", *(element("li", element("code", name)) for name in report.teardown.checked))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _figure(value: object) -> str:
    number = _number(value)
    return f"{number:.3f}" if number is not None else "n/a"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.1f} %".replace(".0 %", " %")


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
