"""The queue over HTTP: what a page gets and sends, and bodies that cannot be taken."""

import json
from typing import Any

import httpx
import pytest

from tests.localazure.labeling.labeling_lab import LabelingLab, job
from tests.localazure.labeling.labeling_people import PROJECT, add, code_of, somebody

BOX = {"class": "apple", "bbox": [0.1, 0.2, 0.3, 0.4]}
_ONE = b'{"submission": "one", "answers": [{"task": 1, "lease": "x", "version": 0, %s}]}'
ANN, BOB = "ann@example.org", "bob@example.org"


def take(page: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = page.post(f"{PROJECT}/queue/take", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def answer_to(task: dict[str, Any], *labels: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"task": task["id"], "lease": task["lease"]["token"], "version": task["version"], "state": "labeled"}
    return given | {"seconds": 2.5, "labels": list(labels) or [BOX]} | changes


def submit(page: httpx.Client, *answers: dict[str, Any], submission: str = "one") -> httpx.Response:
    return page.post(f"{PROJECT}/queue/submit", json={"submission": submission, "answers": answers})


@pytest.fixture
def ann(labeling: LabelingLab) -> httpx.Client:
    """A labeler of a running project with three pictures."""
    labeling.created()
    return somebody(labeling, "labeler", ANN)


def test_a_page_takes_a_picture_and_labels_it(labeling: LabelingLab, ann: httpx.Client) -> None:
    taken = take(ann)
    (task,) = taken["tasks"]
    token = task.pop("lease")
    assert token == {"token": token["token"], "until": "2026-11-20T12:15:05.000000Z"}
    assert task == {
        "id": 1,
        "path": "a.jpg",
        "name": "a.jpg",
        "state": "open",
        "version": 0,
        "width": None,
        "height": None,
        "image": f"{PROJECT}/tasks/1/image",
        "labels": [],
        "prelabels": [],
        "review": "",
        "labeledBy": None,
        "labeledAt": None,
        "agreement": None,
        "assigned": None,
        "group": None,
        "uncertainty": None,
        "fault": "",
        "rejected": False,
    }
    assert taken["remaining"] == 3
    assert taken["progress"] == {
        "total": 3,
        "labeled": 0,
        "skipped": 0,
        "review": 0,
        "prelabeled": 0,
        "open": 3,
        "approved": 0,
    }
    done = submit(ann, answer_to(task | {"lease": token}))
    assert done.json() == {
        "tasks": [{"id": 1, "state": "labeled", "version": 1}],
        "progress": taken["progress"] | {"labeled": 1, "open": 2},
        "remaining": 2,
    }
    assert labeling.job()["properties"]["progressMetrics"]["completedDatapointCount"] == 1
    (label,) = labeling.tasks()["value"][0]["labels"]
    assert label | {"bbox": [0.1, 0.2, 0.3, 0.4], "source": "person", "confidence": 1} == label


def test_a_page_is_shown_the_task_that_changed_without_the_labels_of_others(
    labeling: LabelingLab, ann: httpx.Client
) -> None:
    (task,) = take(ann)["tasks"]
    lead = somebody(labeling, "teamLead")
    correction = {"version": 0, "state": "labeled", "labels": [BOX]}
    assert lead.put(f"{PROJECT}/tasks/1", json=correction).status_code == 200
    late = submit(ann, answer_to(task))
    assert code_of(late) == (409, "AlreadyDone")
    assert late.json()["error"]["target"] == "1"
    current = late.json()["current"]
    assert (current["id"], current["state"], current["version"], current["labels"]) == (1, "labeled", 1, [])
    shown = submit(lead, answer_to(task)).json()["current"]
    assert [label["class"] for label in shown["labels"]] == ["apple"]


def test_pre_labels_come_with_their_score(labeling: LabelingLab, ann: httpx.Client) -> None:
    body = {
        "state": "prelabeled",
        "coco": {
            "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 30, 20]}],
            "categories": [{"id": 1, "name": "apple"}],
        },
    }
    assert labeling.client.post(f"{PROJECT}/labels:import", json=body).status_code == 200
    (task,) = take(ann)["tasks"]
    (proposal,) = task["prelabels"]
    assert (task["state"], task["labels"], proposal["name"], proposal["source"]) == (
        "prelabeled",
        [],
        "Apple",
        "prelabel",
    )
    assert submit(ann, answer_to(task, proposal)).status_code == 200


def test_the_same_submission_again_gets_the_same_answer(ann: httpx.Client) -> None:
    given = answer_to(take(ann)["tasks"][0])
    assert submit(ann, given).json() == submit(ann, given).json()
    assert code_of(submit(ann, given, submission="two")) == (409, "AlreadyDone")


def test_leases_are_renewed_and_given_back(ann: httpx.Client) -> None:
    (task,) = take(ann)["tasks"]
    held = {"tasks": [{"id": task["id"], "lease": task["lease"]["token"]}, {"id": 3, "lease": "none"}]}
    assert ann.post(f"{PROJECT}/queue/renew", json=held).json() == {
        "tasks": [{"id": 1, "until": task["lease"]["until"]}]
    }
    assert ann.post(f"{PROJECT}/queue/release", json=held).status_code == 204
    assert ann.post(f"{PROJECT}/queue/renew", json=held).json() == {"tasks": []}


def test_a_paused_project_says_so(labeling: LabelingLab, ann: httpx.Client) -> None:
    (task,) = take(ann)["tasks"]
    labeling.call("POST", f"{labeling.job()['id']}/pause")
    assert code_of(ann.post(f"{PROJECT}/queue/take", json={})) == (409, "NotRunning")
    assert code_of(submit(ann, answer_to(task))) == (409, "NotRunning")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (BOX | {"class": "cherry"}, "UnknownClass"),
        (BOX | {"bbox": [0.9, 0.2, 0.3, 0.4]}, "OutsideImage"),
        (BOX | {"bbox": [0.1, 0.2, 0.3, 0]}, "ZeroSize"),
        (BOX | {"bbox": [0.1, 0.2, "wide", 0]}, "UserError"),
        ({"bbox": [0.1, 0.2, 0.3, 0.4]}, "UserError"),
        ("apple", "UserError"),
    ],
)
def test_labels_that_cannot_be_taken_are_refused_and_nothing_is_kept(
    labeling: LabelingLab, ann: httpx.Client, label: Any, code: str
) -> None:
    first, second = take(ann, count=2)["tasks"]
    assert code_of(submit(ann, answer_to(first), answer_to(second, label))) == (400, code)
    assert labeling.job()["properties"]["progressMetrics"]["completedDatapointCount"] == 0
    assert submit(ann, answer_to(first)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("take", b"{"),
        ("take", b"\xff"),
        ("take", b"[" * 100_000),
        ("take", b'{"count": 0}'),
        ("take", b'{"count": 17}'),
        ("take", b'{"seen": [-1]}'),
        ("take", b'{"seen": [99999999999999999999]}'),
        ("take", b'{"seen": [%s]}' % b",".join(b"%d" % number for number in range(1_001))),
        ("submit", b"{}"),
        ("submit", b'{"submission": "", "answers": []}'),
        ("submit", b'{"submission": "one", "answers": []}'),
        ("submit", _ONE % b'"state": "done", "labels": []'),
        ("submit", _ONE % b'"state": "labeled", "labels": [{"class": "apple", "bbox": [NaN, 0, 1, 1]}]'),
        ("submit", _ONE % b'"state": "labeled", "labels": [{"class": "apple", "bbox": [1e999, 0, 1, 1]}]'),
        ("release", b'{"tasks": [{"id": 1}]}'),
        ("renew", b'{"tasks": %s}' % (b"[" + b",".join([b'{"id": 1, "lease": "x"}'] * 65) + b"]")),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(ann: httpx.Client, path: str, body: bytes) -> None:
    answer = ann.post(f"{PROJECT}/queue/{path}", content=body)
    assert code_of(answer) == (400, "UserError")
    assert len(answer.text) < 1_000


def test_a_body_without_a_length_and_a_large_one_are_taken(ann: httpx.Client) -> None:
    (task,) = take(ann)["tasks"]
    body = json.dumps({"submission": "one", "answers": [answer_to(task)]}).encode()
    request = ann.build_request("POST", f"{PROJECT}/queue/submit", content=body)
    del request.headers["content-length"]
    request.headers["transfer-encoding"] = "chunked"
    first = ann.send(request)
    assert first.status_code == 200
    assert ann.post(f"{PROJECT}/queue/submit", content=body + b" " * 300_000).json() == first.json()


def test_nothing_labeled_and_too_many_classes(labeling: LabelingLab) -> None:
    labeling.created(labelingJobMediaProperties={"mediaType": "Image", "annotationType": "Classification"})
    page = somebody(labeling, "labeler", ANN)
    (task,) = take(page)["tasks"]
    both = answer_to(task, {"class": "apple"}, {"class": "banana"})
    assert code_of(submit(page, both)) == (400, "TooManyClasses")
    assert code_of(submit(page, both | {"labels": []})) == (400, "NothingLabeled")
    assert submit(page, both | {"labels": [], "state": "skipped"}).json()["tasks"][0]["state"] == "skipped"


def test_people_are_given_shares(labeling: LabelingLab, ann: httpx.Client) -> None:
    add(labeling, BOB)
    assign = f"{PROJECT}/assign"
    assert labeling.client.post(assign, json={"email": "Ann@Example.org", "share": 0.34}).json() == {"assigned": 1}
    assert labeling.client.post(assign, json={"email": BOB, "tasks": [2, 2, 1, 99]}).json() == {"assigned": 2}
    assert [task["id"] for task in take(ann, count=3)["tasks"]] == [3]
    assert labeling.client.post(assign, json={"email": None, "count": 1}).json() == {"assigned": 1}
    assert [task["id"] for task in take(ann, count=3)["tasks"]] == [3, 1]
    history = labeling.service.history.last(1, top=1)
    assert (history[0].what, history[0].detail) == ("assigned", {"email": None, "tasks": 1})


def test_a_share_needs_a_person_of_the_project_and_one_way_to_count(labeling: LabelingLab) -> None:
    labeling.created()
    assign = f"{PROJECT}/assign"
    stranger = labeling.client.post(assign, json={"email": "eve@example.org", "count": 1})
    assert code_of(stranger) == (404, "PersonNotFound")
    assert code_of(labeling.client.post(assign, json={"email": None})) == (400, "UserError")
    assert code_of(labeling.client.post(assign, json={"email": None, "count": 1, "share": 1})) == (400, "UserError")
    assert code_of(labeling.client.post(assign, json={"email": None, "share": 1.5})) == (400, "UserError")
    assert code_of(labeling.client.post(assign, json={"count": 1})) == (400, "UserError")


def test_two_people_and_how_far_they_agree(labeling: LabelingLab, ann: httpx.Client) -> None:
    assert labeling.client.put(f"{PROJECT}/settings", json={"overlap": 2}).status_code == 200
    bob = somebody(labeling, "labeler", BOB)
    for page, height in ((ann, 0.4), (bob, 0.3)):
        task = take(page)["tasks"][0]
        assert submit(page, answer_to(task, BOX | {"bbox": [0.1, 0.2, 0.3, height]})).status_code == 200
    report = labeling.client.get(f"{PROJECT}/agreement").json()
    assert report == {
        "method": "iou",
        "project": {"agreement": 1.0, "tasks": 1},
        "classes": [{"class": "apple", "name": "Apple", "agreement": 1.0}],
        "people": [{"email": ANN, "answers": 1, "agreement": 1.0}, {"email": BOB, "answers": 1, "agreement": 1.0}],
    }
    assert labeling.client.get(f"{PROJECT}/statistics").json()["agreement"] == 1.0
    late = labeling.client.put(f"{PROJECT}/settings", json={"overlap": 3})
    assert code_of(late) == (409, "InvalidState")


def test_polygons_have_no_overlap(labeling: LabelingLab) -> None:
    media = job()["labelingJobMediaProperties"] | {"annotationType": "InstanceSegmentation"}
    labeling.created(labelingJobMediaProperties=media)
    assert code_of(labeling.client.put(f"{PROJECT}/settings", json={"overlap": 2})) == (400, "UserError")
