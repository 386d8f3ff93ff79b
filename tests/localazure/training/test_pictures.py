import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from localazure.training.errors import DatasetCorrupt, PictureError
from localazure.training.pictures import boxed_picture, open_image, pixels_of

RED, BLUE = (255, 0, 0), (0, 0, 255)


def red_and_blue() -> Image.Image:
    """Left half red, right half blue, 40 x 20."""
    image = Image.new("RGB", (40, 20), RED)
    image.paste(BLUE, (20, 0, 40, 20))
    return image


def as_bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose header promises a large picture and which holds almost nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_picture_rotated_by_exif_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    image = open_image(as_bytes(red_and_blue(), "PNG", exif=exif))
    assert (image.mode, image.size) == ("RGB", (20, 40))
    assert (image.getpixel((10, 5)), image.getpixel((10, 35))) == (RED, BLUE)


def test_a_photo_of_several_pictures_as_phones_make_them_is_its_first() -> None:
    photo = as_bytes(red_and_blue(), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 20), BLUE)])
    assert open_image(photo).getpixel((5, 5)) == pytest.approx(RED, abs=3)


def test_cmyk_becomes_rgb() -> None:
    image = open_image(as_bytes(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"))
    assert (image.mode, image.getpixel((4, 4))) == ("RGB", RED)


def test_sixteen_bits_become_eight() -> None:
    values = np.array([[0, 32768], [65535, 256]], np.uint16)
    image = open_image(as_bytes(Image.fromarray(values), "PNG"))
    assert pixels_of(image)[..., 0].tolist() == [[0, 128], [255, 1]]


def test_thirty_two_bit_values_become_eight() -> None:
    image = open_image(as_bytes(Image.fromarray(np.array([[0, 65535]], np.int32)), "TIFF"))
    assert pixels_of(image)[0, :, 1].tolist() == [0, 255]


def test_transparent_pixels_become_white() -> None:
    image = open_image(as_bytes(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"))
    assert image.getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_counts(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    image = open_image(as_bytes(frames[0], kind, save_all=True, append_images=frames[1:]))
    red, _, blue = pixels_of(image)[4, 4].tolist()
    assert red > 240
    assert blue < 15


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = open_image(as_bytes(red_and_blue().convert(mode), "PNG"))
    assert (image.mode, image.size) == ("RGB", (40, 20))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\0" * 100, "no picture in a known format"),
        (b"%PDF-1.7", "no picture in a known format"),
        (as_bytes(red_and_blue(), "PNG")[:-30], "damaged"),
        (as_bytes(red_and_blue(), "JPEG")[:300], "damaged"),
        (as_bytes(Image.effect_noise((64, 64), 50), "JPEG")[:-900], "damaged"),
        (png_that_claims(10_000, 8_500), "80,000,000 pixels are the most"),
        (png_that_claims(10_000, 9_500), "more than 80,000,000 pixels"),
        (png_that_claims(15_000, 15_000), "more than 80,000,000 pixels"),
        (png_that_claims(16_001, 10), "16,000 a side is the most"),
        (png_that_claims(2**31 - 1, 2**31 - 1), "80,000,000 pixels"),
        (b"\x89PNG" + b"\0" * (20 * 2**20), "20 MiB is the most"),
    ],
    ids=[
        "empty",
        "zeros",
        "pdf",
        "cut-png",
        "cut-header",
        "cut-jpeg",
        "large",
        "larger",
        "bomb",
        "long",
        "huge",
        "heavy",
    ],
)
def test_bytes_that_cannot_be_used_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        open_image(data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="cannot be read: No such file"):
        open_image(tmp_path / "none.jpg")


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it skips
def test_damaged_bytes_are_never_anything_but_a_picture_error() -> None:
    whole = [as_bytes(red_and_blue(), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")]
    rng = np.random.default_rng(5)
    for data in whole:
        for _ in range(40):
            broken = bytearray(data)
            for _ in range(4):
                broken[int(rng.integers(len(broken)))] = int(rng.integers(256))
            opened_or_refused(bytes(broken))


def opened_or_refused(data: bytes) -> None:
    with contextlib.suppress(PictureError):
        open_image(data)


def test_a_bad_picture_of_a_data_set_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    picture = boxed_picture(tmp_path / "bad.jpg", boxes=[(1, 2, 3, 4)], labels=[0])
    with pytest.raises(DatasetCorrupt, match=r"bad\.jpg: this is no picture"):
        picture.pixels()


def test_boxes_become_corners_and_back(tmp_path: Path) -> None:
    picture = boxed_picture(tmp_path / "any.jpg", boxes=[(10, 20, 30, 40)], labels=[2])
    assert picture.boxes.tolist() == [[10, 20, 40, 60]]
    [truth] = picture.truth()
    assert (truth.class_index, truth.x, truth.y, truth.w, truth.h) == (2, 10, 20, 30, 40)
