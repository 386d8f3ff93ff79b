"""People of a roster and what the directory says of them: Graph's queries, guests, the unknown."""

import json
import re
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from automation.course.people import Directory, check_people
from automation.course.roster import Enrolled
from automation.course.types import Person
from automation.errors import ConfigError, Refused, Unauthorized
from tests.automation.azure.fakes import FakeClock, FakeTokens, a_cloud, a_rest

ID = "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a1"


def a_user(number: int, name: str, **changes: Any) -> dict[str, Any]:
    known = {
        "id": f"{ID}{number}".upper(),
        "displayName": name.title(),
        "userPrincipalName": f"{name.title()}@example.org",
        "mail": f"{name}.mail@example.org",
        "userType": "Member",
        "accountEnabled": True,
    }
    return known | changes


class FakeGraph:
    """Answers the one kind of query, strictly, and takes new users."""

    def __init__(self, *users: dict[str, Any]) -> None:
        self.users = list(users)
        self.filters: list[str] = []
        self.made: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/graph/v1.0/users"
        if request.method == "POST":
            self.made.append(json.loads(request.content))
            return httpx.Response(201, json={"id": "new"})
        asked = request.url.params["$filter"]
        self.filters.append(asked)
        found = re.fullmatch(r"(\w+) in \((('[^']+(?:''[^']*)*',?)+)\)", asked)
        assert found is not None, asked
        values = {value.replace("''", "'").lower() for value in re.findall(r"'((?:[^']|'')+)'", found[2])}
        assert len(values) <= 15
        return httpx.Response(200, json={"value": [user for user in self.users if user[found[1]].lower() in values]})


def enrolled(*emails: str) -> list[Enrolled]:
    return [Enrolled(line=line, email=email) for line, email in enumerate(emails, 2)]


def a_directory(graph: FakeGraph) -> Directory:
    return Directory(a_rest(graph), a_cloud())


def test_people_are_found_by_sign_in_name_then_by_mail_and_by_object_id() -> None:
    graph = FakeGraph(a_user(1, "ann"), a_user(2, "ben"), a_user(3, "cem"))
    people = [
        *enrolled("ann@example.org", "ben.mail@example.org"),
        Enrolled(line=4, email="x@y.org", object_id=f"{ID}3"),
    ]
    found = a_directory(graph).look_up(people)
    assert found.people == {
        "ann@example.org": Person(email="ann@example.org", name="Ann", object_id=f"{ID}1"),
        "ben.mail@example.org": Person(email="ben.mail@example.org", name="Ben", object_id=f"{ID}2"),
        "x@y.org": Person(email="x@y.org", name="Cem", object_id=f"{ID}3"),
    }
    assert found.unknown == ()
    assert graph.filters == [
        f"id in ('{ID}3')",
        "userPrincipalName in ('ann@example.org','ben.mail@example.org')",
        "mail in ('ben.mail@example.org')",
    ]


def test_many_people_are_asked_for_in_parts_and_quotes_are_doubled() -> None:
    graph = FakeGraph(a_user(1, "o'hara"))
    people = enrolled("o'hara@example.org", *(f"p{n}@example.org" for n in range(40)))
    found = a_directory(graph).look_up(people)
    assert (list(found.people), len(found.unknown), len(graph.filters)) == (["o'hara@example.org"], 40, 6)


def findings_of(graph: FakeGraph, people: Sequence[Enrolled], *, allow_guests: bool = False) -> list[tuple[str, str]]:
    found = a_directory(graph).look_up(people)
    try:
        listed = check_people(found, people, file="r.csv", allow_guests=allow_guests, local=True)
    except ConfigError as exc:
        listed = exc.findings
    return [(str(finding.severity), f"{finding.where}: {finding.message}") for finding in listed]


def test_guests_unknown_people_and_accounts_that_are_off_are_said_with_their_lines() -> None:
    graph = FakeGraph(
        a_user(1, "ann", userType="Guest"),
        a_user(2, "ben", accountEnabled=False),
        a_user(4, "dan", mail="two@example.org"),
        a_user(5, "eve", mail="two@example.org"),
    )
    people = enrolled("nobody@example.org", "ben@example.org", "ann@example.org", "two@example.org")
    assert findings_of(graph, people) == [
        ("error", "r.csv:2: nobody@example.org is not in the directory"),
        ("warning", "r.csv:3: ben@example.org has an account that is off"),
        ("error", "r.csv:4: ann@example.org is a guest of the directory"),
        ("error", "r.csv:5: two@example.org is the address of several people"),
    ]
    assert findings_of(graph, people[1:3], allow_guests=True) == [
        ("warning", "r.csv:3: ben@example.org has an account that is off"),
        ("warning", "r.csv:4: ann@example.org is a guest of the directory"),
    ]


def test_people_are_made_in_the_local_directory_alone() -> None:
    graph = FakeGraph()
    assert a_directory(graph).create([Enrolled(line=2, email="new.one@example.org", name="New One")]) == 1
    (made,) = graph.made
    assert len(made.pop("passwordProfile")["password"]) > 20
    assert made == {
        "accountEnabled": True,
        "displayName": "New One",
        "mail": "new.one@example.org",
        "mailNickname": "new.one",
        "userPrincipalName": "new.one@example.org",
    }
    azure = a_cloud(name="azure", arm_endpoint="https://management.azure.com")
    with pytest.raises(Refused, match="local Azure's directory only"):
        Directory(a_rest(graph), azure).create(enrolled("a@example.org"))


def test_who_may_not_read_the_directory_hears_what_does_without() -> None:
    refused = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    directory = Directory(a_rest(lambda _: refused, FakeClock()), a_cloud())
    with pytest.raises(Unauthorized) as caught:
        directory.look_up(enrolled("a@example.org"))
    assert "objectId" in (caught.value.hint or "")
    assert FakeTokens().token("x") not in str(caught.value)


def test_one_person_under_two_addresses_is_told() -> None:
    graph = FakeGraph(a_user(1, "ann"), a_user(2, "ben"))
    people = enrolled("ann@example.org", "ann.mail@example.org", "ben.mail@example.org")
    assert findings_of(graph, people) == [
        ("error", "r.csv:3: ann.mail@example.org is the same person as ann@example.org")
    ]
    found = a_directory(graph).look_up(people[2:])
    with pytest.raises(ConfigError) as caught:
        check_people(
            found, people[2:], file="r.csv", allow_guests=False, local=True, settled={f"{ID}2": "ben@example.org"}
        )
    assert [finding.message for finding in caught.value.findings] == [
        "ben.mail@example.org is the same person as ben@example.org"
    ]
