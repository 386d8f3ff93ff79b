"""Log Analytics and Application Insights: resources that are honest about having no data."""

from typing import Any


def workspace(lab: Any, name: str = "log-lab") -> str:
    path = f"{lab.group()}/providers/Microsoft.OperationalInsights/workspaces/{name}"
    lab.make(path, {"location": "eastus", "properties": {"sku": {"name": "PerGB2018"}}})
    return path


def test_shared_keys_are_shown_and_regenerated_one_at_a_time(lab: Any, error: Any) -> None:
    path = workspace(lab)
    keys = lab.send("POST", f"{path}/sharedKeys").json()
    fresh = lab.send("POST", f"{path}/regenerateSharedKey", {"keyType": "Primary"}).json()
    assert fresh["primarySharedKey"] != keys["primarySharedKey"]
    assert fresh["secondarySharedKey"] == keys["secondarySharedKey"]
    assert error(lab.send("POST", f"{path}/regenerateSharedKey", {"keyType": "third"})) == (400, "InvalidParameter")


def test_parts_that_would_hold_data_are_not_there(lab: Any, error: Any) -> None:
    path = workspace(lab)
    for leaf in ("tables", "savedSearches", "dataExports", "linkedServices"):
        assert error(lab.get(f"{path}/{leaf}")) == (501, "NotImplementedByLocalAzure")
        assert error(lab.put(f"{path}/{leaf}/one", {"properties": {}})) == (501, "NotImplementedByLocalAzure")


def test_deleted_workspaces_are_listed_by_group(lab: Any) -> None:
    lab.send("DELETE", workspace(lab))
    other = lab.group("other")
    provider = "providers/Microsoft.OperationalInsights/deletedWorkspaces"
    listed = [lab.get(f"{scope}/{provider}").json()["value"] for scope in (lab.subscription, lab.group(), other)]
    assert [[row["name"] for row in rows] for rows in listed] == [["log-lab"], ["log-lab"], []]


def test_the_connection_string_leads_to_where_telemetry_is_refused(lab: Any, error: Any) -> None:
    path = f"{lab.group()}/providers/Microsoft.Insights/components/appi-lab"
    body = {"location": "eastus", "kind": "web", "properties": {"Application_Type": "web"}}
    parts = dict(part.split("=", 1) for part in lab.make(path, body)["properties"]["ConnectionString"].split(";"))
    assert parts["IngestionEndpoint"] == "https://localhost:8443/insights/"
    sent = lab.send("POST", "/insights/v2.1/track", {"name": "event"}, version=None)
    assert error(sent) == (501, "NotImplementedByLocalAzure")
    assert "does not take telemetry" in sent.text
    for query in ("/v1/workspaces/1/query", "/v1/apps/1/query"):
        assert error(lab.send("POST", query, {"query": "x"}, version=None)) == (501, "NotImplementedByLocalAzure")
