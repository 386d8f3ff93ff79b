"""Run history beside ARM: the same jobs in other words, for those whose role covers runs."""

from typing import Any

SOMEBODY = "55555555-5555-4555-8555-555555555555"


def job(lab: Any) -> tuple[str, str]:
    """A job, and where its workspace's run history is."""
    workspace = lab.workspace()
    environment = "azureml://registries/x/environments/y/versions/1"
    properties = {"jobType": "Command", "command": "echo", "environmentId": environment, "experimentName": "trials"}
    assert lab.put(f"{workspace}/jobs/one", {"properties": properties}).status_code == 201
    return f"{workspace}/jobs/one", f"/history/v1.0{workspace}"


def test_discovery_needs_no_token_and_leads_to_run_history(lab: Any) -> None:
    shown = lab.send("GET", "/discovery", version=None, headers={"Authorization": ""})
    assert shown.json()["api"] == "https://localhost:8443"


def test_a_run_tells_why_it_failed(lab: Any) -> None:
    _, history = job(lab)
    before = lab.get(f"{history}/runs/one/details").json()
    assert (before["runId"], before["status"], before["error"], before["logFiles"]) == ("one", "Starting", None, {})
    lab.pass_s(5)
    after = lab.get(f"{history}/runs/one/details").json()
    assert (after["status"], after["error"]["error"]["code"]) == ("Failed", "NotImplementedByLocalAzure")
    assert after["endTimeUtc"] == "2026-06-01T00:00:11.0000000Z"
    data = lab.send("POST", f"{history}/rundata", {"runId": "one"}).json()
    assert data["runMetadata"]["experimentName"] == "trials"
    assert lab.get(f"{history}/runs/one/children").json() == {"value": []}
    assert lab.get(f"{history}/runs/one/serviceinstances/0").json() == {"instances": {}}


def test_a_run_is_described_anew_and_hidden(lab: Any, error: Any) -> None:
    path, history = job(lab)
    run = f"{history}/experiments/trials/runs/one"
    lab.send("PATCH", run, {"displayName": "first", "tags": {"a": "1"}})
    lab.send("PATCH", run, {"hidden": True, "tags": {"b": "2"}, "properties": {"c": "3"}})
    shown = lab.get(path).json()["properties"]
    assert (shown["displayName"], shown["isArchived"], shown["tags"]) == ("first", True, {"a": "1", "b": "2"})
    assert shown["properties"]["c"] == "3"
    assert error(lab.send("PATCH", run, {"tags": {"b": 2}})) == (400, "UserError")
    assert error(lab.send("PATCH", run, {"hidden": "yes"})) == (400, "UserError")
    assert error(lab.send("PATCH", run, {"description": 1})) == (400, "UserError")
    assert error(lab.send("PATCH", f"{history}/experiments/others/runs/one", {})) == (404, "UserError")


def test_run_history_refuses_strangers_and_what_it_lacks(lab: Any, error: Any) -> None:
    _, history = job(lab)
    details = f"{history}/runs/one/details"
    assert error(lab.send("GET", details, headers={"Authorization": ""}))[0] == 401
    assert error(lab.send("GET", details, who=SOMEBODY)) == (403, "AuthorizationFailed")
    assert error(lab.get(f"{history}/runs/two/details")) == (404, "UserError")
    assert error(lab.get(f"{history}x/runs/one/details")) == (404, "ResourceNotFound")
    assert error(lab.get(f"{history}/metrics")) == (501, "NotImplementedByLocalAzure")
