"""The gate of the data plane: a bearer token's role in the workspace, or else the session of a person."""

from datetime import timedelta

import pytest
from starlette.requests import Request

from localazure.arm.authorization import ASSIGNMENTS, DEFINITIONS, Authorization
from localazure.arm.resources import Resources
from localazure.arm.roles import OWNER
from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.labeling.people.roles import ACTIONS, EXPORT, LABELS_WRITE, PROJECTS_READ, PROJECTS_WRITE, Role
from localazure.labeling_access import labeling_gate
from localazure.store import Store
from tests.localazure.labeling.labeling_lab import SUB, WORKSPACE, FakeClock, LabelingLab
from tests.localazure.labeling.labeling_people import add, sign_in

LABELER = "c6decf44-fd0a-444c-a844-d653c394e7ab"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CALLER = Caller(object_id="11111111-0000-0000-0000-000000000001", app_id="app", audience="x")


def _request(**headers: str) -> Request:
    raw = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": raw, "path_params": {"name": "fruit"}}
    return Request(scope)


def _authorization(*roles: str) -> Authorization:
    """Who holds these roles in the resource group is the caller."""
    clock = FakeClock()
    clock.time += timedelta(days=1)
    resources = Resources(Store(None), ["roleAssignments"])
    for role in roles:
        _assign(resources, role)
    return Authorization(resources, clock, delay_s=0)


def _assign(resources: Resources, role: str) -> None:
    scope = f"{SUB}/resourceGroups/rg"
    properties = {
        "principalId": CALLER.object_id,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{SUB}/providers/{DEFINITIONS}/{role}",
        "scope": scope,
        "createdOn": "2026-01-01T00:00:00.0000000Z",
        "updatedOn": "2026-01-01T00:00:00.0000000Z",
    }
    name = "22222222-0000-0000-0000-000000000001"
    assignment = f"{scope}/providers/{ASSIGNMENTS}/{name}"
    resources.put({"id": assignment, "name": name, "type": ASSIGNMENTS, "properties": properties})


@pytest.mark.parametrize(
    ("given", "role", "count"),
    [(OWNER, Role.ADMINISTRATOR, len(ACTIONS)), (LABELER, Role.TEAM_LEAD, 5), (READER, Role.TEAM_LEAD, 4)],
)
def test_who_holds_a_token_may_what_the_workspace_says(
    labeling: LabelingLab, given: str, role: Role, count: int
) -> None:
    authorization, writes = _authorization(given), role is Role.ADMINISTRATOR

    def by_token(_request: Request, workspace_id: str, action: str) -> Caller:
        authorization.require(CALLER, workspace_id, f"Microsoft.MachineLearningServices/workspaces/{action}")
        return CALLER

    gate = labeling_gate(labeling.service.door, authorization, by_token)
    asker = gate(_request(authorization="Bearer x"), WORKSPACE, PROJECTS_READ)
    assert (asker.identity, asker.role, asker.by_token) == (CALLER.object_id, role, True)
    assert (asker.may(PROJECTS_WRITE), asker.may(EXPORT), len(asker.actions)) == (writes, writes, count)
    if not writes:
        with pytest.raises(AzureError, match="AuthorizationFailed"):
            gate(_request(authorization="Bearer x"), WORKSPACE, PROJECTS_WRITE)


def test_a_cookie_counts_only_without_a_token(labeling: LabelingLab) -> None:
    def by_token(_request: Request, _workspace_id: str, _action: str) -> Caller:
        raise AzureError(401, "AuthenticationFailed", "No token.")

    labeling.created()
    add(labeling, "anna@example.org")
    cookie = f"labeling_session={sign_in(labeling, 'anna@example.org').cookies['labeling_session']}"
    gate = labeling_gate(labeling.service.door, _authorization(), by_token)
    asker = gate(_request(cookie=cookie), WORKSPACE, LABELS_WRITE)
    assert (asker.identity, asker.role, asker.by_token) == ("anna@example.org", Role.LABELER, False)
    for headers in ({"cookie": cookie, "authorization": "Bearer wrong"}, {}):
        with pytest.raises(AzureError, match="AuthenticationFailed"):
            gate(_request(**headers), WORKSPACE, LABELS_WRITE)
