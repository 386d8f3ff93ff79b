"""Classes: their colours, adding one while paused, and what then becomes of labels."""

from itertools import pairwise
from typing import Any

import httpx
import pytest

from localazure.labeling.jobs.class_colours import class_colours, luminance
from tests.localazure.labeling.labeling_lab import JOB, LabelingLab, coco, job
from tests.localazure.labeling.labeling_people import PROJECT, code_of, somebody


def _add(lab: LabelingLab, **body: Any) -> httpx.Response:
    return lab.client.post(f"{PROJECT}/classes", json={"choice": "continue", **body})


def _classes(lab: LabelingLab) -> list[dict[str, Any]]:
    return lab.client.get(PROJECT).json()["categories"][0]["classes"]


def _task(lab: LabelingLab) -> tuple[str, list[str], int]:
    """State of the labelled task, the sources of its labels, how many answers it wants."""
    with lab.service.tables.read() as db:
        state, wanted = db.execute("SELECT state, wanted FROM task WHERE number=1").fetchone()
        return state, [source for (source,) in db.execute("SELECT source FROM label WHERE task=1")], wanted


@pytest.fixture
def paused(labeling: LabelingLab) -> LabelingLab:
    labeling.created()
    labeling.import_labels(coco([10, 10, 20, 20]))
    assert labeling.call("POST", f"{JOB}/pause").status_code == 200
    return labeling


def test_colours_are_fixed_by_order_and_seen_on_light_and_on_dark() -> None:
    colours = class_colours(200)
    assert colours[:3] == ["#d1495b", "#0077b6", "#b36b00"] == class_colours(3)
    assert len(set(colours)) == 200
    assert [one for one in colours if not 1.05 / (luminance(one) + 0.05) >= 3] == []
    assert [one for one in colours if not (luminance(one) + 0.05) / (luminance("#111318") + 0.05) >= 3] == []
    assert all(first != second for first, second in pairwise(colours))


def test_a_class_is_added_while_paused_only(labeling: LabelingLab) -> None:
    labeling.created()
    assert code_of(_add(labeling, name="Cherry")) == (409, "InvalidState")
    labeling.call("POST", f"{JOB}/pause")
    answer = _add(labeling, name="Sour  Cherry ü")
    assert (answer.status_code, answer.json()) == (201, {"key": "sour-cherry-u", "reopened": 0})
    assert [(one["key"], one["name"], one["color"]) for one in _classes(labeling)] == [
        ("apple", "Apple", "#d1495b"),
        ("banana", "Banana", "#0077b6"),
        ("sour-cherry-u", "Sour Cherry ü", "#b36b00"),
    ]
    categories = labeling.job()["properties"]["labelCategories"]["fruit"]["classes"]
    assert categories["sour-cherry-u"] == {"displayName": "Sour Cherry ü", "subclasses": {}}


def test_a_subclass_goes_below_its_class(paused: LabelingLab) -> None:
    assert _add(paused, name="Green", parent="apple").json()["key"] == "green"
    assert _add(paused, name="Small", parent="green").json()["key"] == "small"
    assert _add(paused, name="Small", parent="banana").json()["key"] == "small-2"
    apple, banana = _classes(paused)
    assert [(one["key"], one["color"]) for one in apple["subclasses"]] == [("green", "#0077b6")]
    assert [one["key"] for one in apple["subclasses"][0]["subclasses"]] == ["small"]
    assert ([one["key"] for one in banana["subclasses"]], banana["color"]) == (["small-2"], "#2a9d5c")


@pytest.mark.parametrize(
    ("choice", "task", "reopened"),
    [
        ("continue", ("labeled", ["import"], 0), 0),
        ("startOverKeep", ("prelabeled", ["default"], 1), 1),
        ("startOverRemove", ("open", list[str](), 1), 1),
    ],
)
def test_the_three_choices(paused: LabelingLab, choice: str, task: tuple[str, list[str], int], reopened: int) -> None:
    assert _add(paused, name="Cherry", choice=choice).json() == {"key": "cherry", "reopened": reopened}
    assert _task(paused) == task
    event = paused.service.history.last(1)[0]
    assert (event.what, event.detail["choice"], event.detail["key"]) == ("class-added", choice, "cherry")


def test_starting_over_without_labels_also_takes_those_that_were_kept_before(paused: LabelingLab) -> None:
    _add(paused, name="Cherry", choice="startOverKeep")
    _add(paused, name="Plum", choice="startOverRemove")
    assert _task(paused) == ("open", [], 1)


def test_classes_added_by_resource_manager_continue(paused: LabelingLab) -> None:
    body = job()
    body["labelCategories"]["fruit"]["classes"]["plum"] = {"displayName": "Plum", "subclasses": {}}
    assert paused.call("PUT", JOB, json={"properties": body}).status_code == 200
    assert _task(paused) == ("labeled", ["import"], 0)
    event = paused.service.history.last(1)[0]
    assert (event.who, event.what, event.detail["key"], event.detail["choice"]) == (
        "me",
        "class-added",
        "plum",
        "continue",
    )
    assert paused.service.history.last(1)[1].what == "paused"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "apple"}, "UserError"),
        ({"name": "Cherry", "key": "Apple"}, "UserError"),
        ({"name": "Cherry", "key": "a/b"}, "UserError"),
        ({"name": "x" * 101}, "UserError"),
        ({"name": "a\u0000b"}, "UserError"),
        ({"name": ["Cherry"]}, "UserError"),
        ({}, "UserError"),
        ({"name": "Cherry", "choice": "start"}, "UserError"),
        ({"name": "Cherry", "color": "red"}, "UserError"),
        ({"name": "Cherry", "parent": 7}, "UserError"),
        ({"name": "Cherry", "parent": "plum"}, "UnknownClass"),
        ({"name": "Cherry", "category": "colour"}, "UnknownCategory"),
    ],
)
def test_classes_that_cannot_be_are_refused(paused: LabelingLab, body: dict[str, Any], code: str) -> None:
    assert code_of(_add(paused, **{"choice": "startOverRemove", **body})) == (400, code)
    assert _task(paused) == ("labeled", ["import"], 0)
    assert len(_classes(paused)) == 2


def test_names_that_look_like_markup_stay_what_they_are(paused: LabelingLab) -> None:
    name = "<img src=x onerror=alert(1)>"
    assert _add(paused, name=name).json()["key"] == "img-src-x-onerror-alert-1"
    assert _classes(paused)[2]["name"] == name


def test_the_pages_pause_and_resume_without_resource_manager(labeling: LabelingLab) -> None:
    labeling.created()
    page = somebody(labeling, "administrator", "anna@example.org")
    for _ in range(2):
        assert page.post(f"{PROJECT}/pause").json() == {"status": "Paused"}
    assert (page.get(PROJECT).json()["status"], labeling.job()["properties"]["status"]) == ("Paused", "Paused")
    assert page.post(f"{PROJECT}/resume").status_code == 202
    labeling.settle()
    assert page.get(PROJECT).json()["status"] == "Running"
    assert page.post(f"{PROJECT}/resume").json() == {"status": "Running"}
    events = [(event.who, event.what) for event in labeling.service.history.last(1, top=2)]
    assert events == [("anna@example.org", "resumed"), ("anna@example.org", "paused")]
