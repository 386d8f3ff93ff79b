"""`visionlab dataset duplicates`, and pictures in `visionlab dataset check FILE --images`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from automation.cli.app import main


def a_scene(path: Path, seed: int, side: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC).save(path, quality=95)
    return path


def a_file(path: Path, *names: str, side: float = 64) -> Path:
    images = [{"id": n, "file_name": name, "width": side, "height": side} for n, name in enumerate(names, 1)]
    labels = [{"id": n, "image_id": n, "category_id": 1, "bbox": [8, 8, 16, 20]} for n in range(1, len(names) + 1)]
    categories = [{"id": 1, "name": "apple"}]
    path.write_text(json.dumps({"images": images, "annotations": labels, "categories": categories}))
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    a_scene(folder / "a.png", 1)
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes())
    a_scene(folder / "c.jpg", 1, 128)
    a_scene(folder / "d.png", 2)
    return folder


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_exact_duplicates_of_a_folder(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "duplicates", str(photos)]) == 0
    assert capsys.readouterr().out == (
        "picture  like   difference\nb.png    a.png  none, byte by byte\n1 of 4 pictures can be dropped\n"
    )


def test_near_duplicates_as_names_to_drop(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "duplicates", str(photos), "--near", "--list"]) == 0
    assert capsys.readouterr().out == "b.png\nc.jpg\n"


def test_duplicates_of_a_file_keep_its_order_and_say_what_is_not_there(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "bad.png").write_text("no picture")
    file = a_file(photos.parent / "labels.json", "c.jpg", "b.png", "gone.png", "../x.png", "bad.png")
    assert main(["dataset", "duplicates", str(file), "--images", str(photos), "--near", "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert {key: found[key] for key in ("pictures", "missing", "unreadable", "distance", "drop")} == {
        "pictures": 3,
        "missing": 2,
        "unreadable": ["bad.png"],
        "distance": 4,
        "drop": ["b.png"],
    }
    assert [cluster["keep"] for cluster in found["clusters"]] == [["c.jpg"]]
    assert "2 of 5 pictures are not there" in told.err


def test_a_folder_without_pictures_is_an_error_with_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "duplicates", str(tmp_path)]) == 2
    assert "what to do: name the folder that they are in" in capsys.readouterr().err
    file = a_file(tmp_path / "labels.json", "a.png")
    assert main(["dataset", "duplicates", str(file)]) == 2
    assert "what to do: name the folder with --images" in capsys.readouterr().err
    assert main(["dataset", "duplicates", str(tmp_path / "nowhere")]) == 2


def test_check_looks_at_the_pictures_of_its_files(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = a_file(photos.parent / "train.json", "a.png", "c.jpg", "gone.png")
    evaluation = a_file(photos.parent / "eval.json", "b.png", "d.png")
    assert main(["dataset", "check", str(train), str(evaluation), "--images", str(photos), "--json"]) == 1
    found = answer(capsys)
    codes = [[(f["code"], f["severity"], f["count"]) for f in report["findings"]] for report in found]
    assert [[one for one in report if "picture" in one[0] or one[0] == "wrong-size"] for report in codes] == [
        [("wrong-size", "error", 1), ("missing-picture", "error", 1), ("picture-near-duplicate", "warning", 1)],
        [("picture-in-both", "warning", 1)],
    ]
    examples = {f["code"]: f["examples"][0] for f in found[0]["findings"]}
    assert examples["wrong-size"]["where"] == "/images/1"
    assert examples["wrong-size"]["message"] == "'c.jpg' is 64 x 64 here, and 128 x 128 in truth"
    assert [report["passed"] for report in found] == [False, True]


def test_check_says_of_the_profile_what_it_takes(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(photos.parent / "labels.json", "a.png", "d.png")
    assert main(["dataset", "check", str(file), "--images", str(photos)]) == 0
    assert main(["dataset", "check", str(file), "--images", str(photos), "--profile", "custom-vision"]) == 1
    assert "'a.png': 64 x 64 pixels; Custom Vision wants 256 at least" in capsys.readouterr().out
