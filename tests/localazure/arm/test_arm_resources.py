from typing import Any


def accounts(lab: Any, kind: str) -> str:
    return f"{lab.group()}/providers/Microsoft.{kind}"


def test_a_storage_account_is_202_then_there(lab: Any) -> None:
    path = f"{accounts(lab, 'Storage')}/storageAccounts/stlab1"
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": {"a": "b"}}
    answer = lab.put(path, body)
    location = answer.headers["location"].removeprefix("https://localhost:8443")
    assert (answer.status_code, answer.content) == (202, b"")
    assert lab.get(path).json()["properties"]["provisioningState"] == "ResolvingDNS"
    assert (lab.get(location).status_code, lab.published) == (202, {})
    lab.pass_s(1)
    done = lab.get(location)
    assert (done.status_code, done.json()["properties"]["provisioningState"]) == (200, "Succeeded")
    assert done.json()["properties"]["primaryEndpoints"] == {"blob": "https://127.0.0.1:10000/stlab1/"}
    assert done.json()["tags"] == {"a": "b"}
    assert list(lab.published) == ["stlab1"]


def test_an_account_that_is_being_created_is_busy(lab: Any, error: Any) -> None:
    path = f"{accounts(lab, 'Storage')}/storageAccounts/stlab1"
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    lab.put(path, body)
    assert error(lab.put(path, body)) == (409, "StorageAccountOperationInProgress")
    assert error(lab.send("DELETE", path)) == (409, "StorageAccountOperationInProgress")


def test_get_echoes_what_put_sent(lab: Any) -> None:
    sent: dict[str, Any] = {
        "accessTier": "Cool",
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "networkAcls": {"defaultAction": "Deny", "bypass": "None"},
    }
    path = lab.storage(**sent)
    shown = lab.get(path).json()["properties"]
    added: dict[str, list[str]] = {"ipRules": [], "virtualNetworkRules": []}
    assert {name: shown[name] for name in sent} == sent | {"networkAcls": {**sent["networkAcls"], **added}}
    assert lab.published["stlab1"].shared_key is False


def test_storage_names_are_checked_and_global(lab: Any, error: Any) -> None:
    lab.storage()
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    bad = lab.put(f"{accounts(lab, 'Storage')}/storageAccounts/Bad_Name", body)
    taken = lab.put(f"{lab.group('rg2')}/providers/Microsoft.Storage/storageAccounts/stlab1", body)
    assert (error(bad), error(taken)) == ((400, "AccountNameInvalid"), (409, "StorageAccountAlreadyTaken"))
    check = f"{lab.subscription}/providers/Microsoft.Storage/checkNameAvailability"
    assert lab.send("POST", check, {"name": "stlab1"}).json()["reason"] == "AlreadyExists"
    assert lab.send("POST", check, {"name": "stfree"}).json() == {"nameAvailable": True}


def test_what_is_missing_is_named(lab: Any, error: Any) -> None:
    path = f"{accounts(lab, 'Storage')}/storageAccounts/stlab1"
    no_location = lab.put(path, {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}})
    no_sku = lab.put(path, {"location": "eastus", "kind": "StorageV2"})
    assert error(no_location) == (400, "LocationRequired")
    assert no_sku.json()["error"]["target"] == "sku.name"
    nowhere = f"{lab.subscription}/resourceGroups/none/providers/Microsoft.Storage/storageAccounts/stlab1"
    assert error(lab.put(nowhere, {})) == (404, "ResourceGroupNotFound")
    assert error(lab.get(path)) == (404, "ResourceNotFound")


def test_keys_are_listed_and_regenerated_one_at_a_time(lab: Any, error: Any) -> None:
    path = lab.storage()
    before = [key["value"] for key in lab.send("POST", f"{path}/listKeys").json()["keys"]]
    after = [k["value"] for k in lab.send("POST", f"{path}/regenerateKey", {"keyName": "key2"}).json()["keys"]]
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)
    assert lab.published["stlab1"].keys == tuple(after)
    assert error(lab.send("POST", f"{path}/regenerateKey", {"keyName": "x"})) == (400, "InvalidKeyName")
    assert error(lab.send("POST", f"{path}/failover")) == (501, "NotImplementedByLocalAzure")


def test_patch_merges_properties_and_replaces_tags(lab: Any) -> None:
    path = lab.storage(minimumTlsVersion="TLS1_2")
    lab.send("PATCH", path, {"tags": {"new": "1"}, "properties": {"allowSharedKeyAccess": False}})
    shown = lab.get(path).json()
    assert shown["tags"] == {"new": "1"}
    assert (shown["properties"]["minimumTlsVersion"], lab.published["stlab1"].shared_key) == ("TLS1_2", False)


