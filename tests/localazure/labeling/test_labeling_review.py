"""The review over HTTP: lists by filters, one task, decisions one by one and in bulk, corrections, gold."""

from datetime import timedelta
from typing import Any

import pytest

from localazure.labeling import labels
from localazure.labeling.labels import Label
from localazure.labeling.people.cookies import CLIENT_HEADER, COOKIE
from localazure.labeling.people.roles import Role
from localazure.labeling.queue import answers
from localazure.labeling.times import stamp
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab

P = f"/labeling/v1.0{WORKSPACE}/projects/fruit"
BOX = {"class": "apple", "bbox": [0.1, 0.2, 0.3, 0.4]}


@pytest.fixture
def reviewed(labeling: LabelingLab) -> LabelingLab:
    """Task 1 labeled by Ada (Bob said something else), 2 skipped by Bob, 3 open with a proposal."""
    labeling.created()
    apple = Label(class_key="apple", box=(0.1, 0.2, 0.3, 0.4), source="person")
    banana = Label(class_key="banana", box=(0.1, 0.2, 0.3, 0.4), source="person")
    at = labeling.clock.now()
    with labeling.service.tables.write() as db:
        for person, given in (("bob@x.org", banana), ("ada@x.org", apple)):
            row = (person, stamp(at), labels.dump([given]))
            db.execute("INSERT INTO answer VALUES (1, 1, ?, 0, ?, 4.5, 'labeled', ?)", row)
        db.execute("INSERT INTO answer VALUES (1, 2, 'bob@x.org', 0, ?, 2, 'skipped', '[]')", (stamp(at),))
        answers.put(db, 1, 1, state="labeled", labels=[apple], source="person", who="ada@x.org", at=at)
        later = at + timedelta(days=1)
        answers.put(db, 1, 2, state="skipped", labels=(), source="person", who="bob@x.org", at=later)
        answers.propose(db, 1, 3, [banana, apple], at=at)
        db.execute("UPDATE task SET agreement=0.25 WHERE number=1")
    return labeling


def ids(lab: LabelingLab, **params: Any) -> list[int]:
    answer = lab.client.get(f"{P}/tasks", params=params).json()
    assert answer["count"] == len(answer["value"])
    return [task["id"] for task in answer["value"]]


def signed_in(lab: LabelingLab, email: str, role: Role) -> dict[str, str]:
    """Headers of a page that this person has open."""
    lab.service.people.put(WORKSPACE, 1, email, name=None, team=None, role=role)
    token = lab.service.sessions.open(WORKSPACE, email)
    return {"cookie": f"{COOKIE}={token}", CLIENT_HEADER: "page"}


def review(lab: LabelingLab, action: str, **body: Any) -> dict[str, Any]:
    answer = lab.client.post(f"{P}/review", json={"action": action, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def task(lab: LabelingLab, number: int) -> dict[str, Any]:
    return lab.client.get(f"{P}/tasks/{number}").json()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3]),
        ({"state": "labeled"}, [1]),
        ({"state": "skipped,prelabeled"}, [2, 3]),
        ({"review": "none"}, [1, 2, 3]),
        ({"review": "approved"}, []),
        ({"class": "banana"}, [3]),
        ({"labeler": "BOB@x.org"}, [1, 2]),
        ({"labeler": "ada@x.org"}, [1]),
        ({"from": "2026-11-21"}, [2]),
        ({"to": "2026-11-20"}, [1]),
        ({"from": "2026-11-20T12:00:00Z", "to": "2026-11-21T13:00:00+02:00"}, [1]),
        ({"maxAgreement": "0.3"}, [1]),
        ({"minAgreement": "0.3"}, []),
        ({"gold": "true"}, []),
        ({"fault": "any"}, []),
        ({"fault": "none", "group": "none"}, [1, 2, 3]),
        ({"group": "4"}, []),
        ({"search": "more/"}, [3]),
        ({"search": "_"}, []),
        ({"search": "A.JPG"}, [1]),
        ({"order": "newest"}, [2, 1, 3]),
        ({"order": "disagreement"}, [1, 2, 3]),
        ({"order": "uncertainty"}, [1, 2, 3]),
        ({"state": "labeled", "class": "apple", "labeler": "bob@x.org", "search": "jpg"}, [1]),
    ],
)
def test_filters_find_what_they_say(reviewed: LabelingLab, wanted: dict[str, str], found: list[int]) -> None:
    assert ids(reviewed, **wanted) == found


