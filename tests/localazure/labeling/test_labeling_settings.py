"""The project's document, its settings, its instructions."""

from typing import Any

import pytest

from tests.localazure.labeling.labeling_lab import BLOBS, JOB, LabelingLab
from tests.localazure.labeling.labeling_people import PROJECT, code_of, somebody

DEFAULTS: dict[str, Any] = {
    "overlap": 1,
    "leaseMinutes": 15,
    "order": "manual",
    "agreementIou": 0.5,
    "consensus": {"minimumAgreement": 0.5},
    "gold": {"every": 0},
    "instructions": "",
    "assist": {
        "enabled": False,
        "after": 12,
        "retrainEvery": 50,
        "threshold": 0.3,
        "classes": [],
        "budgetMinutes": 3.0,
    },
}


def _put(lab: LabelingLab, body: Any) -> Any:
    return lab.client.put(f"{PROJECT}/settings", json=body)


def test_the_document_says_what_is_to_be_done(labeling: LabelingLab) -> None:
    labeling.created(displayName="Fruit of the month")
    page = somebody(labeling, "labeler", "anna@example.org")
    document = page.get(PROJECT).json()
    categories = document.pop("categories")
    assert categories[0] | {"classes": [one["key"] for one in categories[0]["classes"]]} == {
        "key": "fruit",
        "name": "Fruit",
        "multiSelect": False,
        "classes": ["apple", "banana"],
    }
    assert document.pop("projectId") == labeling.job()["properties"]["projectId"]
    assert document == {
        "name": "fruit",
        "title": "Fruit of the month",
        "task": "object-detection",
        "status": "Running",
        "messages": [],
        "refreshed": "2026-11-20T12:00:05+00:00",
        "instructions": {"uri": "https://example.org/how", "text": ""},
        "progress": {
            "total": 3,
            "labeled": 0,
            "skipped": 0,
            "review": 0,
            "prelabeled": 0,
            "open": 3,
            "approved": 0,
        },
        "settings": DEFAULTS,
        "me": {
            "email": "anna@example.org",
            "name": "anna@example.org",
            "role": "labeler",
            "actions": ["labeling/labels/write", "labeling/projects/read"],
        },
    }


def test_what_is_left_out_stays(labeling: LabelingLab) -> None:
    labeling.created()
    assert labeling.client.get(f"{PROJECT}/settings").json() == DEFAULTS
    new = _put(labeling, {"gold": {"every": 10}, "assist": {"threshold": 1}, "instructions": "# Fruit"}).json()
    assert new == DEFAULTS | {
        "gold": {"every": 10},
        "instructions": "# Fruit",
        "assist": DEFAULTS["assist"] | {"threshold": 1.0},
    }
    assert _put(labeling, {}).json() == new
    events = [(event.what, event.detail) for event in labeling.service.history.last(1)]
    assert events == [
        ("settings", {"gold": {"every": 10}, "instructions": "7 characters", "assist": new["assist"]}),
    ]


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"overlap": 0}, "overlap"),
        ({"overlap": 11}, "overlap"),
        ({"overlap": True}, "overlap"),
        ({"overlap": 1.5}, "overlap"),
        ({"leaseMinutes": 0}, "leaseMinutes"),
        ({"order": "random"}, "order"),
        ({"order": ["manual"]}, "order"),
        ({"agreementIou": 1.01}, "agreementIou"),
        ({"consensus": 1}, "consensus"),
        ({"consensus": {"minimumAgreement": "1"}}, "consensus.minimumAgreement"),
        ({"gold": {"each": 1}}, "gold.each"),
        ({"instructions": "x" * 65_537}, "instructions"),
        ({"assist": {"enabled": 1}}, "assist.enabled"),
        ({"assist": {"classes": "apple"}}, "assist.classes"),
        ({"assist": {"classes": [1]}}, "assist.classes"),
        ({"assist": {"classes": ["plum"]}}, "assist.classes"),
        ({"assist": {"budgetMinutes": 0}}, "assist.budgetMinutes"),
        ({"color": "red"}, "color"),
    ],
)
def test_settings_out_of_bounds_are_refused_by_name(labeling: LabelingLab, body: dict[str, Any], target: str) -> None:
    labeling.created()
    answer = _put(labeling, {"leaseMinutes": 20, **body})
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, target)
    assert labeling.client.get(f"{PROJECT}/settings").json() == DEFAULTS


def test_a_body_that_is_no_object_is_refused(labeling: LabelingLab) -> None:
    labeling.created()
    assert code_of(_put(labeling, [])) == (400, "UserError")


def test_assistance_asked_for_at_creation_is_on_and_follows_resource_manager(labeling: LabelingLab) -> None:
    for name in ("one", "two"):
        labeling.resources.put(f"/computes/{name}")
    on = {
        "mlAssist": "Enabled",
        "trainingComputeBinding": "/computes/one",
        "inferencingComputeBinding": "/computes/two",
    }
    labeling.created(mlAssistConfiguration=on)
    assert labeling.client.get(f"{PROJECT}/settings").json()["assist"]["enabled"] is True
    labeling.create(mlAssistConfiguration={"mlAssist": "Disabled"})
    assert labeling.client.get(f"{PROJECT}/settings").json()["assist"]["enabled"] is False


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (f"{BLOBS}/how.md", "# How\n"),
        (f"{BLOBS}/how.html", ""),
        (f"{BLOBS}/latin.md", ""),
        (f"{BLOBS}/none.md", ""),
        (f"{BLOBS}/../secret/how.md", ""),
        (f"{BLOBS}/%2e%2e/secret/how.md", ""),
        (f"{BLOBS}/how.md?sig=x", ""),
        ("https://127.0.0.1:2/other/training-images/how.md", ""),
        ("https://example.org/how.md", ""),
    ],
)
def test_markdown_in_our_own_storage_is_shown_as_text(labeling: LabelingLab, uri: str, text: str) -> None:
    blobs = labeling.blobs.blobs
    blobs["acct/training-images/how.md"] = blobs["other/training-images/how.md"] = b"\xef\xbb\xbf# How\n"
    blobs["acct/training-images/how.html"] = b"<b>How</b>"
    blobs["acct/training-images/latin.md"] = b"\xe4\xff"
    labeling.created(jobInstructions={"uri": uri})
    assert labeling.client.get(PROJECT).json()["instructions"] == {"uri": uri, "text": text}
    _put(labeling, {"instructions": "Typed in"})
    assert labeling.client.get(PROJECT).json()["instructions"]["text"] == "Typed in"


def test_a_project_takes_its_people_and_settings_with_it(labeling: LabelingLab) -> None:
    labeling.created()
    somebody(labeling, "labeler")
    _put(labeling, {"leaseMinutes": 20})
    labeling.client.put(f"{PROJECT}/teams/Reds", json={"role": "labeler"})
    labeling.call("DELETE", JOB)
    with labeling.service.tables.read() as db:
        left = {
            table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("member", "project_team", "settings", "invite", "task")
        }
    assert left == dict.fromkeys(left, 0)
