"""`visionlab dataset split --together`: alike pictures land in one part."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from automation.cli.app import cli
from automation.errors import ConfigError


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Eight scenes, each saved twice: as PNG in the first half of the file, as JPEG in the second."""
    names: list[str] = []
    for suffix in ("png", "jpg"):
        for seed in range(8):
            blocks = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
            names.append(f"{seed}.{suffix}")
            Image.fromarray(blocks).resize((96, 96), Image.Resampling.BICUBIC).save(tmp_path / names[-1])
    tree = {
        "images": [{"id": n, "file_name": name, "width": 96, "height": 96} for n, name in enumerate(names, 1)],
        "annotations": [{"id": n, "image_id": n, "category_id": 1} for n in range(1, 17)],
        "categories": [{"id": 1, "name": "block"}],
    }
    (tmp_path / "labels.json").write_text(json.dumps(tree))
    return tmp_path / "labels.json"


def split(labels: Path, *options: str) -> Result:
    parts = str(labels.parent / "parts")
    asked = ["dataset", "split", str(labels), "--out", parts, "--ratios", "a=1,b=1", "--json", *options]
    return CliRunner().invoke(cli, asked)


def torn(labels: Path) -> int:
    """How many scenes are in both parts."""
    parts = [json.loads((labels.parent / "parts" / f"{part}.json").read_text())["images"] for part in "ab"]
    a, b = ({image["file_name"].partition(".")[0] for image in images} for images in parts)
    return len(a & b)


def test_near_duplicates_stay_together(labels: Path) -> None:
    assert split(labels).exit_code == 0
    assert torn(labels) > 0
    run = split(labels, "--together", "near-duplicates")
    assert (json.loads(run.stdout)["groups"], torn(labels)) == (8, 0)


def test_pictures_that_do_not_say_when_they_were_taken_are_said(labels: Path) -> None:
    run = split(labels, "--together", "sessions")
    assert json.loads(run.stdout)["groups"] == 16
    assert "16 of 16 pictures do not say when they were taken" in run.stderr


def test_no_picture_there_is_an_error_and_some_missing_are_said(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert isinstance(
        split(labels, "--together", "sessions", "--images", str(tmp_path / "empty")).exception, ConfigError
    )
    (labels.parent / "0.png").unlink()
    assert "1 of 16 pictures are not there" in split(labels, "--together", "near-duplicates").stderr
