"""People and teams of a project: adding, changing, removing, and how far an administrator of one project reaches."""

from typing import Any

import httpx
import pytest

from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab
from tests.localazure.labeling.labeling_people import PROJECT, add, code_of, invite, sign_in, somebody

ANNA, BEN, EVE = "anna@example.org", "ben@example.org", "eve@example.org"
OTHER = PROJECT.replace("fruit", "other")


@pytest.fixture
def lab(labeling: LabelingLab) -> LabelingLab:
    labeling.created()
    labeling.create(f"{WORKSPACE}/labelingJobs/other")
    labeling.settle()
    return labeling


def _people(lab: LabelingLab) -> dict[str, Any]:
    return lab.client.get(f"{PROJECT}/people").json()


def _put(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    return client.put(path, json=body)


def test_people_are_known_by_e_mail_in_lower_case(lab: LabelingLab) -> None:
    added = add(lab, "Anna@Example.org", name="  Anna \t Ångström ", team="Reds")
    assert added["email"] == ANNA
    assert (added["name"], added["team"], added["role"], added["byTeam"]) == ("Anna Ångström", "Reds", "labeler", False)
    invite(lab, ANNA)
    listed = _people(lab)
    shown = [[one[key] for key in ("email", "invited", "lastSeen", "assigned", "labeled")] for one in listed["people"]]
    assert shown == [[ANNA, "2026-11-27T12:00:10.000000Z", None, 0, 0]]
    assert listed["teams"] == [{"name": "Reds", "role": None, "people": [ANNA]}]
    sign_in(lab, ANNA)
    assert _people(lab)["people"][0]["lastSeen"] == "2026-11-20T12:00:10.000000Z"


@pytest.mark.parametrize(
    "email",
    ["anna", "anna@", "@example.org", "a b@example.org", "anna@exa_mple.org", "<b>@example.org", "a@b@c",
     "a" * 65 + "@b", "a@" + "b." * 130],
)  # fmt: skip
def test_what_is_no_e_mail_is_refused(lab: LabelingLab, email: str) -> None:
    assert code_of(_put(lab.client, f"{PROJECT}/people/{email}", role="labeler")) == (400, "UserError")


@pytest.mark.parametrize(
    "body",
    [
        {"role": "owner"},
        {"role": 1},
        {"name": "x" * 101},
        {"name": "two\u202eway"},
        {"name": ""},
        {"team": "a/b"},
        {"team": 7},
        {"rank": 1},
    ],
)
def test_other_bodies_are_refused(lab: LabelingLab, body: dict[str, Any]) -> None:
    assert code_of(_put(lab.client, f"{PROJECT}/people/{ANNA}", **body)) == (400, "UserError")
    assert _people(lab)["people"] == []


def test_a_team_brings_its_people_and_the_own_role_counts_first(lab: LabelingLab) -> None:
    assert _put(lab.client, f"{PROJECT}/teams/Leads", role="teamLead").json() == {
        "name": "Leads",
        "role": "teamLead",
        "people": [],
    }
    by_team = _put(lab.client, f"{PROJECT}/people/{ANNA}", team="Leads").json()
    assert (by_team["role"], by_team["byTeam"]) == ("teamLead", True)
    assert add(lab, BEN, "labeler", team="Leads")["role"] == "labeler"
    page = sign_in(lab, ANNA)
    assert page.get(f"{PROJECT}/people").status_code == 200
    assert lab.client.delete(f"{PROJECT}/teams/Leads").status_code == 204
    assert code_of(page.get(PROJECT)) == (403, "AuthorizationFailed")
    assert [one["email"] for one in _people(lab)["people"]] == [BEN]


def test_who_is_removed_is_out_even_of_a_team_that_is_in(lab: LabelingLab) -> None:
    _put(lab.client, f"{PROJECT}/teams/Reds", role="labeler")
    _put(lab.client, f"{PROJECT}/people/{ANNA}", team="Reds")
    page = sign_in(lab, ANNA)
    for _ in range(2):
        assert lab.client.delete(f"{PROJECT}/people/{ANNA}").status_code == 204
    assert page.get(PROJECT).status_code == 401
    assert _people(lab)["teams"] == [{"name": "Reds", "role": "labeler", "people": []}]


def test_what_a_removed_person_was_at_returns_to_the_queue(lab: LabelingLab) -> None:
    page = somebody(lab, "labeler", ANNA)
    taken = page.post(f"{PROJECT}/queue/take", json={"count": 2}).json()["tasks"]
    assert len(taken) == 2
    with lab.service.tables.write() as db:
        db.execute("UPDATE task SET assigned=? WHERE project=1 AND number=3", (ANNA,))
    assert _people(lab)["people"][0]["assigned"] == 1
    lab.client.delete(f"{PROJECT}/people/{ANNA}")
    other = somebody(lab, "labeler", BEN)
    assert len(other.post(f"{PROJECT}/queue/take", json={"count": 3}).json()["tasks"]) == 3


def test_an_invitation_needs_a_person_in_the_project(lab: LabelingLab) -> None:
    assert code_of(lab.client.post(f"{PROJECT}/people/{ANNA}/invite", json={})) == (404, "PersonNotFound")
    add(lab, ANNA)
    for hours in (0, 721, "1", True, 1.5):
        answer = lab.client.post(f"{PROJECT}/people/{ANNA}/invite", json={"hours": hours})
        assert code_of(answer) == (400, "UserError")


def test_an_administrator_of_one_project_cannot_become_somebody_of_another(lab: LabelingLab) -> None:
    eve = somebody(lab, "administrator", EVE)
    assert _put(lab.client, f"{OTHER}/people/{ANNA}", role="administrator").status_code == 200
    assert _put(lab.client, f"{OTHER}/teams/Chiefs", role="administrator").status_code == 200
    assert _put(eve, f"{PROJECT}/people/{ANNA}", role="labeler").status_code == 200
    refused = [
        eve.post(f"{PROJECT}/people/{ANNA}/invite", json={}),
        eve.post(f"{PROJECT}/people/{ANNA}/revoke"),
        _put(eve, f"{PROJECT}/people/{ANNA}", name="Not Anna"),
        _put(eve, f"{PROJECT}/people/{EVE}", team="Chiefs"),
        _put(eve, f"{PROJECT}/people/{BEN}", team="Chiefs", role="labeler"),
        _put(eve, f"{OTHER}/people/{EVE}", role="administrator"),
    ]
    assert [code_of(answer) for answer in refused] == [(403, "AuthorizationFailed")] * 6
    assert eve.delete(f"{PROJECT}/people/{ANNA}").status_code == 204
    assert eve.get("/labeling/session").json()["projects"][0]["name"] == "fruit"
    assert code_of(eve.get(OTHER)) == (403, "AuthorizationFailed")
    assert _put(eve, f"{PROJECT}/people/{BEN}", role="labeler", name="Ben").status_code == 200
    assert eve.post(f"{PROJECT}/people/{BEN}/invite", json={}).status_code == 200


def test_people_of_a_deleted_workspace_are_nobody_in_the_next(lab: LabelingLab) -> None:
    page = somebody(lab, "labeler", ANNA)
    lab.resources.put(WORKSPACE, workspaceId="generation-2", storageAccount="x")
    assert page.get(PROJECT).status_code == 403
    assert code_of(page.get("/labeling/session")) == (401, "SessionOver")


def test_what_is_done_to_people_is_in_the_history(lab: LabelingLab) -> None:
    add(lab, ANNA, team="Reds")
    invite(lab, ANNA, hours=5)
    lab.client.post(f"{PROJECT}/people/{ANNA}/revoke")
    _put(lab.client, f"{PROJECT}/teams/Reds", role="labeler")
    lab.client.delete(f"{PROJECT}/teams/Reds")
    lab.client.delete(f"{PROJECT}/people/{ANNA}")
    events = [(event.who, event.what, event.detail) for event in reversed(lab.service.history.last(1))]
    assert events == [
        ("me", "person-put", {"email": ANNA, "name": ANNA, "role": "labeler", "team": "Reds"}),
        ("me", "invited", {"email": ANNA, "hours": 5}),
        ("me", "revoked", {"email": ANNA, "links": 1, "sessions": 0}),
        ("me", "team-put", {"team": "Reds", "role": "labeler"}),
        ("me", "team-removed", {"team": "Reds"}),
        ("me", "person-removed", {"email": ANNA}),
    ]
