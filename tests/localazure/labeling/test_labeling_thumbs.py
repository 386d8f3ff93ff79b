"""Pictures as small as a list shows them."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from localazure.labeling.pictures import thumbs
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab

P = f"/labeling/v1.0{WORKSPACE}/projects/fruit"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """A picture that no format makes small."""
    return Image.effect_noise(size, 90).convert(mode)


def thumb(lab: LabelingLab, data: bytes, **headers: str) -> httpx.Response:
    """Of the first picture, whose content is `data`."""
    lab.blobs.blobs["acct/training-images/a.jpg"] = data
    return lab.client.get(f"{P}/tasks/1/thumb", headers=headers)


@pytest.fixture
def lab(labeling: LabelingLab) -> LabelingLab:
    labeling.created()
    return labeling


def opened(answer: httpx.Response) -> Image.Image:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    return Image.open(io.BytesIO(answer.content))


def test_a_large_picture_becomes_small_and_stands_upright(lab: LabelingLab) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    answer = thumb(lab, encoded(noise("RGB", (1200, 600)), "JPEG", exif=turned))
    assert opened(answer).size == (240, 480)
    assert answer.headers["cache-control"] == "private, max-age=300"
    again = lab.client.get(f"{P}/tasks/1/thumb", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_shows_through_lies_on_a_ground(lab: LabelingLab) -> None:
    image = noise("RGBA", (600, 400))
    image.putalpha(0)
    small = opened(thumb(lab, encoded(image, "PNG")))
    assert small.mode == "RGB"
    assert small.getpixel((5, 5)) == pytest.approx((236, 239, 243), abs=2)


def test_a_small_picture_comes_as_it_is(lab: LabelingLab) -> None:
    data = encoded(Image.new("RGB", (40, 30)), "PNG")
    answer = thumb(lab, data)
    assert (answer.headers["content-type"], answer.content) == ("image/png", data)


def test_one_that_would_take_too_much_memory_comes_as_it_is(lab: LabelingLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbs, "_MOST_PIXELS", 1000)
    data = encoded(noise("L", (400, 400)), "PNG")
    assert thumb(lab, data).content == data


def test_what_is_no_picture_is_told_as_such(lab: LabelingLab) -> None:
    assert thumb(lab, b"no picture").json()["error"]["code"] == "UndecodableImage"
    del lab.blobs.blobs["acct/training-images/a.jpg"]
    assert lab.client.get(f"{P}/tasks/1/thumb").json()["error"]["code"] == "MissingImage"


def test_the_last_ones_are_kept_and_no_more(lab: LabelingLab, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = thumbs._made  # pyright: ignore[reportPrivateUsage] counted here

    def counted(data: bytes) -> bytes:
        made.append(len(data))
        return real(data)

    monkeypatch.setattr(thumbs, "_made", counted)
    one, other = (encoded(noise("L", (500, side)), "PNG") for side in (300, 301))
    monkeypatch.setattr(thumbs, "_MOST_BYTES", 1.5 * len(real(one)))
    for data in (one, one, other, one):
        assert opened(thumb(lab, data))
    assert made == [len(one), len(other), len(one)]
