import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from localazure.training.detector import TrainedDetector, fit_detector
from localazure.training.errors import DatasetCorrupt, TrainingCancelled
from localazure.training.metrics import evaluate_detector
from localazure.training.pictures import BoxedPicture, boxed_picture, open_image
from localazure.training.rungs import Rung
from localazure.training.watch import Watch

TINY = Rung(copies=1, heads=1, epochs=2, folds=2, fold_epochs=1, interim_epochs=1, proposal_epochs=1, least_steps=10)
Draw = Callable[[Path, int, int], Sequence["Drawn"]]


class Drawn:
    path: Path

    def picture(self) -> BoxedPicture: ...


def quiet() -> Watch:
    return Watch(lambda _fraction, _stage, _detail: None, lambda: False)


def test_it_finds_in_new_pictures_what_it_was_shown(trained: TrainedDetector, draw: Draw, tmp_path: Path) -> None:
    fresh = [one.picture() for one in draw(tmp_path, 4, 99)]
    found = [trained.model.predict(picture.image(), min_score=0) for picture in fresh]
    metrics = evaluate_detector([picture.truth() for picture in fresh], found, trained.model.classes)
    assert metrics.map50 > 0.9


def test_scores_are_chances_and_the_threshold_holds(trained: TrainedDetector, draw: Draw, tmp_path: Path) -> None:
    [one] = draw(tmp_path, 1, 98)
    found = trained.model.predict(open_image(one.path))
    surer = trained.model.predict(open_image(one.path), min_score=0.5)
    assert [box.score for box in found] == sorted((box.score for box in found), reverse=True)
    assert all(0.03 <= box.score <= 1 for box in found)
    assert surer == [box for box in found if box.score >= 0.5]
    assert sorted(box.class_index for box in surer) == [0, 1]


def test_boxes_are_in_pixels_of_the_given_picture(trained: TrainedDetector, draw: Draw, tmp_path: Path) -> None:
    [one] = draw(tmp_path, 1, 97)
    small = open_image(one.path)
    large = small.resize((small.width * 3, small.height * 3))
    best = max(trained.model.predict(small), key=lambda box: box.score)
    best_large = max(trained.model.predict(large), key=lambda box: box.score)
    assert best_large.x == pytest.approx(best.x * 3, abs=6)
    assert best_large.w == pytest.approx(best.w * 3, abs=9)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (1000, 4), (2000, 1500)])
def test_any_size_of_picture_can_be_asked(trained: TrainedDetector, size: tuple[int, int]) -> None:
    found = trained.model.predict(Image.new("RGB", size, (90, 120, 90)))
    assert all(box.x >= 0 and box.x + box.w <= size[0] * 1.01 for box in found)


def test_each_picture_is_judged_by_a_fold_that_had_not_seen_it(trained: TrainedDetector) -> None:
    assert len(trained.out_of_fold) == 8
    assert sum(len(found) for found in trained.out_of_fold) >= 8


def test_the_same_seed_gives_the_same_bytes(draw: Draw, tmp_path: Path) -> None:
    pictures = [one.picture() for one in draw(tmp_path, 2, 5)]
    sums: list[str] = []
    for seed in (1, 1, 2):
        model = fit_detector(pictures, ["a", "b"], rung=TINY, seed=seed, watch=quiet()).model
        model.save(tmp_path / "model.vlm")
        sums.append(hashlib.sha256((tmp_path / "model.vlm").read_bytes()).hexdigest())
    assert sums[0] == sums[1]
    assert sums[0] != sums[2]


def test_a_single_picture_is_enough_and_is_not_judged(draw: Draw, tmp_path: Path) -> None:
    trained = fit_detector([draw(tmp_path, 1, 6)[0].picture()], ["a", "b", "never"], rung=TINY, seed=1, watch=quiet())
    assert trained.out_of_fold == ([],)
    assert (trained.model.calibration.slope, trained.model.calibration.shift) == (1, 0)


def test_pictures_without_boxes_are_background(draw: Draw, tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), (100, 110, 90)).save(tmp_path / "empty.png")
    pictures = [draw(tmp_path, 1, 6)[0].picture(), boxed_picture(tmp_path / "empty.png", boxes=[], labels=[])]
    assert len(fit_detector(pictures, ["a", "b"], rung=TINY, seed=1, watch=quiet()).out_of_fold) == 2


def test_without_any_box_there_is_nothing_to_learn(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60)).save(tmp_path / "empty.png")
    with pytest.raises(DatasetCorrupt, match="no picture of the training set has a box"):
        fit_detector(
            [boxed_picture(tmp_path / "empty.png", boxes=[], labels=[])], ["a"], rung=TINY, seed=1, watch=quiet()
        )


def test_a_box_beside_the_picture_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60)).save(tmp_path / "one.png")
    picture = boxed_picture(tmp_path / "one.png", boxes=[(1, 1, 5, 5), (90, 1, 5, 5)], labels=[0, 0])
    with pytest.raises(DatasetCorrupt, match=r"one\.png: box 2 has no area inside the picture \(80 x 60\)"):
        fit_detector([picture], ["a"], rung=TINY, seed=1, watch=quiet())


def test_progress_rises_to_one_and_a_cancel_is_heard_soon(draw: Draw, tmp_path: Path) -> None:
    pictures = [one.picture() for one in draw(tmp_path, 2, 7)]
    told: list[float] = []
    fit_detector(pictures, ["a", "b"], rung=TINY, seed=1, watch=Watch(lambda f, _s, _d: told.append(f), lambda: False))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    asked = iter(range(1000))
    with pytest.raises(TrainingCancelled):
        fit_detector(
            pictures, ["a", "b"], rung=TINY, seed=1, watch=Watch(lambda _f, _s, _d: None, lambda: next(asked) >= 4)
        )
    assert next(asked) == 5


def test_calibration_is_learned_from_unseen_pictures(trained: TrainedDetector) -> None:
    scores = np.array([box.score for found in trained.out_of_fold for box in found])
    assert trained.model.calibration.slope > 0
    assert ((scores > 0) & (scores < 1)).all()
