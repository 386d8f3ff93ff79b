from typing import Any


def test_secrets_of_arm_are_those_of_the_data_plane(vault: Any, error: Any, seat: str) -> None:
    lab = vault.lab
    base = f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-lab-1/secrets"
    made = lab.put(f"{base}/by-arm", {"properties": {"value": "one"}, "tags": {"a": "b"}})
    assert (made.status_code, made.json()["id"], "one" in made.text) == (201, f"{base}/by-arm", False)
    assert lab.put(f"{base}/by-arm", {"properties": {"value": "two"}}).status_code == 200
    shown = vault.send("GET", "/secrets/by-arm").json()
    assert (shown["value"], shown["id"]) == (
        "two",
        lab.get(f"{base}/by-arm").json()["properties"]["secretUriWithVersion"],
    )
    vault.set("by-data")
    assert [row["name"] for row in lab.get(base).json()["value"]] == ["by-arm", "by-data"]
    vault.send("DELETE", "/secrets/by-arm")
    assert error(lab.put(f"{base}/by-arm", {"properties": {"value": "three"}})) == (409, "Conflict")
    assert [row["name"] for row in lab.get(base).json()["value"]] == ["by-data"]
    assert error(lab.send("GET", base, who=seat)) == (403, "AuthorizationFailed")


def test_wrong_places_and_bodies_are_refused(vault: Any, error: Any) -> None:
    lab = vault.lab
    vaults = f"{lab.group()}/providers/Microsoft.KeyVault/vaults"
    value = {"properties": {"value": "one"}}
    assert error(lab.put(f"{vaults}/kv-none/secrets/s", value)) == (404, "ParentResourceNotFound")
    elsewhere = f"{lab.group('other')}/providers/Microsoft.KeyVault/vaults/kv-lab-1"
    assert error(lab.put(f"{elsewhere}/secrets/s", value)) == (404, "ParentResourceNotFound")
    assert error(lab.put(f"{vaults}/kv-lab-1/secrets/s", {})) == (400, "InvalidRequestContent")
    assert error(lab.put(f"{vaults}/kv-lab-1/secrets/s", {"properties": {}})) == (400, "BadParameter")
    assert error(lab.get(f"{vaults}/kv-lab-1/secrets", **{"$top": "0"})) == (400, "InvalidTopParameter")
    held = f"{lab.group()}/providers/Microsoft.Authorization/locks/held"
    assert lab.put(held, {"properties": {"level": "ReadOnly"}}).status_code == 201
    assert error(lab.put(f"{vaults}/kv-lab-1/secrets/s", value)) == (409, "ScopeLocked")


def test_a_template_puts_secrets_into_a_vault_that_it_makes(lab: Any, assign: Any, vault_at: Any) -> None:
    known = {"tenantId": lab.settings.tenant_id, "sku": {"family": "A", "name": "standard"}}
    vault = {
        "type": "Microsoft.KeyVault/vaults",
        "apiVersion": "2024-11-01",
        "name": "kv-template",
        "location": "eastus",
        "properties": known | {"enableRbacAuthorization": True},
    }
    secret = {
        "type": "Microsoft.KeyVault/vaults/secrets",
        "apiVersion": "2024-11-01",
        "name": "kv-template/password",
        "dependsOn": ["[resourceId('Microsoft.KeyVault/vaults', 'kv-template')]"],
        "properties": {"value": "[parameters('password')]"},
    }
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"password": {"type": "secureString"}},
        "resources": [vault, secret],
    }
    given = {"mode": "Incremental", "template": template, "parameters": {"password": {"value": "from-template"}}}
    path = f"{lab.group()}/providers/Microsoft.Resources/deployments/with-secret"
    assert lab.put(path, {"properties": given}).status_code == 201
    for _ in range(6):
        lab.pass_s(2)
    shown = lab.get(path)
    assert (shown.json()["properties"]["provisioningState"], "from-template" in shown.text) == ("Succeeded", False)
    assign("officer", f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-template", lab.settings.object_id)
    made = vault_at(lab, "kv-template.vault.localhost:8443").send("GET", "/secrets/password").json()
    assert made["value"] == "from-template"


def test_a_vault_and_its_secrets_are_there_after_a_restart(vault: Any) -> None:
    """The same store and key file under a new service, as after a start."""
    from localazure.clock import SystemClock
    from localazure.operations import Operations
    from localazure.vault.wiring import build_vault

    lab = vault.lab
    vault.set("s", "kept")
    known = lab.settings
    again, _ = build_vault(lab.store, SystemClock(), Operations(lab.store, SystemClock()), key_file=known.vault_key)

    class Place:
        id = f"{lab.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-lab-1"

    shown = again.get(Place(), "s", None)  # pyright: ignore[reportArgumentType] the id is all that it asks for here
    assert shown.value == "kept"
    assert "kept" not in repr(shown)
