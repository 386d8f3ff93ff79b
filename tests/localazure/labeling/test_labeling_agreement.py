"""Kappa and F1 against values worked out by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localazure.labeling.labels import Label
from localazure.labeling.queue.agreement import cohen, fleiss
from localazure.labeling.queue.overlap import f1, iou, matches, overlapping


def _box(key: str, *box: float) -> Label:
    return Label(class_key=key, box=(box[0], box[1], box[2], box[3]))


def test_cohen_of_fifty_pictures() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, by chance 0.5, kappa 0.4."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohen(pairs) == pytest.approx(0.4, abs=1e-12)


def test_cohen_of_opposites_is_minus_one_and_of_equals_one() -> None:
    assert cohen([("a", "b"), ("b", "a")]) == -1
    assert cohen([("a", "a"), ("b", "b")]) == 1
    assert cohen([("a", "a")]) == 1
    assert cohen([]) is None


def test_fleiss_of_four_pictures_and_three_people() -> None:
    """3-0, 2-1, 1-2, 0-3. Agreement on each 1, 1/3, 1/3, 1, mean 2/3; each class is half: chance 1/2; kappa 1/3."""
    pictures = [{"a": 3}, {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"b": 3}]
    assert fleiss(pictures) == pytest.approx(1 / 3, abs=1e-12)


def test_fleiss_with_different_numbers_of_answers() -> None:
    """2 of a; 2 a and 1 b; 1 answer alone is left out: mean (1 + 1/3)/2 = 2/3, chance (4/5)^2 + (1/5)^2 = 17/25."""
    expected = (Fraction(2, 3) - Fraction(17, 25)) / (1 - Fraction(17, 25))
    assert fleiss([{"a": 2}, {"a": 2, "b": 1}, {"b": 1}]) == pytest.approx(float(expected), abs=1e-12)
    assert fleiss([{"a": 1}, {"b": 1}]) is None
    assert fleiss([{"a": 2}, {"a": 3}]) == 1


def test_iou_of_boxes_that_overlap_by_half() -> None:
    assert iou(_box("a", 0, 0, 0.2, 0.2), _box("a", 0.1, 0, 0.2, 0.2)) == pytest.approx(1 / 3)
    assert iou(_box("a", 0, 0, 0.2, 0.2), _box("a", 0.2, 0, 0.2, 0.2)) == 0


def test_boxes_are_matched_best_first_and_once() -> None:
    one = [_box("apple", 0, 0, 0.4, 0.4), _box("apple", 0.05, 0, 0.4, 0.4), _box("pear", 0.6, 0.6, 0.2, 0.2)]
    other = [_box("apple", 0.05, 0, 0.4, 0.4), _box("apple", 0.6, 0.6, 0.2, 0.2)]
    assert matches(one, other, least=0.5) == {"apple": 1}
    assert f1(one, other, least=0.5) == pytest.approx(2 / 5)
    assert f1(one, other, least=0.0) == pytest.approx(2 / 5)


def test_classes_without_boxes_match_by_name() -> None:
    one, other = [Label(class_key="a"), Label(class_key="b")], [Label(class_key="b"), Label(class_key="c")]
    assert f1(one, other, least=0.5) == 0.5
    assert (f1([], [], least=0.5), f1(one, [], least=0.5)) == (1, 0)


def _eighths(key: str, *box: int) -> Label:
    return _box(key, *(number / 8 for number in box))


_PLACE, _LENGTH = st.integers(0, 7), st.integers(1, 8)
_BOXES = st.lists(st.builds(_eighths, st.sampled_from("ab"), _PLACE, _PLACE, _LENGTH, _LENGTH), max_size=6)


@given(_BOXES, _BOXES, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_no_pair_that_overlaps_is_overlooked(one: list[Label], other: list[Label], least: float) -> None:
    pairs = [(iou(a, b), i, j) for i, a in enumerate(one) for j, b in enumerate(other) if a.class_key == b.class_key]
    expected = sorted((pair for pair in pairs if pair[0] > 0 and pair[0] >= least), key=lambda p: (-p[0], p[1], p[2]))
    assert overlapping(one, other, least=least) == expected


_WORDS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=12)


@given(_WORDS)
def test_two_people_have_the_same_kappa_in_either_order(pairs: list[tuple[str, str]]) -> None:
    value = cohen(pairs)
    assert value is not None
    assert -1 - 1e-9 <= value <= 1
    assert value == pytest.approx(cohen([(other, one) for one, other in pairs]))