@pytest.mark.parametrize(
    "wanted",
    [
        {"state": "done"},
        {"review": "maybe"},
        {"from": "yesterday"},
        {"to": "2026-13-01"},
        {"minAgreement": "nan"},
        {"maxAgreement": "2"},
        {"gold": "1"},
        {"group": "-1"},
        {"order": "number; DROP TABLE task"},
        {"search": "x" * 301},
    ],
)
def test_values_that_no_filter_takes_are_refused(reviewed: LabelingLab, wanted: dict[str, str]) -> None:
    answer = reviewed.client.get(f"{P}/tasks", params=wanted)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UserError")


def test_pages_keep_their_filter(reviewed: LabelingLab) -> None:
    page = reviewed.client.get(f"{P}/tasks", params={"review": "none", "order": "newest", "top": 2}).json()
    assert ([one["id"] for one in page["value"]], page["count"]) == ([2, 1], 3)
    last = reviewed.client.get(page["nextLink"]).json()
    assert ([one["id"] for one in last["value"]], "nextLink" in last) == ([3], False)


def test_a_task_shows_its_answers_and_what_happened(reviewed: LabelingLab) -> None:
    review(reviewed, "approve", tasks=[{"id": 1, "version": 1}])
    found = task(reviewed, 1)
    assert (found["state"], found["review"], found["labeledBy"], found["agreement"]) == (
        "labeled",
        "approved",
        "ada@x.org",
        0.25,
    )
    given = [(one["person"], one["seconds"], one["labels"][0]["name"]) for one in found["answers"]]
    assert given == [("ada@x.org", 4.5, "Apple"), ("bob@x.org", 4.5, "Banana")]
    assert [(one["what"], one["who"]) for one in found["history"]] == [("approved", "me")]
    assert reviewed.client.get(f"{P}/tasks/9").json()["error"]["code"] == "TaskNotFound"


def test_each_decision_is_done_or_refused_with_its_reason(reviewed: LabelingLab) -> None:
    everything = [{"id": number, "version": version} for number, version in ((1, 1), (2, 1), (3, 0), (9, 0))]

    def outcome(action: str) -> tuple[list[int], list[str]]:
        answer = review(reviewed, action, tasks=everything)
        return answer["done"], [one["code"] for one in answer["refused"]]

    assert outcome("unapprove") == ([], ["NotApproved"] * 3 + ["TaskNotFound"])
    assert outcome("approve") == ([1], ["NotLabeled", "NotLabeled", "TaskNotFound"])
    assert outcome("acceptSkip") == ([2], ["NotSkipped", "NotSkipped", "TaskNotFound"])
    assert outcome("reject") == ([], ["Approved", "Approved", "NotLabeled", "TaskNotFound"])
    assert outcome("unapprove") == ([1, 2], ["NotApproved", "TaskNotFound"])
    assert outcome("reject") == ([1, 2], ["NotLabeled", "TaskNotFound"])
    assert outcome("reject") == ([], ["VersionConflict", "VersionConflict", "NotLabeled", "TaskNotFound"])


def test_a_rejected_picture_returns_to_the_queue_and_counts_against_who_labeled_it(reviewed: LabelingLab) -> None:
    review(reviewed, "reject", tasks=[{"id": 1, "version": 1}])
    found = task(reviewed, 1)
    assert (found["state"], found["labels"], found["prelabels"], len(found["answers"])) == ("open", [], [], 2)
    people = reviewed.client.get(f"{P}/statistics").json()["people"]
    assert {one["email"]: one["rejected"] for one in people} == {"ada@x.org": 1, "bob@x.org": 1}


def test_a_reopened_picture_keeps_its_labels_as_proposals(reviewed: LabelingLab) -> None:
    review(reviewed, "reopen", filter={"state": "labeled"})
    found = task(reviewed, 1)
    assert (found["state"], found["prelabels"][0]["source"]) == ("prelabeled", "default")
    people = reviewed.client.get(f"{P}/statistics").json()["people"]
    assert {one["rejected"] for one in people} == {0}


def test_what_disagrees_is_not_approved_before_somebody_decides(reviewed: LabelingLab) -> None:
    with reviewed.service.tables.write() as db:
        db.execute("UPDATE task SET state='review' WHERE number=1")
    answer = review(reviewed, "approve", filter={"state": "review"})
    assert [one["code"] for one in answer["refused"]] == ["NeedsReview"]


def test_a_filter_may_name_only_what_there_is(reviewed: LabelingLab) -> None:
    bodies: list[dict[str, Any]] = [{"filter": {"sate": "labeled"}}, {"filter": {"state": ["labeled"]}}, {}]
    bodies.append({"filter": {}, "tasks": []})
    for body in bodies:
        answer = reviewed.client.post(f"{P}/review", json={"action": "reject", **body})
        assert answer.status_code == 400
    assert task(reviewed, 1)["state"] == "labeled"


