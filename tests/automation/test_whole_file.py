"""A file is there whole or as it was."""

import os
from pathlib import Path

import pytest

from automation.whole_file import write_whole


def test_a_new_file_has_its_content_its_mode_and_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "state" / "of" / "course.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["course.json"]  # noqa: PTH208 - names are what is compared


def test_what_the_disk_does_not_take_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "course.json"
    write_whole(path, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [at.name for at in tmp_path.iterdir()] == ["course.json"]