def test_deleting_a_storage_account_takes_its_containers(lab: Any) -> None:
    path = lab.storage()
    lab.put(f"{path}/blobServices/default/containers/pictures", {})
    assert (lab.send("DELETE", path).status_code, lab.send("DELETE", path).status_code) == (200, 204)
    assert (lab.containers.accounts, lab.published) == ({}, {})


def test_containers_are_those_of_the_blob_server(lab: Any, error: Any) -> None:
    path = lab.storage()
    base = f"{path}/blobServices/default/containers"
    first = lab.put(f"{base}/pictures", {"properties": {"publicAccess": "None", "metadata": {"a": "b"}}})
    assert (first.status_code, lab.put(f"{base}/pictures", {}).status_code) == (201, 200)
    lab.containers.put("stlab1", "by-data-plane", public_access="None", metadata={})
    assert [c["name"] for c in lab.get(base).json()["value"]] == ["by-data-plane", "pictures"]
    assert error(lab.put(f"{base}/a--b", {})) == (400, "InvalidResourceName")
    assert error(lab.put(f"{base}/open", {"properties": {"publicAccess": "Blob"}})) == (
        409,
        "PublicAccessNotPermitted",
    )
    assert error(lab.get(f"{base}/none")) == (404, "ContainerNotFound")
    assert [lab.send("DELETE", f"{base}/pictures").status_code for _ in range(2)] == [200, 204]


def test_the_blob_service_keeps_and_applies_cors(lab: Any) -> None:
    service = f"{lab.storage()}/blobServices/default"
    rule = {"allowedOrigins": ["https://x"], "allowedMethods": ["GET"], "allowedHeaders": ["*"],
            "exposedHeaders": ["*"], "maxAgeInSeconds": 60}  # fmt: skip
    lab.put(service, {"properties": {"cors": {"corsRules": [rule]}}})
    assert lab.get(service).json()["properties"]["cors"] == {"corsRules": [rule]}
    assert lab.containers.cors == {"stlab1": [rule]}


def test_a_vision_account_is_201_with_an_operation(lab: Any) -> None:
    path = f"{accounts(lab, 'CognitiveServices')}/accounts/cv1"
    body = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"},
            "identity": {"type": "SystemAssigned"}, "properties": {"customSubDomainName": "cv1"}}  # fmt: skip
    answer = lab.put(path, body)
    operation = answer.headers["azure-asyncoperation"].removeprefix("https://localhost:8443")
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert lab.get(operation).json()["status"] == "InProgress"
    lab.pass_s(1)
    assert lab.get(operation).json()["status"] == "Succeeded"
    shown = lab.get(path).json()
    assert shown["properties"]["endpoint"] == "https://localhost:8443/cognitiveservices/cv1/"
    lab.put(path, body)
    assert lab.get(path).json()["identity"] == shown["identity"]


def test_kinds_skus_free_accounts_and_subdomains_have_rules(lab: Any, error: Any) -> None:
    lab.vision("cv1", sku="F0")
    base = f"{accounts(lab, 'CognitiveServices')}/accounts"

    def asked(**more: object) -> Any:
        known = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"}}
        return error(lab.put(f"{base}/cv2", {**known, **more}))

    assert asked(kind="Telepathy") == (400, "InvalidApiSetId")
    assert asked(sku={"name": "S9"}) == (400, "InvalidSkuId")
    assert asked(sku={"name": "F0"}) == (400, "CanNotCreateMultipleFreeAccounts")
    assert asked(properties={"customSubDomainName": "CV1"}) == (409, "CustomDomainInUse")


def test_a_deleted_vision_account_blocks_its_name_until_purged(lab: Any, error: Any) -> None:
    path = lab.vision()
    key = lab.send("POST", f"{path}/listKeys").json()["key1"]
    body = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"}, "properties": {}}
    assert lab.send("DELETE", path).status_code == 202
    lab.pass_s(1)
    refused = lab.put(path, body)
    assert error(refused) == (409, "FlagMustBeSetForRestore")
    assert f"An existing resource with ID '{path}' has been soft-deleted." in refused.json()["error"]["message"]
    restored = lab.put(path, {**body, "properties": {"restore": True}})
    lab.pass_s(1)
    shown = lab.get(path).json()["properties"]
    assert (restored.status_code, shown["customSubDomainName"], "restore" in shown) == (201, "cv1", False)
    assert lab.send("POST", f"{path}/listKeys").json()["key1"] == key
    lab.send("DELETE", path)
    lab.pass_s(1)
    provider = f"{lab.subscription}/providers/Microsoft.CognitiveServices"
    gone = f"{provider}/locations/eastus/resourceGroups/rg/deletedAccounts/cv1"
    assert lab.get(gone).json()["id"] == gone
    wrong = f"{provider}/locations/westus/resourceGroups/rg/deletedAccounts/cv1"
    assert error(lab.send("DELETE", wrong)) == (404, "ResourceNotFound")
    assert lab.send("DELETE", gone).status_code == 202
    lab.pass_s(1)
    assert lab.get(f"{provider}/deletedAccounts").json() == {"value": []}
    assert lab.put(path, body).status_code == 201


