"""Applications and service principals: credentials, permissions, identities of resources, the local Azure's own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
TENANT = "11111111-1111-4111-8111-111111111111"


def application(graph: Any, **body: object) -> dict[str, Any]:
    return graph.post("/applications", {"displayName": "app", **body})


def sign_in(graph: Any, client: str, secret: str, scope: str = "https://localhost:8443/graph/.default") -> Any:
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": scope}
    return graph.lab.send_raw("POST", f"/{TENANT}/oauth2/v2.0/token", urlencode(form).encode()).json()


def test_a_service_principal_follows_its_application(graph: Any, error: Any) -> None:
    app = application(graph, identifierUris=["api://lab"])
    principal = graph.post("/servicePrincipals", {"appId": app["appId"]})
    assert principal["servicePrincipalNames"] == [app["appId"], "api://lab"]
    for name in (app["appId"], "api://lab"):
        found = graph.get("/servicePrincipals", filter=f"servicePrincipalNames/any(c:c eq '{name}')")["value"]
        assert [entry["id"] for entry in found] == [principal["id"]]
    assert graph.get(f"/servicePrincipals(appId='{app['appId']}')")["id"] == principal["id"]
    again = graph.send("POST", "/servicePrincipals", {"appId": app["appId"]})
    assert error(again) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert error(graph.send("POST", "/servicePrincipals", {"appId": "none"})) == (400, "Request_BadRequest")
    graph.send("PATCH", f"/applications/{app['id']}", {"displayName": "new"})
    assert graph.get(f"/servicePrincipals/{principal['id']}")["displayName"] == "new"
    assert graph.send("DELETE", f"/applications/{app['id']}").status_code == 204
    assert error(graph.send("GET", f"/servicePrincipals/{principal['id']}")) == (404, "Request_ResourceNotFound")


def test_a_secret_is_shown_once_and_only_its_digest_is_kept(graph: Any) -> None:
    app = application(graph)
    made = graph.post(f"/applications/{app['id']}/addPassword", {"passwordCredential": {"displayName": "ci"}})
    shown = graph.get(f"/applications/{app['id']}")["passwordCredentials"]
    assert [(entry["keyId"], entry["hint"], "secretText" in entry) for entry in shown] == [
        (made["keyId"], made["secretText"][:3], False)
    ]
    assert sign_in(graph, app["appId"], made["secretText"])["error_codes"] == [7000229]
    graph.post("/servicePrincipals", {"appId": app["appId"]})
    assert sign_in(graph, app["appId"], made["secretText"])["token_type"] == "Bearer"
    assert graph.send("POST", f"/applications/{app['id']}/removePassword", {"keyId": made["keyId"]}).status_code == 204
    assert sign_in(graph, app["appId"], made["secretText"])["error_codes"] == [7000215]


def test_secrets_made_at_the_same_time_are_all_there(graph: Any) -> None:
    app = application(graph)

    def add(_: int) -> str:
        return graph.post(f"/applications/{app['id']}/addPassword", {})["keyId"]

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(add, range(24)))
    shown = graph.get(f"/applications/{app['id']}")["passwordCredentials"]
    assert ({entry["keyId"] for entry in shown}, len(shown)) == (made, 24)


def test_a_secret_ends_when_it_says(graph: Any, error: Any) -> None:
    app = application(graph)
    graph.post("/servicePrincipals", {"appId": app["appId"]})
    path = f"/applications/{app['id']}/addPassword"
    past = graph.send("POST", path, {"passwordCredential": {"endDateTime": "2026-05-01T00:00:00Z"}})
    assert error(past) == (400, "Request_BadRequest")
    made = graph.post(path, {"passwordCredential": {"endDateTime": "2026-06-02T00:00:00Z"}})
    graph.lab.pass_s(24 * 3600)
    assert sign_in(graph, app["appId"], made["secretText"])["error_codes"] == [7000222]


def test_a_permission_that_is_granted_stands_in_the_next_token(graph: Any, error: Any) -> None:
    import jwt

    app = application(graph)
    principal = graph.post("/servicePrincipals", {"appId": app["appId"]})["id"]
    secret = graph.post(f"/servicePrincipals/{principal}/addPassword", {})["secretText"]
    resource = graph.get(f"/servicePrincipals(appId='{GRAPH_APP}')")
    role = next(role for role in resource["appRoles"] if role["value"] == "Directory.Read.All")
    said = {"principalId": principal, "resourceId": resource["id"], "appRoleId": role["id"]}
    path = f"/servicePrincipals/{principal}/appRoleAssignments"
    made = graph.post(path, said)
    assert error(graph.send("POST", path, said)) == (400, "Request_BadRequest")

    def roles() -> Any:
        token = sign_in(graph, app["appId"], secret)["access_token"]
        return jwt.decode(token, options={"verify_signature": False}).get("roles")

    assert roles() == ["Directory.Read.All"]
    assert graph.send("DELETE", f"{path}/{made['id']}").status_code == 204
    assert roles() is None


def test_federated_credentials_are_checked_and_kept(graph: Any, error: Any) -> None:
    path = f"/applications/{application(graph)['id']}/federatedIdentityCredentials"
    body = {"name": "ci-main", "issuer": "https://ci.example", "subject": "repo", "audiences": ["api://x"]}
    made = graph.post(path, body)
    assert graph.get(f"{path}/ci-main")["id"] == graph.get(f"{path}/{made['id']}")["id"]
    taken = (409, "Request_MultipleObjectsWithSameKeyValue")
    assert error(graph.send("POST", path, body | {"subject": "else"})) == taken
    assert error(graph.send("POST", path, body | {"name": "other"})) == taken
    refused: tuple[dict[str, object], ...] = (
        {"issuer": "http://ci.example"},
        {"audiences": []},
        {"name": "a b"},
        {"subject": ""},
        {"x": "y"},
    )
    for wrong in refused:
        assert error(graph.send("POST", path, body | wrong)) == (400, "Request_BadRequest")
    assert graph.send("PATCH", f"{path}/ci-main", {"subject": "new"}).status_code == 204
    assert graph.get(f"{path}/ci-main")["subject"] == "new"
    assert graph.send("DELETE", f"{path}/ci-main").status_code == 204
    assert graph.get(path)["value"] == []


def test_a_certificate_must_be_one(graph: Any, error: Any) -> None:
    for key in ("bm9uZQ==", "?"):
        credential = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": key}
        answer = graph.send("POST", "/applications", {"displayName": "x", "keyCredentials": [credential]})
        assert error(answer) == (400, "Request_BadRequest")


def test_the_local_azures_own_application_stays(graph: Any, error: Any) -> None:
    own = graph.lab.settings.client_id
    app = graph.get(f"/applications(appId='{own}')")
    assert error(graph.send("DELETE", f"/applications/{app['id']}")) == (403, "Authorization_RequestDenied")
    principal = graph.get(f"/servicePrincipals(appId='{own}')")
    denied = (403, "Authorization_RequestDenied")
    assert error(graph.send("DELETE", f"/servicePrincipals/{principal['id']}")) == denied
    assert error(graph.send("PATCH", f"/servicePrincipals/{principal['id']}", {"accountEnabled": False})) == denied
    assert sign_in(graph, own, graph.lab.settings.client_secret)["token_type"] == "Bearer"


def test_a_disabled_principal_does_not_sign_in(graph: Any) -> None:
    app = application(graph)
    principal = graph.post("/servicePrincipals", {"appId": app["appId"]})["id"]
    secret = graph.post(f"/applications/{app['id']}/addPassword", {})["secretText"]
    assert graph.send("PATCH", f"/servicePrincipals/{principal}", {"accountEnabled": False}).status_code == 204
    assert sign_in(graph, app["appId"], secret)["error_codes"] == [7000112]


def test_identities_of_resources_are_service_principals_that_go_with_them(graph: Any, error: Any) -> None:
    lab = graph.lab
    vision = lab.vision()
    assigned = f"{lab.group()}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/seat"
    seat = lab.make(assigned, {"location": "eastus"})["properties"]
    own = lab.get(vision).json()["identity"]["principalId"]
    managed = graph.get("/servicePrincipals", filter="servicePrincipalType eq 'ManagedIdentity'")["value"]
    assert {entry["displayName"] for entry in managed} == {"visionlab-machine", "cv1", "seat"}
    assert graph.get(f"/servicePrincipals/{own}")["alternativeNames"] == ["isExplicit=False", vision]
    found = graph.get("/servicePrincipals", filter=f"servicePrincipalNames/any(c:c eq '{seat['clientId']}')")["value"]
    assert [entry["id"] for entry in found] == [seat["principalId"]]
    denied = (403, "Authorization_RequestDenied")
    assert error(graph.send("DELETE", f"/servicePrincipals/{seat['principalId']}")) == denied
    group = graph.group("identities", seat["principalId"])
    lab.send("DELETE", assigned)
    assert graph.get(f"/groups/{group}/members")["value"] == []


@pytest.mark.parametrize("body", [b"\xff=1", b"&".join(b"a=1" for _ in range(101))])
def test_a_token_request_that_is_no_form_is_refused(graph: Any, body: bytes) -> None:
    assert graph.lab.send_raw("POST", f"/{TENANT}/oauth2/v2.0/token", body).json()["error_codes"] == [9002313]


def test_everything_survives_in_the_store(graph: Any) -> None:
    from localazure.graph.directory import APPLICATIONS, Directory
    from localazure.store import Store
    from tests.localazure.arm.conftest import ManualClock

    path = graph.lab.settings.state_dir / "directory.db"
    store = Store(path)
    Directory(store, ManualClock()).put(APPLICATIONS, {"id": "A", "appId": "B", "displayName": "x"})
    store.close()
    again = Store(path)
    assert Directory(again, ManualClock()).find(APPLICATIONS, "appId", "b") == {
        "id": "A",
        "appId": "B",
        "displayName": "x",
    }
    again.close()
