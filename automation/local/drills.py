"""Drills of the local Azure: scenes of trouble, listed, switched on and off.

Owns: the requests, and a drill as the local Azure tells of it. Leaves: what each does to the local Azure itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from automation.errors import ConfigError, LabError, Refused, TransportError
from automation.local.admin import ask_admin
from automation.nearest import nearest

__all__ = ["DrillState", "begin_drill", "end_drill", "end_drills", "list_drills"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillState:
    """One drill.

    Attributes:
        what: What it does; `see` what one should see, `ends` how it ends by itself, `tries` what to try.
        left: How often it strikes yet; None where nothing is counted, or while it is off.
    """

    name: str
    on: bool
    left: int | None
    what: str
    see: str
    ends: str
    tries: str


def list_drills(connection: Mapping[str, object]) -> list[DrillState]:
    return _several(_ask(connection, "GET", "", "listing the drills"))


def begin_drill(
    connection: Mapping[str, object],
    name: str,
    *,
    count: int | None = None,
    seconds: float | None = None,
    match: str | None = None,
) -> DrillState:
    """Switch one on. Raises ConfigError for a name or an option that does not fit, Refused when it cannot be now."""
    given = {"count": count, "seconds": seconds, "match": match}
    options = {key: value for key, value in given.items() if value is not None}
    return _one(_ask(connection, "PUT", f"/{quote(name, safe='')}", f"switching {name} on", options))


def end_drill(connection: Mapping[str, object], name: str) -> DrillState:
    """Switch one off, and let go of what it holds."""
    return _one(_ask(connection, "DELETE", f"/{quote(name, safe='')}", f"switching {name} off"))


def end_drills(connection: Mapping[str, object]) -> list[DrillState]:
    """Switch all of them off."""
    return _several(_ask(connection, "DELETE", "", "switching the drills off"))


def _ask(
    connection: Mapping[str, object], method: str, path: str, what: str, body: Mapping[str, object] | None = None
) -> dict[str, Any]:
    answer = ask_admin(connection, method, f"/_local/drills{path}", body)
    if answer is None or not isinstance(answer[1], dict):
        raise TransportError(what, "the local Azure gave no answer", hint="`visionlab local status`")
    status, found = answer[0], cast("dict[str, Any]", answer[1])
    if status >= 300:
        raise _refused(connection, status, found, path.strip("/"))
    return found


def _refused(connection: Mapping[str, object], status: int, found: Mapping[str, Any], name: str) -> LabError:
    error = found.get("error")
    told = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    said = str(told.get("message") or f"status {status}").rstrip(".")
    if status == 404 and told.get("code") == "DrillNotFound":
        near = nearest(name, [drill.name for drill in list_drills(connection)])
        return ConfigError(f"there is no drill {name!r}", hint=f"did you mean {near!r}?" if near else said)
    if status == 404:
        return ConfigError("this local Azure has no drills", hint="stop and start it: it is of an older version")
    if status == 409:
        return Refused(said)
    return ConfigError(said, hint="`visionlab local drill --list` shows all drills")


def _several(found: Mapping[str, Any]) -> list[DrillState]:
    return [_one(row) for row in cast("list[dict[str, Any]]", found.get("drills") or [])]


def _one(row: Mapping[str, Any]) -> DrillState:
    left = row.get("left")
    return DrillState(
        name=str(row.get("name")),
        on=row.get("on") is True,
        left=left if isinstance(left, int) else None,
        what=str(row.get("what")),
        see=str(row.get("see")),
        ends=str(row.get("ends")),
        tries=str(row.get("try")),
    )
