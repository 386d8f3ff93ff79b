"""The grades sheet: a line for each seat, as CSV that a spreadsheet opens without doing anything of its own.

Owns: the columns, and making cells harmless. Leaves: what the results are to `results.py`.
"""

import csv
import io
from collections.abc import Sequence

from automation.course.grading import Scale
from automation.course.results import SeatResult

__all__ = ["harmless", "sheet_rows", "write_sheet"]

_BEGINS_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that would begin as such gets an apostrophe in front."""
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_FORMULA) else text


def sheet_rows(
    results: Sequence[SeatResult], scale: Scale, *, main_only: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Head and lines, as plain text: person, each model's figures, score, grade, and what is to be said.

    Args:
        results: A line for each.
        scale: Makes grades.
        main_only: Whether a model has a column for the figure that counts only.
    """
    models = list(dict.fromkeys(model.model for result in results for model in result.models))
    most = 1 if main_only else None
    figures = {
        name: list(
            dict.fromkeys(
                figure
                for result in results
                for model in result.models
                if model.model == name
                for figure in list(model.figures)[:most]
            )
        )
        for name in models
    }
    columns = [(name, figure) for name in models for figure in figures[name]]
    head = [
        "seat",
        "email",
        "name",
        "team",
        *(f"{name} {figure}" for name, figure in columns),
        "score",
        "grade",
        "note",
    ]
    rows: list[list[str]] = []
    for result in results:
        known = {model.model: model for model in result.models}
        cells = [_figure(known[name].figures.get(figure)) if name in known else "" for name, figure in columns]
        notes = [f"{model.model}: {model.words}" for model in result.models if model.words]
        if result.failure:
            notes.append(f"not known: {result.failure}")
        person, score = result.seat.person, result.score
        grade = "" if score is None else scale.grade(score)
        about = [result.seat.id, person.email, person.name or "", person.team or ""]
        rows.append([*about, *cells, _figure(score), grade, "; ".join(notes)])
    return head, rows


def write_sheet(results: Sequence[SeatResult], scale: Scale) -> str:
    """The sheet as CSV."""
    head, rows = sheet_rows(results, scale)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
