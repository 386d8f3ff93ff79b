"""A conversion whose text is written by a process of its own: the same bytes, or no file."""

import errno
import io
import json
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.coco import scan
from automation.coco.files import written_whole
from automation.coco.rewriting import convert_file
from automation.coco.types import Unit
from automation.errors import ConfigError
from automation.splicing import writing
from automation.splicing.writing import main, writer


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Boxes in pixels in several pieces; some annotations have no box, no area, or the keys inside of others."""
    monkeypatch.setattr(scan, "CHUNK_BYTES", 400)
    chance = random.Random(3)
    shape = {"segmentation": [[1, 2, 30, 2, 30, 20.5], [0, 0, 9, 0, 9, 9]], "keypoints": [1, 2, 2, 0, 0, 0]}
    kinds: list[dict[str, Any]] = [{}, {"area": 6, **shape}, {"area": 6.5, "note": {"bbox": "é"}}, {"area": None}]
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
    with pytest.raises(ConfigError, match="cannot be written: Operation not permitted"):
        convert_file(labels, tmp_path / "out.json", to=Unit.NORMALISED)
    assert (tmp_path / "out.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.json", "out.json"]


def test_a_writer_that_is_killed_is_named_with_its_signal(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "WORTH_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    killer = tmp_path / "killer"
    killer.write_text("#!/bin/sh\nkill -9 $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killer))
    with pytest.raises(ConfigError, match="the process that writes was ended by signal 9"):
        convert_file(labels, tmp_path / "out.json", to=Unit.NORMALISED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killer", "labels.json"]


def test_a_file_that_changes_while_it_is_read_gives_no_new_one(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"[1]")

    def written() -> None:
        with old.open("rb") as source, written_whole(tmp_path / "new") as target, writer(target, source) as out:
            out.text(b"[1]", 0)
            old.write_bytes(b"[1, 2]")

    with pytest.raises(ConfigError, match="changed meanwhile"):
        written()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


@pytest.fixture
def old(tmp_path: Path) -> Iterator[int]:
    """The descriptor of an old file."""
    (tmp_path / "old").write_bytes(b"some text")
    with (tmp_path / "old").open("rb") as file:
        yield file.fileno()


def ordered(offset: int, size: int) -> tuple[bytes, bytes]:
    """What goes through the pipe for some text: up to the end, and with it."""
    head = writing._HEAD  # pyright: ignore[reportPrivateUsage] # the pipe's own words
    text = head.pack(0, offset, size, *[0] * 4, False)
    return text, text + head.pack(2, *[0] * 6, False)


def test_only_an_end_that_was_said_is_an_end(old: int) -> None:
    cut, whole = ordered(5, 4)
    written = io.BytesIO()
    assert main(io.BytesIO(whole), old, written) == 0
    assert written.getvalue() == b"text"
    for sent in (cut, cut[:-3], b""):
        assert main(io.BytesIO(sent), old, io.BytesIO()) == 1


def test_an_old_file_that_became_shorter_is_an_error_of_the_disk(old: int) -> None:
    assert main(io.BytesIO(ordered(5, 5)[1]), old, io.BytesIO()) == errno.EIO


def test_a_disk_that_is_full_is_told_by_its_number(old: int) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any, /) -> int:
            raise OSError(28, "No space left on device")

    assert main(io.BytesIO(ordered(0, 4)[1]), old, Full()) == 28


def test_a_small_file_needs_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)
    (tmp_path / "old").write_bytes(b"[1]")
    with (tmp_path / "old").open("rb") as source, (tmp_path / "a").open("wb") as file, writer(file, source) as out:
        out.text(b"[1]", 0)
    assert (tmp_path / "a").read_bytes() == b"[1]"
