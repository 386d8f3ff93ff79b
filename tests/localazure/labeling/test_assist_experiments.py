"""Experiments: they begin by themselves, propose and never label, fail with a reason, and outlive the process."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from localazure.errors import AzureError
from localazure.labeling.assist.experiments import Kind, State
from localazure.labeling.labels import Label
from localazure.labeling.types import AnnotationType
from tests.localazure.labeling.assist_lab import NUMBER, AssistLab, a_project, box, found

OpenAssist = Callable[..., AssistLab]
EMPTY = found()


@pytest.fixture
def open_assist(tmp_path: Path) -> Generator[OpenAssist]:
    opened: list[AssistLab] = []

    def open_(pictures: list[Any], *, start: bool = True, **more: Any) -> AssistLab:
        lab = AssistLab(tmp_path / "assist", pictures, **more)
        opened.append(lab)
        if start:
            lab.assist.start()
        return lab

    yield open_
    for lab in opened:
        lab.close()


def test_after_enough_labels_a_model_is_trained_and_proposes_on_the_rest(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY] * 4 + [found(box(0.9), box(0.4), box(0.1)), found(box(0.2)), EMPTY])
    lab.set(after=4)
    lab.label(1, 2, 3)
    lab.idle()
    assert lab.states() == []
    lab.label(4)
    lab.idle()
    assert lab.states() == [("training", "Completed"), ("inference", "Completed")]
    assert [(one.class_key, one.box, one.confidence, one.source) for one in lab.labels(5)] == [
        ("apple", (0.125, 0.25, 0.5, 0.25), 0.9, "prelabel"),
        ("apple", (0.125, 0.25, 0.5, 0.25), 0.4, "prelabel"),
    ]
    assert lab.column("state") == ["labeled"] * 4 + ["prelabeled", "open", "open"]
    assert lab.column("uncertainty") == [None] * 4 + [pytest.approx(0.6 / 1.4, abs=1e-6), 1.0, 1.0]
    assert lab.job("train")["classes"] == ["apple"]
    assert lab.job("train")["images"][0] == {"path": "000000", "labels": [0], "boxes": [[0.25, 0.25, 0.5, 0.5]]}
    assert lab.job("train")["budget_s"] == 180
    training, inference = lab.last(Kind.TRAINING), lab.last(Kind.INFERENCE)
    assert (training.detail["metrics"], training.detail["metricsFrom"]) == (
        {"averagePrecision": 0.5},
        "cross-validation",
    )
    assert training.detail["leftOut"] == {"banana": 0, "cherry": 0}
    assert training.detail["message"].startswith("Left out, because too few pictures are labeled with it: Banana (0)")
    assert {name: inference.detail[name] for name in ("looked", "prelabeled", "total", "unreadable", "leftAlone")} == {
        "looked": 3,
        "prelabeled": 1,
        "total": 3,
        "unreadable": 0,
        "leftAlone": 0,
    }


def test_a_model_is_trained_anew_as_labels_grow_and_replaces_only_pre_labels(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY] * 4 + [found(box(0.9))] * 5)
    lab.set(after=2, retrain_every=3)
    lab.label(1, 2)
    lab.idle()
    lab.label(3, 5)
    lab.idle()
    assert len(lab.states()) == 2
    first = lab.last(Kind.TRAINING)
    lab.see(6, found(box(0.8)))
    lab.see(7, EMPTY)
    lab.label(4)
    lab.idle()
    assert lab.states() == [("training", "Completed"), ("inference", "Completed")] * 2
    assert lab.last(Kind.TRAINING).detail["labeled"] == 5
    assert [label.confidence for label in lab.labels(6)] == [0.8]
    assert lab.column("state")[4:] == ["labeled", "prelabeled", "open", "prelabeled", "prelabeled"]
    assert [label.source for label in lab.labels(5)] == ["person"]
    gone = lab.assist.experiments.find(NUMBER, first.number)
    assert gone is not None
    assert gone.detail["models"] == []
    assert len(list((lab.folder / "models").iterdir())) == 1


def test_a_task_that_somebody_has_is_left_alone_until_the_next_run(open_assist: OpenAssist) -> None:
    lab = open_assist([found(box(0.9))] * 4)
    lab.label(1, 2)
    lab.lease(3)
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    assert lab.column("state") == ["labeled", "labeled", "open", "prelabeled"]
    assert lab.last(Kind.INFERENCE).detail["leftAlone"] == 1
    with lab.tables.write() as db:
        db.execute("DELETE FROM lease")
    lab.assist.ask(lab.project, Kind.INFERENCE)
    lab.idle()
    assert lab.column("state")[2:] == ["prelabeled", "prelabeled"]


def test_pre_labels_that_no_model_made_stay(open_assist: OpenAssist) -> None:
    lab = open_assist([found(box(0.9))] * 4)
    lab.label(1, 2)
    own = Label(class_key="cherry", box=(0.0, 0.0, 0.5, 0.5), source="prelabel")
    lab.import_prelabels(3, [own])
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    assert lab.labels(3) == (own,)
    assert lab.column("uncertainty")[2:] == [pytest.approx(0.1 / 0.9, abs=1e-6)] * 2


def test_threshold_and_classes_are_those_of_the_settings_and_a_change_asks_anew(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY, EMPTY, EMPTY, EMPTY, found(box(0.9), box(0.6, 1))])
    lab.label(1, 2)
    lab.label(3, 4, key="banana")
    lab.set(after=4, threshold=0.7)
    lab.idle()
    assert [label.class_key for label in lab.labels(5)] == ["apple"]
    lab.set(after=4, threshold=0.5)
    lab.idle()
    assert [label.class_key for label in lab.labels(5)] == ["apple", "banana"]
    lab.set(after=4, threshold=0.5, classes=("banana",))
    lab.idle()
    assert [label.class_key for label in lab.labels(5)] == ["banana"]
    assert [kind for kind, _ in lab.states()] == ["training", "inference", "inference", "inference"]


def test_what_is_missing_is_the_message_and_the_training_begins_when_it_is_there(open_assist: OpenAssist) -> None:
    lab = open_assist(
        [{"width": 9, "height": 9, "chances": [0.3, 0.7]}] * 8, project=a_project(AnnotationType.CLASSIFICATION)
    )
    lab.set(after=2)
    lab.label(1, 2)
    lab.idle()
    assert ("training", "Failed") in lab.states()
    failed = lab.last(Kind.TRAINING)
    assert failed.detail["message"] == (
        "A model needs 2 classes with at least 2 labeled pictures of each. So far: Banana 0, Cherry 0."
    )
    assert lab.projects.said["MLAssistFailed"].endswith(failed.detail["message"])
    lab.label(3, key="banana")
    lab.idle()
    assert lab.last(Kind.TRAINING).number == failed.number
    assert lab.last(Kind.TRAINING).detail["message"].endswith("So far: Banana 1, Cherry 0.")
    lab.label(4, key="banana")
    lab.idle()
    assert lab.last(Kind.TRAINING).state is State.COMPLETED
    assert lab.projects.said == {}
    assert [(one.class_key, one.box, one.confidence) for one in lab.labels(5)] == [("banana", None, 0.7)]
    assert lab.column("uncertainty")[4] == pytest.approx(0.6)


def test_several_answers_are_taught_class_by_class(open_assist: OpenAssist) -> None:
    seen = {"width": 9, "height": 9, "chances": [0.8, 0.4]}
    lab = open_assist([seen] * 6, project=a_project(AnnotationType.CLASSIFICATION, several=True))
    lab.label(1, 2)
    lab.label(3, 4, labels=[Label(class_key="banana")])
    lab.label(5, labels=[])
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    told = lab.job("train")
    assert (told["kind"], told["classes"]) == ("classifiers", ["apple", "banana"])
    assert [image["labels"] for image in told["images"]] == [[0], [0], [1], [1], []]
    assert [(one.class_key, one.confidence) for one in lab.labels(6)] == [("apple", 0.8), ("banana", 0.4)]
    assert len(lab.job("look")["models"]) == 2
    assert lab.column("uncertainty")[5] == pytest.approx(0.8)


def test_polygons_teach_by_their_boxes_and_come_back_as_outlines(open_assist: OpenAssist) -> None:
    seen = found(box(0.9) | {"outline": [0.1, 0.1, 0.5, 0.1, 0.3, 0.5]})
    lab = open_assist([seen] * 3, project=a_project(AnnotationType.INSTANCE_SEGMENTATION))
    lab.label(1, 2, labels=[Label(class_key="apple", polygon=((0.25, 0.5, 0.75, 0.5, 0.5, 0.75),))])
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    assert lab.job("train")["images"][0]["boxes"] == [[0.25, 0.5, 0.5, 0.25]]
    assert lab.job("look")["outlines"] is True
    assert [(one.box, one.polygon) for one in lab.labels(3)] == [(None, ((0.1, 0.1, 0.5, 0.1, 0.3, 0.5),))]


def test_a_picture_that_cannot_be_read_or_decoded_stops_nothing(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY, EMPTY, EMPTY, {"error": "the picture cannot be decoded"}, found(box(0.9))])
    lab.label(1, 2)
    del lab.blobs.blobs["acct/training-images/03.jpg"]
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    assert lab.column("state")[2:] == ["open", "open", "prelabeled"]
    assert lab.last(Kind.INFERENCE).detail["unreadable"] == 2


@pytest.mark.parametrize(
    ("mode", "code", "message"),
    [
        ("crash", "WorkerEnded", "The process ended without a result (signal 9)."),
        ("fail", "datasetCorrupt", "01.jpg: broken"),
    ],
)
def test_a_worker_that_fails_fails_the_experiment_and_the_project_goes_on(
    open_assist: OpenAssist, mode: str, code: str, message: str
) -> None:
    lab = open_assist([EMPTY] * 3, mode=mode)
    lab.label(1, 2)
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    failed = lab.last(Kind.TRAINING)
    assert (failed.state, failed.detail["code"], failed.detail["message"]) == (State.FAILED, code, message)
    assert lab.projects.said == {"MLAssistFailed": f"The training (experiment 1) failed: {message}"}
    assert list((lab.folder / "jobs").iterdir()) == []


def test_a_running_experiment_is_cancelled_and_cancelling_twice_is_cancelling_once(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY] * 3, mode="wait-train")
    lab.label(1, 2)
    number = lab.assist.ask(lab.project, Kind.TRAINING).number
    assert lab.assist.ask(lab.project, Kind.TRAINING).number == number
    lab.until_at_work(Kind.TRAINING)
    assert lab.assist.cancel(NUMBER, number)
    lab.idle()
    assert lab.assist.cancel(NUMBER, number)
    assert lab.states() == [("training", "Canceled")]
    assert not lab.assist.cancel(NUMBER, 99)


def test_a_queued_experiment_is_cancelled_and_a_completed_one_is_not(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY] * 3, start=False)
    lab.label(1, 2)
    number = lab.assist.ask(lab.project, Kind.TRAINING).number
    assert lab.assist.cancel(NUMBER, number)
    lab.assist.start()
    lab.idle()
    assert lab.states() == [("training", "Canceled")]
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.idle()
    with pytest.raises(AzureError, match="Experiment 2 is Completed"):
        lab.assist.cancel(NUMBER, 2)


def test_what_ran_when_the_process_ended_is_done_by_the_next_one(open_assist: OpenAssist, tmp_path: Path) -> None:
    database = tmp_path / "labeling.sqlite3"
    lab = open_assist([EMPTY, EMPTY, found(box(0.9))], mode="wait-train", database=database)
    lab.label(1, 2)
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.until_at_work(Kind.TRAINING)
    lab.assist.close()
    assert lab.states() == [("training", "Running")]
    again = open_assist([EMPTY, EMPTY, found(box(0.9))], database=database)
    again.idle()
    assert again.states() == [("training", "Completed"), ("inference", "Completed")]
    assert again.column("state") == ["labeled", "labeled", "prelabeled"]


def test_an_inference_goes_on_where_it_stopped(open_assist: OpenAssist, tmp_path: Path) -> None:
    database = tmp_path / "labeling.sqlite3"
    pictures = [EMPTY, EMPTY, *[found(box(0.9))] * 4]
    lab = open_assist(pictures, mode="wait-look", database=database)
    lab.label(1, 2)
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.until_at_work(Kind.INFERENCE, "of 4 pictures")
    lab.assist.close()
    with lab.tables.write() as db:  # as after a batch of two
        db.execute("INSERT INTO inspected VALUES (?, 3, 0, 2, 1), (?, 4, 0, 2, 1)", (NUMBER, NUMBER))
        lab.assist.experiments.note(NUMBER, 2, looked=2, prelabeled=2)
    again = open_assist(pictures, database=database)
    again.idle()
    assert again.column("state")[2:] == ["open", "open", "prelabeled", "prelabeled"]
    assert again.last(Kind.INFERENCE).detail["total"] == 4


def test_a_new_model_takes_over_from_an_older_ones_inference(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY, EMPTY, *[found(box(0.9))] * 3], start=False, first_batch=1)
    lab.label(1, 2)
    lab.assist.ask(lab.project, Kind.TRAINING)
    asked: list[int] = []

    def ask_once(_project: int) -> None:
        if lab.states()[-1] == ("inference", "Running") and not asked:
            asked.append(lab.assist.ask(lab.project, Kind.TRAINING).number)

    lab.tables.watch(ask_once)
    lab.assist.start()
    lab.idle()
    assert asked == [3]
    assert lab.states() == [
        ("training", "Completed"),
        ("inference", "Canceled"),
        ("training", "Completed"),
        ("inference", "Completed"),
    ]
    old = lab.assist.experiments.find(NUMBER, 2)
    assert old is not None
    assert (old.detail["looked"], old.detail["message"]) == (1, "The model of experiment 3 took over.")
    assert lab.last(Kind.INFERENCE).detail["looked"] == 3


def test_new_pictures_get_proposals_too(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY, EMPTY, found(box(0.9))])
    lab.set(after=2)
    lab.label(1, 2)
    lab.idle()
    lab.see(99, found(box(0.5)))
    lab.tasks.add(NUMBER, ["99.jpg"], at_most=1_000)
    lab.idle()
    assert [label.confidence for label in lab.labels(4)] == [0.5]
    assert lab.last(Kind.INFERENCE).detail["looked"] == 1


def test_a_picture_that_returns_to_the_queue_gets_proposals_again(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY, EMPTY, found(box(0.9)), found(box(0.9))])
    lab.set(after=2)
    lab.label(1, 2)
    lab.idle()
    lab.label(3, key="banana")
    lab.idle()
    lab.reject(3)
    lab.idle()
    assert lab.column("state") == ["labeled", "labeled", "prelabeled", "prelabeled"]
    assert [(label.class_key, label.source) for label in lab.labels(3)] == [("apple", "prelabel")]
    assert lab.last(Kind.INFERENCE).detail["looked"] == 1


def test_groups_are_for_classification_and_a_model_comes_before_an_inference(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY])
    with pytest.raises(AzureError, match="for classification only"):
        lab.assist.ask(lab.project, Kind.CLUSTERING)
    with pytest.raises(AzureError, match="no model yet"):
        lab.assist.ask(lab.project, Kind.INFERENCE)


def test_alike_pictures_get_one_group(open_assist: OpenAssist) -> None:
    lab = open_assist([1, 0, None, 1], project=a_project(AnnotationType.CLASSIFICATION), most_measured=3)
    lab.assist.ask(lab.project, Kind.CLUSTERING)
    lab.idle()
    assert lab.column("grp") == [1, 0, None, None]
    detail = lab.last(Kind.CLUSTERING).detail
    assert (detail["groups"], detail["pictures"], detail["unreadable"]) == (2, 2, 1)
    assert detail["message"] == "1 pictures have no group yet: at most 3 are compared at once."


def test_a_project_that_is_gone_ends_its_experiments(open_assist: OpenAssist) -> None:
    lab = open_assist([EMPTY] * 3, mode="wait-train")
    lab.label(1, 2)
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.until_at_work(Kind.TRAINING)
    lab.projects.project = None
    lab.tasks.drop(NUMBER)
    lab.idle()
    assert lab.assist.experiments.newest(NUMBER) == []
    assert list((lab.folder / "jobs").iterdir()) == []
