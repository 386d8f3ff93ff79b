"""`visionlab init`: a new lab in a folder: lab.yaml, instructions, drawn pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from automation.cli.console import Console
from automation.cli.context import has_blob_server_here, home_of
from automation.cli.options import example, json_option
from automation.errors import ConfigError, Refused
from automation.progress import Progress

__all__ = ["TEMPLATES", "init", "make_lab"]

TEMPLATES = ("fruit", "pets", "empty")
_FILES = ("lab.yaml", "labeling.md")
_EMPTY = """\
# A lab: `visionlab run lab.yaml` runs it. Put pictures and labels.json (COCO) into photos/training first,
# then take the # away below and name your classes.
name: mylab
stack: local
images:
  training-images: {path: photos/training}
#   evaluation-images: {path: photos/evaluation}
# datasets:
#   training_images: {container: training-images, coco: {file: photos/training/labels.json}}
#   evaluation_images: {container: evaluation-images, coco: {file: photos/evaluation/labels.json}}
# models:
#   mymodel:
#     kind: object-detection             # or image-classification
#     train: training_images
#     evaluate: evaluation_images        # without it the service cross-validates
#     budget_hours: 1
# predict:
#   mymodel: {images: photos/evaluation}
# labeling:                              # only where the labels shall go through a labeling project
#   project: my-labels
#   task: object-detection
#   container: training-images
#   classes: [first, second]
#   import: photos/training/labels.json  # and above: coco: {labeling: my-labels, as: training-labels.json}
"""
SMALL = {"fruit": {"train": 18, "evaluation": 8, "test": 2}, "pets": {"train": 40, "evaluation": 15, "test": 2}}


@click.command(
    "init",
    epilog=example("visionlab init fruit", "visionlab init . --template pets", "visionlab init mine --template empty"),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="[DIR]")
@click.option(
    "--template", type=click.Choice(TEMPLATES), default="fruit", show_default=True, help="What to start with."
)
@click.option("--small", is_flag=True, help="Fewer pictures: quicker, and less exact.")
@json_option
def init(*, folder: Path, template: str, small: bool, as_json: bool) -> None:
    """Make a new lab: lab.yaml and pictures.

    The templates: fruit finds apples, bananas and oranges; pets tells cats from dogs; empty is yours to fill.
    Files of yours are never overwritten.
    """
    console = Console.of(as_json)
    made = make_lab(folder, template, console, small=small)
    first = f"put pictures into {folder / 'photos' / 'training'} and fill in lab.yaml, then " * (template == "empty")
    show = f"the lab is in {folder}; {first}run it with `visionlab run {folder / 'lab.yaml'}`"
    console.result(made, lambda: console.line(show))


def make_lab(folder: Path, template: str, console: Console, *, small: bool) -> dict[str, object]:
    """Make the lab's files and pictures. Raises Refused when a file of the user's stands in the way."""
    wanted = {"lab.yaml": _EMPTY} if template == "empty" else _example(template)
    folder.mkdir(parents=True, exist_ok=True)
    theirs = [name for name, text in wanted.items() if _differs(folder / name, text)]
    if theirs:
        raise Refused(
            f"{folder} has {' and '.join(theirs)} already, with other content",
            hint="choose another folder; nothing was written",
        )
    written = [name for name, text in wanted.items() if _write(folder / name, text)]
    drawn = 0
    if template == "empty":
        (folder / "photos" / "training").mkdir(parents=True, exist_ok=True)
    else:
        with console.progress("pictures") as progress:
            drawn = _draw(folder, template, progress, small=small)
    _need_blob_server(folder, console)
    return {"folder": folder, "template": template, "written": written, "pictures": drawn}


def _example(template: str) -> dict[str, str]:
    """The template's files: from the repository in a checkout, from the package in an installed wheel."""
    package = Path(__file__).resolve().parents[1]
    for root in (package / "_examples", package.parent / "examples"):
        if (root / template / "lab.yaml").is_file():
            found = {name: root / template / name for name in _FILES}
            return {name: path.read_text("utf-8") for name, path in found.items() if path.is_file()}
    raise ConfigError(f"the template {template!r} is not part of this installation", hint="install visionlab again")


def _differs(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8", errors="replace") != text


def _write(path: Path, text: str) -> bool:
    if path.exists():
        return False
    path.write_text(text, "utf-8")
    return True


def _draw(folder: Path, template: str, progress: Progress, *, small: bool) -> int:
    from automation.drawing import draw_fruit, draw_pets

    draw: Callable[..., Any] = draw_fruit if template == "fruit" else draw_pets
    return int(draw(folder, progress=progress, **(SMALL[template] if small else {})).drawn)


def _need_blob_server(folder: Path, console: Console) -> None:
    """Install the local blob server when this machine has none: better now than in the middle of a run."""
    from automation.local import LocalAzure

    if has_blob_server_here():
        return
    azure = LocalAzure(home_of(folder / "lab.yaml") / "local")
    console.say("installing the blob server of the local Azure (once, by npm)")
    with console.progress("blob server") as progress:
        progress(0, None, "npm ci")
        azure.install()
