"""Reading and writing: what comes in goes out, and what is malformed is pointed at."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.coco import Annotation, Box, Category, Dataset, Image, decode, dump, read_coco, write_coco
from automation.errors import ConfigError, DatasetError

NUMBERS = st.floats(min_value=-1e6, max_value=1e6) | st.integers(min_value=-(10**6), max_value=10**6)
IDS = st.integers(min_value=-5, max_value=10**9)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def extras(*known: str) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda key: key not in known), JSON, max_size=2)


IMAGES = st.builds(
    Image,
    id=IDS,
    file_name=st.text(max_size=12),
    width=NUMBERS,
    height=NUMBERS,
    absolute_url=st.none() | st.text(max_size=12),
    coco_url=st.none() | st.text(max_size=12),
    extra=extras("id", "file_name", "width", "height", "absolute_url", "coco_url"),
)
ANNOTATIONS = st.builds(
    Annotation,
    id=st.none() | IDS,
    image_id=IDS,
    category_id=IDS,
    box=st.none() | st.builds(Box, x=NUMBERS, y=NUMBERS, w=NUMBERS, h=NUMBERS),
    area=st.none() | NUMBERS,
    iscrowd=st.none() | st.integers(0, 1),
    extra=extras("id", "image_id", "category_id", "bbox", "area", "iscrowd"),
)
CATEGORIES = st.builds(Category, id=IDS, name=st.text(max_size=12), extra=extras("id", "name"))
DATASETS = st.builds(
    Dataset,
    images=st.lists(IMAGES, max_size=3).map(tuple),
    annotations=st.lists(ANNOTATIONS, max_size=3).map(tuple),
    categories=st.lists(CATEGORIES, max_size=3).map(tuple),
    extra=extras("images", "annotations", "categories"),
)


@given(dataset=DATASETS)
def test_what_is_written_reads_back_the_same(dataset: Dataset) -> None:
    written = dump(dataset)
    decoded = decode(written)
    assert decoded.findings == ()
    assert decoded.dataset == dataset
    assert dump(decoded.dataset) == written


@given(tree=JSON)
def test_any_json_ends_in_a_dataset_or_in_findings(tree: object) -> None:
    decoded = decode(json.dumps(tree).encode())
    assert decoded.findings or isinstance(tree, dict)


@given(data=st.binary(max_size=64))
def test_any_bytes_end_in_findings(data: bytes) -> None:
    assert decode(data).findings


def test_unknown_keys_are_kept_and_keys_have_one_order(tree: Callable[..., dict[str, Any]]) -> None:
    source = tree(info={"year": 2026}, licenses=[])
    source["images"][0] |= {"license": None, "date_captured": "2022-09-16T14:48:15.6141099Z"}
    source["annotations"][0] |= {"iscrowd": 0, "segmentation": [], "attributes": {"occluded": True}}
    source["categories"][0] |= {"supercategory": "animal"}
    shuffled = {key: source[key] for key in reversed(source)}
    shuffled["images"] = [{key: image[key] for key in reversed(image)} for image in source["images"]]
    written = dump(read_coco(json.dumps(source).encode()))
    assert json.loads(written) == source
    assert dump(read_coco(json.dumps(shuffled).encode())) == written


def azure_ml_export(**image: Any) -> bytes:
    """As Azure ML data labeling exports: floats for sizes, area 0.0, seven decimals of a second."""
    return json.dumps(
        {
            "images": [
                {
                    "id": 1,
                    "width": 0.0,
                    "height": 0.0,
                    "file_name": "photos/one.jpg",
                    "coco_url": "AmlDatastore://training_images/photos/one.jpg",
                    "absolute_url": "https://account.blob.core.windows.net/training-images/photos/one.jpg",
                    "date_captured": "2022-09-16T14:48:15.6141099Z",
                    **image,
                }
            ],
            "annotations": [{"id": 1, "category_id": 1, "image_id": 1, "area": 0.0, "bbox": [0.1, 0.2, 0.3, 0.4]}],
            "categories": [{"id": 1, "name": "apple"}],
        }
    ).encode()


@pytest.mark.parametrize(
    ("data", "sized"),
    [
        (azure_ml_export(), False),  # V3a: no sizes
        (azure_ml_export(width=8000.0, height=4000.0), True),  # V3b: true sizes, normalised
        (
            azure_ml_export(width=8000.0, height=4000.0).replace(b"[0.1, 0.2, 0.3, 0.4]", b"[800, 800, 2400, 1600]"),
            True,
        ),
    ],
    ids=["V3a", "V3b", "V3c"],
)
def test_the_three_exports_of_azure_ml_are_read(data: bytes, sized: bool) -> None:
    dataset = read_coco(data)
    assert dataset.images[0].sized is sized
    assert dataset.images[0].absolute_url == "https://account.blob.core.windows.net/training-images/photos/one.jpg"
    assert json.loads(dump(dataset)) == json.loads(data)


def test_ids_written_as_floats_are_read_and_sizes_stay_as_they_are(tree: Callable[..., dict[str, Any]]) -> None:
    source = tree(images=[{"id": 1.0, "file_name": "a.jpg", "width": 224.0, "height": 224}], annotations=[])
    image = read_coco(json.dumps(source).encode()).images[0]
    assert (repr(image.id), repr(image.width), repr(image.height)) == ("1", "224.0", "224")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe{", "not-json"),
        (b"[" * 100_000, "not-json"),
        (b"[]", "not-an-object"),
        (b"null", "not-an-object"),
    ],
)
def test_what_is_no_coco_file_is_one_finding(data: bytes, code: str) -> None:
    assert [(finding.code, finding.where) for finding in decode(data).findings] == [(code, "")]


def test_a_file_with_a_byte_order_mark_is_read(tree: Callable[..., dict[str, Any]]) -> None:
    assert decode(b"\xef\xbb\xbf" + json.dumps(tree()).encode()).findings == ()


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(b" " * 101)
    with pytest.raises(DatasetError) as caught:
        read_coco(path, limit_bytes=100)
    assert [finding.code for finding in caught.value.findings] == ["too-big"]


def test_every_malformed_entry_is_pointed_at() -> None:
    data = b"""{
      "images": [{"id": 1, "file_name": "a.jpg", "width": NaN}, 7, {"id": "2", "file_name": null, "height": []}],
      "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, Infinity, 1]},
        {"id": true, "image_id": 1.5, "bbox": [1, 2, 3]},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 0, "1", 1e999], "area": 1e300}
      ]}"""
    assert [(finding.code, finding.where) for finding in decode(data).findings] == [
        ("not-a-number", "/images/0/width"),
        ("wrong-type", "/images/1"),
        ("wrong-type", "/images/2/id"),
        ("missing-key", "/images/2/file_name"),
        ("wrong-type", "/images/2/height"),
        ("not-a-number", "/annotations/0/bbox/2"),
        ("wrong-type", "/annotations/1/id"),
        ("wrong-type", "/annotations/1/image_id"),
        ("missing-key", "/annotations/1/category_id"),
        ("wrong-type", "/annotations/1/bbox"),
        ("wrong-type", "/annotations/2/bbox/2"),
        ("not-a-number", "/annotations/2/bbox/3"),
        ("not-a-number", "/annotations/2/area"),
        ("missing-section", "/categories"),
    ]


def test_reading_says_everything_at_once_at_the_places_of_the_file(tree: Callable[..., dict[str, Any]]) -> None:
    source = tree()
    first, second = source["annotations"]
    source["annotations"] = [7, {**first, "image_id": 9}, {**second, "bbox": [150, 0, 100, 100]}]
    with pytest.raises(DatasetError) as caught:
        read_coco(json.dumps(source).encode())
    assert [(finding.code, finding.where) for finding in caught.value.findings] == [
        ("wrong-type", "/annotations/0"),
        ("dangling-image", "/annotations/1/image_id"),
        ("box-outside-image", "/annotations/2/bbox"),
    ]
    assert caught.value.message == "the COCO file has 3 errors"


def test_nothing_dangles_from_an_entry_that_is_there_but_malformed(tree: Callable[..., dict[str, Any]]) -> None:
    source = tree(categories=None)
    source["images"][0]["width"] = "wide"
    with pytest.raises(DatasetError) as caught:
        read_coco(json.dumps(source).encode())
    assert [finding.where for finding in caught.value.findings] == ["/images/0/width", "/categories"]


def test_a_missing_file_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_coco(tmp_path / "none.json")
    assert caught.value.message == f"{tmp_path / 'none.json'} cannot be read: No such file or directory"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, dataset: Callable[..., Dataset]) -> None:
    path = write_coco(dataset(), tmp_path / "deep" / "labels.json")
    assert read_coco(path) == dataset()
    before = path.read_bytes()
    broken = Dataset(images=(), annotations=(), categories=(), extra={"info": object()})
    with pytest.raises(TypeError):
        write_coco(broken, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["labels.json"]
