"""Small drawn pictures for the assistance's real worker, and a project over them."""

import io
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from localazure.labeling.assist import AssistWork
from localazure.labeling.labels import Label
from localazure.labeling.types import Project
from localazure.worker_process import WorkerTimes
from tests.localazure.labeling.assist_lab import NUMBER, AssistLab

COLOURS = {"apple": "crimson", "banana": "gold"}
Box = tuple[float, float, float, float]


def draw(seed: int, shown: tuple[str, ...] = ("apple", "banana")) -> tuple[bytes, dict[str, Box]]:
    """A light picture with a disc of each colour, and the discs' boxes as fractions."""
    chance = random.Random(seed)
    image = Image.new("RGB", (160, 120), "white")
    pen = ImageDraw.Draw(image)
    boxes: dict[str, Box] = {}
    for place, (name, colour) in enumerate(COLOURS.items()):
        side = chance.randint(30, 44)
        x, y = place * 80 + chance.randint(2, 30), chance.randint(5, 60)
        if name in shown:
            pen.ellipse((x, y, x + side - 1, y + side - 1), fill=colour)
            boxes[name] = (x / 160, y / 120, side / 160, side / 120)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue(), boxes


def open_real(
    folder: Path, pictures: Sequence[bytes], *, project: Project | None = None, database: Path | None = None
) -> AssistLab:
    """With the real worker; not started."""
    command = (sys.executable, "-m", "localazure.labeling.assist.worker")
    work = AssistWork(command=command, times=WorkerTimes(look_s=0.02))
    lab = AssistLab(folder / "assist", [], project=project, database=database, real=work)
    names = [f"{number:02}.png" for number in range(1, len(pictures) + 1)]
    for name, data in zip(names, pictures, strict=True):
        lab.blobs.blobs[f"acct/training-images/{name}"] = data
    lab.tasks.add(NUMBER, names, at_most=1_000)
    return lab


def open_drawn(folder: Path, *, count: int) -> AssistLab:
    """Discs in boxes, drawn by the numbers from 0, with everything on disk; not started."""
    return open_real(folder, [draw(seed)[0] for seed in range(count)], database=folder / "labeling.sqlite3")


def teach(lab: AssistLab, seeds: Iterable[int]) -> None:
    """Label the pictures that were drawn by these numbers."""
    for seed in seeds:
        lab.label(seed + 1, labels=[Label(class_key=key, box=box) for key, box in draw(seed)[1].items()])
