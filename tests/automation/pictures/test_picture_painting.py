"""Labels on pictures: where they are, in which colour, whatever the file says."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from automation.pictures.painting import Mark, as_jpeg, class_colour, lettering, paint
from automation.pictures.sheet import PER_SHEET, TILE_PX, sheet

WHITE = (255, 255, 255)


def a_page(path: Path, size: tuple[int, int] = (200, 100), orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", size, WHITE).save(path, exif=exif)
    return path


def touched(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """The box of what is not white."""
    return picture.convert("L").point([255] * 250 + [0] * 6).getbbox()


def test_a_box_stands_where_the_file_says_in_the_colour_of_its_class(tmp_path: Path) -> None:
    picture = paint(a_page(tmp_path / "a.png"), [Mark(name="x", number=2, box=(40, 30, 100, 50))])
    assert picture.size == (200, 100)
    assert {picture.getpixel(at) for at in ((40, 60), (140, 60), (90, 30), (90, 80))} == {class_colour(2)}
    assert picture.getpixel((90, 60)) == WHITE
    assert touched(picture) == (40, 17, 141, 81)  # the name stands on top of it


def test_shares_of_a_picture_are_of_what_is_shown(tmp_path: Path) -> None:
    path = a_page(tmp_path / "a.png", orientation=6)
    shares = paint(path, [Mark(name="x", number=0, box=(0.2, 0.5, 0.5, 0.25), normalised=True)])
    pixels = paint(path, [Mark(name="x", number=0, box=(20, 100, 50, 50))])
    assert shares.size == (100, 200)
    assert shares.tobytes() == pixels.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr"])
def test_pictures_of_every_kind_are_painted_on(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.png" if mode in ("1", "L", "LA", "P", "RGBA", "I;16") else "a.tif")
    Image.new(mode, (60, 40)).save(path)
    assert paint(path, [Mark(name="x", number=0, box=(5, 5, 20, 20))]).getpixel((5, 15)) == class_colour(0)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_viewers_turn_them(orientation: int, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    picture = Image.linear_gradient("L").resize((60, 40)).rotate(30)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(path, exif=exif)
    with Image.open(path) as saved:
        assert paint(path, ()).tobytes() == ImageOps.exif_transpose(saved).convert("RGB").tobytes()


def test_large_pictures_are_scaled_with_their_marks(tmp_path: Path) -> None:
    path = a_page(tmp_path / "a.png", (3200, 1600))
    picture = paint(path, [Mark(name="x", number=1, box=(1600, 800, 800, 400))])
    assert picture.size == (1600, 800)
    assert picture.getpixel((800, 500)) == class_colour(1)


def test_polygons_are_filled_so_that_one_sees_through(tmp_path: Path) -> None:
    outline = (20, 20, 120, 20, 120, 90, 20, 90)
    picture = paint(a_page(tmp_path / "a.png"), [Mark(name="x", number=0, box=(20, 20, 100, 70), outlines=[outline])])
    red, _, blue = class_colour(0)
    inside = picture.getpixel((70, 60))
    assert isinstance(inside, tuple)
    assert red < inside[0] < 255
    assert blue < inside[2] < 255
    assert picture.getpixel((160, 60)) == WHITE


@pytest.mark.parametrize(
    "box", [(-50, -50, 20, 20), (1e300, 1e300, 1e300, 1e300), (90, 90, -40, -40), (float("nan"), 0, 1, 1), (0, 0, 0, 0)]
)
def test_boxes_that_are_out_of_their_mind_do_not_stop_the_painting(
    box: tuple[float, float, float, float], tmp_path: Path
) -> None:
    outlines = ((box[0], box[1]) * 4, (1.0, 2.0))
    picture = paint(a_page(tmp_path / "a.png"), [Mark(name="\x1b\n" * 90, number=10**9, box=box, outlines=outlines)])
    assert picture.size == (200, 100)


def test_labels_without_a_box_stand_one_below_the_other(tmp_path: Path) -> None:
    names = [Mark(name="Cat", number=0), Mark(name="Dog", number=1)]
    picture = paint(a_page(tmp_path / "a.png"), names)
    assert [picture.getpixel((1, y)) for y in (6, 20)] == [class_colour(0), class_colour(1)]
    assert (touched(picture) or (0, 0, 0, 0))[3] == 27


def test_the_first_twenty_colours_differ_and_never_change() -> None:
    assert len({class_colour(number) for number in range(20)}) == 20
    assert [class_colour(number) for number in (0, 1, 7)] == [(0, 114, 178), (230, 126, 0), (43, 153, 38)]


def test_names_are_in_letters_that_every_machine_draws_alike() -> None:
    assert lettering("Äpfel \u82f9\u679c\n") == "Apfel ???"


def test_a_sheet_has_its_pictures_in_rows_and_is_the_same_each_time() -> None:
    tiles = [("x" * 200 if n else "a.jpg", Image.new("RGB", (TILE_PX, 100 + n), (n, 0, 0))) for n in range(7)]
    page = sheet(tiles)
    assert page.size == (5 * (TILE_PX + 8) + 8, 2 * (TILE_PX + 26) + 8)
    assert [page.getpixel((8 + n % 5 * (TILE_PX + 8) + 50, 8 + n // 5 * (TILE_PX + 26) + 160)) for n in range(7)] == [
        (n, 0, 0) for n in range(7)
    ]
    assert as_jpeg(page) == as_jpeg(sheet(tiles))
    assert PER_SHEET == 20
