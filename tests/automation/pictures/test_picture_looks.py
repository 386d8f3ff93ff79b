"""One look at one picture, and what COCO files say about them."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from automation.errors import Finding, Severity
from automation.pictures import ANYTHING, Look, PictureLimits, limits_of, look_at, path_inside, picture_size
from automation.pictures.prints import print_of
from automation.pictures.stated import MOST_PER_CODE, Stated, check_stated
from automation.printable import printable

ORIENTATION = 0x0112


def a_scene(seed: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A picture with large shapes, another one for each seed."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def save(path: Path, picture: Image.Image, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, exif=exif, quality=95)
    return path


def stated(name: str, width: float = 96, height: float = 64, *, file: str = "a.json", place: int = 0) -> Stated:
    return Stated(file=file, where=f"/images/{place}", name=name, width=width, height=height)


def checked(images: list[Stated], folder: Path, file: str = "a.json") -> list[Finding]:
    return list(check_stated(images, folder, ANYTHING)[file].findings)


def codes(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity.value, finding.where) for finding in findings]


def one(path: Path, limits: PictureLimits = ANYTHING) -> Look:
    return look_at([path], limits)[0]


def test_pictures_that_are_as_the_file_says_have_no_findings(tmp_path: Path) -> None:
    save(tmp_path / "a.jpg", a_scene(1))
    save(tmp_path / "sub" / "b.png", a_scene(2))
    assert checked([stated("a.jpg"), stated("sub/b.png", 0, 0)], tmp_path) == []


def test_each_problem_has_its_code_and_place(tmp_path: Path) -> None:
    save(tmp_path / "small.jpg", a_scene(1))
    save(tmp_path / "turned.jpg", a_scene(2), orientation=6)
    save(tmp_path / "right.jpg", a_scene(3), orientation=6)
    (tmp_path / "text.jpg").write_text("no picture")
    images = [
        stated("small.jpg", 960, 640, place=0),
        stated("turned.jpg", 96, 64, place=1),
        stated("right.jpg", 64, 96, place=2),
        stated("text.jpg", place=3),
        stated("gone.jpg", place=4),
        stated("../secret.jpg", place=5),
        stated("x" * 5000, place=6),
    ]
    assert codes(checked(images, tmp_path)) == [
        ("wrong-size", "error", "/images/0"),
        ("picture-rotated", "warning", "/images/1/file_name"),
        ("size-before-turning", "error", "/images/1"),
        ("picture-rotated", "warning", "/images/2/file_name"),
        ("picture-unreadable", "error", "/images/3/file_name"),
        ("missing-picture", "error", "/images/4/file_name"),
        ("picture-outside", "error", "/images/5/file_name"),
        ("missing-picture", "error", "/images/6/file_name"),
    ]


def test_a_missing_picture_of_another_case_or_folder_is_named(tmp_path: Path) -> None:
    save(tmp_path / "deep" / "B.JPG", a_scene(1))
    (found,) = checked([stated("b.jpg")], tmp_path)
    assert found.message == f"the picture 'b.jpg' is not in {tmp_path}, 'deep/B.JPG' is"


def test_twins_within_a_file_and_between_files(tmp_path: Path) -> None:
    save(tmp_path / "a.png", a_scene(1))
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    save(tmp_path / "c.jpg", a_scene(1, (192, 128)))
    (tmp_path / "d.png").write_bytes((tmp_path / "a.png").read_bytes())
    images = [
        stated("a.png", place=0),
        stated("b.png", place=1),
        stated("c.jpg", 192, 128, place=2),
        stated("a.png", file="e.json", place=7),
        stated("d.png", file="e.json", place=8),
    ]
    assert codes(checked(images, tmp_path)) == [
        ("picture-duplicate", "warning", "/images/1/file_name"),
        ("picture-near-duplicate", "warning", "/images/2/file_name"),
    ]
    found = checked(images, tmp_path, "e.json")
    assert codes(found) == [
        ("picture-in-both", "warning", "/images/7/file_name"),
        ("picture-in-both", "warning", "/images/8/file_name"),
    ]
    assert found[0].message == "'a.png' of e.json is the same picture as 'a.png' of a.json"


def test_alike_findings_are_counted_beyond_a_bound(tmp_path: Path) -> None:
    images = [stated(f"{n}.jpg", place=n) for n in range(MOST_PER_CODE + 7)]
    found = check_stated(images, tmp_path, ANYTHING)["a.json"]
    assert len(found.findings) == MOST_PER_CODE
    assert found.counts == {("missing-picture", Severity.ERROR): MOST_PER_CODE + 7}


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_has_the_print_and_the_size_of_what_is_shown(
    orientation: int, suffix: str, tmp_path: Path
) -> None:
    path = save(tmp_path / f"a.{suffix}", a_scene(3), orientation)
    with Image.open(path) as picture:
        shown = ImageOps.exif_transpose(picture)
    (looked,) = look_at([path], ANYTHING, fingerprint=True)
    assert looked.shown == picture_size(path) == shown.size
    assert looked.print64 == print_of(shown)


def test_limits_are_those_of_the_profile(tmp_path: Path) -> None:
    small = save(tmp_path / "small.webp", a_scene(1))
    long = save(tmp_path / "long.png", a_scene(1, (6500, 257)))
    service = limits_of("custom-vision")
    assert [f.code for f in one(small, service).findings] == ["picture-format"]
    assert [f.code for f in one(long, service).findings] == ["picture-too-long"]
    assert [f.code for f in one(save(tmp_path / "s.png", a_scene(1)), service).findings] == ["picture-too-small"]
    with (tmp_path / "heavy.bmp").open("wb") as heavy:
        heavy.truncate((6 << 20) + 1)
    assert one(tmp_path / "heavy.bmp", service).findings[0].message == "6,291,457 bytes; Custom Vision takes 6,291,456"
    assert one(small).findings == one(long).findings == ()
    assert limits_of("coco") is ANYTHING


def a_png_that_claims(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_hostile_files_cost_nothing_and_end_in_a_finding(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(a_png_that_claims(60_000))
    whole = save(tmp_path / "whole.jpg", a_scene(1, (400, 300))).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    found = {path.name: [f.code for f in one(path).findings] for path in sorted(tmp_path.iterdir())}
    assert found == {
        "bomb.png": ["picture-too-large"],
        "cut.jpg": ["picture-corrupt"],
        "folder.jpg": ["picture-unreadable"],
        "pipe.jpg": ["picture-unreadable"],
        "whole.jpg": [],
    }


def test_what_would_fill_the_memory_is_looked_at_without_decoding_it(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(a_png_that_claims(9_000))
    Image.new("L", (9_000, 8_000)).save(tmp_path / "usual.jpg")
    Image.new("L", (9_000, 8_000)).save(tmp_path / "progressive.jpg", progressive=True)
    found = {path.name: [(f.code, f.message) for f in one(path).findings] for path in sorted(tmp_path.iterdir())}
    assert found == {
        "large.png": [("picture-not-decoded", "decoding it takes 308 MB; only its form was looked at")],
        "progressive.jpg": [("picture-not-decoded", "decoding it takes 411 MB; only its form was looked at")],
        "usual.jpg": [],
    }


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "a/../../b.jpg", "", "a\0b", "C:\\a.jpg", "..\\a.jpg"])
def test_names_that_lead_out_of_the_folder_are_no_paths(name: str, tmp_path: Path) -> None:
    assert path_inside(tmp_path, name) is None


def test_names_inside_are_paths_and_print_on_one_line(tmp_path: Path) -> None:
    assert path_inside(tmp_path, "a/b c.jpg") == tmp_path / "a" / "b c.jpg"
    assert printable("ä b.jpg") == "ä b.jpg"
    assert printable("a\x1b[2J\n.jpg") == "a\\x1b[2J\\n.jpg"