def test_each_role_decides_what_it_may(reviewed: LabelingLab) -> None:
    lead, labeler = signed_in(reviewed, "lea@x.org", Role.TEAM_LEAD), signed_in(reviewed, "lou@x.org", Role.LABELER)
    statuses = [
        reviewed.client.post(f"{P}/review", json={"action": action, "tasks": []}, headers=headers).status_code
        for headers in (lead, labeler)
        for action in ("reject", "reopen", "approve", "unapprove", "acceptSkip")
    ]
    assert statuses == [200, 200, 403, 403, 403] + [403] * 5
    body = {"version": 1, "state": "skipped"}
    assert reviewed.client.put(f"{P}/tasks/1", json=body, headers=labeler).status_code == 403
    for path in ("tasks", "statistics", "events"):
        assert reviewed.client.get(f"{P}/{path}", headers=labeler).status_code == 403


def test_a_correction_replaces_labels_and_a_late_one_is_told_what_is_there(reviewed: LabelingLab) -> None:
    body = {"version": 1, "state": "labeled", "labels": [BOX | {"class": "banana", "name": "x"}]}
    done = reviewed.client.put(f"{P}/tasks/1", json=body)
    assert done.status_code == 200
    assert (done.json()["version"], done.json()["labels"][0]["source"]) == (2, "correction")
    late = reviewed.client.put(f"{P}/tasks/1", json=body)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "VersionConflict")
    assert late.json()["current"]["labels"][0]["class"] == "banana"
    assert [one["detail"] for one in task(reviewed, 1)["history"]] == [{"state": "labeled", "was": "labeled"}]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([BOX | {"class": "pear"}], "UnknownClass"),
        ([BOX | {"bbox": [0.9, 0, 0.3, 0.1]}], "OutsideImage"),
        ([BOX | {"bbox": [0.1, 0.1, 0, 0.1]}], "ZeroSize"),
        ([], "NothingLabeled"),
        ("nonsense", "UserError"),
    ],
)
def test_a_correction_is_checked_as_an_answer_is(reviewed: LabelingLab, given: Any, code: str) -> None:
    body = {"version": 1, "state": "labeled", "labels": given}
    answer = reviewed.client.put(f"{P}/tasks/1", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_gold_picture_knows_its_answer_and_stays_labeled(reviewed: LabelingLab) -> None:
    assert reviewed.client.put(f"{P}/tasks/3/gold").json()["error"]["code"] == "NotLabeled"
    assert reviewed.client.put(f"{P}/tasks/3/gold", json={"labels": [BOX]}).json()["gold"] is True
    assert reviewed.client.put(f"{P}/tasks/1/gold").json()["version"] == 1
    assert ids(reviewed, gold="true") == [1, 3]
    answer = review(reviewed, "reject", filter={"gold": True})
    assert [one["code"] for one in answer["refused"]] == ["Gold", "Gold"]
    corrected = {"version": 1, "state": "labeled", "labels": [BOX | {"class": "banana"}]}
    assert reviewed.client.put(f"{P}/tasks/1", json=corrected).status_code == 200
    assert [one["class"] for one in task(reviewed, 1)["known"]] == ["banana"]
    for _ in range(2):
        assert reviewed.client.delete(f"{P}/tasks/1/gold").status_code == 204
    assert (task(reviewed, 1)["gold"], "known" in task(reviewed, 1)) == (False, False)


def test_a_labeler_sees_the_own_answer_and_nothing_that_tells_gold(reviewed: LabelingLab) -> None:
    reviewed.client.put(f"{P}/tasks/1/gold")
    with reviewed.service.tables.write() as db:
        db.execute("INSERT INTO lease (project, task, person, token, until) VALUES (1, 1, 'eve@x.org', 't', 'z')")

    people = {person: signed_in(reviewed, person, Role.LABELER) for person in ("bob@x.org", "eve@x.org")}

    def seen(person: str, number: int) -> Any:
        return reviewed.client.get(f"{P}/tasks/{number}", headers=people[person]).json()

    own = seen("bob@x.org", 1)
    assert (own["state"], own["labels"][0]["class"], own["labeledBy"]) == ("labeled", "banana", "bob@x.org")
    assert {"answers", "history", "gold", "known"} & set(own) == set()
    leased = seen("eve@x.org", 1)
    assert (leased["state"], leased["labels"], leased["version"], leased["labeledBy"]) == ("open", [], 0, None)
    assert seen("eve@x.org", 2)["error"]["code"] == "AuthorizationFailed"
    assert seen("eve@x.org", 9)["error"]["code"] == "AuthorizationFailed"
