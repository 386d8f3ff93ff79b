"""Projects, tasks, proposals and answers go to Label Studio and come back; its tokens go nowhere else."""

from datetime import timedelta
from typing import Any

import pytest

from automation.errors import ConfigError, NotFound, Refused, TransportError, Unauthorized
from automation.labeling import LabelStudio, ProjectSpec, Task, open_studio
from tests.automation.azure.fakes import START, FakeClock
from tests.automation.labeling.studio_server import LEGACY, URL, StudioServer

PLACE = "https://stlab.blob.core.windows.net/photos/"


def a_spec(**changes: Any) -> ProjectSpec:
    fields: dict[str, Any] = {
        "name": "fruit-labels",
        "task": Task.OBJECT_DETECTION.value,
        "classes": ("banana", "apple & <b>\"'ü"),
        "data_id": PLACE,
    }
    return ProjectSpec(**(fields | changes))


def links(*names: str, ends: timedelta = timedelta(days=7)) -> dict[str, str]:
    moment = (START + ends).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {name: f"{PLACE}{name}?sp=r&se={moment}&sig=s3cret" for name in names}


def a_box(label: str, x: float = 10) -> dict[str, Any]:
    value = {"x": x, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": [label]}
    return {"from_name": "label", "to_name": "image", "type": "rectanglelabels", "value": value}


def a_project(server: StudioServer, *names: str) -> LabelStudio:
    studio = server.client()
    studio.create(a_spec())
    studio.sync("fruit-labels", links(*names))
    return studio


def task_of(server: StudioServer, picture: str) -> int:
    return next(number for number, task in server.tasks.items() if task["data"].get("blob") == picture)


@pytest.mark.parametrize("task", list(Task))
def test_every_task_and_odd_classes_go_there_and_back(task: Task) -> None:
    server = StudioServer()
    made = server.client().create(a_spec(task=task.value))
    assert (made.spec, made.status, made.total) == (a_spec(task=task.value), "Running", 0)
    assert server.client().find("fruit-labels") == made
    assert server.client().page(made) == f"{URL}/projects/1/data"


def test_instructions_are_shown_as_typed() -> None:
    server = StudioServer()
    server.client().create(a_spec(instructions="# Fruit <script>"))
    shown = server.projects[1]["expert_instruction"]
    assert shown == '<pre style="white-space: pre-wrap"># Fruit &lt;script&gt;</pre>'


@pytest.mark.parametrize("name", ["costs $5", "a $x", "tab\there", "null\x00"])
def test_a_class_that_would_not_come_back_is_refused(name: str) -> None:
    server = StudioServer()
    with pytest.raises(ConfigError, match="Label Studio cannot have a class"):
        server.client().create(a_spec(classes=("apple", name)))
    assert server.calls == []


@pytest.mark.parametrize("name", ["ab", "x" * 51])
def test_a_title_is_as_long_as_label_studio_takes_it(name: str) -> None:
    with pytest.raises(ConfigError, match="3 to 50 characters"):
        StudioServer().client().create(a_spec(name=name))


def test_a_project_of_this_name_is_taken_only_when_it_is_the_same() -> None:
    studio = StudioServer().client()
    made = studio.create(a_spec())
    assert studio.ensure(a_spec(instructions="other words")) == made
    with pytest.raises(Refused, match="differs in task, classes, data_id"):
        studio.ensure(a_spec(task="image-classification", classes=("apple",), data_id="https://elsewhere/"))


def test_two_projects_of_one_title_are_told_apart_by_nobody() -> None:
    server = StudioServer()
    server.client().create(a_spec())
    server.projects[7] = {**server.projects[1], "id": 7}
    with pytest.raises(Refused, match=r"2 projects named fruit-labels \(1, 7\)"):
        server.client().get("fruit-labels")


def test_projects_of_others_are_not_listed_and_a_longer_title_is_another() -> None:
    server = StudioServer()
    server.client().create(a_spec(name="fruit-labels-2"))
    server.projects[8] = {"id": 8, "title": "Text", "parsed_label_config": {"t": {"type": "TextArea", "labels": []}}}
    server.projects[9] = {**server.projects[1], "id": 9, "title": "made by hand"}
    assert [project.name for project in server.client().list()] == ["fruit-labels-2"]
    with pytest.raises(NotFound, match="no project of this title"):
        server.client().get("fruit-labels")


def test_deleting_twice_is_deleting() -> None:
    server = StudioServer()
    studio = server.client()
    studio.create(a_spec())
    studio.delete("fruit-labels")
    studio.delete("fruit-labels")
    assert server.projects == {}


def test_tasks_follow_the_pictures_and_links_are_renewed_before_they_end() -> None:
    server = StudioServer()
    studio = a_project(server, "b.jpg", "a/1.jpg")
    assert [task["data"]["blob"] for task in server.tasks.values()] == ["a/1.jpg", "b.jpg"]
    again = studio.sync("fruit-labels", links("b.jpg", "a/1.jpg", "c.jpg"))
    assert (again.added, again.renewed, again.missing, again.total) == (1, 0, (), 3)
    server.clock.sleep(6 * 86400)
    later = studio.sync("fruit-labels", links("b.jpg", "c.jpg", ends=timedelta(days=13)))
    assert (later.added, later.renewed, later.missing, later.total) == (0, 2, ("a/1.jpg",), 3)
    assert server.tasks[task_of(server, "b.jpg")]["data"]["image"] == links("b.jpg", ends=timedelta(days=13))["b.jpg"]


def test_more_pictures_than_a_page_are_each_there_once() -> None:
    server = StudioServer()
    names = [f"{number:04d}.jpg" for number in range(400)]
    studio = a_project(server, *names)
    report = studio.sync("fruit-labels", links(*names))
    assert (report.added, report.total, len(server.tasks)) == (0, 400, 400)


def test_answers_are_the_newest_that_count() -> None:
    server = StudioServer()
    studio = a_project(server, "empty.jpg", "gold.jpg", "one.jpg", "open.jpg", "skipped.jpg", "twice.jpg")
    box, other = a_box("banana"), a_box("banana", 50)
    for picture, results, fields in [
        ("one.jpg", [box], {}),
        ("empty.jpg", [], {}),
        ("skipped.jpg", [box], {"was_cancelled": True}),
        ("twice.jpg", [box], {}),
        ("twice.jpg", [other], {}),
        ("twice.jpg", [], {"was_cancelled": True}),
        ("gold.jpg", [other], {"ground_truth": True}),
        ("gold.jpg", [box], {}),
    ]:
        server.annotate(task_of(server, picture), results, **fields)
    server.task(1, {"text": "not a picture"})
    answers = studio.pull("fruit-labels")
    assert list(answers.results.items()) == [
        ("empty.jpg", ()),
        ("gold.jpg", (other,)),
        ("one.jpg", (box,)),
        ("twice.jpg", (other,)),
    ]
    assert (answers.skipped, answers.open, answers.further, answers.strange) == (("skipped.jpg",), ("open.jpg",), 2, 1)
    found = studio.get("fruit-labels")
    assert (found.total, found.completed, found.skipped, found.status) == (7, 4, 2, "Running")


def test_a_picture_with_two_tasks_has_one_answer() -> None:
    server = StudioServer()
    studio = a_project(server, "a.jpg")
    server.annotate(server.task(1, {"image": "x", "blob": "a.jpg"}), [a_box("banana", 1)])
    answers = studio.pull("fruit-labels")
    assert (answers.results, answers.open, answers.further) == ({"a.jpg": (a_box("banana", 1),)}, (), 0)
    server.annotate(task_of(server, "a.jpg"), [a_box("banana", 2)])
    answers = studio.pull("fruit-labels")
    assert (answers.results, answers.further) == ({"a.jpg": (a_box("banana", 2),)}, 1)


def test_proposals_replace_ours_and_nobody_elses() -> None:
    server = StudioServer()
    studio = a_project(server, "a.jpg", "b.jpg")
    task = server.tasks[task_of(server, "a.jpg")]
    task["predictions"].append({"id": 99, "model_version": "theirs", "result": []})
    first = studio.propose("fruit-labels", {"a.jpg": ({**a_box("banana"), "score": 0.5},), "gone.jpg": ()})
    assert (first.labeled, first.ignored, [f.code for f in first.findings]) == (1, 1, ["unknown-picture"])
    assert [(p["model_version"], p.get("score")) for p in task["predictions"]] == [("theirs", None), ("visionlab", 0.5)]
    assert server.projects[1]["model_version"] == "visionlab"
    calls = len(server.calls)
    studio.propose("fruit-labels", {"a.jpg": ({**a_box("banana"), "score": 0.5},)})
    assert server.calls[calls:] == ["GET /api/projects/", "GET /api/tasks/"]
    studio.propose("fruit-labels", {"a.jpg": (a_box("banana", 3),)})
    assert [p["result"] for p in task["predictions"]] == [[], [a_box("banana", 3)]]


def test_finished_labels_never_go_over_those_of_a_person() -> None:
    server = StudioServer()
    studio = a_project(server, "a.jpg", "b.jpg")
    server.annotate(task_of(server, "a.jpg"), [a_box("banana", 5)])
    labels = {"a.jpg": (a_box("banana"),), "b.jpg": (a_box("banana"),)}
    for _ in range(2):
        report = studio.annotate("fruit-labels", labels)
        assert (report.labeled, report.ignored) == (1, 1)
        assert [str(finding) for finding in report.findings] == [
            "warning already-labeled at a.jpg: the picture 'a.jpg' has labels already, which stay"
        ]
    assert len(server.tasks[task_of(server, "b.jpg")]["annotations"]) == 1


def test_label_studio_reads_a_container_by_its_own_storage() -> None:
    server = StudioServer()
    studio = server.client()
    studio.create(a_spec())
    report = studio.connect("fruit-labels", account="stpics", container="photos", key="a2V5")
    assert (report.added, report.total) == (1, 1)
    studio.connect("fruit-labels", account="stpics", container="photos", key="a2V5")
    [storage] = server.storages
    named = ("project", "container", "account_name", "account_key", "use_blob_urls", "recursive_scan")
    assert [storage[name] for name in named] == [1, "photos", "stpics", "a2V5", True, True]
    assert studio.pull("fruit-labels").open == ("a b%20.jpg",)


def test_a_personal_token_is_exchanged_and_access_is_renewed_before_it_ends() -> None:
    server = StudioServer()
    studio = server.client(server.personal)
    studio.create(a_spec())
    studio.get("fruit-labels")
    assert len(server.access) == 1
    server.clock.sleep(280)
    studio.get("fruit-labels")
    assert len(server.access) == 2
    server.refused.add(server.access[-1])
    studio.get("fruit-labels")
    assert len(server.access) == 3


@pytest.mark.parametrize("personal", [False, True])
def test_a_refused_token_is_said_and_never_shown(personal: bool) -> None:
    server = StudioServer()
    token = server.personal if personal else LEGACY.replace("0", "f")
    server.personal = "another"
    with pytest.raises(Unauthorized) as caught:
        server.client(token).get("fruit-labels")
    assert "LABEL_STUDIO_API_KEY" in str(caught.value.hint)
    assert token not in str(caught.value) + repr(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://labels.example.com", "clear text"),
        ("http://127.0.0.1.example.com", "clear text"),
        ("ftp://labels.example.com", "not usable"),
        ("https://labels.example.com:hunter2", "not usable"),
        ("https://[hunter2", "not usable"),
        ("https://user:hunter2@labels.example.com", "not usable"),
        ("https://labels.example.com/?token=hunter2", "not usable"),
    ],
)
def test_a_token_goes_to_no_unsafe_address(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        open_studio(url, LEGACY)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:8080/", "https://x.example/studio/"])
def test_this_machine_needs_no_tls(url: str) -> None:
    assert open_studio(url, LEGACY).url == url.rstrip("/")
    with pytest.raises(ConfigError, match="LABEL_STUDIO_API_KEY"):
        open_studio(url, "")


def test_nobody_there_is_said_with_the_address() -> None:
    studio = LabelStudio(open_studio("http://127.0.0.1:9", LEGACY, clock=FakeClock()))
    with pytest.raises(TransportError, match="connection refused") as caught:
        studio.get("fruit-labels")
    assert caught.value.hint == "is Label Studio running at http://127.0.0.1:9?"
