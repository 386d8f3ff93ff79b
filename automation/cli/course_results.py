"""`visionlab course results`: figures of every seat, and the grades sheet."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.course_place import choose_seats, complete_seats, course_options, find_course, open_course
from automation.cli.options import example, json_option
from automation.errors import ConfigError
from automation.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automation.course import Course, Seat
    from automation.course.grading import Scale
    from automation.course.results import Expected, SeatResult
    from automation.training import ImageAnalysis
    from automation.workflow.workbench import Workbench

__all__ = ["results"]

FORMATS = ("text", "json", "csv")
MOST_NOTE = 60


@click.command(
    "results",
    epilog=example(
        "visionlab course results",
        "visionlab course results --format csv --out grades.csv --scale A=0.9,B=0.8,C=0.65,F=0",
        "visionlab course results anna@example.org --json",
    ),
)
@click.argument("seats", nargs=-1, metavar="[SEAT]...", shell_complete=complete_seats)
@click.option("--scale", default="points=100", show_default=True, help="How a score becomes a grade; see above.")
@click.option("--format", "shape", type=click.Choice(FORMATS), help="How to write them; text unless said.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file to write to, instead of stdout.")
@course_options
@json_option
def results(
    *,
    seats: tuple[str, ...],
    scale: str,
    shape: str | None,
    out: Path | None,
    name: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Collect what people reached: the figures of their models, from each seat's own vision account.

    Counted is the newest evaluation on the dataset that the exercise measures with. A seat's score is the mean over
    the exercise's models of mAP@50 (detection) or accuracy (classification), 0 to 1; as long as one of them is not
    measured there is no score and no grade.

    A scale is `points=20` (the score times 20, to one decimal) or steps, highest first: `A=0.9,B=0.8,F=0` gives A from
    a score of 0.9 on. In CSV, cells that a spreadsheet would run as a formula begin with an apostrophe.
    """
    from automation.course.grading import parse_scale

    if as_json and shape not in {None, "json"}:
        raise click.UsageError(f"--json or --format {shape}: choose one")
    shape = "json" if as_json else shape or "text"
    console = Console.of(shape == "json" and out is None)
    rule = parse_scale(scale)
    course = find_course(name, home)
    chosen = choose_seats(course, seats, all_of_them=not seats)
    with open_course(course, console) as bench, console.progress(f"{course.name}: results") as progress:
        from automation.course.results import collect_results

        found = collect_results(chosen, lambda seat: _vision(course, seat, bench), _expected(course), progress=progress)
    _write(console, found, rule, shape=shape, out=out)
    failed = sum(result.failure is not None for result in found)
    if failed:
        console.say(f"{failed} of {len(found)} seats could not be asked: of them nothing is known")
        click.get_current_context().exit(1)


def _expected(course: "Course") -> "list[Expected]":
    """The exercise's models. Raises ConfigError when there are none to ask for."""
    from automation.course.exercise import read_exercise
    from automation.course.results import Expected

    if course.exercise is None:
        raise ConfigError(f"the course {course.name} has no exercise yet", hint="run `visionlab course up`")
    models = read_exercise(course.exercise).models
    if not models:
        raise ConfigError(
            f"the exercise {course.exercise.lab_file} has no models", hint="name some under `models:` there"
        )
    return [Expected(model=plan.name, dataset=plan.evaluate) for plan in models]


def _vision(course: "Course", seat: "Seat", bench: "Workbench") -> "ImageAnalysis":
    from automation.course.exercise import OUTPUTS_FILE
    from automation.training import ImageAnalysis
    from automation.workflow.provisioned import read_provisioned

    outputs = read_provisioned(course.seat_folder(seat.id) / OUTPUTS_FILE).outputs
    return ImageAnalysis(outputs.vision_endpoint, bench.rest, bench.cloud, bench.clock)


def _write(console: Console, found: "Sequence[SeatResult]", scale: "Scale", *, shape: str, out: Path | None) -> None:
    from automation.course.grades_sheet import sheet_rows, write_sheet

    if out is not None:
        import json

        document = json.dumps(_document(found, scale), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        head, rows = sheet_rows(found, scale)
        text = {
            "json": document,
            "csv": "\ufeff" + write_sheet(found, scale),  # without the mark, Excel takes names for another encoding
            "text": "\n".join("\t".join(printable(cell) for cell in row) for row in (head, *rows)) + "\n",
        }[shape]
        try:
            out.write_text(text, encoding="utf-8", newline="")
        except OSError as exc:
            raise ConfigError(f"{out} cannot be written: {exc.strerror}", hint="give another path to --out") from exc
        console.say(f"written: {out} ({len(found)} seats)")
        return
    if shape == "csv":
        console.line(write_sheet(found, scale).replace("\r\n", "\n").rstrip("\n"))
        return
    head, rows = sheet_rows(found, scale, main_only=True)
    shown = [
        [printable(cell if len(cell) <= MOST_NOTE else cell[:MOST_NOTE] + "\u2026") for cell in row] for row in rows
    ]
    console.result(_document(found, scale), lambda: console.table(head, shown))


def _document(found: "Sequence[SeatResult]", scale: "Scale") -> list[dict[str, Any]]:
    return [
        {
            "seat": result.seat.id,
            "email": result.seat.person.email,
            "name": result.seat.person.name,
            "team": result.seat.person.team,
            "score": result.score,
            "grade": None if result.score is None else scale.grade(result.score) or None,
            "failure": result.failure,
            "models": [
                {
                    "model": model.model,
                    "measured_on": model.measured_on,
                    "figures": model.figures,
                    "when": model.when.isoformat() if model.when else None,
                    "note": model.words or None,
                }
                for model in result.models
            ],
        }
        for result in found
    ]
