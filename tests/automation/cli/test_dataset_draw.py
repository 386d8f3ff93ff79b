"""`visionlab dataset draw`: labels on pictures, as files."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from automation.cli.app import main
from automation.pictures.painting import class_colour


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("a.jpg", "sub/b.png", "c.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (100, 80), "white").save(path)
    return tmp_path / "photos"


def a_file(folder: Path, *annotations: dict[str, Any], names: tuple[str, ...] = ("a.jpg", "sub/b.png", "c.jpg")) -> str:
    images = [{"id": n, "file_name": name, "width": 100, "height": 80} for n, name in enumerate(names, 1)]
    labels = [{"id": n, "category_id": 7, "image_id": 1, **one} for n, one in enumerate(annotations, 1)]
    path = folder / "labels.json"
    content = {"images": images, "annotations": labels, "categories": [{"id": 7, "name": "apple"}]}
    path.write_text(json.dumps(content))
    return str(path)


def blue(path: Path, at: tuple[int, int]) -> bool:
    """Whether the picture there has about the first class's colour; JPEG is never exact."""
    with Image.open(path) as picture:
        found = picture.getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, class_colour(0), strict=True))


def test_each_picture_gets_its_labels_in_a_file_of_its_name(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    square = [[40, 40, 80, 40, 80, 70, 40, 70]]
    file = a_file(
        tmp_path, {"bbox": [20, 30, 40, 40]}, {"bbox": [40, 40, 40, 30], "segmentation": square, "image_id": 2}
    )
    out = tmp_path / "out"
    assert main(["dataset", "draw", file, "--images", str(photos), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "drawn": 3,
        "files": [str(out / name) for name in ("a.jpg", "sub/b.png.jpg", "c.jpg")],
        "left_out": [],
    }
    assert blue(out / "a.jpg", (20, 50))
    assert blue(out / "sub" / "b.png.jpg", (60, 40))
    assert not blue(out / "c.jpg", (20, 50))


def test_shares_are_known_by_their_numbers(photos: Path, tmp_path: Path) -> None:
    for name, box in {"pixels": [20, 30, 40, 40], "shares": [0.2, 0.375, 0.4, 0.5]}.items():
        file = a_file(tmp_path, {"bbox": box})
        assert (
            main(["dataset", "draw", file, "--images", str(photos), "--out", str(tmp_path / name), "--limit", "1"]) == 0
        )
    assert (tmp_path / "pixels" / "a.jpg").read_bytes() == (tmp_path / "shares" / "a.jpg").read_bytes()
    assert not (tmp_path / "pixels" / "c.jpg").exists()


def test_a_contact_sheet(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path, {"bbox": [20, 30, 40, 40]})
    out = tmp_path / "out"
    assert main(["dataset", "draw", file, "--images", str(photos), "--out", str(out), "--contact-sheet"]) == 0
    assert capsys.readouterr().out == f"{out}: 3 pictures on 1 sheet\n"
    assert [path.name for path in out.iterdir()] == ["sheet-001.jpg"]
    with Image.open(out / "sheet-001.jpg") as page:
        assert page.size == (3 * 328 + 8, 354)


def test_what_cannot_be_drawn_is_named_and_left_out(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "c.jpg").write_bytes(b"no picture")
    names = ("a.jpg", "c.jpg", "../labels.json", "gone\x1b.jpg")
    file = a_file(
        tmp_path, {"bbox": [20, 30, 40, 40]}, {"bbox": "x"}, {"bbox": [1, 2, 3, 4], "image_id": 9}, names=names
    )
    assert main(["dataset", "draw", file, "--images", str(photos), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr()
    assert told.err == "left out, for they cannot be drawn: c.jpg, ../labels.json, gone\\x1b.jpg\n"
    assert told.out == f"{tmp_path / 'out'}: 1 picture\n"


def test_results_never_mix_with_the_pictures(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path, {"bbox": [20, 30, 40, 40]})
    for out in (photos, photos / "drawn", tmp_path):
        assert main(["dataset", "draw", file, "--images", str(photos), "--out", str(out)]) == 2
        assert "are not apart" in capsys.readouterr().err
    assert sorted(path.name for path in photos.rglob("*.*")) == ["a.jpg", "b.png", "c.jpg"]


def test_files_that_say_too_little_are_errors(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert (
        main(
            ["dataset", "draw", a_file(tmp_path, {"bbox": [0.5, 0.5, 0.9, 0.9]}), "--images", str(photos), "--out", out]
        )
        == 1
    )
    assert "the unit of the boxes in labels.json is not clear" in capsys.readouterr().err
    (tmp_path / "labels.json").write_text("{")
    assert main(["dataset", "draw", str(tmp_path / "labels.json"), "--images", str(photos), "--out", out]) == 1
    assert main(["dataset", "draw", a_file(tmp_path, names=("gone.jpg",)), "--images", str(photos), "--out", out]) == 2
    assert "name their folder with --images" in capsys.readouterr().err
