import re
from collections.abc import Mapping
from typing import Any

import pytest

CUSTOM = "99999999-9999-4999-8999-999999999999"


def inner(answer: Any) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("innererror", {}).get("code")


def test_without_a_token_the_challenge_says_where_to_sign_in_and_for_what(vault: Any) -> None:
    answer = vault.send_as(None, "PUT", "/secrets/s")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Unauthorized")
    tenant = vault.lab.settings.tenant_id
    assert answer.headers["www-authenticate"] == (
        f'Bearer authorization="https://localhost:8443/{tenant}", resource="https://vault.localhost:8443"'
    )
    assert vault.send_as(None, "GET", "/keys/k").headers["www-authenticate"] == answer.headers["www-authenticate"]


def test_a_token_for_something_else_is_challenged_too(vault: Any) -> None:
    wrong = vault.send_as(f"Bearer {vault.lab.token()}", "GET", "/secrets")
    assert (wrong.status_code, wrong.headers["www-authenticate"][:6]) == (401, "Bearer")
    azures = vault.lab.token(vault.lab.settings.object_id, audience="https://vault.azure.net")
    assert vault.send_as(f"Bearer {azures}", "GET", "/secrets").status_code == 200


def test_vaults_that_are_not_there_answer_404_whoever_asks(lab: Any, vault: Any, vault_at: Any) -> None:
    for host in ("kv-other.vault.localhost:8443", "a.kv-lab-1.vault.localhost:8443"):
        answer = vault_at(lab, host).send_as(None, "GET", "/secrets")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "VaultNotFound")
    assert vault_at(lab, "KV-LAB-1.Vault.localhost:8443").send("GET", "/secrets").status_code == 200


def test_a_vault_that_is_being_created_cannot_be_reached_yet(lab: Any, vault_at: Any) -> None:
    path = f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-new"
    known = {"tenantId": lab.settings.tenant_id, "sku": {"family": "A", "name": "standard"}}
    lab.put(path, {"location": "eastus", "properties": known | {"enableRbacAuthorization": True}})
    fresh = vault_at(lab, "kv-new.vault.localhost:8443")
    assert fresh.send_as(None, "GET", "/secrets").status_code == 404
    lab.pass_s(1)
    assert fresh.send_as(None, "GET", "/secrets").status_code == 401


def test_the_owner_of_the_subscription_needs_a_role_for_data(lab: Any, vault_at: Any) -> None:
    lab.vault()
    answer = vault_at(lab).send("GET", "/secrets")
    assert inner(answer) == (403, "Forbidden", "ForbiddenByRbac")
    assert "Microsoft.KeyVault/vaults/secrets/readMetadata/action" in answer.json()["error"]["message"]


def test_roles_decide_what_may_be_done(vault: Any, assign: Any, seat: str) -> None:
    vault.set("s", "one")
    scope = f"{vault.lab.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-lab-1"

    def allowed() -> list[int]:
        asked = [("GET", "/secrets/s"), ("GET", "/secrets"), ("PUT", "/secrets/t"), ("POST", "/secrets/s/backup")]
        return [vault.send(method, path, {"value": "x"}, who=seat).status_code for method, path in asked]

    assert allowed() == [403, 403, 403, 403]
    assign("reader", scope)
    assert allowed() == [403, 200, 403, 403]
    assign("user", scope)
    assert allowed() == [200, 200, 403, 403]
    assign("officer", scope)
    assert allowed() == [200, 200, 200, 200]


def test_a_role_may_be_given_on_one_secret_alone(vault: Any, assign: Any, seat: str) -> None:
    vault.set("mine", "one")
    vault.set("other", "two")
    scope = f"{vault.lab.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-lab-1"
    assign("user", f"{scope}/secrets/mine")
    assert vault.send("GET", "/secrets/mine", who=seat).json()["value"] == "one"
    assert vault.send("GET", "/secrets/other", who=seat).status_code == 403
    assert vault.send("GET", "/secrets", who=seat).status_code == 403


def test_a_role_on_another_group_says_nothing_here(vault: Any, assign: Any, seat: str) -> None:
    vault.set("s")
    assign("admin", vault.lab.group("elsewhere"))
    assert vault.send("GET", "/secrets/s", who=seat).status_code == 403


@pytest.fixture
def policed(lab: Any, vault_at: Any, seat: str) -> Any:
    """A vault with access policies: our principal may do all, the seat may get and list."""
    tenant = lab.settings.tenant_id
    policies = [
        {"tenantId": tenant, "objectId": lab.settings.object_id, "permissions": {"secrets": ["all"]}},
        {"tenantId": tenant, "objectId": seat.upper(), "permissions": {"secrets": ["Get", "List"]}},
    ]
    lab.vault(name="kv-policies", enableRbacAuthorization=False, accessPolicies=policies)
    return vault_at(lab, "kv-policies.vault.localhost:8443")


def test_access_policies_decide_where_roles_do_not(policed: Any, assign: Any, seat: str) -> None:
    policed.set("s", "one")
    assert policed.send("GET", "/secrets/s", who=seat).json()["value"] == "one"
    assert policed.send("GET", "/secrets", who=seat).status_code == 200
    refused = policed.send("PUT", "/secrets/s", {"value": "x"}, who=seat)
    assert inner(refused) == (403, "Forbidden", "AccessDenied")
    assert re.search(r"does not have secrets set permission on key vault 'kv-policies;", refused.text)
    assign("admin", policed.lab.group())
    assert policed.send("PUT", "/secrets/s", {"value": "x"}, who=seat).status_code == 403


