"""Cost Management's quotas and pages, as a client of it has to take them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from automation.azure import Arm, Rest, azure_cloud
from automation.azure.retry import retry_after_s
from automation.cost import list_price, query_body, read_by_tag, read_spent
from automation.errors import ServiceError, Throttled
from automation.workflow.spending import seat_costs, spending
from tests.automation.azure.fakes import FakeClock, FakeTokens

SUB = "/subscriptions/22222222-2222-4222-8222-222222222222"
CLOUD = azure_cloud(tenant_id=None, subscription_id=SUB.rpartition("/")[2])
COLUMNS = [{"name": name, "type": "String"} for name in ("Cost", "UsageQuantity", "ResourceId", "Meter", "Currency")]
MAY = (date(2026, 5, 1), date(2026, 5, 31))
QUOTAS = {
    "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "11",
    "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "28",
    "x-ms-ratelimit-microsoft.costmanagement-clienttype-retry-after": "5",
    "retry-after": "1",
}


def arm_over(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[Arm, FakeClock]:
    clock = FakeClock()
    rest = Rest(CLOUD, FakeTokens(), clock, transport=httpx.MockTransport(answer), dice=lambda: 0.0)
    return Arm(rest, CLOUD), clock


def page(rows: list[list[Any]], link: str | None = None, columns: Any = COLUMNS) -> httpx.Response:
    return httpx.Response(200, json={"properties": {"nextLink": link, "columns": columns, "rows": rows}})


def test_the_longest_of_its_quotas_counts() -> None:
    assert retry_after_s(QUOTAS, now=datetime(2026, 6, 1, tzinfo=UTC)) == 28.0


def test_a_throttled_question_is_asked_again_after_what_it_says() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) == 1:
            return httpx.Response(429, json={"error": {"code": "429", "message": "Too many requests."}}, headers=QUOTAS)
        return page([[1.25, 2, "/subscriptions/x/r1", "S1 Transactions", "EUR"]])

    arm, clock = arm_over(answer)
    (row,) = spending(arm, SUB, start=MAY[0], end=MAY[1], course="botany").rows
    assert clock.slept == [28.0]
    assert (row.cost.amount, row.cost.currency, row.used, row.unit) == (Decimal("1.25"), "EUR", Decimal(2), "")
    assert asked[1].headers["clienttype"] == "visionlab", "a quota of our own"
    assert list_price(row) is None, "a meter that is not in our table"


def test_a_pause_that_is_longer_than_the_time_there_is_ends_it_at_once() -> None:
    quota = {"x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after": "3600"}
    body = {"error": {"code": "429", "message": "Too many requests."}}
    arm, clock = arm_over(lambda _: httpx.Response(429, json=body, headers=quota))
    with pytest.raises(Throttled):
        spending(arm, SUB, start=MAY[0], end=MAY[1])
    assert clock.slept == []


def test_pages_are_asked_for_by_the_same_body() -> None:
    asked: list[tuple[str, bytes]] = []
    link = f"https://management.azure.com{SUB}/providers/Microsoft.CostManagement/query?api-version=v&$skiptoken=AQ"

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.query.decode(), request.content))
        rows = [[0.5, 1, "/b", "Operations", "USD"]]
        return page(rows, link) if len(asked) == 1 else page([[0.25, 1, "/a", "Operations", "USD"]])

    arm, _ = arm_over(answer)
    rows = spending(arm, SUB, start=MAY[0], end=MAY[1]).rows
    assert [row.resource_id for row in rows] == ["/a", "/b"]
    assert asked[0][1] == asked[1][1]
    assert [query for query, _ in asked] == ["api-version=2024-08-01", "api-version=v&$skiptoken=AQ"]


def test_a_page_elsewhere_gets_no_token_of_ours() -> None:
    arm, _ = arm_over(lambda _: page([], "https://example.org/next"))
    with pytest.raises(ServiceError, match="another host"):
        spending(arm, SUB, start=MAY[0], end=MAY[1])


def test_no_content_is_no_cost() -> None:
    arm, _ = arm_over(lambda _: httpx.Response(204))
    assert spending(arm, SUB, start=MAY[0], end=MAY[1]).rows == ()


def test_seats_are_summed_by_their_tag_in_one_question() -> None:
    columns = [{"name": name} for name in ("Cost", "UsageQuantity", "TagKey", "TagValue", "Currency")]
    rows = [[3, 1, "visionlab:seat", "anna-k3x7qa", "USD"], [9, 1, None, None, "USD"]]
    arm, _ = arm_over(lambda _: page(rows, columns=columns))
    found = seat_costs(arm, SUB, "botany", start=MAY[0], end=MAY[1])
    assert {seat: str(money.amount) for seat, money in found.items()} == {"anna-k3x7qa": "3"}


def test_the_question_holds_to_two_groups_and_whole_days() -> None:
    body = query_body(*MAY, where=("visionlab:course", "botany"))
    assert body["timePeriod"] == {"from": "2026-05-01T00:00:00Z", "to": "2026-05-31T23:59:59Z"}
    assert [group["name"] for group in body["dataset"]["grouping"]] == ["ResourceId", "Meter"]
    assert body["dataset"]["filter"]["tags"] == {"name": "visionlab:course", "operator": "In", "values": ["botany"]}
    assert query_body(*MAY, by_tag="visionlab:seat")["dataset"]["grouping"] == [
        {"type": "TagKey", "name": "visionlab:seat"}
    ]


def test_an_answer_without_the_columns_is_none() -> None:
    with pytest.raises(ServiceError, match="lacks UsageQuantity"):
        read_spent([{"columns": [{"name": "Cost"}], "rows": [[1]]}], day=MAY[1])
    assert read_by_tag([{"columns": [], "rows": []}], day=MAY[1]) == []


@pytest.mark.parametrize(
    ("meter", "used", "price"),
    [
        ("Custom Image Classification Training", 0.5, "USD 1.50 a period"),
        ("Image Analysis Group 1 Transactions", 0.25, "USD 0.25 a period"),
        ("LRS Data Stored", 2, "USD 0.04 a period"),
        ("Operations", 1, "USD 0.03 a period"),
        ("Basic Registry Unit", 30, "USD 5.01 a period"),
        ("Standard Registry Unit", 30, "None"),
    ],
)
def test_what_the_local_azure_counted_has_a_list_price(meter: str, used: float, price: str) -> None:
    (row,) = read_spent([{"columns": COLUMNS, "rows": [[0, used, "/r", meter, "USD"]]}], day=MAY[1])
    assert str(list_price(row)) == price
    assert row.unit
