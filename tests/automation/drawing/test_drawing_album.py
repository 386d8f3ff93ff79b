"""Albums: same seed, same bytes; what is there is kept; labels are well-formed COCO."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from automation.drawing import FRUIT_CLASSES, PET_CLASSES, Drawn, draw_fruit, draw_pets


def _small_fruit(folder: Path, *, train: int = 3, seed: int = 7) -> Drawn:
    return draw_fruit(folder, train=train, evaluation=2, test=1, seed=seed, long_side_px=120)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in (folder / "photos").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        _small_fruit(tmp_path / name, seed=seed)
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")
    assert not set(_digests(tmp_path / "one").values()) & set(_digests(tmp_path / "three").values())


def test_files_stand_where_the_lab_looks_for_them(tmp_path: Path) -> None:
    assert _small_fruit(tmp_path) == Drawn(folder=tmp_path / "photos", drawn=6, kept=0)
    assert sorted(_digests(tmp_path)) == [
        "photos/.drawn",
        "photos/evaluation/eval-labels.json",
        "photos/evaluation/fruit-evaluation-001.jpg",
        "photos/evaluation/fruit-evaluation-002.jpg",
        "photos/test/fruit-test-001.jpg",
        "photos/training/fruit-training-001.jpg",
        "photos/training/fruit-training-002.jpg",
        "photos/training/fruit-training-003.jpg",
        "photos/training/labels.json",
    ]


def test_fruit_labels_are_coco_with_pixel_boxes(tmp_path: Path) -> None:
    import cv2

    _small_fruit(tmp_path)
    folder = tmp_path / "photos" / "training"
    document = json.loads((folder / "labels.json").read_bytes())
    assert document["categories"] == [{"id": i + 1, "name": name} for i, name in enumerate(FRUIT_CLASSES)]
    assert [image["id"] for image in document["images"]] == [1, 2, 3]
    assert [a["id"] for a in document["annotations"]] == list(range(1, len(document["annotations"]) + 1))
    assert {a["image_id"] for a in document["annotations"]} == {1, 2, 3}
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    for image in document["images"]:
        stored = cv2.imread(str(folder / image["file_name"]))
        assert stored is not None
        assert (stored.shape[1], stored.shape[0]) == sizes[image["id"]]
    for annotation in document["annotations"]:
        left, top, width, height = annotation["bbox"]
        assert annotation["area"] == width * height > 0
        assert min(left, top) >= 0
        assert left + width <= sizes[annotation["image_id"]][0]
        assert top + height <= sizes[annotation["image_id"]][1]


def test_pet_labels_are_coco_without_boxes(tmp_path: Path) -> None:
    draw_pets(tmp_path, train=5, evaluation=0, test=0, long_side_px=96)
    document = json.loads((tmp_path / "photos" / "training" / "labels.json").read_bytes())
    assert [c["name"] for c in document["categories"]] == list(PET_CLASSES)
    assert document["annotations"] == [
        {"id": i, "image_id": i, "category_id": kind} for i, kind in enumerate([1, 2, 1, 2, 3], start=1)
    ]


def test_what_is_there_is_not_drawn_again(tmp_path: Path) -> None:
    _small_fruit(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "photos").rglob("*.jpg")}
    assert (_small_fruit(tmp_path).drawn, _small_fruit(tmp_path).kept) == (0, 6)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "photos").rglob("*.jpg")} == before


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    _small_fruit(tmp_path / "whole")

    class Stopped(Exception):
        pass

    def stop_at_two(done: float, total: float | None, message: str) -> None:
        if done == 2:
            raise Stopped

    halted = tmp_path / "halted"
    with pytest.raises(Stopped):
        draw_fruit(halted, train=3, evaluation=2, test=1, long_side_px=120, progress=stop_at_two)
    with (halted / "photos" / ".drawn").open("ab") as stamp:
        stamp.write(b'{"picture": "training/fruit-tr')
    assert _small_fruit(halted) == Drawn(folder=halted / "photos", drawn=4, kept=2)
    assert _digests(halted) == _digests(tmp_path / "whole")


def test_lost_and_damaged_pictures_are_drawn_again(tmp_path: Path) -> None:
    _small_fruit(tmp_path)
    before = _digests(tmp_path)
    folder = tmp_path / "photos" / "training"
    (folder / "fruit-training-001.jpg").unlink()
    (folder / "fruit-training-002.jpg").write_bytes(b"")
    assert _small_fruit(tmp_path).drawn == 2
    assert {k: v for k, v in _digests(tmp_path).items() if k.endswith(".jpg")} == {
        k: v for k, v in before.items() if k.endswith(".jpg")
    }


def test_corrected_labels_survive_a_repeat(tmp_path: Path) -> None:
    _small_fruit(tmp_path)
    labels = tmp_path / "photos" / "training" / "labels.json"
    labels.write_text("corrected by hand")
    _small_fruit(tmp_path)
    assert labels.read_text() == "corrected by hand"


def test_fewer_pictures_remove_only_what_was_drawn_here(tmp_path: Path) -> None:
    _small_fruit(tmp_path)
    mine = tmp_path / "photos" / "training" / "my-own.jpg"
    mine.write_bytes(b"mine")
    _small_fruit(tmp_path, train=2)
    assert sorted(path.name for path in mine.parent.glob("*.jpg")) == [
        "fruit-training-001.jpg",
        "fruit-training-002.jpg",
        "my-own.jpg",
    ]


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[float, float | None]] = []

    def progress(done: float, total: float | None, message: str) -> None:
        told.append((done, total))

    draw_fruit(tmp_path, train=2, evaluation=1, test=0, long_side_px=96, progress=progress)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_door_opens_without_numpy() -> None:
    code = "import sys, automation.drawing; sys.exit('numpy' in sys.modules or 'cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
