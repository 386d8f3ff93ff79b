"""Pixels to shares and back, the service's form, repairs, addresses."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.coco import (
    DETECTOR_TRAINING,
    Annotation,
    Box,
    Category,
    Dataset,
    Image,
    Unit,
    UrlKind,
    check,
    clamp,
    dump,
    find_unit,
    for_vision_service,
    image_url,
    read_coco,
    repair_ids,
    rewrite_urls,
    to_normalised,
    to_pixels,
    url_kind,
    with_sizes,
)
from automation.errors import DatasetError

Build = Callable[..., Dataset]
SIDE = st.integers(min_value=10, max_value=10_240)


@st.composite
def pixel_datasets(draw: st.DrawFn) -> Dataset:
    width, height = draw(SIDE), draw(SIDE)
    corners = st.tuples(
        st.integers(0, width - 1), st.integers(0, height - 1), st.integers(1, width), st.integers(1, height)
    )
    found = draw(st.lists(corners, min_size=1, max_size=5))
    boxes = [Box(x=x, y=y, w=min(w, width - x), h=min(h, height - y)) for x, y, w, h in found]
    return Dataset(
        images=(Image(id=1, file_name="a.jpg", width=width, height=height),),
        annotations=tuple(Annotation(id=n, image_id=1, category_id=1, box=box) for n, box in enumerate(boxes, 1)),
        categories=(Category(id=1, name="cat"),),
    )


@given(dataset=pixel_datasets())
def test_from_pixels_to_shares_and_back_is_where_it_started(dataset: Dataset) -> None:
    there = to_normalised(dataset, unit=Unit.PIXELS)
    boxes = [a.box for a in there.annotations if a.box]
    assert all(box.x >= 0 and box.y >= 0 and box.right <= 1 and box.bottom <= 1 for box in boxes)
    back = to_pixels(there, unit=Unit.NORMALISED)
    for before, after in zip(dataset.annotations, back.annotations, strict=True):
        assert before.box is not None
        assert after.box is not None
        numbers = (after.box.x, after.box.y, after.box.w, after.box.h)
        assert numbers == pytest.approx((before.box.x, before.box.y, before.box.w, before.box.h), abs=1e-9)


def test_exact_shares(dataset: Build) -> None:
    found = to_normalised(dataset()).annotations
    assert [(a.box, a.area) for a in found] == [
        (Box(x=0.1, y=0.1, w=0.5, h=0.5), 0.25),
        (Box(x=0.0, y=0.0, w=1.0, h=1.0), 1.0),
    ]


def test_converting_twice_changes_nothing(dataset: Build) -> None:
    once = to_normalised(dataset())
    assert to_normalised(once) == once
    pixels = to_pixels(dataset())
    assert to_pixels(pixels) == pixels


def test_what_rounding_put_over_the_edge_is_cut(dataset: Build) -> None:
    over = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.5, 0.0, 0.5000001, 1.0]}]
    assert to_normalised(dataset(annotations=over)).annotations[0].box == Box(x=0.5, y=0.0, w=0.5, h=1.0)


@pytest.mark.parametrize(
    ("bbox", "image", "code"),
    [
        ([150, 0, 100, 100], {}, "box-outside-image"),
        ([0, 0, -1, 5], {}, "box-negative"),
        ([0, 0, 20, 10], {"width": 0, "height": 0}, "size-missing"),
        ([0, 0, 20, 10], {"id": 7}, "dangling-image"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_findings(
    dataset: Build, bbox: list[float], image: dict[str, object], code: str
) -> None:
    images = [{"id": 1, "file_name": "one.jpg", "width": 200, "height": 100, **image}]
    labels = dataset(images=images, annotations=[{"id": 1, "image_id": 1, "category_id": 1, "bbox": bbox}])
    with pytest.raises(DatasetError) as caught:
        to_normalised(labels, unit=Unit.PIXELS)
    assert [finding.code for finding in caught.value.findings] == [code]


def test_an_unclear_unit_is_asked_for(dataset: Build) -> None:
    labels = dataset(annotations=[{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1.5]}])
    with pytest.raises(DatasetError) as caught:
        to_normalised(labels)
    assert [finding.code for finding in caught.value.findings] == ["unit-undecided"]
    assert to_normalised(labels, unit=Unit.PIXELS).annotations[0].box == Box(x=0, y=0, w=0.005, h=0.015)


def test_a_classification_has_nothing_to_convert(dataset: Build) -> None:
    labels = dataset(annotations=[{"id": 1, "image_id": 1, "category_id": 1}])
    assert to_normalised(labels) == labels


def test_an_export_without_sizes_gets_them_from_the_pictures(dataset: Build) -> None:
    image = {"id": 1, "file_name": "one.jpg", "width": 0.0, "height": 0.0}
    labels = dataset(
        images=[image], annotations=[{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.1, 0.1, 0.5, 0.5]}]
    )
    sized = with_sizes(labels, {"one.jpg": (200, 100), "other.jpg": (1, 1)})
    assert to_pixels(sized).annotations[0].box == Box(x=20.0, y=10.0, w=100.0, h=50.0)


def test_the_form_for_the_vision_service() -> None:
    labels = Dataset(
        images=(
            Image(id=7, file_name="a b.jpg", width=200, height=100, coco_url="AmlDatastore://x/a", extra={"x": 1}),
        ),
        annotations=(
            Annotation(id=None, image_id=7, category_id=0, box=Box(x=20, y=10, w=100, h=50), iscrowd=0, extra={"y": 1}),
        ),
        categories=(Category(id=0, name="cat", extra={"supercategory": "animal"}),),
        extra={"info": {}},
    )
    ready = for_vision_service(labels, lambda name: f"https://a.example/c/{name.replace(' ', '%20')}")
    assert json.loads(dump(ready)) == {
        "images": [
            {
                "id": 1,
                "width": 200,
                "height": 100,
                "file_name": "a b.jpg",
                "absolute_url": "https://a.example/c/a%20b.jpg",
            }
        ],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.1, 0.1, 0.5, 0.5], "area": 0.25}],
        "categories": [{"id": 1, "name": "cat"}],
    }


def test_the_real_labels_are_ready_for_the_service_after_conversion(fruit_labels: Path) -> None:
    ready = for_vision_service(read_coco(fruit_labels), lambda name: f"https://a.blob.core.windows.net/c/{name}")
    assert find_unit(ready) is Unit.NORMALISED
    assert check(ready, quota=DETECTOR_TRAINING, for_service=True) == []


def test_ids_are_renumbered_with_their_references() -> None:
    labels = Dataset(
        images=(Image(id=40, file_name="a.jpg"), Image(id=0, file_name="b.jpg")),
        annotations=(
            Annotation(id=9, image_id=0, category_id=5),
            Annotation(id=9, image_id=40, category_id=3),
            Annotation(id=None, image_id=0, category_id=3),
        ),
        categories=(Category(id=3, name="cat"), Category(id=5, name="dog")),
    )
    repaired = repair_ids(labels)
    assert (repaired.image_ids, repaired.category_ids) == ({40: 1, 0: 2}, {3: 1, 5: 2})
    assert [(a.id, a.image_id, a.category_id) for a in repaired.dataset.annotations] == [
        (1, 2, 2),
        (2, 1, 1),
        (3, 2, 1),
    ]
    assert repair_ids(repaired.dataset).dataset == repaired.dataset


@pytest.mark.parametrize("ids", [(1, 1), (1, 2)])
def test_ids_are_not_repaired_where_it_is_unclear_what_belongs_together(ids: tuple[int, int]) -> None:
    labels = Dataset(
        images=tuple(Image(id=number, file_name=f"{place}.jpg") for place, number in enumerate(ids)),
        annotations=(Annotation(id=1, image_id=3 if ids == (1, 2) else 1, category_id=1),),
        categories=(Category(id=1, name="cat"),),
    )
    with pytest.raises(DatasetError) as caught:
        repair_ids(labels)
    assert [f.code for f in caught.value.findings] == ["id-duplicate" if ids == (1, 1) else "dangling-image"]


def test_clamping_cuts_to_the_image_and_drops_nothing(dataset: Build) -> None:
    boxes = [[-20, -10, 60, 30], [150, 50, 100, 100], [500, 500, 5, 5], [20, 10, 100, 50]]
    labels = dataset(
        annotations=[{"id": n, "image_id": 1, "category_id": 1, "bbox": b, "area": 1} for n, b in enumerate(boxes, 1)]
    )
    cut = clamp(labels).annotations
    assert [(a.box, a.area) for a in cut] == [
        (Box(x=0.0, y=0.0, w=40.0, h=20.0), 800.0),
        (Box(x=150, y=50, w=50, h=50), 2500),
        (Box(x=200, y=100, w=0.0, h=0.0), 0.0),
        (Box(x=20, y=10, w=100, h=50), 1),
    ]


def test_a_box_inside_its_image_stays_bit_by_bit_as_it_is(dataset: Build) -> None:
    bbox = [0.1, 0.1, 0.2, 0.2]  # 0.1 + 0.2 - 0.1 is not 0.2
    labels = dataset(annotations=[{"id": 1, "image_id": 1, "category_id": 1, "bbox": bbox, "area": 0.04}])
    assert clamp(labels) == labels


def test_addresses_are_rewritten_from_file_names(dataset: Build) -> None:
    labels = dataset()
    old = replace(labels, images=tuple(replace(i, coco_url="https://old.example/x") for i in labels.images))
    new = rewrite_urls(old, lambda name: f"https://new.example/{name}")
    assert [(i.absolute_url, i.coco_url) for i in new.images] == [
        ("https://new.example/one.jpg", None),
        ("https://new.example/two.jpg", None),
    ]


@pytest.mark.parametrize(
    ("absolute", "coco", "expected"),
    [
        ("https://a.example/1", "https://b.example/1", "https://a.example/1"),
        (None, "http://b.example/1", "http://b.example/1"),
        ("AmlDatastore://d/1", "https://b.example/1", "https://b.example/1"),
        (None, "AmlDatastore://d/1", None),
        (None, None, None),
    ],
)
def test_the_address_that_counts(absolute: str | None, coco: str | None, expected: str | None) -> None:
    assert image_url(Image(id=1, file_name="a", absolute_url=absolute, coco_url=coco)) == expected


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("HTTPS://a/b", UrlKind.HTTPS),
        ("http://a", UrlKind.HTTP),
        ("AmlDatastore://d/p", UrlKind.AML_DATASTORE),
        ("azureml://x", UrlKind.AZUREML),
        ("https://", UrlKind.OTHER),
        ("ftp://x", UrlKind.OTHER),
        ("", UrlKind.OTHER),
    ],
)
def test_kinds_of_addresses(url: str, kind: UrlKind) -> None:
    assert url_kind(url) is kind
