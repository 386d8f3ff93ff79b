"""What is enough to learn from, when it is time, and what is read out of what a model saw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localazure.labeling.assist.experiments import Experiment, Kind, State
from localazure.labeling.assist.lessons import NOT_ENOUGH, Lesson, is_time, lesson_of, next_at, plan
from localazure.labeling.assist.reading import Found, Seen, prelabels, uncertainty
from localazure.labeling.project_settings import AssistSettings
from localazure.labeling.types import AnnotationType, Category, ProjectSpec

NAMES = {"a": "Apple", "b": "Banana", "c": "Cherry"}
SETTINGS = AssistSettings(enabled=True, after=12, retrain_every=50)


def a_training(state: State, labeled: int, code: str | None = None) -> Experiment:
    return Experiment(
        project=1,
        number=1,
        kind=Kind.TRAINING,
        state=state,
        created="",
        started=None,
        ended=None,
        detail={"labeled": labeled, "code": code},
    )


@pytest.mark.parametrize(
    ("last", "at"),
    [
        (None, 12),
        (a_training(State.COMPLETED, 12), 62),
        (a_training(State.COMPLETED, 3), 53),
        (a_training(State.CANCELED, 20), 70),
        (a_training(State.FAILED, 20, "WorkerEnded"), 70),
        (a_training(State.FAILED, 20, NOT_ENOUGH), 21),
        (a_training(State.FAILED, 2, NOT_ENOUGH), 12),
    ],
)
def test_a_training_is_due_at_so_many_labels(last: Experiment | None, at: int) -> None:
    assert next_at(SETTINGS, at - 1, last) == at
    assert (is_time(SETTINGS, at - 1, last), is_time(SETTINGS, at, last)) == (False, True)


def test_a_project_that_starts_over_begins_anew() -> None:
    last = a_training(State.COMPLETED, 62)
    assert [next_at(SETTINGS, labeled, last) for labeled in (0, 11, 30, 31, 61)] == [12, 12, 12, 112, 112]
    assert (is_time(SETTINGS, 11, last), is_time(SETTINGS, 12, last)) == (False, True)


def test_nothing_is_due_where_it_is_off_or_under_way() -> None:
    assert not is_time(AssistSettings(), 1_000, None)
    assert not is_time(SETTINGS, 1_000, a_training(State.RUNNING, 12))
    assert not is_time(SETTINGS, 1_000, a_training(State.QUEUED, 12))


@pytest.mark.parametrize(
    ("kind", "several", "categories", "lesson"),
    [
        (AnnotationType.BOUNDING_BOX, True, 1, Lesson.BOXES),
        (AnnotationType.INSTANCE_SEGMENTATION, False, 1, Lesson.BOXES),
        (AnnotationType.CLASSIFICATION, False, 1, Lesson.ONE),
        (AnnotationType.CLASSIFICATION, True, 1, Lesson.SEVERAL),
        (AnnotationType.CLASSIFICATION, False, 2, Lesson.SEVERAL),
    ],
)
def test_each_kind_of_project_has_its_model(
    kind: AnnotationType, several: bool, categories: int, lesson: Lesson
) -> None:
    asked = {str(number): Category(display_name="q", multi_select=several) for number in range(categories)}
    assert lesson_of(ProjectSpec(data_id="d", annotation_type=kind, categories=asked)) is lesson


def test_classes_with_too_few_pictures_are_left_out() -> None:
    what = plan(Lesson.BOXES, NAMES, {"a": 5, "b": 1}, 6)
    assert (what.classes, what.left_out, what.missing) == (("a",), {"b": 1, "c": 0}, None)


def test_a_class_that_every_picture_shows_cannot_be_told_from_anything() -> None:
    what = plan(Lesson.SEVERAL, NAMES, {"a": 6, "b": 4, "c": 5}, 6)
    assert (what.classes, what.left_out) == (("b",), {"a": 6, "c": 5})


@pytest.mark.parametrize(
    ("lesson", "shown", "pictures", "missing"),
    [
        (Lesson.BOXES, {}, 0, "No picture is labeled yet."),
        (
            Lesson.BOXES,
            {"b": 1},
            9,
            "A model needs one class with at least 2 labeled pictures of each. So far: Banana 1, Apple 0, Cherry 0.",
        ),
        (
            Lesson.ONE,
            {"a": 9, "b": 1},
            10,
            "A model needs 2 classes with at least 2 labeled pictures of each. So far: Banana 1, Cherry 0.",
        ),
        (
            Lesson.SEVERAL,
            {"a": 9},
            9,
            (
                "A model needs one class with at least 2 labeled pictures that show it and 2 that do not."
                " So far: Apple 9, Banana 0, Cherry 0."
            ),
        ),
    ],
)
def test_what_is_missing_is_said(lesson: Lesson, shown: dict[str, int], pictures: int, missing: str) -> None:
    assert plan(lesson, NAMES, shown, pictures).missing == missing


def thing(score: float, label: int = 0, box: tuple[float, float, float, float] = (0.1, 0.1, 0.2, 0.2)) -> Found:
    return Found(label=label, score=score, box=box)


def test_boxes_are_proposed_from_the_threshold_on_the_surest_first() -> None:
    seen = Seen(found=[thing(0.3), thing(0.29), thing(0.9, 1), thing(0.5, 2), thing(0.8, box=(0.5, 0.5, 0.0, 0.1))])
    labels = prelabels(Lesson.BOXES, seen, "abc", threshold=0.3, wanted=())
    assert [(label.class_key, label.confidence) for label in labels] == [("b", 0.9), ("c", 0.5), ("a", 0.3)]
    some = prelabels(Lesson.BOXES, seen, "abc", threshold=0.3, wanted=("c",))
    assert [label.class_key for label in some] == ["c"]


@pytest.mark.parametrize(
    ("lesson", "chances", "threshold", "keys"),
    [
        (Lesson.ONE, [0.2, 0.5, 0.3], 0.3, ["b"]),
        (Lesson.ONE, [0.2, 0.5, 0.3], 0.6, []),
        (Lesson.SEVERAL, [0.2, 0.5, 0.9], 0.3, ["c", "b"]),
    ],
)
def test_one_answer_or_several(lesson: Lesson, chances: list[float], threshold: float, keys: list[str]) -> None:
    labels = prelabels(lesson, Seen(chances=chances), "abc", threshold=threshold, wanted=())
    assert [label.class_key for label in labels] == keys


@pytest.mark.parametrize(
    ("lesson", "seen", "doubt"),
    [
        (Lesson.BOXES, Seen(), 1.0),
        (Lesson.BOXES, Seen(found=[thing(0.04)]), 1.0),
        (Lesson.BOXES, Seen(found=[thing(1.0)]), 0.0),
        (Lesson.BOXES, Seen(found=[thing(0.75), thing(0.25)]), 0.5),
        (Lesson.ONE, Seen(chances=[0.75, 0.25]), 0.5),
        (Lesson.ONE, Seen(chances=[1.0]), 0.0),
        (Lesson.SEVERAL, Seen(chances=[1.0, 0.0]), 0.0),
        (Lesson.SEVERAL, Seen(chances=[1.0, 0.5]), 1.0),
    ],
)
def test_uncertainty_is_what_the_docstring_says(lesson: Lesson, seen: Seen, doubt: float) -> None:
    assert uncertainty(lesson, seen) == doubt


SCORES = st.lists(st.floats(0, 1), max_size=8)


@given(scores=SCORES, chances=st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_uncertainty_stays_between_0_and_1(scores: list[float], chances: list[float]) -> None:
    assert 0 <= uncertainty(Lesson.BOXES, Seen(found=[thing(score) for score in scores])) <= 1
    assert 0 <= uncertainty(Lesson.SEVERAL, Seen(chances=chances)) <= 1
    total = sum(chances) or 1.0
    assert 0 <= uncertainty(Lesson.ONE, Seen(chances=[chance / total for chance in chances])) <= 1