def test_soft_deleted_accounts_are_forgotten_after_48_hours(lab: Any) -> None:
    path = lab.vision()
    key = lab.send("POST", f"{path}/listKeys").json()["key1"]
    dataset = {"annotationKind": "imageObjectDetection", "annotationFileUris": ["https://127.0.0.1:10000/st/c/x.json"]}
    headers = {"Ocp-Apim-Subscription-Key": key}
    preview = "2023-04-01-preview"
    vision = "/cognitiveservices/cv1/computervision/datasets"
    assert lab.send("PUT", f"{vision}/fruit", dataset, preview, headers=headers).status_code == 201
    lab.send("DELETE", path)
    lab.pass_s(1)
    assert lab.azure.operations.idle_s() is not None
    lab.pass_s(48 * 3600)
    assert lab.azure.operations.idle_s() is None
    body = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"}}
    lab.make(path, {**body, "properties": {"customSubDomainName": "cv1"}})
    again = lab.send("POST", f"{path}/listKeys").json()["key1"]
    assert again != key
    headers = {"Ocp-Apim-Subscription-Key": again}
    assert lab.send("GET", vision, version=preview, headers=headers).json()["value"] == []
    lab.send("DELETE", path)
    lab.pass_s(1)
    lab.pass_s(48 * 3600)
    provider = f"{lab.subscription}/providers/Microsoft.CognitiveServices"
    assert lab.get(f"{provider}/deletedAccounts").json() == {"value": []}


def test_a_vault_shows_its_state_in_the_body(lab: Any) -> None:
    path = f"{accounts(lab, 'KeyVault')}/vaults/kv-lab-1"
    sku = {"family": "A", "name": "standard"}
    properties = {"tenantId": lab.settings.tenant_id, "sku": sku, "enableRbacAuthorization": True}
    answer = lab.put(path, {"location": "eastus", "properties": properties})
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (200, "RegisteringDns")
    assert "location" not in answer.headers
    lab.pass_s(1)
    assert lab.get(path).json()["properties"]["provisioningState"] == "Succeeded"


def test_a_deleted_vault_blocks_its_name_everywhere_until_recovered_or_purged(lab: Any, error: Any) -> None:
    path = lab.vault()
    lab.send("DELETE", path)
    sku = {"family": "A", "name": "standard"}
    properties = {"tenantId": lab.settings.tenant_id, "sku": sku, "enableRbacAuthorization": True}
    body = {"location": "eastus", "properties": properties}
    elsewhere = f"{lab.group('rg2')}/providers/Microsoft.KeyVault/vaults/kv-lab-1"
    assert error(lab.put(elsewhere, body)) == (409, "ConflictError")
    gone = f"{lab.subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-lab-1"
    assert lab.get(gone).json()["properties"]["vaultId"] == path
    assert lab.send("POST", f"{gone}/purge").status_code == 202
    lab.pass_s(1)
    assert error(lab.get(gone)) == (404, "DeletedVaultNotFound")
    assert lab.put(elsewhere, body).status_code == 200


def test_purge_protection_cannot_be_taken_back_and_blocks_purging(lab: Any, error: Any) -> None:
    path = lab.vault(enablePurgeProtection=True)
    assert error(lab.send("PATCH", path, {"properties": {"enablePurgeProtection": False}})) == (400, "BadRequest")
    lab.send("DELETE", path)
    gone = f"{lab.subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-lab-1"
    assert error(lab.send("POST", f"{gone}/purge")) == (405, "MethodNotAllowed")


