from typing import Any


def test_tag_names_are_prepared_and_counted(lab: Any, error: Any) -> None:
    base = f"{lab.subscription}/tagNames"
    assert error(lab.put(f"{base}/team/tagValues/red", {})) == (404, "TagNameNotFound")
    assert [lab.put(f"{base}/team", {}).status_code for _ in range(2)] == [201, 200]
    assert [lab.put(f"{base}/Team/tagValues/red", {}).status_code for _ in range(2)] == [201, 200]
    lab.send("PATCH", lab.group(), {"tags": {"Team": "red", "year": "2026"}})
    lab.send("PATCH", f"{lab.group('rg2')}", {"tags": {"team": "blue"}})
    team, year = lab.get(base).json()["value"]
    assert (team["tagName"], team["count"]) == ("team", {"type": "Total", "value": 2})
    assert {value["tagValue"]: value["count"]["value"] for value in team["values"]} == {"blue": 1, "red": 1}
    assert (year["tagName"], year["values"][0]["id"]) == ("year", f"{base}/year/tagValues/2026")


def test_what_resources_carry_is_not_deleted(lab: Any, error: Any) -> None:
    base = f"{lab.subscription}/tagNames"
    lab.put(f"{base}/team", {})
    lab.put(f"{base}/team/tagValues/red", {})
    lab.send("PATCH", lab.group(), {"tags": {"team": "red"}})
    assert error(lab.send("DELETE", f"{base}/team/tagValues/red")) == (409, "TagInUse")
    assert error(lab.send("DELETE", f"{base}/team")) == (409, "TagInUse")
    lab.send("PATCH", lab.subscription + "/resourceGroups/rg", {"tags": {}})
    assert [lab.send("DELETE", f"{base}/team/tagValues/red").status_code for _ in range(2)] == [200, 204]
    assert [lab.send("DELETE", f"{base}/team").status_code for _ in range(2)] == [200, 204]
    assert lab.get(base).json() == {"value": []}


def test_the_subscription_itself_has_tags(lab: Any) -> None:
    path = f"{lab.subscription}/providers/Microsoft.Resources/tags/default"
    assert lab.get(path).json()["properties"] == {"tags": {}}
    lab.put(path, {"properties": {"tags": {"course": "vision"}}})
    merged = lab.send("PATCH", path, {"operation": "Merge", "properties": {"tags": {"term": "1"}}})
    assert merged.json()["properties"] == {"tags": {"course": "vision", "term": "1"}}
    assert lab.get(lab.subscription).json()["tags"] == {"course": "vision", "term": "1"}
