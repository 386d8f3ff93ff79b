from datetime import timedelta
from typing import Any

import pytest

from localazure.arm.throttle import Throttle, scaled
from localazure.errors import AzureError

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SEAT = "55555555-5555-4555-8555-555555555555"


def assign(lab: Any, scope: str, who: str, role: str, name: str = "66666666-6666-4666-8666-666666666666") -> Any:
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"principalId": who, "roleDefinitionId": definition, "principalType": "User"}
    return lab.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", {"properties": properties})


def test_without_a_token_the_answer_says_where_to_get_one(lab: Any, error: Any) -> None:
    answer = lab.send("GET", f"{lab.subscription}/resourceGroups", headers={"Authorization": ""})
    assert error(answer) == (401, "AuthenticationFailed")
    assert (
        'authorization_uri="https://localhost:8443/11111111-1111-4111-8111-111111111111"'
        in (answer.headers["www-authenticate"])
    )


def test_tokens_of_another_audience_or_key_or_time_are_refused(lab: Any, error: Any) -> None:
    path = f"{lab.subscription}/resourceGroups"
    foreign = lab.token(audience="https://storage.azure.com")
    head, body, _ = lab.token().split(".")
    _, _, other = foreign.split(".")
    assert error(lab.send("GET", path, headers={"Authorization": f"Bearer {foreign}"})) == (
        401,
        "InvalidAuthenticationTokenAudience",
    )
    forged = {"Authorization": f"Bearer {head}.{body}.{other}"}
    assert error(lab.send("GET", path, headers=forged)) == (401, "InvalidAuthenticationToken")
    old = {"Authorization": f"Bearer {lab.token()}"}
    lab.pass_s(3599 + 301)
    assert error(lab.send("GET", path, headers=old)) == (401, "ExpiredAuthenticationToken")


def test_the_api_version_must_be_there_and_be_a_date(lab: Any, error: Any) -> None:
    path = f"{lab.subscription}/resourceGroups"
    assert error(lab.send("GET", path, version=None)) == (400, "MissingApiVersionParameter")
    other_digits = "2024-01-01".translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    for wrong in ("latest", "2024-13-01", "2024-1-1", "2024-01-01-rc", "2024-01-01 ", other_digits, "x" * 5000):
        assert error(lab.send("GET", path, version=wrong)) == (400, "InvalidApiVersionParameter"), wrong
    assert lab.send("GET", path, version="2026-05-15-preview").status_code == 200


def test_another_subscription_does_not_exist(lab: Any, error: Any) -> None:
    other = "/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups"
    assert error(lab.get(other)) == (404, "SubscriptionNotFound")


def test_no_reference_leads_into_another_subscription(lab: Any, error: Any) -> None:
    group, vault = lab.group(), lab.vault()
    foreign = vault.replace(lab.subscription, "/Subscriptions/99999999-9999-4999-8999-999999999999")
    links = {"storageAccount": lab.storage(), "keyVault": foreign}
    body = {"location": "eastus", "identity": {"type": "SystemAssigned"}, "properties": links}
    path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/mlw-x"
    assert error(lab.put(path, body)) == (403, "LinkedAuthorizationFailed")
    identity: dict[str, object] = {"type": "UserAssigned", "userAssignedIdentities": {foreign: {}}}
    assert error(lab.put(path, body | {"identity": identity})) == (403, "LinkedAuthorizationFailed")
    assert error(lab.send("PATCH", vault, {"properties": {"x": [foreign]}})) == (403, "LinkedAuthorizationFailed")
    assert lab.send("PATCH", vault, {"tags": {"from": foreign}}).status_code == 200
    nested = f"{group}/providers/Microsoft.KeyVault/vaults/kv-lab-1{foreign}"
    assert lab.get(nested).status_code in {400, 404}


def test_who_has_no_role_may_do_nothing_and_sees_nothing(lab: Any, error: Any) -> None:
    group = lab.group()
    assert error(lab.send("GET", group, who=SEAT)) == (403, "AuthorizationFailed")
    assert error(lab.send("PUT", group, {"location": "eastus"}, who=SEAT)) == (403, "AuthorizationFailed")
    assert lab.send("GET", f"{lab.subscription}/resourceGroups", who=SEAT).json() == {"value": []}


