"""The session's cookie, and what keeps other sites from using it.

Owns: the cookie's name and attributes, the header and the origin that writes by cookie must have. Leaves: whose
session it is to `sessions.py`.

A form of another site can send no header of its own; SameSite=Strict keeps the cookie at home as well.
"""

from starlette.requests import Request
from starlette.responses import Response

from localazure.errors import AzureError
from localazure.labeling.people.sessions import LONGEST_S

__all__ = ["CLIENT_HEADER", "COOKIE", "check_client", "clear_cookie", "cookie_name", "session_token", "set_cookie"]

COOKIE = "labeling_session"
CLIENT_HEADER = "x-labeling-client"
_PATH = "/labeling"
_READING = ("GET", "HEAD")
_LONGEST = 128


def cookie_name(request: Request) -> str:
    """Cookies know no ports: two servers on one machine would sign each other's people out."""
    port = request.base_url.port
    return COOKIE if port is None else f"{COOKIE}_{port}"


def session_token(request: Request) -> str | None:
    """What the cookie says; None without a cookie that could be ours."""
    token = request.cookies.get(cookie_name(request), "")
    return token if 0 < len(token) <= _LONGEST else None


def check_client(request: Request) -> None:
    """AzureError 403 for a write that may come from another site."""
    if request.method in _READING:
        return
    origin = request.headers.get("origin")
    foreign = origin is not None and origin.lower() != str(request.base_url).rstrip("/").lower()
    if foreign or request.headers.get(CLIENT_HEADER) != "page":
        raise AzureError(
            403, "CrossSiteRequest", f"Writes by cookie come from our own pages, with the header {CLIENT_HEADER}: page."
        )


def set_cookie(request: Request, response: Response, token: str) -> None:
    name = cookie_name(request)
    response.set_cookie(name, token, max_age=LONGEST_S, path=_PATH, secure=True, httponly=True, samesite="strict")


def clear_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(cookie_name(request), path=_PATH, secure=True, httponly=True, samesite="strict")
