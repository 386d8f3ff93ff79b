"""Pictures of tasks: formats, bounds, faults, who may see them."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from localazure.labeling.pictures.pictures import NotAPicture, check, sniff, to_png
from tests.localazure.labeling.labeling_lab import LabelingLab
from tests.localazure.labeling.labeling_people import PROJECT, code_of, somebody


def encoded(kind: str, *, mode: str = "RGB", size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 200).save(out, kind, **more)
    return out.getvalue()


def _image(lab: LabelingLab, task: int = 1, *, held: str = "") -> httpx.Response:
    return lab.client.get(f"{PROJECT}/tasks/{task}/image", headers={"if-none-match": held})


def _fault(lab: LabelingLab) -> str:
    with lab.service.tables.read() as db:
        return db.execute("SELECT fault FROM task WHERE number=1").fetchone()[0]


def _put(lab: LabelingLab, data: bytes) -> None:
    lab.blobs.blobs["acct/training-images/a.jpg"] = data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_what_browsers_show_goes_out_as_it_is_whatever_its_name(labeling: LabelingLab, kind: str) -> None:
    labeling.created()
    data = encoded(kind)
    _put(labeling, data)
    answer = _image(labeling)
    assert (answer.headers["content-type"], answer.content == data) == (f"image/{kind.lower()}", True)
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    again = _image(labeling, held=f'W/{answer.headers["etag"]}, "other"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


@pytest.mark.parametrize(
    ("mode", "shown"), [("RGB", "RGB"), ("L", "L"), ("CMYK", "RGB"), ("1", "RGB"), ("I;16", "L"), ("F", "L")]
)
def test_tiff_is_shown_as_png(labeling: LabelingLab, mode: str, shown: str) -> None:
    labeling.created()
    _put(labeling, encoded("TIFF", mode=mode))
    answer = _image(labeling)
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.mode, image.size) == ("PNG", shown, (40, 20))
    assert _image(labeling, held=answer.headers["etag"]).status_code == 304


def test_sixteen_bits_are_stretched_from_black_to_white() -> None:
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 1000)
    image.putpixel((1, 0), 3000)
    out = io.BytesIO()
    image.save(out, "TIFF")
    shown = Image.open(io.BytesIO(to_png(out.getvalue())))
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == [0, 255]


def test_a_tiff_that_lies_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert Image.open(io.BytesIO(to_png(encoded("TIFF", exif=exif)))).size == (20, 40)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        encoded("JPEG", size=(400, 400))[:-300],
        encoded("PNG", size=(400, 400))[:60],
        encoded("TIFF")[:100],
        encoded("GIF")[:12],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    ],
    ids=["empty", "svg", "jpeg", "png", "tiff", "gif", "eps"],
)
def test_what_cannot_be_decoded_is_noted_and_stays_in_the_queue(labeling: LabelingLab, data: bytes) -> None:
    labeling.created()
    _put(labeling, data)
    assert code_of(_image(labeling)) == (422, "UndecodableImage")
    assert _fault(labeling) == "undecodable"
    with labeling.service.tables.read() as db:
        assert db.execute("SELECT count FROM waiting").fetchone() == (3,)
    _put(labeling, encoded("JPEG"))
    assert _image(labeling).status_code == 200
    assert _fault(labeling) == ""


def test_a_picture_that_is_gone_leaves_the_queue(labeling: LabelingLab) -> None:
    labeling.created()
    del labeling.blobs.blobs["acct/training-images/a.jpg"]
    assert code_of(_image(labeling)) == (404, "MissingImage")
    assert _fault(labeling) == "missing"
    with labeling.service.tables.read() as db:
        assert db.execute("SELECT count FROM waiting").fetchone() == (2,)
    assert code_of(_image(labeling, 99)) == (404, "TaskNotFound")
    assert _image(labeling, 0).status_code == 400


@pytest.mark.parametrize(
    ("side", "said"), [(9_000, "has 9000 x 9000 pixels, more than can be shown"), (20_000, "more pixels than can be")]
)
def test_more_pixels_than_can_be_shown_are_refused(side: int, said: str) -> None:
    header = bytearray(encoded("BMP"))
    header[18:26] = side.to_bytes(4, "little") * 2
    with pytest.raises(NotAPicture, match=said):
        check(bytes(header))


def test_a_labeler_sees_only_what_is_leased_or_was_answered(labeling: LabelingLab) -> None:
    labeling.created()
    page = somebody(labeling, "labeler", "eve@example.org")
    see: Callable[[int], int] = lambda task: page.get(f"{PROJECT}/tasks/{task}/image").status_code  # noqa: E731 one short expression, used thrice
    assert [see(1), see(2), see(99)] == [403, 403, 403]
    with labeling.service.tables.write() as db:
        db.execute("INSERT INTO lease (project, task, person, token, until) VALUES (1, 1, 'eve@example.org', 't', 'u')")
        db.execute("INSERT INTO answer VALUES (1, 2, 'eve@example.org', 0, '2026', 1, 'labeled', '[]')")
        db.execute("INSERT INTO lease (project, task, person, token, until) VALUES (1, 3, 'x@example.org', 't', 'u')")
    assert [see(1), see(2), see(3)] == [200, 200, 403]
    lead = somebody(labeling, "teamLead")
    assert lead.get(f"{PROJECT}/tasks/3/image").status_code == 200


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"]), st.data())
def test_damaged_bytes_are_told_and_never_stumbled_over(kind: str, data: st.DataObject) -> None:
    raw = bytearray(encoded(kind, size=(16, 16)))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NotAPicture):
        if sniff(bytes(raw)) is None:
            assert to_png(bytes(raw)).startswith(b"\x89PNG")
        else:
            check(bytes(raw))
