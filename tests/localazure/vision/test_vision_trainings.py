"""Training runs with a fake worker: states, budgets, cancelling, crashes, restarts, what the worker is given."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from localazure.identity import Anonymous, ManagedIdentity, SasToken
from tests.localazure.vision.conftest import OpenLab
from tests.localazure.vision.vision_lab import STORE_URL, Lab, coco_of, jpeg


def failure(lab: Lab, name: str = "model") -> tuple[str, str]:
    lab.settle()
    model = lab.model(name)
    assert model["status"] == "failed"
    return model["error"]["code"], model["error"]["message"]


def test_a_training_goes_from_not_started_to_succeeded(lab: Lab) -> None:
    lab.dataset()
    created = lab.train()
    assert (created.status_code, created.json()["status"]) == (201, "notStarted")
    lab.settle()
    model = lab.model()
    assert {key: model[key] for key in model if not key.endswith("DateTime")} == {
        "name": "model",
        "trainingParameters": {
            "trainingDatasetName": "fruit",
            "timeBudgetInHours": 1,
            "modelKind": "Generic-Detector",
        },
        "status": "succeeded",
        "trainingCostInMinutes": 2,
        "metricsFrom": "evaluation",
        "modelPerformance": {"averagePrecision": 0.9, "tagPerformance": {}},
    }


def test_the_worker_is_given_pixels_of_the_real_pictures(lab: Lab) -> None:
    lab.dataset()
    lab.train()
    lab.settle()
    job = lab.last_job()
    assert job["kind"] == "detector"
    assert job["classes"] == ["apple", "pear"]
    assert job["budget_s"] == 3600.0
    assert job["images"] == [
        {"path": "train-000000.jpg", "boxes": [[0.0, 15.0, 50.0, 30.0]] * 2, "labels": [0, 1]},
        {"path": "train-000001.jpg", "boxes": [[0.0, 25.0, 100.0, 50.0]] * 2, "labels": [0, 1]},
    ]
    assert job["evaluation_images"] is None


def test_boxes_follow_the_upright_picture(lab: Lab) -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(exif=exif), b=jpeg())
    lab.dataset()
    lab.train()
    lab.settle()
    assert [row["boxes"][0] for row in lab.last_job()["images"]] == [[0.0, 25.0, 30.0, 50.0], [0.0, 15.0, 50.0, 30.0]]


def test_a_classifier_learns_one_category_an_image(lab: Lab) -> None:
    coco = coco_of(["a", "b", "c", "d", "e"], boxes=False)
    coco["annotations"].pop()  # the last picture is not labelled: it teaches nothing
    lab.upload("fruit", coco, **{stem: jpeg() for stem in "abcde"})
    lab.dataset(kind="imageClassification")
    lab.train(kind="Generic-Classifier")
    lab.settle()
    job = lab.last_job()
    assert (job["kind"], job["classes"]) == ("classifier", ["apple", "pear"])
    assert [row["labels"] for row in job["images"]] == [[1], [0], [1], [0]]
    assert "boxes" not in job["images"][0]


def test_a_test_dataset_goes_to_the_worker_too(lab: Lab) -> None:
    lab.upload("held-out", coco_of(["b"]))
    lab.dataset()
    lab.dataset("held-out")
    body = {
        "TrainingParameters": {"TrainingDatasetName": "fruit", "TimeBudgetInHours": 1, "ModelKind": "Generic-Detector"},
        "EvaluationParameters": {"TestDatasetName": "held-out"},
    }
    created = lab.call("PUT", "/models/model", json=body)
    assert created.json()["evaluationParameters"] == {"testDatasetName": "held-out"}
    lab.settle()
    assert [row["path"] for row in lab.last_job()["evaluation_images"]] == ["test-000000.jpg"]


def test_a_kind_that_is_not_given_follows_from_the_dataset(lab: Lab) -> None:
    lab.dataset()
    assert lab.train(modelKind=None).json()["trainingParameters"]["modelKind"] == "Generic-Detector"


def test_only_the_model_stays_on_disk(lab: Lab) -> None:
    lab.dataset()
    lab.train()
    lab.settle()
    assert list((lab.folder / "vision" / "jobs").iterdir()) == []
    assert len(list((lab.folder / "vision" / "models").iterdir())) == 1
    assert lab.call("DELETE", "/models/model").status_code == 204
    assert list((lab.folder / "vision" / "models").iterdir()) == []


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"timeBudgetInHours": 0}, 400),
        ({"timeBudgetInHours": 1345}, 400),
        ({"timeBudgetInHours": 1344}, 201),
        ({"timeBudgetInHours": 337, "modelKind": "Generic-Classifier"}, 400),
        ({"timeBudgetInHours": 1.5}, 400),
        ({"timeBudgetInHours": "1"}, 400),
        ({"timeBudgetInHours": None}, 400),
        ({"trainingDatasetName": None}, 400),
        ({"trainingDatasetName": "a b"}, 400),
        ({"modelKind": "Generic-Dreamer"}, 400),
        ({"modelKind": "Product-Recognizer"}, 501),
    ],
)
def test_parameters_are_checked_when_a_training_is_asked_for(lab: Lab, parameters: dict[str, Any], status: int) -> None:
    assert lab.train(**parameters).status_code == status


def test_the_same_model_name_again_is_a_conflict(lab: Lab) -> None:
    lab.train()
    assert lab.train().json()["error"]["code"] == "ModelAlreadyExists"


def test_a_missing_dataset_fails_the_training_later(lab: Lab) -> None:
    assert lab.train().status_code == 201
    assert failure(lab) == ("datasetNotFound", "There is no dataset 'fruit'.")


def test_too_many_images_for_the_budget_name_minimum_and_suggestion(lab: Lab) -> None:
    coco = coco_of(["a"])
    coco["images"] = [coco["images"][0] | {"id": number} for number in range(1, 152)]
    coco["annotations"][1]["image_id"] = 2
    coco["annotations"] += [row | {"id": row["id"] + 2, "image_id": row["image_id"] + 2} for row in coco["annotations"]]
    lab.upload("fruit", coco)
    lab.dataset()
    lab.train()
    assert failure(lab) == (
        "notEnoughBudget",
        "A budget of 1 h is not enough for 151 images. Minimum budget: 1.01 h. Suggested budget: 4 h.",
    )


def test_a_dataset_of_the_wrong_kind_fails(lab: Lab) -> None:
    lab.dataset(kind="imageClassification")
    lab.train()
    assert failure(lab) == (
        "datasetCorrupt",
        "The dataset 'fruit' is imageClassification, but imageObjectDetection is needed.",
    )


def test_blobs_are_read_as_the_accounts_identity_unless_the_dataset_says_otherwise(lab: Lab) -> None:
    for number, (asked, identity) in enumerate(
        (
            (None, ManagedIdentity("principal")),
            ({"kind": "managedIdentity"}, ManagedIdentity("principal")),
            ({"kind": "none"}, Anonymous()),
            ({"kind": "sas", "sasToken": "?sig=x"}, SasToken("sig=x")),
        )
    ):
        lab.call("DELETE", "/datasets/fruit")
        more: dict[str, Any] = {} if asked is None else {"authentication": asked}
        lab.dataset(**more)
        lab.blobs.seen.clear()
        lab.train(f"m{number}")
        lab.settle()
        assert {who for _, who in lab.blobs.seen} == {identity}
        assert len(lab.blobs.seen) == 3


def test_a_missing_role_fails_the_training_with_the_blob_that_was_refused(lab: Lab) -> None:
    lab.blobs.readers = ()
    lab.dataset()
    lab.train()
    assert failure(lab) == (
        "datasetCorrupt",
        f"Unable to read {STORE_URL}/images/fruit.json: The identity has no role that allows it.",
    )


def test_a_blob_server_that_does_not_answer_fails_the_training_at_once(lab: Lab) -> None:
    lab.blobs.unreachable = True
    lab.dataset()
    lab.train()
    assert failure(lab) == (
        "datasetCorrupt",
        f"Unable to read {STORE_URL}/images/fruit.json: the blob server does not answer.",
    )
    assert len(lab.blobs.seen) == 1


def test_a_missing_picture_fails_the_training_with_its_address(lab: Lab) -> None:
    del lab.blobs.blobs[f"{STORE_URL}/images/b.jpg"]
    lab.dataset()
    lab.train()
    assert failure(lab) == (
        "datasetCorrupt",
        f"Unable to read {STORE_URL}/images/b.jpg: The blob does not exist.",
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty."),
        (b"no picture", "cannot be used: it is no picture in a format that the service takes."),
        (jpeg(9, 100), "is 9 x 100 pixels; sides of 10 to 10240 are taken."),
    ],
)
def test_pictures_that_cannot_be_used_are_named(lab: Lab, data: bytes, reason: str) -> None:
    lab.blobs.blobs[f"{STORE_URL}/images/b.jpg"] = data
    lab.dataset()
    lab.train()
    assert failure(lab) == ("datasetCorrupt", f"The image {STORE_URL}/images/b.jpg {reason}")


def test_a_picture_that_only_the_worker_finds_broken_is_named_by_its_address(open_lab: OpenLab) -> None:
    lab = open_lab("fail:datasetCorrupt")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    assert failure(lab) == ("datasetCorrupt", f"{STORE_URL}/images/a.jpg: it is broken")


@pytest.mark.parametrize(("worker", "reason"), [("crash", "signal 9"), ("silent", "exit code 3")])
def test_a_worker_that_dies_takes_only_its_own_training_with_it(open_lab: OpenLab, worker: str, reason: str) -> None:
    lab = open_lab(worker)
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    assert failure(lab) == ("unknown", f"The training process ended without a result ({reason}).")
    assert lab.call("GET", "/models").status_code == 200
    assert list((lab.folder / "vision" / "jobs").iterdir()) == []
    assert (lab.folder / "vision" / "logs" / "model.log").exists()


def test_a_running_training_is_cancelled(open_lab: OpenLab) -> None:
    lab = open_lab("wait")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    wait_for(lab.folder / "vision" / "started")
    while lab.model()["progress"]["stage"] != "fake":
        pass
    model = lab.model()
    assert (model["status"], model["progress"]) == ("training", {"fraction": 0.525, "stage": "fake"})
    refused = lab.call("DELETE", "/models/model")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InvalidRequest")
    cancelled = lab.call("POST", "/models/model:cancel")
    assert (cancelled.status_code, cancelled.content) == (202, b"")
    assert lab.model()["status"] in ("cancelling", "cancelled")
    lab.settle()
    model = lab.model()
    assert (model["status"], model["trainingCostInMinutes"], "error" in model) == ("cancelled", 2, False)
    assert lab.call("POST", "/models/model:cancel").status_code == 202
    assert lab.call("DELETE", "/models/model").status_code == 204


def test_a_worker_that_does_not_listen_is_stopped_anyway(open_lab: OpenLab) -> None:
    lab = open_lab("stubborn")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    wait_for(lab.folder / "vision" / "started")
    pid = int((lab.folder / "vision" / "started").read_text())
    lab.call("POST", "/models/model:cancel")
    lab.settle()
    assert lab.model()["status"] == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_training_at_a_time_and_a_waiting_one_is_cancelled_at_once(open_lab: OpenLab) -> None:
    lab = open_lab("wait")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train("first")
    wait_for(lab.folder / "vision" / "started")
    lab.train("second")
    assert (lab.model("first")["status"], lab.model("second")["status"]) == ("training", "notStarted")
    lab.call("POST", "/models/second:cancel")
    assert lab.model("second")["status"] == "cancelled"


def test_what_has_ended_cannot_be_cancelled(lab: Lab) -> None:
    lab.dataset()
    lab.train()
    lab.settle()
    assert lab.call("POST", "/models/model:cancel").status_code == 400
    assert lab.call("POST", "/models/unknown:cancel").status_code == 404


def test_an_unfinished_training_starts_again_with_the_service(open_lab: OpenLab) -> None:
    lab = open_lab("wait")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train("first")
    wait_for(lab.folder / "vision" / "started")
    lab.train("second")
    lab = open_lab("succeed")
    lab.settle()
    assert [lab.model(name)["status"] for name in ("first", "second")] == ["succeeded", "succeeded"]
    assert list((lab.folder / "vision" / "jobs").iterdir()) == []


def test_nothing_starts_before_the_service_and_what_waits_can_be_cancelled(open_lab: OpenLab) -> None:
    open_lab(start=False).train()
    lab = open_lab(start=False)
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train("second")
    assert [lab.model(name)["status"] for name in ("model", "second")] == ["notStarted", "notStarted"]
    lab.call("POST", "/models/model:cancel")
    assert lab.model()["status"] == "cancelled"
    lab.service.start()
    lab.settle()
    assert [lab.model(name)["status"] for name in ("model", "second")] == ["cancelled", "succeeded"]


def test_a_training_that_was_being_cancelled_is_cancelled_after_a_restart(open_lab: OpenLab) -> None:
    lab = open_lab(start=False)
    lab.dataset()
    lab.train()
    account = lab.accounts.account.id
    lab.service.models.begin(account, "model")
    document = lab.service.models.get(account, "model")
    assert document.status == "training"
    lab.call("POST", "/models/model:cancel")
    assert open_lab().model()["status"] == "cancelled"


def test_a_full_disk_is_told_when_only_the_worker_met_it(open_lab: OpenLab) -> None:
    lab = open_lab("full-disk")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    assert failure(lab) == ("unknown", "The disk of the local Azure is full. Free some space and try again.")


def test_a_full_disk_fails_the_training_and_nothing_else(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name.startswith("train-000001"):
            write(self, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    lab.dataset()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        lab.train()
        assert failure(lab) == (
            "unknown",
            "The disk of the local Azure is full. Free some space and try again.",
        )
    assert list((lab.folder / "vision" / "jobs").iterdir()) == []
    lab.train("next")
    lab.settle()
    assert lab.model("next")["status"] == "succeeded"


def test_a_fault_rule_fails_a_training_with_a_service_code(open_lab: OpenLab) -> None:
    lab = open_lab(training_fault={"model": "diverged"}.get)
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    assert failure(lab) == ("diverged", "A fault rule of the local Azure made this training fail.")


def test_a_dataset_may_go_right_after_its_training_was_cancelled(open_lab: OpenLab) -> None:
    lab = open_lab("wait")
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg())
    lab.dataset()
    lab.train()
    lab.call("POST", "/models/model:cancel")
    assert lab.call("DELETE", "/datasets/fruit").status_code == 204
    lab.settle()
    assert lab.model()["status"] == "cancelled"


def test_a_purged_account_leaves_nothing(lab: Lab) -> None:
    lab.dataset()
    lab.train()
    lab.settle()
    lab.service.forget_account(lab.accounts.account.id.upper())
    assert lab.call("GET", "/models").json() == {"value": []}
    assert lab.call("GET", "/datasets").json() == {"value": []}
    assert list((lab.folder / "vision" / "models").iterdir()) == []


def test_a_token_in_an_address_reaches_no_message(lab: Lab) -> None:
    body = {"annotationKind": "imageObjectDetection", "annotationFileUris": [f"{STORE_URL}/c/x.json?sig=secret"]}
    lab.call("PUT", "/datasets/fruit", json=body)
    lab.train()
    assert "secret" not in json.dumps(failure(lab))


def wait_for(path: Path) -> None:
    """Until the fake worker has written it; the test's own time limit is the deadline."""
    while not path.exists() or not path.read_text():
        pass
