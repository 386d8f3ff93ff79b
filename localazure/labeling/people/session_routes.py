"""Signing in by a personal link, who is signed in, signing out.

Owns: /labeling/session. Leaves: links to `invites.py`, the cookie to `cookies.py`.
"""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.errors import AzureError
from localazure.labeling.jobs.project_document import dump_summary
from localazure.labeling.jobs.wire import parse_json
from localazure.labeling.people.cookies import check_client, clear_cookie, session_token, set_cookie
from localazure.labeling.service import LabelingService
from localazure.labeling.types import Project

__all__ = ["session_routes"]

_PATH = "/labeling/session"
_PRIVATE = {"Cache-Control": "no-store"}


def session_routes(service: LabelingService) -> list[Route]:
    def endpoint(work: Callable[[LabelingService, Request, bytes], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            check_client(request)
            return await run_in_threadpool(work, service, request, await request.body())

        return answer

    return [
        Route(_PATH, endpoint(_sign_in), methods=["POST"]),
        Route(_PATH, endpoint(_who), methods=["GET"]),
        Route(_PATH, endpoint(_sign_out), methods=["DELETE"]),
    ]


def _sign_in(service: LabelingService, request: Request, body: bytes) -> Response:
    """The session that the browser had ends with it."""
    address = request.client.host if request.client else ""
    service.guesses.check(address)
    token = parse_json(body).get("token")
    try:
        session = _open(service, request, token if isinstance(token, str) else "")
    except AzureError:
        service.guesses.failed(address)
        raise
    response = Response(status_code=204, headers=_PRIVATE)
    set_cookie(request, response, session)
    return response


def _open(service: LabelingService, request: Request, token: str) -> str:
    """The token is used up and the session is there, or neither."""
    with service.tables.write():
        invite = service.invites.redeem(token)
        if service.people.person(invite.workspace, invite.email) is None:
            raise AzureError(401, "InvalidToken", "This link is not valid. Ask for a new one.")
        if (old := session_token(request)) is not None:
            service.sessions.close(old)
        return service.sessions.open(invite.workspace, invite.email)


def _who(service: LabelingService, request: Request, _body: bytes) -> Response:
    session, person = service.door.who(session_token(request))
    roles = service.people.roles(session.workspace, person.email)
    projects = [
        dump_summary(project, roles[project.number], service.projects.counts(project))
        for project in _projects(service, session.workspace)
        if project.number in roles
    ]
    return JSONResponse({"email": person.email, "name": person.name, "projects": projects}, headers=_PRIVATE)


def _projects(service: LabelingService, workspace: str) -> list[Project]:
    try:
        return service.projects.list(workspace)
    except AzureError:  # the workspace is gone
        return []


def _sign_out(service: LabelingService, request: Request, _body: bytes) -> Response:
    token = session_token(request)
    if token is not None:
        service.sessions.close(token)
    response = Response(status_code=204, headers=_PRIVATE)
    clear_cookie(request, response)
    return response
