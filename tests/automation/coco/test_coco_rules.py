"""Every rule: what it finds, where, and what it leaves alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automation.coco import (
    CLASSIFIER_TRAINING,
    DETECTOR_EVALUATION,
    DETECTOR_TRAINING,
    Annotation,
    Box,
    Category,
    Dataset,
    Image,
    Unit,
    check,
    find_unit,
    read_coco,
)
from automation.errors import Severity

Build = Callable[..., Dataset]


def found(findings: list[Any], *, errors_only: bool = False) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in findings if not errors_only or f.severity is Severity.ERROR]


def boxes(*all_boxes: Sequence[float]) -> list[dict[str, Any]]:
    return [{"id": n, "image_id": 1, "category_id": 1, "bbox": box} for n, box in enumerate(all_boxes, 1)]


def test_a_correct_file_has_no_findings(dataset: Build) -> None:
    assert check(dataset(), quota=DETECTOR_TRAINING) == []


def test_the_labels_of_the_real_photographs_have_no_findings(fruit_labels: Path) -> None:
    labels = read_coco(fruit_labels)
    assert (len(labels.images), len(labels.annotations), find_unit(labels)) == (23, 33, Unit.PIXELS)
    assert check(labels, quota=DETECTOR_TRAINING) == []


def test_ids_are_unique_from_1_and_without_gaps(dataset: Build) -> None:
    labels = dataset(
        images=[{"id": n, "file_name": f"{n}.jpg", "width": 9, "height": 9} for n in (0, 3, 4)],
        annotations=[
            {"id": 5, "image_id": 0, "category_id": 2, "bbox": [0, 0, 9, 9]},
            {"id": 5, "image_id": 3, "category_id": 2, "bbox": [0, 0, 9, 9]},
            {"image_id": 4, "category_id": 2, "bbox": [0, 0, 9, 9]},
        ],
        categories=[{"id": 2, "name": "cat"}],
    )
    findings = check(labels)
    assert [(f.code, f.where, f.severity) for f in findings] == [
        ("id-duplicate", "/annotations/1/id", "error"),
        ("id-missing", "/annotations/2/id", "warning"),
    ]
    for_service = [f for f in check(labels, for_service=True) if f.code.startswith("id-")]
    assert [(f.code, f.where) for f in for_service] == [
        ("id-below-1", "/images/0/id"),
        ("id-duplicate", "/annotations/1/id"),
        ("id-missing", "/annotations/2/id"),
        ("id-gap", "/annotations"),
        ("id-gap", "/categories"),
    ]
    assert {f.severity for f in for_service} == {Severity.ERROR}


@pytest.mark.parametrize(("section", "least"), [("images", 0), ("annotations", 1), ("categories", 0)])
def test_only_the_annotation_0_does_harm_outside_of_the_service(dataset: Build, section: str, least: int) -> None:
    def of(given: int) -> list[tuple[str, str]]:
        ids = {"images": 7, "annotations": 7, "categories": 7} | {section: given}
        labels = dataset(
            images=[{"id": ids["images"], "file_name": "a.jpg", "width": 200, "height": 100}],
            annotations=[
                {
                    "id": ids["annotations"],
                    "image_id": ids["images"],
                    "category_id": ids["categories"],
                    "bbox": [20, 10, 100, 50],
                }
            ],
            categories=[{"id": ids["categories"], "name": "cat"}],
        )
        return found(check(labels))

    assert of(least) == []
    assert of(least - 1) == [("id-below-1", f"/{section}/0/id")]


def test_references_have_to_lead_somewhere(dataset: Build) -> None:
    findings = check(dataset(annotations=[{"id": 1, "image_id": 3, "category_id": 4, "bbox": [0, 0, 20, 10]}]))
    assert found(findings, errors_only=True) == [
        ("dangling-image", "/annotations/0/image_id"),
        ("dangling-category", "/annotations/0/category_id"),
    ]
    assert {finding.hint for finding in findings if finding.code.startswith("dangling")} == {
        "correct the id, or delete the annotation"
    }


def test_an_empty_file_has_nothing_to_learn_from(dataset: Build) -> None:
    assert found(check(dataset(images=[], annotations=[], categories=[]))) == [
        ("no-images", "/images"),
        ("no-categories", "/categories"),
        ("no-annotations", "/annotations"),
    ]


def test_categories_have_names_of_their_own_and_are_used(dataset: Build) -> None:
    names = [{"id": n, "name": name} for n, name in enumerate(("cat", " ", "cat"), 1)]
    assert found(check(dataset(categories=names))) == [
        ("category-unnamed", "/categories/1/name"),
        ("category-unused", "/categories/1/name"),
        ("category-name-duplicate", "/categories/2/name"),
        ("category-unused", "/categories/2/name"),
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "file-name-missing"),
        ("one.jpg", "file-name-duplicate"),
        ("/etc/passwd", "file-name-outside"),
        ("a/../../b.jpg", "file-name-outside"),
        ("a\\..\\b.jpg", "file-name-outside"),
    ],
)
def test_every_image_has_a_file_of_its_own_inside_the_folder(dataset: Build, name: str, code: str) -> None:
    labels = dataset()
    labels = replace(labels, images=(labels.images[0], replace(labels.images[1], file_name=name)))
    assert found(check(labels)) == [(code, "/images/1/file_name")]


def test_the_same_file_name_in_two_folders_is_fine(dataset: Build) -> None:
    images = [{"id": n, "file_name": f"{n}/one.jpg", "width": 200, "height": 100} for n in (1, 2)]
    assert check(dataset(images=images)) == []


def test_images_without_annotation_are_one_warning(dataset: Build) -> None:
    findings = check(dataset(annotations=boxes([0, 0, 20, 10])))
    assert [(f.code, f.severity, f.message) for f in findings] == [
        ("image-unlabeled", "warning", "1 of 2 images have no annotation: two.jpg")
    ]


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("https://a.blob.core.windows.net/c/one.jpg", []),
        ("http://127.0.0.1:10000/a/c/one.jpg", ["url-not-https"]),
        ("https://a.blob.core.windows.net/c/one.jpg?sv=2024&sig=abc", ["url-with-signature"]),
        ("AmlDatastore://images/one.jpg", ["url-missing"]),
        ("azureml://subscriptions/s/one.jpg", ["url-missing"]),
        ("file:///etc/passwd", ["url-unknown", "url-missing"]),
        ("nonsense", ["url-unknown", "url-missing"]),
        (None, ["url-missing"]),
    ],
)
def test_the_service_needs_an_address_that_it_can_read(dataset: Build, url: str | None, codes: list[str]) -> None:
    first = {"id": 1, "file_name": "one.jpg", "width": 200, "height": 100, "coco_url": url}
    labels = dataset(images=[first], annotations=boxes([0.1, 0.1, 0.2, 0.2]))
    assert [finding.code for finding in check(labels, for_service=True)] == codes


def test_a_token_in_an_address_is_not_repeated(dataset: Build) -> None:
    first = {"id": 1, "file_name": "one.jpg", "width": 200, "height": 100, "absolute_url": "nonsense?sig=s3cret"}
    findings = check(dataset(images=[first], annotations=boxes([0, 0, 20, 10])), for_service=True)
    assert [f.code for f in findings if f.code.startswith("url")] == [
        "url-with-signature",
        "url-unknown",
        "url-missing",
    ]
    assert "s3cret" not in " ".join(map(str, findings))


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ([-0.4, 0, 20, 10], None),  # rounding
        ([180, 90, 20.5, 10.5], None),
        ([-0.6, 0, 20, 10], "box-outside-image"),
        ([180, 90, 20.6, 10], "box-outside-image"),
        ([180, 90, 20, 10.6], "box-outside-image"),
        ([500, 500, 20, 10], "box-outside-image"),
        ([20, 10, -5, 10], "box-negative"),
        ([20, 10, 0, 10], "box-empty"),
    ],
)
def test_boxes_lie_in_their_image_and_have_an_area(dataset: Build, box: list[float], code: str | None) -> None:
    findings = check(
        dataset(
            annotations=[*boxes(box), {**boxes(box)[0], "id": 2, "image_id": 2}], categories=[{"id": 1, "name": "cat"}]
        )
    )
    expected = [] if code is None else [(code, "/annotations/0/bbox"), (code, "/annotations/1/bbox")]
    assert found(findings) == expected


def test_normalised_boxes_may_be_over_the_edge_by_half_a_pixel_at_most(dataset: Build) -> None:
    inside, over = [0.5, 0.5, 0.5 + 0.49 / 200, 0.5], [0.5, 0.5, 0.5, 0.5 + 0.51 / 100]
    findings = check(dataset(annotations=boxes(inside, over)), unit=Unit.NORMALISED)
    assert found(findings, errors_only=True) == [("box-outside-image", "/annotations/1/bbox")]


@pytest.mark.parametrize(
    ("all_boxes", "unit"),
    [
        ([[0.1, 0.1, 0.9, 0.9]], Unit.NORMALISED),
        ([[0, 0, 1, 1.001]], Unit.NORMALISED),
        ([[0, 0, 1, 1]], Unit.NORMALISED),
        ([[0, 0, 1, 1.5]], Unit.UNDECIDED),
        ([[0, 0, 1, 2]], Unit.PIXELS),
        ([[0, 0, 1, 1], [20, 10, 100, 50]], Unit.PIXELS),
        ([], Unit.ABSENT),
    ],
)
def test_the_unit_is_that_of_the_whole_file(dataset: Build, all_boxes: list[list[float]], unit: Unit) -> None:
    assert find_unit(dataset(annotations=boxes(*all_boxes))) is unit


def test_an_unclear_unit_is_an_error_until_somebody_says_it(dataset: Build) -> None:
    labels = dataset(annotations=boxes([0, 0, 1, 1.5]))
    assert found(check(labels), errors_only=True) == [("unit-undecided", "/annotations")]
    assert found(check(labels, unit=Unit.PIXELS), errors_only=True) == []


def test_a_box_of_one_pixel_is_a_warning_and_many_of_them_a_merged_file(dataset: Build) -> None:
    large = [[20, 10, 100, 50]] * 199
    one = check(dataset(annotations=boxes([0, 0, 1, 1], *large)))
    assert [(f.code, f.severity, f.where) for f in one if "unlabeled" not in f.code] == [
        ("box-within-one", "warning", "/annotations/0/bbox")
    ]
    merged = check(dataset(annotations=boxes(*large[:100], [0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 0.5, 0.5])))
    assert found(merged, errors_only=True) == [("units-mixed", "/annotations/100/bbox")]
    assert (
        found(check(dataset(annotations=boxes([0, 0, 1, 1], [20, 10, 9, 9])), unit=Unit.PIXELS), errors_only=True) == []
    )


def test_a_missing_size_is_bearable_only_with_normalised_boxes(dataset: Build) -> None:
    image = {"id": 1, "file_name": "one.jpg", "width": 0.0, "height": 0.0}
    pixels = check(dataset(images=[image], annotations=boxes([0, 0, 20, 10])))
    normalised = check(dataset(images=[image], annotations=boxes([0, 0, 0.2, 0.1])))
    assert [(f.code, f.severity, f.where) for f in pixels] == [("size-missing", "error", "/images/0")]
    assert [(f.code, f.severity, f.where) for f in normalised] == [("size-missing", "warning", "/images/0")]


def test_a_negative_size_is_an_error(dataset: Build) -> None:
    image = {"id": 1, "file_name": "one.jpg", "width": -4, "height": 3}
    assert ("size-negative", "/images/0") in found(check(dataset(images=[image], annotations=boxes([0, 0, 2, 2]))))


def test_the_service_takes_no_pixels(dataset: Build) -> None:
    assert ("boxes-in-pixels", "/annotations") in found(check(dataset(), for_service=True))


def test_boxes_on_some_annotations_only_are_neither_detection_nor_classification(dataset: Build) -> None:
    bare = {"id": 2, "image_id": 2, "category_id": 1}
    polygon = {**bare, "id": 3, "segmentation": [[0, 0, 9, 0, 9, 9]]}
    findings = check(dataset(annotations=[*boxes([20, 10, 100, 50]), bare, polygon]))
    assert [(f.code, f.where, f.hint) for f in findings] == [
        ("box-missing", "/annotations/1/bbox", "give a box, or leave out all boxes"),
        ("box-missing", "/annotations/2/bbox", "it has a polygon: write the box around it"),
    ]


def test_a_classification_has_one_label_for_each_image(dataset: Build) -> None:
    labels = [{"id": 1, "image_id": 1, "category_id": 1}, {"id": 2, "image_id": 1, "category_id": 2}]
    labels += [{"id": n, "image_id": n - 1, "category_id": n - 2} for n in (3, 4)]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 99, "height": 99} for n in (1, 2, 3)]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    findings = check(dataset(images=images, annotations=labels, categories=categories), quota=CLASSIFIER_TRAINING)
    assert [(f.code, f.severity, f.where) for f in findings] == [("labels-several", "error", "/annotations/1")]


def test_a_detector_needs_boxes_and_a_classifier_ignores_them(dataset: Build) -> None:
    bare = dataset(annotations=[{"id": n, "image_id": n, "category_id": 1} for n in (1, 2)])
    assert found(check(bare, quota=DETECTOR_TRAINING)) == [("boxes-absent", "/annotations")]
    codes = [finding.code for finding in check(dataset(), quota=CLASSIFIER_TRAINING)]
    assert codes == ["boxes-unused", "quota-categories"]


def test_quotas_name_their_source(dataset: Build) -> None:
    images = [
        {"id": 1, "file_name": "one.jpg", "width": 9, "height": 100},
        {"id": 2, "file_name": "two.jpg", "width": 10_241, "height": 100},
    ]
    labels = dataset(images=images, annotations=boxes(*[[0, 0, 9, 100]] * 1001))
    findings = check(labels, quota=DETECTOR_TRAINING)
    assert [(f.code, f.where) for f in findings if f.severity is Severity.ERROR] == [
        ("quota-category", "/categories/0"),
        ("quota-boxes", "/images/0"),
        ("quota-side", "/images/0"),
        ("quota-side", "/images/1"),
    ]
    assert findings[-1].hint == f"a limit for training a detector; source: {DETECTOR_TRAINING.source}"


def test_evaluation_has_limits_of_its_own(dataset: Build) -> None:
    images = [{"id": 1, "file_name": "one.jpg", "width": 49, "height": 12_000}]
    labels = dataset(images=images, annotations=boxes([0, 0, 49, 100]))
    assert found(check(labels, quota=DETECTOR_EVALUATION)) == [("quota-side", "/images/0")]


def test_a_file_with_thousands_of_the_same_fault_gives_a_thousand_findings_and_a_count() -> None:
    bad = tuple(Annotation(id=n, image_id=1, category_id=1, box=Box(x=0, y=0, w=10, h=0)) for n in range(1, 2501))
    image = Image(id=1, file_name="a.jpg", width=10, height=10)
    findings = check(Dataset(images=(image,), annotations=bad, categories=(Category(id=1, name="cat"),)))
    assert len(findings) == 1001
    assert (findings[-1].code, findings[-1].message) == ("box-empty", "1,500 more of these are not listed")
