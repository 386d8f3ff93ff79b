"""What several answers come to, and how far people agree, against values worked out by hand."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localazure.labeling.labels import Label
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.queue.agreement_report import AgreementReports, compare_boxes, compare_classes
from localazure.labeling.queue.consensus import Answer, Outcome, agree
from localazure.labeling.queue.overlap import iou
from tests.localazure.labeling.labeling_desk import BOXES, a_box, open_desk

SETTINGS = ProjectSettings()


def said(person: str, *keys: str) -> Answer:
    """Classes, or a skip when there are none."""
    labels = tuple(Label(class_key=key, source="person") for key in keys)
    return Answer(person=person, state="labeled" if keys else "skipped", labels=labels)


def drew(person: str, *labels: Label) -> Answer:
    return Answer(person=person, state="labeled" if labels else "skipped", labels=labels)


def classes(outcome: Outcome) -> list[tuple[str, float]]:
    return [(label.class_key, label.confidence) for label in outcome.labels]


def test_a_single_answer_counts_as_it_is() -> None:
    one = drew("ann", a_box(0, 0, 0.5, 0.5))
    assert agree([one], SETTINGS, several_classes=False) == Outcome(state="labeled", labels=one.labels, agreement=None)


def test_most_people_choose_the_class() -> None:
    outcome = agree([said("ann", "a"), said("bob", "b"), said("cat", "a")], SETTINGS, several_classes=False)
    assert (outcome.state, classes(outcome)) == ("labeled", [("a", pytest.approx(2 / 3))])
    assert outcome.agreement == pytest.approx(1 / 3)


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "b", "c"), ("a", "a", "b", "b"), ("a", "")])
def test_who_stand_equal_against_each_other_have_no_consensus(keys: tuple[str, ...]) -> None:
    answers = [said(str(place), *filter(None, [key])) for place, key in enumerate(keys)]
    assert agree(answers, SETTINGS, several_classes=False).state == "review"


def test_the_settings_may_ask_for_more_than_a_majority() -> None:
    answers = [said("ann", "a"), said("bob", "b"), said("cat", "a")]
    strict = ProjectSettings(minimum_agreement=0.7)
    outcome = agree(answers, strict, several_classes=False)
    assert (outcome.state, classes(outcome)) == ("review", [("a", pytest.approx(2 / 3))])


def test_most_people_skip_the_picture() -> None:
    outcome = agree([said("ann"), said("bob", "a"), said("cat")], SETTINGS, several_classes=False)
    assert outcome == Outcome(state="skipped", labels=(), agreement=pytest.approx(1 / 3))  # type: ignore[arg-type]


def test_of_several_classes_each_is_in_or_out() -> None:
    answers = [said("ann", "a", "b"), said("bob", "a", "c"), said("cat", "b", "a")]
    outcome = agree(answers, SETTINGS, several_classes=True)
    assert (outcome.state, classes(outcome)) == ("labeled", [("a", 1.0), ("b", pytest.approx(2 / 3))])
    assert outcome.agreement == pytest.approx((0.5 + 1 + 0.5) / 3)
    assert agree(answers[:2], SETTINGS, several_classes=True).state == "review"


def test_boxes_in_the_same_place_become_their_mean() -> None:
    answers = [
        drew("ann", a_box(0.1, 0.1, 0.4, 0.4), a_box(0.7, 0.7, 0.2, 0.2, key="pear")),
        drew("bob", a_box(0.7, 0.7, 0.2, 0.2, key="pear"), a_box(0.1, 0.1, 0.4, 0.3)),
        drew("cat", a_box(0.1, 0.1, 0.4, 0.35), a_box(0.0, 0.8, 0.1, 0.1)),
    ]
    outcome = agree(answers, SETTINGS, several_classes=False)
    apple, pear = outcome.labels
    assert (outcome.state, apple.class_key, apple.confidence, apple.source) == ("labeled", "apple", 1.0, "consensus")
    assert apple.box == pytest.approx((0.1, 0.1, 0.4, 0.35))
    assert (pear.class_key, pear.confidence, pear.box) == ("pear", pytest.approx(2 / 3), (0.7, 0.7, 0.2, 0.2))
    assert outcome.agreement == pytest.approx((1 + 0.5 + 0.5) / 3)


def test_a_box_that_half_of_the_people_see_needs_a_review() -> None:
    both = a_box(0.1, 0.1, 0.4, 0.4)
    outcome = agree([drew("ann", both, a_box(0.7, 0.7, 0.2, 0.2)), drew("bob", both)], SETTINGS, several_classes=False)
    assert (outcome.state, [label.confidence for label in outcome.labels]) == ("review", [1.0, 0.5])
    assert outcome.agreement == pytest.approx(2 / 3)


def test_the_same_place_with_another_class_is_no_consensus() -> None:
    answers = [drew("ann", a_box(0, 0, 1, 1)), drew("bob", a_box(0, 0, 1, 1, key="pear"))]
    assert (agree(answers, SETTINGS, several_classes=False).state, answers[0].state) == ("review", "labeled")


def test_polygons_have_no_mean() -> None:
    ring = Label(class_key="a", box=(0, 0, 1, 1), polygon=((0.0, 0.0, 1.0, 0.0, 1.0, 1.0),))
    answers = [drew("ann", ring), drew("bob", ring)]
    assert agree(answers, SETTINGS, several_classes=False) == Outcome(state="review", labels=(), agreement=1.0)


_BOX = st.builds(a_box, *[st.sampled_from([0.0, 0.1, 0.2, 0.5])] * 2, *[st.sampled_from([0.2, 0.3, 0.5])] * 2)
_ANSWERS = st.lists(st.lists(_BOX, min_size=1, max_size=4), min_size=2, max_size=4)


@given(_ANSWERS)
def test_no_person_counts_twice_for_a_box_and_no_two_kept_boxes_are_one(drawn: Sequence[Sequence[Label]]) -> None:
    answers = [drew(str(who), *labels) for who, labels in enumerate(drawn)]
    outcome = agree(answers, SETTINGS, several_classes=False)
    for label in outcome.labels:
        assert 0.5 <= label.confidence <= 1
        assert label.box is not None
        assert any(iou(label, other) > 0 for one in answers for other in one.labels)
    total = sum(len(one.labels) for one in answers)
    assert sum(label.confidence for label in outcome.labels) * len(answers) <= total + 1e-9
    again = agree(answers, SETTINGS, several_classes=False)
    assert again == outcome


def test_kappa_of_two_people_as_a_whole_and_class_by_class() -> None:
    """ann/bob: a/a, a/b, b/b, b/b. Observed 3/4. Chance: ann 2a 2b, bob 1a 3b: (2*1 + 2*3)/16 = 1/2; kappa 1/2."""
    pictures = [[said("ann", one), said("bob", other)] for one, other in ("aa", "ab", "bb", "bb")]
    report = compare_classes(pictures, several=False)
    assert (report.method, report.pictures, report.project) == ("kappa", 4, 0.5)
    assert (report.classes, report.people, report.answers) == (
        {"a": 0.5, "b": 0.5},
        {"ann": 0.5, "bob": 0.5},
        {"ann": 4, "bob": 4},
    )


def test_a_class_may_be_clearer_than_another() -> None:
    """a/a, b/c, c/b: observed 1/3, chance 1/3, kappa 0; a is clear (1), b is 1/3 against 5/9: kappa -1/2."""
    pictures = [[said("ann", one), said("bob", other)] for one, other in ("aa", "bc", "cb")]
    report = compare_classes(pictures, several=False)
    assert report.project == pytest.approx(0)
    assert report.classes == {"a": 1, "b": pytest.approx(-0.5), "c": pytest.approx(-0.5)}


def test_several_people_and_skips() -> None:
    """Three people: aaa, a skip skip: on each 1 and 1/3; a 4/6, skip 2/6: chance 5/9; kappa (2/3 - 5/9)/(4/9) = 1/4.

    Person by person with Cohen: ann never changes her answer, bob and cat agree always. ann-bob: observed 1/2, chance
    1/2, kappa 0; bob-cat: 1. ann (0 + 0)/2, bob and cat (0 + 1)/2.
    """
    pictures = [[said(who, "a") for who in ("ann", "bob", "cat")], [said("ann", "a"), said("bob"), said("cat")]]
    report = compare_classes(pictures, several=False)
    assert report.project == pytest.approx(1 / 4)
    assert report.people == {"ann": 0, "bob": 0.5, "cat": 0.5}


def test_each_of_several_classes_is_a_question_of_its_own() -> None:
    """a: yes/yes, yes/yes, no/no: 1. b: yes/no, no/no, no/yes: observed 1/3, chance 5/9: -1/2. Mean 1/4."""
    pictures = [
        [said("ann", "a", "b"), said("bob", "a")],
        [said("ann", "a"), said("bob", "a")],
        [said("ann", "c"), said("bob", "b", "c")],
    ]
    report = compare_classes(pictures, several=True)
    assert (report.classes["a"], report.classes["b"], report.classes["c"]) == (1, pytest.approx(-0.5), 1)
    assert report.project == pytest.approx((1 - 0.5 + 1) / 3)
    assert report.people["ann"] == report.people["bob"] == pytest.approx((1 - 0.5 + 1) / 3)


def test_boxes_are_compared_over_all_pairs() -> None:
    """ann-bob: an apple in both, of 3 labels; ann-cat: nothing of 2, for cat skipped; bob-cat: nothing of 1."""
    apple, pear = a_box(0, 0, 0.5, 0.5), a_box(0.5, 0.5, 0.2, 0.2, key="pear")
    report = compare_boxes([[drew("ann", apple, pear), drew("bob", apple), drew("cat")]], least=0.5)
    assert (report.method, report.pictures) == ("iou", 1)
    assert report.project == pytest.approx(float(Fraction(2, 3 + 2 + 1)))
    assert report.classes == {"apple": pytest.approx(2 / 4), "pear": 0}
    assert report.people == {"ann": pytest.approx(2 / 5), "bob": pytest.approx(2 / 4), "cat": 0}
    assert compare_boxes([], least=0.5).project is None


def test_the_report_reads_the_last_round_and_is_kept_until_something_changes() -> None:
    desk = open_desk(2, kind=BOXES, overlap=2)
    reports = AgreementReports(desk.tables, desk.clock)
    assert reports.of(desk.project).pictures == 0
    for who in ("ann", "bob"):
        desk.take(who, 2)
        desk.do(who, 1, a_box(0, 0, 0.5, 0.5))
    first = reports.of(desk.project)
    assert (first.project, first.answers) == (1, {"ann": 1, "bob": 1})
    assert reports.of(desk.project) is first
    desk.do("ann", 2, a_box(0, 0, 0.5, 0.5))
    desk.do("bob", 2, a_box(0.5, 0.5, 0.5, 0.5))
    assert reports.of(desk.project).project == pytest.approx(0.5)
    desk.tables.close()
