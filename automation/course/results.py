"""What the people of a course have reached: their models' figures, as each seat's own vision account says them.

Owns: which evaluation counts, and the score. Leaves: how a score becomes a grade to `grading.py`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from automation.course.figures import figures_of, main_figure
from automation.course.types import Seat
from automation.errors import LabError
from automation.progress import Progress, silent
from automation.training import Evaluation, ImageAnalysis, Model, Status

__all__ = ["Expected", "ModelResult", "SeatResult", "collect_results"]

THREADS = 8
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A model of the exercise, and the dataset it is to be measured on; None: on pictures the service holds back."""

    model: str
    dataset: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """How good one model is.

    Attributes:
        measured_on: The dataset; None where the service measured on pictures it held back from training.
        figures: By the names of `figures.py`; empty when nothing has been measured.
        words: Why there is no figure, or "".
    """

    model: str
    measured_on: str | None = None
    figures: dict[str, float] = field(default_factory=dict[str, float])
    when: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatResult:
    """All of one seat.

    Attributes:
        score: The mean of the models' figures that count, 0 to 1; None as long as one of them is missing.
        failure: Why the seat could not be asked; then nothing is known, which is not a bad result.
    """

    seat: Seat
    models: tuple[ModelResult, ...] = ()
    failure: str | None = None

    @property
    def score(self) -> float | None:
        main = [main_figure(model.figures) for model in self.models]
        found = [figure[1] for figure in main if figure is not None]
        return sum(found) / len(found) if found and len(found) == len(main) else None


def collect_results(
    seats: Sequence[Seat],
    vision_of: Callable[[Seat], ImageAnalysis],
    expected: Sequence[Expected],
    *,
    progress: Progress = silent,
) -> list[SeatResult]:
    """Ask every seat's account, several at once. What fails is that seat's alone.

    Args:
        seats: Which ones.
        vision_of: The client of a seat's account.
        expected: The exercise's models.
        progress: Counts seats.
    """
    results: list[SeatResult] = []

    def ask(seat: Seat) -> SeatResult:
        return _ask(seat, vision_of, expected)

    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="results") as pool:
        try:
            for found in pool.map(ask, seats):
                results.append(found)
                progress(float(len(results)), float(len(seats)), found.seat.id)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def _ask(seat: Seat, vision_of: Callable[[Seat], ImageAnalysis], expected: Sequence[Expected]) -> SeatResult:
    try:
        vision = vision_of(seat)
        return SeatResult(seat=seat, models=tuple(_model(vision, wanted) for wanted in expected))
    except LabError as exc:
        return SeatResult(seat=seat, failure=exc.message)


def _model(vision: ImageAnalysis, wanted: Expected) -> ModelResult:
    model = vision.models.find(wanted.model)
    if model is None:
        return ModelResult(model=wanted.model, words="not trained")
    if model.status is not Status.SUCCEEDED:
        return ModelResult(model=wanted.model, words=f"training {model.status_text}")
    if wanted.dataset is None:
        return _of(model, wanted)
    measured = [
        found
        for found in vision.evaluations.list(wanted.model)
        if found.spec.dataset_name == wanted.dataset and found.status is Status.SUCCEEDED
    ]
    if not measured:
        return ModelResult(model=wanted.model, words=f"not measured on {wanted.dataset}")
    return _of(max(measured, key=lambda found: found.updated or found.created or _NEVER), wanted)


def _of(found: Model | Evaluation, wanted: Expected) -> ModelResult:
    figures = figures_of(found.performance)
    words = "" if figures else "the service gives no figures"
    when = found.updated or found.created
    return ModelResult(model=wanted.model, measured_on=wanted.dataset, figures=figures, when=when, words=words)
