"""`visionlab predict`: a model, tried on pictures."""

from pathlib import Path
from typing import Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.options import example, file_option, json_option

__all__ = ["predict"]


@click.command(
    "predict",
    epilog=example(
        "visionlab predict photos/test --model fruitdetector --out found",
        "visionlab predict a.jpg b.jpg --model fruitdetector --json",
    ),
)
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE...")
@click.option("-m", "--model", required=True, help="The model's name.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Draw the boxes into copies in this folder."
)
@click.option(
    "--min-score", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="Show what is surer than this."
)
@file_option
@json_option
def predict(
    *, pictures: tuple[Path, ...], model: str, out: Path | None, min_score: float, file: Path, as_json: bool
) -> None:
    """Try a model on pictures of yours.

    IMAGE is a picture or a folder of pictures. With --json every box is there, with its score; --min-score is for
    the table and the drawings.
    """
    from automation.workflow.predictions import as_json as as_values
    from automation.workflow.predictions import ask, draw_prediction, gather

    console = Console.of(as_json)
    chosen = gather(pictures)
    found: list[dict[str, Any]] = []
    with open_lab(file, console) as (_, bench), console.progress(f"predict with {model}") as progress:
        for index, path in enumerate(chosen):
            prediction = ask(bench.vision, model, path)
            values = as_values(path, prediction)
            if out is not None:
                values["drawn"] = str(draw_prediction(path, prediction, out, min_score=min_score))
            found.append(values)
            progress(index + 1, len(chosen), path.name)
    if out is not None:
        console.say(f"drawn into {out}")
    rows = [row for values in found for row in _rows(values, min_score)]
    console.result(found, lambda: console.table(("picture", "what", "score", "box"), rows))


def _rows(values: dict[str, Any], min_score: float) -> list[tuple[str, str, str, str]]:
    name = Path(values["image"]).name
    boxes = [
        (name, box["label"], f"{box['score']:.2f}", f"{box['x']},{box['y']} {box['w']}x{box['h']}")
        for box in values["boxes"]
        if box["score"] >= min_score
    ]
    tags = [(name, tag["name"], f"{tag['confidence']:.2f}", "") for tag in values["tags"][:1]]
    return boxes or tags or [(name, "nothing", "", "")]
