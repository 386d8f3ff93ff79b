"""A conversion whose text is written by a process of its own: the same bytes, or no file."""

import io
import json
import random
import shutil
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.coco import scan
from automation.coco.rewriting import convert_file
from automation.coco.types import Unit
from automation.splicing import writing
from automation.splicing.text import NewNumbers, spliced
from automation.splicing.writing import main, writer


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Boxes in pixels in several pieces; some annotations have no box, no area, or the keys inside of others."""
    monkeypatch.setattr(scan, "CHUNK_BYTES", 400)
    chance = random.Random(3)
    kinds: list[dict[str, Any]] = [{}, {"area": 6}, {"area": 6.5, "note": {"bbox": "é"}}, {"area": None}]
    annotations = [
        {"id": n, "image_id": 1, "category_id": 1, "bbox": [chance.randint(0, 50), 1.5, 20, 10], **kinds[n % 4]}
        for n in range(1, 60)
    ]
    tree = {
        "images": [{"id": 1, "file_name": "one.jpg", "width": 200, "height": 100}],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "cat"}],
    }
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(tree, ensure_ascii=False), "utf-8")
    return path


def test_another_process_writes_the_same_bytes(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    convert_file(labels, tmp_path / "here.json", to=Unit.NORMALISED)
    monkeypatch.setattr(writing, "WORTH_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    convert_file(labels, tmp_path / "there.json", to=Unit.NORMALISED)
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "here.json").read_bytes()
    assert json.loads((tmp_path / "there.json").read_bytes())["annotations"][0]["bbox"][3] == 0.1


def test_a_writer_that_dies_leaves_the_old_file(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "WORTH_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    (tmp_path / "out.json").write_text("old")
    with pytest.raises(OSError, match=r".*"):
        convert_file(labels, tmp_path / "out.json", to=Unit.NORMALISED)
    assert (tmp_path / "out.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.json", "out.json"]


def frames(text: bytes) -> Iterator[bytes]:
    """What goes through the pipe for one text: up to the end, and with it."""
    pipe = io.BytesIO()
    head = writing._HEAD  # pyright: ignore[reportPrivateUsage] # the pipe's own words
    pipe.write(head.pack(0, len(text), 0, False) + text)
    yield pipe.getvalue()
    yield pipe.getvalue() + head.pack(2, 0, 0, False)


def test_only_an_end_that_was_said_is_an_end() -> None:
    cut, whole = frames(b"some text")
    for sent, code in ((whole, 0), (cut, 1), (cut[:-3], 1), (b"", 1)):
        assert main(io.BytesIO(sent), io.BytesIO()) == code


def test_a_disk_that_is_full_is_told_by_its_number() -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any, /) -> int:
            raise OSError(28, "No space left on device")

    assert main(io.BytesIO(list(frames(b"x"))[1]), Full()) == 28


def test_a_small_file_needs_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)
    with (tmp_path / "a").open("wb") as file, writer(file, size=10) as out:
        out.text(b"[1]")
    assert (tmp_path / "a").read_bytes() == b"[1]"


def test_an_area_without_a_box_is_left_as_it_is() -> None:
    text = b'[{"area": 7, "id": 1}, {"bbox": [1, 2, 3, 4], "area": 12}]'
    numbers = NewNumbers(
        boxes=array("d", [0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4]), areas=array("d", [0, 0.12]), boxed=b"\0\1", sized=b"\1\1"
    )
    assert json.loads(b"[" + spliced(text, numbers) + b"]") == [
        {"area": 7, "id": 1},
        {"bbox": [0.1, 0.2, 0.3, 0.4], "area": 0.12},
    ]
