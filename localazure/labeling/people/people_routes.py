"""People and teams of a project over HTTP: who is in it, adding, changing, inviting, removing.

Owns: those routes, their bodies, their lines in the history. Leaves: the tables to `people.py`, links to `invites.py`,
who may act on whom to `reach.py`.

Projects are in the store, people in the tables: whoever needs both asks the store first, never inside a write.
"""

from typing import Any

from starlette.responses import JSONResponse, Response

from localazure.errors import AzureError
from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.errors import user_error
from localazure.labeling.jobs.wire import parse_json
from localazure.labeling.people.names import check_email, check_person_name, check_team
from localazure.labeling.people.people import Member, Team
from localazure.labeling.people.roles import PROJECTS_WRITE, SUMMARY_READ, Role
from localazure.labeling.queue.shares import let_go
from localazure.labeling.service import LabelingService
from localazure.labeling.times import stamp

__all__ = ["PEOPLE_ROWS"]

_PRIVATE = {"Cache-Control": "no-store"}
_HOURS = 168
_MOST_HOURS = 720


def _list(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    workspace = project.workspace_id
    invited, seen = service.invites.open_until(workspace), service.sessions.last_seen(workspace)
    waiting, labeled = service.shares.waiting(project.number), service.shares.labeled(project.number)
    people = [
        _dump_member(member)
        | {
            "invited": invited.get(member.person.email),
            "lastSeen": seen.get(member.person.email),
            "assigned": waiting.get(member.person.email, 0),
            "labeled": labeled.get(member.person.email, 0),
        }
        for member in service.people.members(workspace, project.number)
    ]
    teams = [_dump_team(team) for team in service.people.teams(workspace, project.number)]
    return JSONResponse({"people": people, "teams": teams}, headers=_PRIVATE)


def _put(service: LabelingService, call: DataCall) -> Response:
    project, email, body = call.project(service), _email(call), _only(call, ("name", "team", "role"))
    workspace = project.workspace_id
    name = None if body.get("name") is None else check_person_name(body["name"])
    team = None
    if "team" in body:
        team = check_team(body["team"]) if body["team"] else ""
    old = service.people.person(workspace, email)
    if old is not None and (name not in (None, old.name) or team is not None):
        service.reach.check_person(call.asker, workspace, email)
    for moved in {team, old.team if old and team is not None else None} - {None, ""}:
        service.reach.check_team(call.asker, workspace, str(moved))
    with service.tables.write() as db:
        member = service.people.put(
            workspace, project.number, email, name=name, team=team, role=_role(body) if body.get("role") else None
        )
        detail = {"email": email, "name": member.person.name, "role": member.role.value, "team": member.person.team}
        service.history.add(db, project.number, call.asker.identity, "person-put", detail=detail)
    return JSONResponse(_dump_member(member))


def _delete(service: LabelingService, call: DataCall) -> Response:
    """Out of this project, at once; what the person labelled stays. Nobody else's project is touched."""
    project, email = call.project(service), _email(call)
    workspace = project.workspace_id
    person = service.people.person(workspace, email)
    team = None if person is None else person.team
    if team is not None and any(
        one.name == team and one.role for one in service.people.teams(workspace, project.number)
    ):
        service.reach.check_team(call.asker, workspace, team)
    with service.tables.write() as db:
        if not service.people.remove(workspace, project.number, email):
            return Response(status_code=204)
        let_go(db, project.number, email)
        if not service.people.roles(workspace, email):
            service.invites.revoke(workspace, email)
            service.sessions.close_all(workspace, email)
        service.history.add(db, project.number, call.asker.identity, "person-removed", detail={"email": email})
    return Response(status_code=204)


def _put_team(service: LabelingService, call: DataCall) -> Response:
    project, name = call.project(service), check_team(call.request.path_params["team"])
    role = _role(_only(call, ("role",)))
    with service.tables.write() as db:
        team = service.people.put_team(project.workspace_id, project.number, name, role)
        detail = {"team": name, "role": role.value}
        service.history.add(db, project.number, call.asker.identity, "team-put", detail=detail)
    return JSONResponse(_dump_team(team))


def _delete_team(service: LabelingService, call: DataCall) -> Response:
    project, name = call.project(service), check_team(call.request.path_params["team"])
    with service.tables.write() as db:
        before = {member.person.email for member in service.people.members(project.workspace_id, project.number)}
        if service.people.remove_team(project.workspace_id, project.number, name):
            after = {member.person.email for member in service.people.members(project.workspace_id, project.number)}
            for email in sorted(before - after):
                let_go(db, project.number, email)
            service.history.add(db, project.number, call.asker.identity, "team-removed", detail={"team": name})
    return Response(status_code=204)


def _invite(service: LabelingService, call: DataCall) -> Response:
    """The link is in this answer and nowhere else; its token is in the fragment, which browsers do not send."""
    project, email, body = call.project(service), _email(call), _only(call, ("hours",))
    hours = body.get("hours", _HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= _MOST_HOURS:
        raise user_error(f"hours must be a whole number from 1 to {_MOST_HOURS}.", target="hours")
    _check_member(service, call, email)
    service.reach.check_person(call.asker, project.workspace_id, email)
    with service.tables.write() as db:
        token, expires = service.invites.create(project.workspace_id, email, project.number, hours=hours)
        detail = {"email": email, "hours": hours}
        service.history.add(db, project.number, call.asker.identity, "invited", detail=detail)
    link = f"{str(call.request.base_url).rstrip('/')}/labeling/join#{token}"
    return JSONResponse({"link": link, "expires": stamp(expires)}, headers=_PRIVATE)


def _revoke(service: LabelingService, call: DataCall) -> Response:
    project, email = call.project(service), _email(call)
    _check_member(service, call, email)
    service.reach.check_person(call.asker, project.workspace_id, email)
    with service.tables.write() as db:
        links = service.invites.revoke(project.workspace_id, email)
        sessions = service.sessions.close_all(project.workspace_id, email)
        detail = {"email": email, "links": links, "sessions": sessions}
        service.history.add(db, project.number, call.asker.identity, "revoked", detail=detail)
    return Response(status_code=204)


PEOPLE_ROWS: tuple[DataRow, ...] = (
    ("GET", "/people", SUMMARY_READ, _list),
    ("PUT", "/people/{email}", PROJECTS_WRITE, _put),
    ("DELETE", "/people/{email}", PROJECTS_WRITE, _delete),
    ("POST", "/people/{email}/invite", PROJECTS_WRITE, _invite),
    ("POST", "/people/{email}/revoke", PROJECTS_WRITE, _revoke),
    ("PUT", "/teams/{team}", PROJECTS_WRITE, _put_team),
    ("DELETE", "/teams/{team}", PROJECTS_WRITE, _delete_team),
)


def _email(call: DataCall) -> str:
    return check_email(call.request.path_params["email"])


def _check_member(service: LabelingService, call: DataCall, email: str) -> None:
    project = call.project(service)
    if service.people.role(project.workspace_id, email, project.number) is None:
        raise AzureError(404, "PersonNotFound", f"{email} is not in this project; add the person first.")


def _only(call: DataCall, known: tuple[str, ...]) -> dict[str, Any]:
    body = dict(parse_json(call.body or b"{}"))
    for key in body:
        if key not in known:
            raise user_error(f"There is no '{key[:50]}' here, only {', '.join(known)}.", target=key[:50])
    return body


def _role(body: dict[str, Any]) -> Role:
    try:
        return Role(body.get("role"))
    except ValueError:
        raise user_error(f"role must be one of {', '.join(Role)}.", target="role") from None


def _dump_member(member: Member) -> dict[str, Any]:
    person = member.person
    return {
        "email": person.email,
        "name": person.name,
        "team": person.team,
        "role": member.role.value,
        "byTeam": not member.own,
        "added": member.added,
    }


def _dump_team(team: Team) -> dict[str, Any]:
    return {"name": team.name, "role": None if team.role is None else team.role.value, "people": list(team.people)}
