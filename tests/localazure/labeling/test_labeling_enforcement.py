"""Each role against each route of the data plane: who may, and who gets 403."""

import pytest
from starlette.routing import Route

from localazure.labeling.data_plane import PROJECT as PATTERN
from localazure.labeling.people.roles import (
    ACTIONS,
    EXPERIMENTS_READ,
    EXPORT,
    LABELS_READ,
    LABELS_REJECT,
    LABELS_UPDATE,
    LABELS_WRITE,
    PROJECTS_READ,
    PROJECTS_WRITE,
    SUMMARY_READ,
    Role,
    actions_of,
)
from tests.localazure.labeling.labeling_lab import LabelingLab
from tests.localazure.labeling.labeling_people import PROJECT, browser, code_of, somebody

ALL, LEAD, ADMIN = "labeler teamLead administrator", "teamLead administrator", "administrator"

# Route by route, from what people are to be able to do, not from what the code says.
ALLOWED = {
    "GET ": ALL,
    "GET /settings": ALL,
    "PUT /settings": ADMIN,
    "POST /pause": ADMIN,
    "POST /resume": ADMIN,
    "POST /classes": ADMIN,
    "POST /refresh": ADMIN,
    "GET /people": LEAD,
    "PUT /people/{email}": ADMIN,
    "DELETE /people/{email}": ADMIN,
    "POST /people/{email}/invite": ADMIN,
    "POST /people/{email}/revoke": ADMIN,
    "PUT /teams/{team}": ADMIN,
    "DELETE /teams/{team}": ADMIN,
    "GET /tasks/{task}/image": ALL,
    "GET /tasks/{task}/thumb": ALL,
    "POST /queue/take": ALL,
    "POST /queue/release": ALL,
    "POST /queue/renew": ALL,
    "POST /queue/submit": ALL,
    "POST /assign": ADMIN,
    "GET /agreement": LEAD,
    "GET /tasks": LEAD,
    "GET /tasks/{task}": ALL,
    "PUT /tasks/{task}": LEAD,
    "POST /review": LEAD,
    "PUT /tasks/{task}/gold": ADMIN,
    "DELETE /tasks/{task}/gold": ADMIN,
    "GET /statistics": LEAD,
    "GET /events": LEAD,
    "GET /experiments": LEAD,
    "POST /experiments": ADMIN,
    "POST /experiments/{number}/cancel": ADMIN,
    "PUT /order": ADMIN,
    "POST /labels:import": ADMIN,
    "POST /exports": ADMIN,
    "GET /exports": ADMIN,
    "GET /exports/{export}": ADMIN,
}
# What says in the body what is to be done.
BODIES = {"POST /review": {"action": "reject", "tasks": [{"id": 1, "version": 0}]}}
# A labeler sees the own tasks alone.
OWN_ONLY = {"GET /tasks/{task}", "GET /tasks/{task}/image", "GET /tasks/{task}/thumb"}
_NEVER_ENDS = "GET /events"


def _routes(lab: LabelingLab) -> list[str]:
    routes = [route for route in lab.routes if isinstance(route, Route) and route.path.startswith(PATTERN)]
    return [
        f"{method} {route.path.removeprefix(PATTERN)}"
        for route in routes
        for method in (route.methods or set[str]()) - {"HEAD"}
    ]


def _path(route: str) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    for name, value in {
        "{email}": "nobody@example.org",
        "{team}": "blue",
        "{task}": "1",
        "{number}": "1",
        "{export}": "none",
        "{n}": "1",
    }.items():
        path = path.replace(name, value)
    return method, PROJECT + path


def test_every_route_is_in_the_table(labeling: LabelingLab) -> None:
    found = {route.replace("{number}", "{n}") for route in _routes(labeling)}
    known = {route.replace("{number}", "{n}") for route in ALLOWED}
    assert sorted(found - known) == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_the_table_says_and_nothing_else(labeling: LabelingLab, role: Role) -> None:
    labeling.created()
    page = somebody(labeling, role)
    wrong: list[str] = []
    for route in _routes(labeling):
        may = role.value in ALLOWED.get(route, ALLOWED.get(route.replace("{n}", "{number}"), "")).split()
        if may and route == _NEVER_ENDS:
            continue
        method, path = _path(route)
        answer = page.request(method, path, json=None if method == "GET" else BODIES.get(route, {}))
        if may and answer.status_code == 401:
            wrong.append(f"{route}: 401")
        if not may and (answer.status_code != 403 or code_of(answer)[1] != "AuthorizationFailed"):
            wrong.append(f"{route}: {answer.status_code}")
        if may and answer.status_code == 403 and route not in OWN_ONLY:
            wrong.append(f"{route}: {answer.text}")
    assert wrong == []


def test_a_labeler_sees_neither_tasks_nor_names_of_others(labeling: LabelingLab) -> None:
    labeling.created()
    page, other = somebody(labeling, "labeler"), somebody(labeling, "labeler", "other@example.org")
    taken = other.post(f"{PROJECT}/queue/take", json={"count": 1}).json()["tasks"][0]["id"]
    for path in (f"/tasks/{taken}", f"/tasks/{taken}/image", f"/tasks/{taken}/thumb", "/tasks/99", "/tasks/99/image"):
        assert code_of(page.get(PROJECT + path)) == (403, "AuthorizationFailed")
    assert "other@example.org" not in page.get(PROJECT).text + page.get("/labeling/session").text
    assert other.get(f"{PROJECT}/tasks/{taken}/image").status_code == 200


def test_a_team_lead_may_reject_but_not_approve(labeling: LabelingLab) -> None:
    labeling.created()
    page = somebody(labeling, "teamLead")
    for action, status in (("reject", 200), ("approve", 403), ("unapprove", 403), ("acceptSkip", 403)):
        answer = page.post(f"{PROJECT}/review", json={"action": action, "tasks": [{"id": 1, "version": 0}]})
        assert (action, answer.status_code) == (action, status)


def test_nobody_gets_anywhere_without_signing_in(labeling: LabelingLab) -> None:
    labeling.created()
    dead = {"cookie": "labeling_session=dead"}
    answers = {route: browser(labeling).request(*_path(route), headers=dead).status_code for route in _routes(labeling)}
    assert set(answers.values()) == {401}


def test_roles_grow() -> None:
    labeler = frozenset({PROJECTS_READ, LABELS_WRITE})
    assert actions_of(Role.LABELER) == labeler
    lead = labeler | {LABELS_READ, LABELS_REJECT, LABELS_UPDATE, SUMMARY_READ, EXPERIMENTS_READ}
    assert actions_of(Role.TEAM_LEAD) == lead
    assert actions_of(Role.ADMINISTRATOR) == ACTIONS
    assert {EXPORT, PROJECTS_WRITE} & lead == frozenset()
