"""`visionlab evaluate`: predictions of any model against a COCO truth, without a lab."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.coco.evaluation import Evaluation, Figure

__all__ = ["compare", "evaluate", "figure_rows", "printable", "shown_number"]

MOST_CLASSES = 40
TOLERANCE = 1e-9  # COCO's averages of ones are a little below 1
_FILES = "files"


class _FilesAtOnce(click.Group):
    """A group whose command `files` may be left out, as in `visionlab evaluate truth.json predictions.json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_FILES, *args]
        return super().parse_args(ctx, args)


@click.group("evaluate", cls=_FilesAtOnce)
def evaluate() -> None:
    """Judge predictions: how good they are, and from which score on."""


@evaluate.command(
    _FILES,
    epilog=example(
        "visionlab evaluate truth.json predictions.json",
        "visionlab evaluate truth.json predictions.json --precision 0.9",
        "visionlab evaluate truth.json predictions.json --out evaluation --images photos",
        "visionlab evaluate files truth.json predictions.json --fail-under mAP50=0.8 --json",
    ),
)
@click.argument("truth", metavar="GT", type=click.Path(path_type=Path))
@click.argument("predictions", metavar="PREDICTIONS", type=click.Path(path_type=Path))
@click.option("--threshold", type=float, help="From this score on a prediction counts; else where F1 is best.")
@click.option("--precision", type=click.FloatRange(0, 1, min_open=True), help="Take the threshold that gives this.")
@click.option(
    "--iou",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="The overlap from which a box is found.",
)
@click.option("--split", default="", help="What the pictures are, like `test`; by default the name of GT.")
@click.option(
    "--unit", type=click.Choice(("pixels", "normalised")), help="The unit of the boxes, where files do not show it."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for the report, charts, tables and model card.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the pictures, for the report; else outlines only.",
)
@click.option(
    "--fail-under", multiple=True, metavar="NAME=VALUE", help="Exit 1 when a figure is below; can be repeated."
)
@json_option
@click.pass_context
def files(
    ctx: click.Context,
    *,
    truth: Path,
    predictions: Path,
    threshold: float | None,
    precision: float | None,
    iou: float,
    split: str,
    unit: str | None,
    out: Path | None,
    images: Path | None,
    fail_under: Sequence[str],
    as_json: bool,
) -> None:
    """Compare predictions with the truth; the word `files` may be left out.

    GT is a COCO file. PREDICTIONS is a list of COCO results, {image_id, category_id, bbox, score}; file_name may stand
    for image_id, category for category_id. Without boxes it is a classification.
    """
    from automation.coco import Unit
    from automation.coco.evaluation import Options, Wanted, evaluate_files, record

    if threshold is not None and precision is not None:
        raise ConfigError("--threshold and --precision both choose the threshold", hint="give one of them")
    if images is not None and out is None:
        raise ConfigError("--images is for the report", hint="say with --out where it goes")
    limits = [_limit(text) for text in fail_under]
    options = Options(
        iou=iou,
        wanted=Wanted(threshold=threshold, precision=precision),
        split=split,
        unit=Unit(unit) if unit else None,
    )
    console = Console.of(as_json)
    done = evaluate_files(truth, predictions, options)
    failed = [said for name, least in limits if (said := _below(done, name, least))]
    if out is not None:
        from automation.report.evaluation import write_bundle

        write_bundle(done, out, images=images)
    result = {**record(done), "failed": failed, "bundle": str(out) if out else None}
    console.result(result, lambda: _show(console, done, out))
    for said in failed:
        click.echo(click.style("error: ", fg="red", bold=True) + said, err=True)
    if failed:
        ctx.exit(1)


@evaluate.command(
    "compare",
    epilog=example(
        "visionlab evaluate compare evaluation-old evaluation-new",
        "visionlab evaluate compare a b c --resamples 2000 --seed 7 --json",
    ),
)
@click.argument("runs", metavar="BUNDLE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--resamples",
    type=click.IntRange(10, 100_000),
    default=1000,
    show_default=True,
    help="How often the pictures are drawn anew.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same interval.")
@json_option
def compare(*, runs: Sequence[Path], resamples: int, seed: int, as_json: bool) -> None:
    """Compare evaluations of the same pictures with the first of them, and say what may be chance.

    BUNDLE is a folder that `visionlab evaluate --out` wrote. mAP50, or the accuracy of classifiers, is measured again
    on pictures drawn at random, the same for all, and the difference is given with its 95 % interval.
    """
    from automation.coco.evaluation import compare_runs, read_outcomes

    console = Console.of(as_json)
    found = compare_runs([read_outcomes(path) for path in runs], resamples=resamples, seed=seed)
    rows = [
        (
            printable(entry.run),
            f"{entry.figure} {entry.first:.3f} to {entry.second:.3f}",
            f"{entry.difference:+.3f}",
            f"{entry.low:+.3f} to {entry.high:+.3f}",
            ("better" if entry.difference > 0 else "worse") if entry.certain else "may be chance",
        )
        for entry in found
    ]
    head = ("run", "figure", "difference", "95 % interval", "verdict")
    result = [{**asdict(entry), "certain": entry.certain, "seed": seed} for entry in found]
    console.result({"first": str(runs[0]), "others": result}, lambda: console.table(head, rows))


def figure_rows(figures: "Sequence[Figure]") -> list[tuple[str, ...]]:
    """Figures as rows: name, value, IoU, threshold, split."""
    return [
        (
            figure.name,
            shown_number(figure.value),
            figure.iou or "",
            "" if figure.threshold is None else f"{figure.threshold:.4g}",
            printable(figure.split),
        )
        for figure in figures
    ]


def printable(text: str) -> str:
    """A name for a terminal: without characters that steer it."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def shown_number(value: float | None) -> str:
    """A figure, or that there is none."""
    return "n/a" if value is None else f"{value:.3f}"


def _limit(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise ConfigError(
            f"--fail-under {text!r} is no NAME=VALUE", hint="write it like --fail-under mAP50=0.8"
        ) from None


def _below(done: "Evaluation", name: str, least: float) -> str | None:
    """What is wrong with a figure that has to reach `least`; None when it does."""
    from automation.nearest import hint_for

    names = [figure.name for figure in done.figures if figure.name != "ECE"]
    figure = done.figure(name)
    if figure is None or figure.name not in names:
        raise ConfigError(f"--fail-under: there is no figure {name!r}", hint=hint_for(name, names, otherwise=""))
    if figure.value is not None and figure.value >= least - TOLERANCE:
        return None
    return f"{figure.name} on {figure.split} is {shown_number(figure.value)}, below the {least:g} asked for"


def _show(console: Console, done: "Evaluation", out: Path | None) -> None:
    many = f"{done.images:,} pictures, {int((~done.truth.crowd).sum()):,} labels, {len(done.found.image):,} predictions"
    console.line(f"{done.kind} on {printable(done.split)}: {many}; threshold {done.threshold:.4g} ({done.chosen})")
    for note in done.notes:
        console.say(f"note: {note}")
    console.line("")
    console.table(("figure", "value", "IoU", "threshold", "split"), figure_rows(done.figures))
    console.line("")
    rows = [
        (
            printable(entry.name),
            *(shown_number(value) for value in (entry.average_precision, entry.precision, entry.recall, entry.f1)),
            *(entry.hits, entry.misses, entry.false_alarms),
            "n/a" if entry.best_threshold is None else f"{entry.best_threshold:.4g}",
        )
        for entry in done.classes[:MOST_CLASSES]
    ]
    console.table(("class", "AP", "precision", "recall", "F1", "hits", "misses", "false alarms", "best at"), rows)
    if len(done.classes) > MOST_CLASSES:
        console.line(f"and {len(done.classes) - MOST_CLASSES} more classes; --json has them all")
    if out is not None:
        console.line(f"report: {out / 'report.html'}")
