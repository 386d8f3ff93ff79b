"""imageanalysis:analyze: pixel boxes, tags, what may be sent, what is refused."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.localazure.vision.vision_lab import STORE_URL, Lab, coco_of, jpeg


@pytest.fixture
def detector(lab: Lab) -> Lab:
    lab.dataset()
    lab.train()
    lab.settle()
    return lab


def analyze(lab: Lab, *, content_type: str = "image/jpeg", model: str = "model", **kwargs: Any) -> httpx.Response:
    params = {"model-name": model} | kwargs.pop("params", {})
    kwargs.setdefault("content", jpeg())
    return lab.call("POST", "/imageanalysis:analyze", params=params, headers={"content-type": content_type}, **kwargs)


def test_a_detector_answers_whole_pixels_inside_the_picture(detector: Lab) -> None:
    assert analyze(detector).json() == {
        "modelVersion": "2023-04-01-preview",
        "metadata": {"width": 100, "height": 60},
        "customModelResult": {
            "tagsResult": {"values": []},
            "objectsResult": {
                "values": [
                    {
                        "id": "1",
                        "boundingBox": {"x": 90, "y": 10, "w": 10, "h": 20},
                        "tags": [{"name": "pear", "confidence": 0.987654}],
                    },
                    {
                        "id": "2",
                        "boundingBox": {"x": 0, "y": 10, "w": 5, "h": 1},
                        "tags": [{"name": "apple", "confidence": 0.25}],
                    },
                ]
            },
        },
    }


def test_a_classifier_answers_every_class_the_likeliest_first(lab: Lab) -> None:
    lab.upload("fruit", coco_of(["a", "b", "c", "d"], boxes=False), **{stem: jpeg() for stem in "abcd"})
    lab.dataset(kind="imageClassification")
    lab.train(kind="Generic-Classifier")
    lab.settle()
    result = analyze(lab).json()["customModelResult"]
    assert result["tagsResult"]["values"] == [
        {"name": "pear", "confidence": 0.75},
        {"name": "apple", "confidence": 0.25},
    ]
    assert result["objectsResult"] == {"values": []}


@pytest.mark.parametrize("content_type", ["application/octet-stream", "image/png", "image/x-anything"])
def test_bytes_are_taken_as_a_picture(detector: Lab, content_type: str) -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (64, 70)).save(buffer, "TIFF")
    answer = analyze(detector, content_type=content_type, content=buffer.getvalue())
    assert answer.json()["metadata"] == {"width": 64, "height": 70}


def test_a_form_is_taken_as_a_picture(detector: Lab) -> None:
    picture = jpeg(80, 90)
    answer = detector.call(
        "POST",
        "/imageanalysis:analyze",
        params={"model-name": "model"},
        data={"note": "first"},
        files={"image": ("a.jpg", picture, "image/jpeg")},
    )
    assert answer.json()["metadata"] == {"width": 80, "height": 90}


def test_an_address_is_read_through_the_blob_store_as_nobody(detector: Lab) -> None:
    detector.blobs.seen.clear()
    answer = analyze(detector, content_type="application/json", content=None, json={"url": f"{STORE_URL}/images/b.jpg"})
    assert answer.json()["metadata"] == {"width": 200, "height": 100}
    assert [(url, type(who).__name__) for url, who in detector.blobs.seen] == [
        (f"{STORE_URL}/images/b.jpg", "Anonymous")
    ]


def test_an_address_that_cannot_be_read_is_refused(detector: Lab) -> None:
    answer = analyze(detector, content_type="application/json", content=None, json={"url": "https://example.org/x.jpg"})
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "InvalidRequest",
        "message": "Image URL is badly formatted or not accessible.",
        "innererror": {"code": "BadArgument", "message": "The blob does not exist."},
    }


def test_the_width_and_height_are_those_of_the_upright_picture(detector: Lab) -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    assert analyze(detector, content=jpeg(exif=exif)).json()["metadata"] == {"width": 60, "height": 100}


@pytest.mark.parametrize(
    ("content", "inner"),
    [
        (b"no picture", "InvalidImageFormat"),
        (jpeg(49, 100), "InvalidImageFormat"),
        (jpeg()[:300], "InvalidImageFormat"),
    ],
)
def test_bytes_that_are_no_usable_picture_are_refused(detector: Lab, content: bytes, inner: str) -> None:
    answer = analyze(detector, content=content)
    assert (answer.status_code, answer.json()["error"]["innererror"]["code"]) == (400, inner)


@pytest.mark.parametrize("size", [0, 20_971_521, 21_100_000])
def test_bodies_of_a_forbidden_size_are_refused(detector: Lab, size: int) -> None:
    answer = analyze(detector, content=bytes(size))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == (
        "The image size is not allowed to be zero or larger than 20971520 bytes"
    )


def test_other_content_types_are_refused(detector: Lab) -> None:
    answer = analyze(detector, content_type="text/plain")
    assert answer.json()["error"]["message"] == "The provided image content type 'text/plain' is not supported."


def test_an_unknown_model_is_not_found(lab: Lab) -> None:
    lab.train("untrained")
    lab.settle()
    for name in ("unknown", "untrained"):
        answer = analyze(lab, model=name)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "404")


def test_features_or_a_model_is_needed_and_features_are_honestly_missing(lab: Lab) -> None:
    neither = analyze(lab, model="")
    assert (neither.status_code, neither.json()["error"]["code"]) == (400, "InvalidRequest")
    features = analyze(lab, model="", params={"features": "caption"})
    assert (features.status_code, features.json()["error"]["code"]) == (501, "NotImplementedByLocalAzure")


def test_a_deleted_model_answers_no_more(detector: Lab) -> None:
    assert analyze(detector).status_code == 200
    detector.call("DELETE", "/models/model")
    assert analyze(detector).status_code == 404
