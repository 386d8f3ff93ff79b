"""Pictures before they are sent: every bad file is named, all at once, and nothing is uploaded."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from automation.errors import DatasetError
from automation.workflow.pictures import check_pictures, demand_pictures, find_pictures


def a_picture(path: Path, mode: str = "RGB", size: tuple[int, int] = (40, 30), exif: Image.Exif | None = None) -> Path:
    Image.effect_noise(size, 60).convert(mode).save(path, exif=exif or Image.Exif())
    return path


def a_bomb(path: Path) -> Path:
    """A PNG that claims 60,000 x 60,000 pixels in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    return path


def found(path: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity.value) for finding in check_pictures([path])]


def test_an_ordinary_picture_has_no_findings(tmp_path: Path) -> None:
    assert found(a_picture(tmp_path / "a.jpg")) == []
    assert found(a_picture(tmp_path / "a.png")) == []


def test_files_that_are_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("not a picture")
    cut = a_picture(tmp_path / "cut.jpg", size=(400, 300))
    cut.write_bytes(cut.read_bytes()[:4000])
    cut_png = a_picture(tmp_path / "cut.png", size=(400, 300))
    cut_png.write_bytes(cut_png.read_bytes()[:4000])

    assert found(tmp_path / "empty.jpg") == [("picture-empty", "error")]
    assert found(tmp_path / "text.jpg") == [("picture-unreadable", "error")]
    assert found(cut) == [("picture-corrupt", "error")]
    assert found(cut_png) == [("picture-corrupt", "error")]


def test_sizes_that_the_service_refuses(tmp_path: Path) -> None:
    assert found(a_bomb(tmp_path / "bomb.png")) == [("picture-too-large", "error")]
    assert found(a_picture(tmp_path / "wide.png", "L", (10_241, 10))) == [("picture-too-large", "error")]
    assert found(a_picture(tmp_path / "tiny.png", size=(9, 40))) == [("picture-too-small", "error")]


def test_pictures_that_the_service_sees_differently(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])

    assert found(a_picture(tmp_path / "print.jpg", "CMYK")) == [("picture-cmyk", "warning")]
    assert found(a_picture(tmp_path / "deep.png", "I;16")) == [("picture-16-bit", "warning")]
    assert found(a_picture(tmp_path / "turned.jpg", exif=exif)) == [("picture-rotated", "warning")]
    assert found(tmp_path / "moving.gif") == [("picture-animated", "warning")]


def test_a_picture_of_1600_pixels_has_not_16_bits(tmp_path: Path) -> None:
    for size in ((16, 16), (1600, 20), (20, 160)):
        assert [code for code, _ in found(a_picture(tmp_path / "a.jpg", size=size)) if code == "picture-16-bit"] == []


def test_all_bad_files_are_named_at_once(tmp_path: Path) -> None:
    a_picture(tmp_path / "good.jpg")
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.png").write_bytes(b"nothing")
    (tmp_path / "empty").mkdir()

    with pytest.raises(DatasetError) as caught:
        demand_pictures([tmp_path, tmp_path / "empty"])

    assert caught.value.message == "3 picture problems; nothing was uploaded"
    assert [(f.code, Path(f.where).name) for f in caught.value.findings] == [
        ("no-pictures", "empty"),
        ("picture-empty", "a.jpg"),
        ("picture-unreadable", "b.png"),
    ]


def test_hidden_files_and_other_files_are_not_pictures(tmp_path: Path) -> None:
    (tmp_path / ".trash").mkdir()
    for name in ("b.JPG", "a.png", "labels.json", ".hidden.jpg", ".trash/c.jpg"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in find_pictures(tmp_path)] == ["a.png", "b.JPG"]
