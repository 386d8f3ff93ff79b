"""Training a classifier: it learns, it repeats, it stops, and its file can be trusted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from localazure.training import load_model
from localazure.training.classifier import ClassifierModel, fit_classifier
from localazure.training.classifier_model import CLASSIFIER
from localazure.training.errors import DatasetCorrupt, ModelFileError, NotEnoughBudget, TrainingCancelled
from localazure.training.model_file import read_model, write_model
from localazure.training.pictures import LabelledPicture

CLASSES = ("stripes", "disc")


def _never() -> bool:
    return False


def _silent(fraction: float, stage: str, detail: str) -> None:
    pass


def _draw(rng: np.random.Generator, label: int) -> Image.Image:
    """Stripes or a disc, in any colour on any ground: only the shape tells."""
    y, x = np.mgrid[0:48, 0:64]
    if label == 0:
        turn = rng.uniform(0, np.pi)
        shape = np.sin((x * np.cos(turn) + y * np.sin(turn)) * rng.uniform(0.5, 0.9)) > 0
    else:
        shape = np.hypot(x - rng.uniform(20, 44), y - rng.uniform(18, 30)) < rng.uniform(9, 16)
    ground, colour = rng.uniform(0, 90, 3), rng.uniform(150, 255, 3)
    pixels = np.where(shape[..., None], colour, ground) + rng.normal(0, 6, (48, 64, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _pictures(folder: Path, count: int, *, seed: int = 0) -> list[LabelledPicture]:
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    found: list[LabelledPicture] = []
    for number in range(count):
        path = folder / f"{seed}-{number}.png"
        _draw(rng, number % 2).save(path)
        found.append(LabelledPicture(path=path, label=number % 2))
    return found


def _fit(
    pictures: Sequence[LabelledPicture], classes: Sequence[str] = CLASSES, *, seed: int = 0, budget_s: float = 4.5
) -> ClassifierModel:
    """The smallest rung, unless the budget is larger."""
    return fit_classifier(pictures, classes, budget_s=budget_s, seed=seed, progress=_silent, cancelled=_never)


def _right(model: ClassifierModel, pictures: Sequence[LabelledPicture]) -> int:
    return sum(int(np.argmax(model.classify(picture.image()))) == picture.label for picture in pictures)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[LabelledPicture]:
    return _pictures(tmp_path_factory.mktemp("training"), 8)


@pytest.fixture(scope="module")
def model(pictures: list[LabelledPicture]) -> ClassifierModel:
    return _fit(pictures)


def test_it_learns_what_the_pictures_show(tmp_path: Path) -> None:
    trained = _fit(_pictures(tmp_path, 20), budget_s=12)
    unseen = _pictures(tmp_path, 20, seed=1)
    assert _right(trained, unseen) >= 18


def test_probabilities_are_one_together(model: ClassifierModel, pictures: list[LabelledPicture]) -> None:
    chances = model.classify(pictures[0].image())
    assert len(chances) == len(CLASSES)
    assert sum(chances) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances)


def test_same_pictures_and_seed_give_the_same_file(
    tmp_path: Path, model: ClassifierModel, pictures: list[LabelledPicture]
) -> None:
    model.save(tmp_path / "first.vlm")
    _fit(pictures).save(tmp_path / "second.vlm")
    _fit(pictures, seed=1).save(tmp_path / "other.vlm")
    first = (tmp_path / "first.vlm").read_bytes()
    assert (tmp_path / "second.vlm").read_bytes() == first
    assert (tmp_path / "other.vlm").read_bytes() != first


def test_a_model_from_its_file_answers_as_before(
    tmp_path: Path, model: ClassifierModel, pictures: list[LabelledPicture]
) -> None:
    model.save(tmp_path / "model.vlm")
    loaded = load_model(tmp_path / "model.vlm")
    assert isinstance(loaded, ClassifierModel)
    assert loaded.classes == CLASSES
    image = pictures[1].image()
    assert loaded.classify(image) == pytest.approx(model.classify(image), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"uses": ["words", "magic"]}, "heads that this program does not know"),
        ({"uses": "words"}, "heads that this program does not know"),
        ({"words": 10**9}, "words in the model file is no whole number"),
        ({"axes": 0}, "axes in the model file is no whole number"),
        ({"classes": []}, "classes in the model file"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(
    tmp_path: Path, model: ClassifierModel, change: dict[str, object], says: str
) -> None:
    model.save(tmp_path / "model.vlm")
    meta, _ = read_model(tmp_path / "model.vlm", CLASSIFIER)
    with pytest.raises(ModelFileError, match=says):
        write_model(tmp_path / "bad.vlm", CLASSIFIER, {**meta, **change}, {})


def test_values_that_cannot_be_are_refused(tmp_path: Path, model: ClassifierModel) -> None:
    model.save(tmp_path / "model.vlm")
    meta, arrays = read_model(tmp_path / "model.vlm", CLASSIFIER)
    for name, value in (("temperature", 0.0), ("places.spread", -1.0), (f"{meta['uses'][0]}.spread", 0.0)):
        write_model(tmp_path / "bad.vlm", CLASSIFIER, meta, {**arrays, name: np.full_like(arrays[name], value)})
        with pytest.raises(ModelFileError):
            ClassifierModel.load(tmp_path / "bad.vlm")


def test_progress_rises_to_one_through_all_stages(pictures: list[LabelledPicture]) -> None:
    told: list[tuple[float, str]] = []
    fit_classifier(
        pictures,
        CLASSES,
        budget_s=4.5,
        seed=0,
        progress=lambda fraction, stage, _: told.append((fraction, stage)),
        cancelled=_never,
    )
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert list(dict.fromkeys(stage for _, stage in told)) == ["vocabulary", "measuring", "choosing", "fitting"]


@pytest.mark.parametrize("stage", ["vocabulary", "measuring", "choosing", "fitting"])
def test_it_stops_in_every_stage(pictures: list[LabelledPicture], stage: str) -> None:
    seen: list[str] = []
    with pytest.raises(TrainingCancelled):
        fit_classifier(
            pictures,
            CLASSES,
            budget_s=4.5,
            seed=0,
            progress=lambda _, now, __: seen.append(now),
            cancelled=lambda: bool(seen) and seen[-1] == stage,
        )
    assert seen[-1] == stage
    assert seen.count(stage) == 1


def test_one_picture_and_missing_classes_still_give_a_model(pictures: list[LabelledPicture]) -> None:
    trained = _fit(pictures[:1], ["stripes", "disc", "nothing"])
    assert int(np.argmax(trained.classify(pictures[0].image()))) == 0


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path, pictures: list[LabelledPicture]) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    with pytest.raises(DatasetCorrupt, match=r"broken\.jpg"):
        _fit([*pictures[:2], LabelledPicture(path=broken, label=0)])


def test_no_pictures_are_refused() -> None:
    with pytest.raises(DatasetCorrupt, match="no pictures"):
        _fit([])


def test_a_budget_that_is_too_small_is_refused(pictures: list[LabelledPicture]) -> None:
    with pytest.raises(NotEnoughBudget):
        _fit(pictures, budget_s=1)
