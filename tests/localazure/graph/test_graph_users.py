"""Users: created, found, paged, changed, deleted; guests; who may do so."""

from typing import Any

import pytest


def test_a_user_is_found_by_id_and_by_name_and_shows_no_password(graph: Any) -> None:
    ada = graph.user("Ada", mail="ada@school.example", department="Optics")
    shown = graph.get(f"/users/{ada}")
    assert shown == graph.get("/users/ADA@school.example") == graph.get("/users('ada@school.example')")
    assert (shown["displayName"], shown["mail"], shown["userPrincipalName"]) == (
        "Ada",
        "ada@school.example",
        "ada@school.example",
    )
    more = graph.get(f"/users/{ada}", select="department,userType,passwordProfile")
    assert (more["department"], more["userType"], more["passwordProfile"]) == ("Optics", "Member", None)
    assert "department" not in shown


def test_lists_are_filtered_searched_sorted_and_paged(graph: Any) -> None:
    for name in ("Ada Lovelace", "Bob Ross", "Cy Twombly", "Dora Maar"):
        first = name.split()[0]
        graph.user(name, mailNickname=first, userPrincipalName=f"{first}@school.example", jobTitle=name[-1])
    assert graph.names("users", filter="startswith(displayName,'bo')") == ["Bob Ross"]
    assert graph.names("users", filter="userPrincipalName eq 'CY@school.example'") == ["Cy Twombly"]
    both = "displayName in ('Ada Lovelace', 'Bob Ross') and not (jobTitle eq 'e')"
    assert graph.names("users", filter=both) == ["Bob Ross"]
    ordered = graph.get("/users", orderby="displayName desc", top="3", count="true")
    assert [u["displayName"] for u in ordered["value"]] == ["Dora Maar", "Cy Twombly", "Bob Ross"]
    assert ordered["@odata.count"] == 4
    rest = graph.send("GET", ordered["@odata.nextLink"]).json()
    assert ([u["displayName"] for u in rest["value"]], "@odata.nextLink" in rest) == (["Ada Lovelace"], False)
    eventual = {"ConsistencyLevel": "eventual"}
    found = graph.send("GET", "/users", headers=eventual, search='"displayName:ma"')
    assert [u["displayName"] for u in found.json()["value"]] == ["Dora Maar"]


def test_every_user_is_on_exactly_one_page(graph: Any) -> None:
    ids = {graph.user(f"u{number}") for number in range(7)}
    seen: list[str] = []
    link = "/users?$top=2&$select=id"
    while link:
        page = graph.send("GET", link).json()
        seen += [user["id"] for user in page["value"]]
        link = page.get("@odata.nextLink")
    assert (len(seen), set(seen)) == (7, ids)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"filter": "displayName ne 'x'"}, "Request_UnsupportedQuery"),
        ({"filter": "endswith(mail,'x')"}, "Request_UnsupportedQuery"),
        ({"filter": "colour eq 'x'"}, "Request_UnsupportedQuery"),
        ({"filter": "displayName eq"}, "BadRequest"),
        ({"filter": "displayName eq 'x"}, "BadRequest"),
        ({"filter": "displayName eq 'x' 'y'"}, "BadRequest"),
        ({"filter": "(" * 60 + "accountEnabled eq true" + ")" * 60}, "BadRequest"),
        ({"search": '"displayName:x"'}, "Request_UnsupportedQuery"),
        ({"top": "1000"}, "Request_BadRequest"),
        ({"top": "none"}, "Request_BadRequest"),
        ({"select": "colour"}, "Request_BadRequest"),
        ({"skiptoken": "x"}, "Request_BadRequest"),
        ({"expand": "manager"}, "BadRequest"),
    ],
)
def test_what_lists_do_not_know_is_refused(graph: Any, error: Any, query: dict[str, str], code: str) -> None:
    assert error(graph.send("GET", "/users", **query)) == (400, code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"displayName": None},
        {"userPrincipalName": "no-domain"},
        {"passwordProfile": {"password": "short"}},
        {"accountEnabled": "yes"},
        {"colour": "red"},
        {"createdDateTime": "2026-01-01T00:00:00Z"},
        {"userType": "Visitor"},
        {"mail": "nobody"},
    ],
)
def test_bad_users_are_refused(graph: Any, error: Any, wrong: dict[str, Any]) -> None:
    body = {
        "accountEnabled": True,
        "displayName": "Ada",
        "mailNickname": "ada",
        "userPrincipalName": "ada@school.example",
        "passwordProfile": {"password": "Correct-Horse-7"},
    }
    assert error(graph.send("POST", "/users", body | wrong)) == (400, "Request_BadRequest")
    assert graph.get("/users")["value"] == []


