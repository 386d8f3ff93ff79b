"""Results of a course: which evaluation counts, scores, grades, and a sheet that no spreadsheet runs."""

import csv
import io
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.course import Seat
from automation.course.figures import figures_of, headline_of
from automation.course.grades_sheet import harmless, sheet_rows, write_sheet
from automation.course.grading import Scale, parse_scale
from automation.course.results import Expected, ModelResult, SeatResult, collect_results
from automation.errors import ConfigError, TransportError
from automation.training import Evaluation, EvaluationSpec, ImageAnalysis, Model, ModelKind, ModelSpec, Status
from tests.automation.course.course_builders import a_seat

FINDER = Expected(model="finder", dataset="held_out")


def a_trained(name: str = "finder", status: Status = Status.SUCCEEDED, **performance: float) -> Model:
    return Model(
        spec=ModelSpec(name=name, kind=ModelKind.OBJECT_DETECTION, dataset_name="training"),
        status=status,
        status_text=status.value,
        created=None,
        updated=None,
        cost_minutes=1,
        error=None,
        performance=performance,
        raw={},
    )


def an_evaluation(dataset: str, figure: float, *, day: int = 1, status: Status = Status.SUCCEEDED) -> Evaluation:
    return Evaluation(
        spec=EvaluationSpec(name=f"{dataset}-{day}", model_name="finder", dataset_name=dataset),
        status=status,
        status_text=status.value,
        created=datetime(2026, 11, day, tzinfo=UTC),
        updated=None,
        error=None,
        performance={"meanAveragePrecision50": figure, "meanAveragePrecision75": figure / 2},
        raw={},
    )


class FakeAccount:
    """A vision account with models and evaluations."""

    def __init__(self, *models: Model, evaluations: tuple[Evaluation, ...] = ()) -> None:
        self._models = {model.name: model for model in models}
        self._evaluations = evaluations

    @property
    def models(self) -> "FakeAccount":
        return self

    @property
    def evaluations(self) -> "FakeAccount":
        return self

    def find(self, name: str) -> Model | None:
        return self._models.get(name)

    def list(self, model: str) -> list[Evaluation]:
        return [found for found in self._evaluations if found.spec.model_name == model]


def collected(account: FakeAccount, *expected: Expected) -> SeatResult:
    (found,) = collect_results([a_seat()], lambda _: cast("ImageAnalysis", account), expected or (FINDER,))
    return found


def test_the_newest_evaluation_on_the_exercises_dataset_counts() -> None:
    account = FakeAccount(
        a_trained(),
        evaluations=(
            an_evaluation("held_out", 0.4, day=1),
            an_evaluation("held_out", 0.6, day=3),
            an_evaluation("held_out", 0.9, day=4, status=Status.FAILED),
            an_evaluation("training", 1.0, day=5),
        ),
    )
    found = collected(account)
    assert found.models[0].figures == {"mAP@50": 0.6, "mAP@75": 0.3}
    assert (found.models[0].measured_on, found.score) == ("held_out", 0.6)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (FakeAccount(), "not trained"),
        (FakeAccount(a_trained(status=Status.RUNNING)), "training running"),
        (FakeAccount(a_trained(), evaluations=(an_evaluation("training", 1.0),)), "not measured on held_out"),
    ],
)
def test_what_is_missing_is_said_and_gives_no_score(account: FakeAccount, words: str) -> None:
    found = collected(account)
    assert (found.models[0].words, found.models[0].figures, found.score) == (words, {}, None)


def test_without_a_dataset_the_pictures_held_back_count() -> None:
    account = FakeAccount(a_trained(accuracyTop1=0.75))
    assert collected(account, Expected(model="finder", dataset=None)).score == 0.75


def test_one_model_without_figures_is_no_score_at_all() -> None:
    account = FakeAccount(a_trained(accuracyTop1=0.75))
    two = [Expected(model=name, dataset=None) for name in ("finder", "other")]
    assert collected(account, *two).score is None