def test_a_deleted_log_workspace_comes_back_with_its_id_unless_forced(lab: Any) -> None:
    path = f"{accounts(lab, 'OperationalInsights')}/workspaces/log-lab"
    body = {"location": "eastus", "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}}
    first = lab.make(path, body)["properties"]["customerId"]
    lab.send("DELETE", path)
    listed = lab.get(f"{lab.subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces").json()["value"]
    assert [row["name"] for row in listed] == ["log-lab"]
    assert lab.make(path, body)["properties"]["customerId"] == first
    lab.send("DELETE", path, force="true")
    assert lab.make(path, body)["properties"]["customerId"] != first


def test_the_rest_of_the_table_can_be_made(lab: Any) -> None:
    group = lab.group()
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/crlab1"
    identity = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-lab"
    insights = f"{group}/providers/Microsoft.Insights/components/appi-lab"
    budget = f"{group}/providers/Microsoft.Consumption/budgets/lab-budget"
    setting = f"{registry}/providers/Microsoft.Insights/diagnosticSettings/all"
    assert lab.make(registry, {"location": "eastus", "sku": {"name": "Basic"}})["properties"]["loginServer"] == (
        "crlab1.azurecr.localhost"
    )
    assert len(lab.make(identity, {"location": "eastus"})["properties"]["principalId"]) == 36
    component = {"location": "eastus", "kind": "web", "properties": {"Application_Type": "web"}}
    assert lab.make(insights, component)["properties"]["Flow_Type"] == "Bluefield"
    period = {"startDate": "2026-06-01T00:00:00Z"}
    money = {"amount": 20, "category": "Cost", "timeGrain": "Monthly", "timePeriod": period}
    assert lab.make(budget, {"properties": money})["properties"]["currentSpend"] == {"amount": 0.0, "unit": "USD"}
    assert lab.make(setting, {"properties": {"logs": []}})["properties"] == {"logs": []}
    names = [row["name"] for row in lab.get(f"{lab.subscription}/resources").json()["value"]]
    assert sorted(names) == ["appi-lab", "crlab1", "id-lab"]


def test_the_generic_list_filters_and_hides_properties(lab: Any, error: Any) -> None:
    lab.storage()
    lab.vision(group="rg2")
    base = f"{lab.subscription}/resources"
    by_type = lab.get(base, **{"$filter": "resourceType eq 'Microsoft.Storage/storageAccounts'"}).json()["value"]
    by_group = lab.get(base, **{"$filter": "resourceGroup eq 'RG2' and location eq 'eastus'"}).json()["value"]
    assert ([r["name"] for r in by_type], [r["name"] for r in by_group]) == (["stlab1"], ["cv1"])
    assert "properties" not in by_type[0]
    assert error(lab.get(base, **{"$filter": "name like 'x'"})) == (400, "InvalidFilterInQueryString")
    expanded = lab.get(f"{lab.group('rg2')}/resources", **{"$expand": "createdTime,provisioningState"}).json()["value"]
    assert expanded[0]["provisioningState"] == "Succeeded"


def test_an_unregistered_provider_refuses_new_resources(lab: Any, error: Any) -> None:
    provider = f"{lab.subscription}/providers/Microsoft.Storage"
    assert lab.get(provider).json()["registrationState"] == "Registered"
    assert lab.send("POST", f"{provider}/unregister").json()["registrationState"] == "NotRegistered"
    path = f"{lab.group()}/providers/Microsoft.Storage/storageAccounts/stlab1"
    assert error(lab.put(path, {})) == (409, "MissingSubscriptionRegistration")
    lab.send("POST", f"{provider}/register")
    assert error(lab.put(path, {})) == (400, "LocationRequired")


def test_words_of_a_budget_are_taken_in_any_case(lab: Any, error: Any) -> None:
    path = f"{lab.group()}/providers/Microsoft.Consumption/budgets/b"
    money = {"amount": 1, "category": "cost", "timeGrain": "monthly", "timePeriod": {"startDate": "2026-06-01"}}
    shown = lab.make(path, {"properties": money})["properties"]
    assert (shown["category"], shown["timeGrain"]) == ("Cost", "Monthly")
    assert error(lab.put(path, {"properties": money | {"timeGrain": "Hourly"}})) == (400, "400")
    assert error(lab.put(path, {"properties": money | {"category": "Love"}})) == (400, "400")


def test_a_federated_credential_names_its_audiences(lab: Any, error: Any) -> None:
    path = f"{accounts(lab, 'ManagedIdentity')}/userAssignedIdentities/id-lab"
    lab.make(path, {"location": "eastus"})
    trust: dict[str, Any] = {"issuer": "https://ci.example", "subject": "repo:lab", "audiences": ["a"]}
    made = lab.put(f"{path}/federatedIdentityCredentials/ci-lab", {"properties": trust})
    assert (made.status_code, made.json()["properties"]) == (201, trust)
    for audiences in ([], "a", [7]):
        wrong = lab.put(f"{path}/federatedIdentityCredentials/ci-lab", {"properties": trust | {"audiences": audiences}})
        assert error(wrong) == (400, "BadRequest"), audiences
    assert error(lab.put(f"{path}x/federatedIdentityCredentials/ci-lab", {"properties": trust})) == (
        404,
        "ParentResourceNotFound",
    )