def test_a_role_works_after_the_delay_in_its_scope_only(lab: Any, error: Any) -> None:
    mine = lab.group("mine")
    lab.group("other")
    assert assign(lab, mine, SEAT, READER).status_code == 201
    assert error(lab.send("GET", mine, who=SEAT)) == (403, "AuthorizationFailed")
    lab.pass_s(2)
    assert lab.send("GET", mine, who=SEAT).status_code == 200
    assert error(lab.send("DELETE", mine, who=SEAT)) == (403, "AuthorizationFailed")
    seen = lab.send("GET", f"{lab.subscription}/resourceGroups", who=SEAT).json()["value"]
    assert [group["name"] for group in seen] == ["mine"]


def test_every_answer_carries_ids_and_what_the_throttle_has_left(lab: Any) -> None:
    answer = lab.send("GET", f"{lab.subscription}/resourceGroups", headers={"x-ms-client-request-id": "mine"})
    assert answer.headers["x-ms-request-id"] == answer.headers["x-ms-correlation-request-id"]
    assert answer.headers["x-ms-client-request-id"] == "mine"
    assert answer.headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"


def test_an_empty_bucket_is_429_with_retry_after_and_fills_again(lab: Any, error: Any) -> None:
    path = f"{lab.subscription}/resourceGroups/rg"
    for _ in range(200):
        lab.put(path, {})
    refused = lab.put(path, {})
    assert (error(refused), refused.headers["retry-after"]) == ((429, "SubscriptionRequestsThrottled"), "1")
    assert lab.get(f"{lab.subscription}/resourceGroups").status_code == 200
    assert lab.send("PUT", path, {}, who=SEAT).status_code == 403  # a bucket of its own
    lab.pass_s(1)
    left = [lab.put(path, {}) for _ in range(11)]
    assert error(left[0]) == (400, "LocationRequired")
    assert [answer.status_code for answer in left] == [400] * 10 + [429]


def test_all_principals_together_have_15_times_the_limit_of_one(lab: Any) -> None:
    throttle = Throttle(lab.clock, scaled(0.05))
    for number in range(150):
        throttle.take("S", f"principal {number}", "deletes")
    with pytest.raises(AzureError) as caught:
        throttle.take("S", "one more", "deletes")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "1")


def test_retry_after_says_when_the_next_token_is_there_and_never_0(lab: Any) -> None:
    throttle = Throttle(lab.clock, scaled(0.01))
    assert [throttle.take("s", "me", "writes") for _ in range(2)] == [1, 0]
    for passed, told in ((0, "10"), (0.5, "10"), (4.6, "5"), (4.7, "1")):
        lab.clock.time += timedelta(seconds=passed)
        with pytest.raises(AzureError) as caught:
            throttle.take("S", "me", "writes")
        assert caught.value.headers["Retry-After"] == told
    lab.clock.time += timedelta(seconds=0.3)
    assert throttle.take("s", "me", "writes") == 0


def test_bad_bodies_are_400_413_and_415(lab: Any, error: Any) -> None:
    import asyncio

    import httpx

    path = f"{lab.subscription}/resourceGroups/rg?api-version=2024-01-01"
    headers = {"Authorization": f"Bearer {lab.token()}", "content-type": "application/json"}

    def raw(content: bytes, **more: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=lab.azure.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
                return await client.put(path, content=content, headers=headers | more)

        return asyncio.run(once())

    assert error(raw(b"{")) == (400, "InvalidRequestContent")
    assert error(raw(b"[]")) == (400, "InvalidRequestContent")
    assert error(raw(b"x" * (4 * 1024 * 1024 + 1))) == (413, "RequestContentTooLarge")
    assert error(raw(b"{}", **{"content-type": "text/xml"})) == (415, "UnsupportedMediaType")


def test_double_slashes_are_one(lab: Any) -> None:
    lab.group()
    assert lab.get(f"{lab.subscription}//resourceGroups//rg").status_code == 200


def test_unknown_paths_types_and_methods_have_azures_errors(lab: Any, error: Any) -> None:
    group = lab.group()
    assert error(lab.put(f"{group}/providers/Microsoft.Network/virtualNetworks/v", {})) == (404, "InvalidResourceType")
    assert error(lab.get("/nothing/here")) == (404, "NotFound")
    deployment = f"{group}/providers/Microsoft.Resources/deployments/d"
    assert error(lab.put(deployment, {})) == (400, "InvalidRequestContent")
