"""Predictions of pictures on this machine: asked of the service, drawn, and kept as plain values.

Owns: the drawing, and the form in which predictions are printed and stored.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from automation.errors import ConfigError, DatasetError, Finding, InvalidRequest, Severity
from automation.training import Prediction
from automation.workflow.pictures import find_pictures

__all__ = ["Analyzer", "as_json", "ask", "draw_prediction", "gather", "read_picture"]

SHOWN_SCORE = 0.3
MAX_BYTES = 20 * 1024 * 1024
_COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000")


class Analyzer(Protocol):
    """The vision service, as far as predictions need it."""

    def analyze(self, model_name: str, data: bytes) -> Prediction: ...


def gather(paths: Sequence[Path]) -> list[Path]:
    """The pictures meant by some files and folders. Raises ConfigError for what is not there."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise ConfigError(f"there is no {', no '.join(missing)}", hint="name pictures, or folders of pictures")
    found = [picture for path in paths for picture in (find_pictures(path) if path.is_dir() else [path])]
    if not found:
        raise ConfigError("there is no picture in these folders", hint="name pictures, or folders of pictures")
    return list(dict.fromkeys(found))


def read_picture(path: Path) -> bytes:
    """A picture's bytes. Raises DatasetError when the service would refuse them at sight."""
    size = path.stat().st_size
    if 0 < size <= MAX_BYTES:
        return path.read_bytes()
    message = "the file has no bytes" if size == 0 else f"{size:,} bytes; the service takes {MAX_BYTES:,}"
    raise _useless(path, "picture-size", message)


def ask(vision: Analyzer, model: str, path: Path) -> Prediction:
    """What a model sees in a picture. Raises DatasetError, naming the picture, when the service cannot use it."""
    try:
        return vision.analyze(model, read_picture(path))
    except InvalidRequest as exc:
        if "InvalidImage" not in f"{exc.code} {exc.detail}":  # it is not the picture
            raise
        raise _useless(path, "picture-refused", exc.detail) from exc


def _useless(path: Path, code: str, message: str) -> DatasetError:
    hint = "mend this picture, or leave it out"
    finding = Finding(code=code, severity=Severity.ERROR, where=str(path), message=message, hint=hint)
    return DatasetError(f"no prediction for {path.name}", findings=(finding,), hint="then run the command again")


def as_json(path: Path, prediction: Prediction) -> dict[str, Any]:
    """A prediction as it is printed and stored."""
    return {
        "image": str(path),
        "width": prediction.width,
        "height": prediction.height,
        "boxes": [asdict(box) for box in prediction.boxes],
        "tags": [asdict(tag) for tag in prediction.tags],
    }


def draw_prediction(path: Path, prediction: Prediction, out: Path, *, min_score: float = SHOWN_SCORE) -> Path:
    """A copy of the picture with its boxes, or its best tag, as JPEG in the folder `out`."""
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(path.read_bytes())) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    canvas = ImageDraw.Draw(picture)
    line = max(2, round(max(picture.size) / 300))
    font = ImageFont.load_default(size=max(12, round(max(picture.size) / 40)))
    labels = sorted({box.label for box in prediction.boxes})
    for box in reversed([box for box in prediction.boxes if box.score >= min_score]):
        colour = _COLOURS[labels.index(box.label) % len(_COLOURS)]
        canvas.rectangle((box.x, box.y, box.x + box.w, box.y + box.h), outline=colour, width=line)
        _write(canvas, (box.x, box.y), f"{box.label} {box.score:.2f}", colour, font)
    if not prediction.boxes and prediction.tags:
        best = prediction.tags[0]
        _write(canvas, (0, 0), f"{best.name} {best.confidence:.2f}", _COLOURS[0], font)
    out.mkdir(parents=True, exist_ok=True)
    target = _free(out, path)
    picture.save(target, "JPEG", quality=90)
    return target


def _free(out: Path, path: Path) -> Path:
    """Pictures keep their names; what was a PNG becomes a JPEG that says so."""
    return out / (path.name if path.suffix.lower() in (".jpg", ".jpeg") else f"{path.name}.jpg")


def _write(canvas: Any, at: tuple[int, int], text: str, colour: str, font: Any) -> None:
    left, top, right, bottom = canvas.textbbox(at, text, font=font)
    canvas.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=colour)
    canvas.text(at, text, fill="white", font=font)
