"""The directory's word on the people of a roster: who they are, who is a guest, who is not known.

Owns: Microsoft Graph's field names and queries, and what is wrong with a roster's people. On the local Azure it can
make people who are not there; nowhere else.
Leaves: the roster itself to `roster.py`.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

from automation.azure import Cloud, Rest
from automation.course.roster import Enrolled
from automation.course.types import Person
from automation.errors import ConfigError, Finding, InvalidRequest, Refused, Severity, Unauthorized
from automation.progress import Progress, silent

__all__ = ["Directory", "Found", "check_people"]

GRAPH = "https://graph.microsoft.com"
MOST_AT_ONCE = 15  # Graph takes no more values in one `in`
PARALLEL = 4
_FIELDS = "id,displayName,userPrincipalName,mail,userType,accountEnabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the directory says.

    Attributes:
        people: By the address of the roster, with object ids.
        unknown: Those whom the directory does not have.
        disabled: Addresses whose account is switched off.
        several: Addresses that more than one person has.
    """

    people: Mapping[str, Person]
    unknown: tuple[Enrolled, ...] = ()
    disabled: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()


@dataclass
class _Answers:
    """What has come so far, by a key in lower case."""

    users: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    def add(self, key: str, user: dict[str, Any]) -> None:
        there = self.users.setdefault(key.lower(), [])
        if all(other.get("id") != user.get("id") for other in there):
            there.append(user)