def test_a_seat_that_cannot_be_asked_is_not_known_and_stops_nobody() -> None:
    seats = [a_seat("anna-x7q2aa"), a_seat("bert-y8r3bb")]

    def vision_of(seat: Seat) -> Any:
        if seat.id.startswith("anna"):
            raise TransportError("list models", "connection refused")
        return FakeAccount(a_trained(accuracyTop1=0.5))

    anna, bert = collect_results(seats, vision_of, [Expected(model="finder", dataset=None)])
    assert (anna.failure, anna.models, anna.score) == ("list models: no answer (connection refused)", (), None)
    assert bert.score == 0.5


def test_figures_have_the_names_that_people_use() -> None:
    found: dict[str, object] = {
        "accuracyTop1": 0.5,
        "meanAveragePrecision50": 1,
        "tagPerformance": None,
        "averagePrecision": True,
    }
    assert list(figures_of(found).items()) == [("mAP@50", 1.0), ("accuracy", 0.5)]
    assert figures_of(None) == {}
    assert headline_of({"finder": found, "new": {}}) == "finder mAP@50 1.000"


def test_scales_are_points_or_steps() -> None:
    assert parse_scale("points=20").grade(0.8761) == "17.5"
    steps = parse_scale("A=0.9, B=0.8,F=0")
    assert [steps.grade(figure) for figure in (0.95, 0.9, 0.89, 0.1)] == ["A", "A", "B", "F"]
    assert parse_scale("pass=0.5").grade(0.4) == ""


@pytest.mark.parametrize(
    "text", ["", "A", "A=", "=1", "A=x", "A=0.8,B=0.9", "A=0.8,A=0.7", "A=1.5", "points=0", "points=x", "A=nan"]
)
def test_what_is_no_scale_is_refused_with_how_one_is_written(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_scale(text)
    assert "points=20" in str(caught.value.hint)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6, unique=True), st.floats(0, 1))
def test_a_grade_is_the_highest_step_that_is_reached(limits: list[float], figure: float) -> None:
    ordered = sorted(limits, reverse=True)
    scale = Scale(steps=tuple((str(index), least) for index, least in enumerate(ordered)))
    reached = [index for index, least in enumerate(ordered) if figure >= least]
    assert scale.grade(figure) == (str(reached[0]) if reached else "")


def test_the_sheet_has_a_line_for_each_seat() -> None:
    model = ModelResult(model="finder", figures={"mAP@50": 0.875})
    results = [
        SeatResult(seat=a_seat("anna-x7q2aa", name="=cmd|' /C calc'!A0"), models=(model,)),
        SeatResult(seat=a_seat("bert-y8r3bb", email="+49@example.org"), failure="no answer"),
    ]
    head, rows = sheet_rows(results, parse_scale("points=20"))
    assert head == ["seat", "email", "name", "team", "finder mAP@50", "score", "grade", "note"]
    assert rows[0][4:] == ["0.8750", "0.8750", "17.5", ""]
    assert rows[1][4:] == ["", "", "", "not known: no answer"]
    cells = list(csv.reader(io.StringIO(write_sheet(results, parse_scale("points=20")))))
    assert (cells[1][2], cells[2][1]) == ("'=cmd|' /C calc'!A0", "'+49@example.org")


@given(st.text(max_size=20))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    made = harmless(text)
    assert not made.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert made in {text, f"'{text}"}


def test_on_a_screen_a_model_has_one_column() -> None:
    model = ModelResult(model="finder", figures={"mAP@50": 0.875, "mAP@75": 0.5})
    head, rows = sheet_rows([SeatResult(seat=a_seat(), models=(model,))], parse_scale("points=20"), main_only=True)
    assert (head[4:], rows[0][4:]) == (["finder mAP@50", "score", "grade", "note"], ["0.8750", "0.8750", "17.5", ""])
