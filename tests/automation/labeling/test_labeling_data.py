"""The data plane's client against the local Azure's own routes; and on Azure, where there is none."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from automation.azure import Rest
from automation.errors import Conflict, InvalidRequest, NotFound, Refused
from automation.labeling import AssistSettings, LabelingData, Progress, ProjectSettings
from tests.automation.azure.fakes import FakeClock, FakeTokens, a_cloud
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab, coco

PICTURES = {f"acct/training-images/{name}.jpg": b"unread" for name in "abcde"}


class SettlingClock(FakeClock):
    """While we wait, the service works."""

    def __init__(self, lab: LabelingLab) -> None:
        super().__init__()
        self._lab = lab

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._lab.settle(seconds)


@pytest.fixture
def lab(open_labeling: Callable[..., LabelingLab]) -> LabelingLab:
    opened = open_labeling()
    opened.blobs.blobs |= PICTURES
    opened.created()
    return opened


@pytest.fixture
def data(lab: LabelingLab) -> LabelingData:
    cloud = a_cloud(arm_endpoint="https://local")
    rest = Rest(cloud, FakeTokens(), SettlingClock(lab), transport=lab.transport, dice=lambda: 0.0)
    return LabelingData(rest, cloud, WORKSPACE)


def some_settings(**changes: Any) -> ProjectSettings:
    fields: dict[str, Any] = {"overlap": 2, "order": "uncertain", "gold_every": 10, "instructions": "# Fruit"}
    fields["assist"] = some_help("apple")
    return ProjectSettings(**(fields | changes))


def some_help(*classes: str) -> AssistSettings:
    return AssistSettings(enabled=True, after=20, retrain_every=30, threshold=0.4, classes=classes, budget_minutes=1.5)


def test_settings_arrive_and_instructions_that_are_not_named_stay(data: LabelingData) -> None:
    data.set_up("fruit", some_settings())
    data.set_up("fruit", some_settings(instructions=None))
    found = data.document("fruit")["settings"]
    assert (found["overlap"], found["order"], found["gold"], found["instructions"]) == (
        2,
        "uncertain",
        {"every": 10},
        "# Fruit",
    )
    assert found["assist"] == {
        "enabled": True,
        "after": 20,
        "retrainEvery": 30,
        "threshold": 0.4,
        "classes": ["apple"],
        "budgetMinutes": 1.5,
    }
    with pytest.raises(InvalidRequest, match="plum"):
        data.set_up("fruit", some_settings(assist=some_help("plum")))


def test_people_come_get_a_link_and_go(data: LabelingData) -> None:
    data.put_person("fruit", "Ana@Example.com", role="teamLead", team="night", shown="Ana")
    data.put_person("fruit", "ana@example.com", role="labeler")
    [ana] = data.people("fruit")
    assert (ana.email, ana.name, ana.team, ana.role, ana.labeled) == ("ana@example.com", "Ana", "night", "labeler", 0)
    link = data.invite("fruit", "ana@example.com", hours=2)
    assert link.link.startswith("https://local/labeling/join#")
    assert link.link not in repr(link)
    data.revoke("fruit", "ana@example.com")
    data.remove_person("fruit", "ana@example.com")
    data.remove_person("fruit", "ana@example.com")
    assert data.people("fruit") == []
    with pytest.raises(NotFound, match="not in this project"):
        data.invite("fruit", "ana@example.com", hours=2)


def test_pictures_are_kept_for_a_person_and_given_back(data: LabelingData) -> None:
    data.put_person("fruit", "ana@example.com", role="labeler")
    assert data.assign("fruit", "ana@example.com", count=2) == 2
    assert data.assign("fruit", "ana@example.com", share=0.2) == 1
    assert data.assign("fruit", "ana@example.com", tasks=[5]) == 1
    assert data.people("fruit")[0].assigned == 4
    assert data.assign("fruit", None, share=1) == 4


def test_tasks_come_page_by_page_and_as_many_as_wanted(data: LabelingData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automation.labeling.data_plane.PAGE", 2)
    found = [task["path"] for task in data.tasks("fruit", {"state": "open"})]
    assert found == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    assert [task["path"] for task in data.tasks("fruit", {"search": "jp"}, most=3)] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [*data.tasks("fruit", {"state": "labeled"})] == []


def test_decisions_name_the_version_that_was_seen_or_a_filter(data: LabelingData, lab: LabelingLab) -> None:
    lab.import_labels(coco([10, 10, 30, 20]))
    [task] = data.tasks("fruit", {"state": "labeled"})
    stale = data.decide("fruit", "approve", tasks={task["id"]: task["version"] + 1})
    assert (stale.done, [number for number, _ in stale.refused]) == ((), [task["id"]])
    assert data.decide("fruit", "approve", tasks={task["id"]: task["version"]}).done == (task["id"],)
    assert data.task("fruit", task["id"])["review"] == "approved"
    assert data.progress("fruit") == Progress(total=5, labeled=1, skipped=0, review=0, prelabeled=0, open=4, approved=1)
    assert data.decide("fruit", "unapprove", filters={"class": "apple"}).done == (task["id"],)
    assert data.decide("fruit", "reject", filters={"state": "labeled"}).done == (task["id"],)
    assert data.statistics("fruit")["progress"]["open"] == 5


def test_an_export_is_waited_for_and_says_where_it_is(data: LabelingData, lab: LabelingLab) -> None:
    lab.import_labels(coco([10, 10, 30, 20]))
    place, summary = data.export("fruit", form="CSV", coordinates="normalized", approved=False)
    assert place is not None
    assert (place.container, place.rows, summary["format"]) == ("azureml-blobstore-1", 1, "CSV")
    written = lab.blobs.blobs[f"acct/azureml-blobstore-1/{place.path}"].decode().splitlines()
    assert written[1].endswith("a.jpg,Apple,1.0,0.1,0.2,0.4,0.6,")
    nothing, _ = data.export("fruit", form="Coco", coordinates="normalized", approved=True)
    assert nothing is not None
    assert nothing.rows == 0
    asset, summary = data.export("fruit", form="Dataset", coordinates="normalized", approved=False)
    assert (asset, summary["labeledAssetName"][:6]) == (None, "fruit-")


def test_new_pictures_are_found_and_gone_ones_counted(data: LabelingData, lab: LabelingLab) -> None:
    del lab.blobs.blobs["acct/training-images/b.jpg"]
    lab.blobs.blobs["acct/training-images/new/f.jpg"] = b"unread"
    found = data.refresh("fruit")
    assert (found.added, found.missing, found.total) == (1, 1, 6)


def test_a_class_is_added_only_while_paused(data: LabelingData) -> None:
    with pytest.raises(Conflict):
        data.add_class("fruit", "plum", category="fruit", choice="continue")


def test_an_answer_that_points_elsewhere_is_not_followed(lab: LabelingLab) -> None:
    def lure(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "local"
        return httpx.Response(202, headers={"location": "https://evil.example/steal"})

    cloud = a_cloud(arm_endpoint="https://local")
    rest = Rest(cloud, FakeTokens(), FakeClock(), transport=httpx.MockTransport(lure), dice=lambda: 0.0)
    with pytest.raises(Refused, match="another host"):
        LabelingData(rest, cloud, WORKSPACE).export("fruit", form="Coco", coordinates="normalized", approved=False)


def test_azure_has_no_data_plane_and_says_what_to_do_instead() -> None:
    cloud = a_cloud(name="azure")
    rest = Rest(cloud, FakeTokens(), FakeClock(), transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    with pytest.raises(Refused, match="retired on 30 September 2026") as caught:
        LabelingData(rest, cloud, WORKSPACE).people("fruit")
    assert caught.value.hint == "use stack local, where it goes on, or backend label-studio"