class Directory:
    """The users of one tenant, by Microsoft Graph."""

    def __init__(self, rest: Rest, cloud: Cloud) -> None:
        self._rest, self._local = rest, cloud.is_local
        self._base = (f"{cloud.arm_endpoint}/graph" if cloud.is_local else GRAPH) + "/v1.0"

    def look_up(self, people: Sequence[Enrolled], *, progress: Progress = silent) -> Found:
        """Look for people: by object id where the roster gives one, by sign-in name and mail address otherwise.

        Raises:
            Unauthorized: We may not read the directory; the hint says what does without.
        """
        by_id = self._ask("id", [person.object_id for person in people if person.object_id], progress)
        addresses = [person.email for person in people if not person.object_id]
        by_name = self._ask("userPrincipalName", addresses, progress)
        by_mail = self._ask("mail", [email for email in addresses if email not in by_name.users], progress)
        found: dict[str, Person] = {}
        unknown: list[Enrolled] = []
        disabled: set[str] = set()
        several: set[str] = set()
        for person in people:
            users = (
                by_id.users.get(person.object_id, [])
                if person.object_id
                else by_name.users.get(person.email) or by_mail.users.get(person.email, [])
            )
            if not users:
                unknown.append(person)
                continue
            if len(users) > 1:
                several.add(person.email)
            if users[0].get("accountEnabled") is False:
                disabled.add(person.email)
            found[person.email] = _person(person, users[0])
        return Found(people=found, unknown=tuple(unknown), disabled=frozenset(disabled), several=frozenset(several))

    def create(self, people: Sequence[Enrolled], *, progress: Progress = silent) -> int:
        """Make people who are not in the local Azure's directory; how many were made.

        Raises:
            Refused: This is not the local Azure: people of a school or company are made by its administrators.
        """
        if not self._local:
            raise Refused(
                "people are made in the local Azure's directory only",
                hint="ask an administrator of the directory to invite them",
            )
        for done, person in enumerate(people):
            progress(done, len(people), person.email)
            name = person.name or person.email.partition("@")[0]
            body: dict[str, object] = {
                "accountEnabled": True,
                "displayName": name,
                "mail": person.email,
                "mailNickname": person.email.partition("@")[0],
                "userPrincipalName": person.email,
                "passwordProfile": {"password": f"Aa1-{secrets.token_urlsafe(18)}"},  # nobody keeps it
            }
            try:
                self._send("POST", "/users", f"create the user {person.email}", json=body)
            except InvalidRequest as exc:
                if "already exists" not in exc.detail:
                    raise
        return len(people)

    def _ask(self, name: str, values: Sequence[str], progress: Progress) -> _Answers:
        answers = _Answers()
        parts = list(_parts(list(dict.fromkeys(values))))

        def ask(part: Sequence[str]) -> list[dict[str, Any]]:
            listed = ",".join("'" + value.replace("'", "''") + "'" for value in part)
            return list(self._users({"$filter": f"{name} in ({listed})", "$select": _FIELDS, "$top": "100"}))

        with ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="directory") as pool:
            for done, users in enumerate(pool.map(ask, parts)):
                progress(done * MOST_AT_ONCE, len(values), "asking the directory")
                for user in users:
                    answers.add(str(user.get(name, "")), user)
        return answers

    def _users(self, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        operation = "look people up in the directory"
        answer = self._send("GET", "/users", operation, params=params)
        while True:
            yield from cast("list[dict[str, Any]]", answer.get("value") or [])
            link = answer.get("@odata.nextLink")
            if not isinstance(link, str) or not link.startswith(f"{self._base}/"):
                return
            answer = self._send("GET", link.removeprefix(self._base), operation)

    def _send(
        self,
        method: str,
        path: str,
        operation: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> dict[str, Any]:
        try:
            return self._rest.send(
                method, self._base + path, scope=f"{GRAPH}/.default", operation=operation, params=params, json=json
            ).json_object(operation)
        except Unauthorized as exc:
            raise Unauthorized(
                exc.detail,
                operation=operation,
                status=exc.status,
                code=exc.code,
                request_id=exc.request_id,
                hint="User.Read.All of Microsoft Graph is needed; or give everybody's objectId in the roster and"
                " --no-directory",
            ) from exc


def check_people(
    found: Found,
    people: Sequence[Enrolled],
    *,
    file: str,
    allow_guests: bool,
    local: bool,
    settled: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with the people of a roster, as warnings; raised when it stops the work.

    Args:
        found: What the directory says.
        people: Those who were looked up.
        file: The roster's name.
        allow_guests: Whether guests get seats.
        local: Whether this is the local Azure.
        settled: Addresses of people who have a seat already and stay, by their object ids.

    Raises:
        ConfigError: People are not known, or are guests who are not allowed; all of them are in `findings`.
    """
    make = "add --create-people: the local Azure's directory gets a user for each of them"
    unknown = make if local else "correct the address, give an objectId, or have the person invited"
    findings: list[Finding] = []

    def note(code: str, wrong: Callable[[Enrolled], bool], message: str, hint: str, severity: Severity) -> None:
        findings.extend(
            Finding(
                code=code,
                severity=severity,
                where=f"{file}:{person.line}",
                message=f"{person.email} {message}",
                hint=hint,
            )
            for person in people
            if wrong(person)
        )

    missing = {person.email for person in found.unknown}
    note("unknown-person", lambda p: p.email in missing, "is not in the directory", unknown, Severity.ERROR)
    allowed = Severity.WARNING if allow_guests else Severity.ERROR
    hint = "add --allow-guests when that is meant"
    note("guest", lambda p: _is_guest(found, p), "is a guest of the directory", hint, allowed)
    hint = "give the objectId of the one who is meant"
    note("several-people", lambda p: p.email in found.several, "is the address of several people", hint, Severity.ERROR)
    twins = _twins(found, people, settled or {})
    for person in people:
        if other := twins.get(person.email):
            message = f"is the same person as {other}"
            note("same-person", lambda p, me=person: p is me, message, "keep one of the two lines", Severity.ERROR)
    hint = "the person cannot sign in before somebody switches it on"
    note("disabled-account", lambda p: p.email in found.disabled, "has an account that is off", hint, Severity.WARNING)
    findings.sort(key=_line)
    if errors := sum(finding.severity is Severity.ERROR for finding in findings):
        raise ConfigError(
            f"the directory does not know {errors} of the people of {file} as they are needed"
            if errors > 1
            else f"the directory does not know one of the people of {file} as needed",
            hint=make if local and found.unknown else "nothing was changed",
            findings=findings,
        )
    return tuple(findings)


def _twins(found: Found, people: Sequence[Enrolled], settled: Mapping[str, str]) -> dict[str, str]:
    """Who is somebody else of the roster under another address: whom, by address."""
    first = dict(settled)
    twins: dict[str, str] = {}
    for person in people:
        there = found.people.get(person.email)
        if there is None or there.object_id is None:
            continue
        other = first.setdefault(there.object_id, person.email)
        if other != person.email:
            twins[person.email] = other
    return twins


def _is_guest(found: Found, person: Enrolled) -> bool:
    there = found.people.get(person.email)
    return there is not None and there.guest


def _line(finding: Finding) -> int:
    return int(finding.where.rpartition(":")[2])


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + MOST_AT_ONCE] for start in range(0, len(values), MOST_AT_ONCE))


def _person(asked: Enrolled, user: Mapping[str, Any]) -> Person:
    return Person(
        email=asked.email,
        name=asked.name or (str(user["displayName"])[:200] if user.get("displayName") else None),
        team=asked.team,
        object_id=str(user.get("id", "")).lower() or None,
        guest=str(user.get("userType")) == "Guest",
    )
