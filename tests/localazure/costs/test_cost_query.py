"""Cost Management's query as clients send it: its shape, its checks, its pages, and who may ask."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localazure.costs.kinds import CALLS
from localazure.costs.meter import Meter
from localazure.costs.query import answer, parse_query
from localazure.errors import AzureError

QUERY = "/providers/Microsoft.CostManagement/query"
SUMS = {"total": {"name": "Cost", "function": "Sum"}, "used": {"name": "UsageQuantity", "function": "Sum"}}
BODY: dict[str, Any] = {"type": "ActualCost", "timeframe": "MonthToDate", "dataset": {"aggregation": SUMS}}
STRANGER = "66666666-6666-4666-8666-666666666666"
VERSION = "2024-08-01"


def ask(lab: Any, scope: str, dataset: dict[str, Any] | None = None, **more: object) -> Any:
    body = BODY | ({} if dataset is None else {"dataset": {"aggregation": SUMS, **dataset}}) | more
    return lab.send("POST", scope + QUERY, body, version=VERSION)


def vault_calls(lab: Any, count: int, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
    """Calls of the vault kv-lab-1, as its door counts them."""
    from tests.localazure.vault.conftest import Vault

    vault = Vault(lab)
    for _ in range(count):
        assert vault.send("GET", "/secrets").status_code in (200, 403)


def test_an_answer_has_azures_shape_and_costs_nothing(lab: Any) -> None:
    lab.vault()
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/"
    role = definition + "00482a5a-887f-4fb3-b363-3b7fe8e74483"
    name = "77777777-7777-4777-8777-777777777777"
    assignment = f"{lab.subscription}/providers/Microsoft.Authorization/roleAssignments/{name}"
    owner = lab.settings.object_id
    lab.put(
        assignment,
        {"properties": {"roleDefinitionId": role, "principalId": owner, "principalType": "ServicePrincipal"}},
    )
    lab.pass_s(5)
    vault_calls(lab, 20)
    grouping = [{"type": "Dimension", "name": "ResourceId"}, {"type": "Dimension", "name": "Meter"}]
    answer = ask(lab, lab.subscription, {"grouping": grouping})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    vault = f"{lab.subscription}/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-lab-1"
    assert found["type"] == "Microsoft.CostManagement/query"
    assert found["id"] == f"{lab.subscription.lstrip('/')}{QUERY}/{found['name']}"
    assert found["properties"] == {
        "nextLink": None,
        "columns": [
            {"name": "Cost", "type": "Number"},
            {"name": "UsageQuantity", "type": "Number"},
            {"name": "ResourceId", "type": "String"},
            {"name": "Meter", "type": "String"},
            {"name": "Currency", "type": "String"},
        ],
        "rows": [[0.0, 0.002, vault, "Operations", "USD"]],
    }


def counted(lab: Any, resource_id: str, quantity: float) -> None:
    """Usage of a resource, written as the meter writes it."""
    meter = Meter(lab.store, lab.clock, inventory=list, stored=lambda _: None)
    meter.count(resource_id, CALLS, quantity)
    meter.flush()


def test_days_tags_and_filters_work_together(lab: Any) -> None:
    one, two = lab.vision("cv1", "rg1"), lab.vision("cv2", "rg2")
    lab.send("PATCH", one, {"tags": {"visionlab:Course": "Botany"}})
    counted(lab, one, 1000)
    lab.pass_s(86_400)
    counted(lab, one, 2000)
    counted(lab, two, 4000)
    daily = ask(lab, lab.subscription, {"granularity": "Daily", "grouping": []}).json()["properties"]
    assert [column["name"] for column in daily["columns"]] == ["Cost", "UsageQuantity", "UsageDate", "Currency"]
    assert daily["rows"] == [[0.0, 1.0, 20260601, "USD"], [0.0, 6.0, 20260602, "USD"]]
    tagged = ask(lab, lab.subscription, {"grouping": [{"type": "TagKey", "name": "visionlab:course"}]}).json()
    assert tagged["properties"]["rows"] == [
        [0.0, 4.0, "visionlab:course", "", "USD"],
        [0.0, 3.0, "visionlab:course", "Botany", "USD"],
    ]
    course = {"tags": {"name": "visionlab:course", "operator": "In", "values": ["botany"]}}
    calls = {"dimensions": {"name": "Meter", "operator": "In", "values": [CALLS.lower()]}}
    assert ask(lab, lab.subscription, {"filter": {"and": [course, calls]}}).json()["properties"]["rows"] == [
        [0.0, 3.0, "USD"]
    ]
    assert ask(lab, f"{lab.subscription}/resourceGroups/rg2").json()["properties"]["rows"] == [[0.0, 4.0, "USD"]]
    period = {"from": "2026-06-01T00:00:00Z", "to": "2026-06-01T23:59:59Z"}
    first = ask(lab, lab.subscription, timeframe="Custom", timePeriod=period).json()["properties"]["rows"]
    assert first == [[0.0, 1.0, "USD"]]
    assert ask(lab, lab.subscription, timeframe="TheLastMonth").json()["properties"]["rows"] == []


def test_pages_are_asked_for_by_the_same_post(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1003):
        lab.store.put("cost.count", f"2026-06-01|{lab.subscription}/resourcegroups/rg/x/y/r{number:04}|{CALLS}", {
            "quantity": 1000.0
        })  # fmt: skip
    grouping = {"grouping": [{"type": "Dimension", "name": "ResourceId"}]}
    first = ask(lab, lab.subscription, grouping).json()["properties"]
    assert len(first["rows"]) == 1000
    link = first["nextLink"].removeprefix("https://localhost:8443")
    body = BODY | {"dataset": {"aggregation": SUMS, **grouping}}
    rest = lab.send("POST", link, body, version=None).json()["properties"]
    assert [row[2][-5:] for row in rest["rows"]] == ["r1000", "r1001", "r1002"]
    assert rest["nextLink"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "Forecast"}, "type 'Forecast' is not supported"),
        ({"timeframe": None}, "timeframe is required"),
        ({"timeframe": "Custom"}, "timePeriod is required"),
        ({"timePeriod": {"from": "2026-06-01", "to": "2026-06-02"}}, "goes with the timeframe Custom only"),
        ({"timeframe": "Custom", "timePeriod": {"from": "2026-06-02", "to": "2026-06-01"}}, "to is before"),
        ({"timeframe": "Custom", "timePeriod": {"from": "2024-01-01", "to": "2026-06-01"}}, "cannot exceed 1 year"),
        ({"timeframe": "Custom", "timePeriod": {"from": "soon", "to": "2026-06-01"}}, "timePeriod.from is no time"),
        ({"datasets": {}}, "datasets is not known"),
        ({"dataset": None}, "dataset is required"),
        ({"dataset": {"granularity": "Hourly"}}, "granularity 'Hourly' is not supported"),
        ({"dataset": {"grouping": [{"type": "Dimension", "name": "Colour"}]}}, "name 'Colour' is not supported"),
        ({"dataset": {"grouping": [{"type": "Dimension", "name": "Meter"}] * 3}}, "2 entries at most"),
        ({"dataset": {"aggregation": {"x": {"name": "Cost", "function": "Avg"}}}}, "function 'Avg' is not supported"),
        ({"dataset": {"filter": {"not": {}}}}, "dataset.filter.not is not known"),
        ({"dataset": {"filter": {"tags": {"name": "a", "operator": "In", "values": []}}}}, "values is a list of texts"),
        ({"dataset": {"filter": {"and": []}}}, "and is a list of two or more"),
    ],
)
def test_what_azure_would_not_take_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(AzureError, match="Invalid query definition") as refused:
        parse_query(BODY | change, datetime(2026, 6, 15, tzinfo=UTC))
    assert (refused.value.status, refused.value.code) == (400, "BadRequest")
    assert said in refused.value.message


def test_only_who_may_read_is_told(lab: Any, error: Callable[[Any], tuple[int, str]]) -> None:
    answer = lab.send("POST", lab.subscription + QUERY, BODY, version=VERSION, who=STRANGER)
    assert error(answer) == (403, "AuthorizationFailed")
    assert "Microsoft.CostManagement/query/read" in answer.json()["error"]["message"]
    assert error(ask(lab, f"{lab.subscription}/resourceGroups/absent")) == (404, "ResourceGroupNotFound")
    lower = lab.subscription + QUERY.lower()
    assert lab.send("POST", lower, BODY, version=VERSION).status_code == 200, "ARM's words have no case"
    assert error(lab.send("POST", lab.subscription + QUERY, BODY, version=None))[1] == "MissingApiVersionParameter"
    configured = BODY | {"dataset": {"configuration": {"columns": ["Cost"]}}}
    answer = lab.send("POST", lab.subscription + QUERY, configured, version=VERSION)
    assert error(answer) == (501, "NotImplementedByLocalAzure")


NAMES = """
type timeframe timePeriod dataset from to granularity aggregation grouping filter and or dimensions tags name operator
values function Usage Custom Daily Sum Cost UsageQuantity Dimension TagKey In Meter 2026-06-01
"""
words = st.sampled_from(NAMES.split())
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=80)
@given(st.dictionaries(words, documents, max_size=5))
def test_whatever_is_asked_is_answered_or_refused(body: dict[str, Any]) -> None:
    for asked in (body, BODY | body, BODY | {"dataset": body}):
        with contextlib.suppress(AzureError):
            columns, rows = answer(parse_query(asked, datetime(2026, 6, 15, tzinfo=UTC)), [])
            assert columns[-1]["name"] == "Currency"
            assert rows == []