def test_an_access_policy_of_a_group_is_for_its_members(policed: Any, seat: str) -> None:
    lab = policed.lab
    graph = {"Authorization": f"Bearer {lab.token(audience='https://localhost:8443/graph')}"}

    def post(path: str, body: Mapping[str, object]) -> Any:
        answer = lab.send("POST", f"/graph/v1.0/{path}", body, version=None, headers=graph)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    password = {"forceChangePasswordNextSignIn": False, "password": "Pass-word-1"}
    person = {"accountEnabled": True, "displayName": "A", "mailNickname": "a", "passwordProfile": password}
    domain = "localazure.onmicrosoft.com"
    user = post("users", person | {"userPrincipalName": f"a@{domain}"})["id"]
    named = {"displayName": "G", "mailNickname": "g", "mailEnabled": False, "securityEnabled": True}
    group = post("groups", named)["id"]
    post(f"groups/{group}/members/$ref", {"@odata.id": f"https://localhost:8443/graph/v1.0/directoryObjects/{user}"})
    policy = {"tenantId": lab.settings.tenant_id, "objectId": group, "permissions": {"secrets": ["list"]}}
    path = f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-policies/accessPolicies/add"
    assert policed.send("GET", "/secrets", who=user).status_code == 403
    lab.put(path, {"properties": {"accessPolicies": [policy]}})
    assert policed.send("GET", "/secrets", who=user).status_code == 200
    assert policed.send("GET", "/secrets/s", who=user).status_code == 403


def test_policies_change_one_principal_at_a_time(policed: Any, seat: str, error: Any) -> None:
    lab = policed.lab
    path = f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-policies"

    def change(how: str, *permissions: str) -> Any:
        policy = {"tenantId": lab.settings.tenant_id, "objectId": seat, "permissions": {"secrets": list(permissions)}}
        return lab.put(f"{path}/accessPolicies/{how}", {"properties": {"accessPolicies": [policy]}})

    def granted() -> list[list[str]]:
        policies = lab.get(path).json()["properties"]["accessPolicies"]
        return [policy["permissions"].get("secrets", []) for policy in policies if policy["objectId"].lower() == seat]

    policed.set("s", "one")
    assert change("add", "set", "get").json()["type"] == "Microsoft.KeyVault/vaults/accessPolicies"
    assert granted() == [["Get", "List", "set"]]
    assert policed.send("PUT", "/secrets/s", {"value": "x"}, who=seat).status_code == 200
    change("remove", "list", "set")
    assert granted() == [["Get"]]
    change("replace", "purge")
    assert granted() == [["purge"]]
    change("remove", "purge")
    assert granted() == []
    assert policed.send("GET", "/secrets/s", who=seat).status_code == 403
    assert error(change("mix", "get")) == (400, "BadRequest")
    assert error(lab.put(f"{path}/accessPolicies/add", {"properties": {"accessPolicies": [{}]}})) == (400, "BadRequest")
    assert error(lab.put(f"{path}x/accessPolicies/add", {"properties": {"accessPolicies": []}})) == (
        404,
        "ResourceNotFound",
    )


def test_a_vault_without_public_access_or_behind_a_firewall_says_so(vault: Any) -> None:
    path = f"{vault.lab.group()}/providers/Microsoft.KeyVault/vaults/kv-lab-1"
    closed = {"networkAcls": {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "10.0.0.0/8"}]}}
    vault.lab.send("PATCH", path, {"properties": closed})
    assert inner(vault.send("GET", "/secrets")) == (403, "Forbidden", "ForbiddenByFirewall")
    closed["networkAcls"]["ipRules"] = [{"value": "127.0.0.1/32"}]
    vault.lab.send("PATCH", path, {"properties": closed})
    assert vault.send("GET", "/secrets").status_code == 200
    vault.lab.send("PATCH", path, {"properties": {"publicNetworkAccess": "Disabled"}})
    assert inner(vault.send("GET", "/secrets")) == (403, "Forbidden", "ForbiddenByConnection")


def test_a_deleted_vault_cannot_be_reached_and_comes_back_with_its_secrets(vault: Any, error: Any) -> None:
    lab = vault.lab
    path = f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-lab-1"
    vault.set("s", "one")
    lab.send("DELETE", path)
    assert inner(vault.send("GET", "/secrets/s")) == (404, "VaultNotFound", None)
    sku = {"family": "A", "name": "standard"}
    recover = {"createMode": "recover", "tenantId": lab.settings.tenant_id, "sku": sku}
    assert "createMode" not in lab.make(path, {"location": "eastus", "properties": recover})["properties"]
    assert lab.get(path).json()["properties"]["enableRbacAuthorization"] is True
    nowhere = path.replace("kv-lab-1", "kv-never")
    assert error(lab.put(nowhere, {"location": "eastus", "properties": recover})) == (404, "DeletedVaultNotFound")


def test_a_purged_vault_takes_its_secrets_with_it(vault: Any, assign: Any) -> None:
    lab = vault.lab
    vault.set("s", "one")
    lab.send("DELETE", f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-lab-1")
    gone = f"{lab.subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-lab-1"
    assert len(lab.store.list("vault.version")) == 1
    lab.send("POST", f"{gone}/purge")
    lab.pass_s(1)
    assert [lab.store.list(kind) for kind in ("vault.secret", "vault.version")] == [[], []]
    path = lab.vault()
    assign("officer", path, lab.settings.object_id)
    assert vault.send("GET", "/secrets").json()["value"] == []