def test_a_name_belongs_to_one_user(graph: Any, error: Any) -> None:
    ada, bob = graph.user("Ada"), graph.user("Bob")
    taken = {"userPrincipalName": "ada@school.example"}
    assert error(graph.send("PATCH", f"/users/{bob}", taken)) == (400, "Request_BadRequest")
    assert graph.send("PATCH", f"/users/{ada}", {"userPrincipalName": "ada@new.example"}).status_code == 204
    assert graph.send("PATCH", f"/users/{bob}", taken).status_code == 204
    assert graph.get("/users/ada@school.example")["id"] == bob
    assert graph.send("DELETE", f"/users/{bob}").status_code == 204
    assert error(graph.send("GET", f"/users/{bob}")) == (404, "Request_ResourceNotFound")
    assert error(graph.send("GET", "/users/ada@school.example")) == (404, "Request_ResourceNotFound")


def test_a_guest_is_invited_once(graph: Any) -> None:
    invitation = {"invitedUserEmailAddress": "eve@other.example", "inviteRedirectUrl": "https://localhost"}
    first, second = (graph.post("/invitations", invitation)["invitedUser"]["id"] for _ in range(2))
    assert first == second
    guests = graph.get("/users", filter="userType eq 'Guest'", select="id,mail,userPrincipalName")["value"]
    name = "eve_other.example#EXT#@11111111.onmicrosoft.com"
    assert guests == [{"id": first, "mail": "eve@other.example", "userPrincipalName": name}]
    assert graph.get("/users", filter="mail eq 'eve@other.example'")["value"][0]["id"] == first


def test_permissions_decide_who_reads_and_who_writes(graph: Any, error: Any) -> None:
    body = {"displayName": "x", "mailEnabled": False, "mailNickname": "x", "securityEnabled": True}
    nobody, reader, writer = (
        graph.having(),
        graph.having("Directory.Read.All"),
        graph.having("Directory.ReadWrite.All"),
    )
    assert error(nobody.send("GET", "/users")) == (403, "Authorization_RequestDenied")
    assert error(reader.send("POST", "/groups", body)) == (403, "Authorization_RequestDenied")
    assert [reader.send("GET", "/users").status_code, writer.send("POST", "/groups", body).status_code] == [200, 201]
    assert reader.send("POST", "/directoryObjects/getByIds", {"ids": ["x"]}).json()["value"] == []


def test_the_token_must_be_for_graph(graph: Any) -> None:
    for header in ({}, {"Authorization": f"Bearer {graph.lab.token()}"}):
        answer = graph.lab.send("GET", "/graph/v1.0/users", headers={"Authorization": "", **header})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_nobody_is_me_and_what_is_not_here_says_so(graph: Any, error: Any) -> None:
    assert error(graph.send("GET", "/me")) == (400, "Request_BadRequest")
    assert error(graph.send("GET", "/devices")) == (501, "NotImplementedByLocalAzure")
    assert error(graph.send("PUT", "/users/x")) == (405, "Request_BadRequest")
    beta = graph.lab.send("GET", "/graph/beta/users", None, None)
    assert error(beta) == (501, "NotImplementedByLocalAzure")


def test_a_body_that_is_no_object_is_refused(graph: Any, error: Any) -> None:
    assert error(graph.send("POST", "/users", ["x"])) == (400, "BadRequest")
