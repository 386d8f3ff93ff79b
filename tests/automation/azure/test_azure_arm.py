"""Resources by id, listings over all pages, and long-running work in every way Azure reports it."""

from typing import Any

import httpx
import pytest

from automation.azure import Arm
from automation.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    OperationFailed,
    ServiceError,
    Unauthorized,
    WaitTimeout,
)
from tests.automation.azure.fakes import ORIGIN, FakeClock, Script, an_arm

THING = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Thing/things/one"
V = "2024-01-01"
GET = f"GET {THING}?api-version={V}"
PUT = f"PUT {THING}?api-version={V}"
DELETE = f"DELETE {THING}?api-version={V}"
STATUS = "/status/1?api-version=9"
MONITOR = {"azure-asyncoperation": ORIGIN + STATUS, "retry-after": "1"}
LOCATION = {"location": ORIGIN + STATUS, "retry-after": "1"}


def a_thing(state: str | None = "Succeeded") -> dict[str, Any]:
    return {"id": THING, "properties": {"provisioningState": state} if state else {}}


def answer(status: int, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    return (
        httpx.Response(status, headers=headers) if body is None else httpx.Response(status, json=body, headers=headers)
    )


def refusal(status: int, code: str) -> httpx.Response:
    return answer(status, {"error": {"code": code, "message": "No."}})


def test_get_gives_the_resource() -> None:
    assert an_arm(Script([(GET, answer(200, a_thing()))])).get(THING, api_version=V) == a_thing()


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound"])
def test_find_gives_none_for_what_is_not_there(code: str) -> None:
    assert an_arm(Script([(GET, refusal(404, code))])).find(THING, api_version=V) is None


@pytest.mark.parametrize("code", ["SubscriptionNotFound", "InvalidResourceType", ""])
def test_find_does_not_take_a_wrong_place_for_an_absence(code: str) -> None:
    arm = an_arm(Script([(GET, refusal(404, code))]))
    with pytest.raises(NotFound):
        arm.find(THING, api_version=V)


def test_find_does_not_take_a_missing_right_for_an_absence() -> None:
    arm = an_arm(Script([(GET, refusal(403, "AuthorizationFailed"))]))
    with pytest.raises(Unauthorized):
        arm.find(THING, api_version=V)


def test_list_walks_all_pages() -> None:
    script = Script(
        [
            (
                f"GET /things?$filter=a%20eq%20'b'&api-version={V}",
                answer(200, {"value": [{"id": 1}], "nextLink": f"{ORIGIN}/p2?x=1"}),
            ),
            ("GET /p2?x=1", answer(200, {"value": [{"id": 2}], "nextLink": "/p3"})),
            ("GET /p3", answer(200, {"value": [{"id": 3}], "nextLink": None})),
        ]
    )
    arm = an_arm(script)
    assert [item["id"] for item in arm.list("/things", api_version=V, params={"$filter": "a eq 'b'"})] == [1, 2, 3]


def test_a_listing_without_a_list_is_an_error_and_not_an_empty_one() -> None:
    arm = an_arm(Script([(f"GET /things?api-version={V}", answer(200, {}))]))
    with pytest.raises(ServiceError) as caught:
        list(arm.list("/things", api_version=V))
    assert str(caught.value) == 'list things: the answer has no "value" list'


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/p2", "http://localhost:8443/p2", "https://localhost:9/p2", "https://nolocalhost:8443/"],
)
def test_a_next_page_elsewhere_does_not_get_our_token(link: str) -> None:
    arm = an_arm(Script([(f"GET /things?api-version={V}", answer(200, {"value": [], "nextLink": link}))]))
    with pytest.raises(ServiceError) as caught:
        list(arm.list("/things", api_version=V))
    assert "another host" in str(caught.value)


def test_ids_are_escaped_in_the_path() -> None:
    script = Script([(f"GET /things/a%20b%23c?api-version={V}", answer(200, {}))])
    assert an_arm(script).get("/things/a b#c", api_version=V) == {}


def put(arm: Arm, deadline_s: float = 900) -> dict[str, Any]:
    return arm.put(THING, {"location": "eastus"}, api_version=V, deadline_s=deadline_s)


def test_put_that_is_done_at_once_gives_its_answer() -> None:
    assert put(an_arm(Script([(PUT, answer(200, a_thing()))]))) == a_thing()
    assert put(an_arm(Script([(PUT, answer(201, a_thing(None)))]))) == a_thing(None)


@pytest.mark.parametrize("header", ["azure-asyncoperation", "operation-location"])
def test_put_follows_the_status_monitor_and_then_reads_the_resource(header: str) -> None:
    clock = FakeClock()
    script = Script(
        [
            (PUT, answer(201, a_thing("Creating"), {header: ORIGIN + STATUS, "retry-after": "3"})),
            (f"GET {STATUS}", answer(200, {"status": "InProgress"}, {"retry-after": "2"})),
            (f"GET {STATUS}", answer(200, {"status": "SomethingNew"}, {"x-ms-retry-after-ms": "500"})),
            (f"GET {STATUS}", answer(200, {"status": "Succeeded"})),
            (GET, answer(200, a_thing())),
        ]
    )
    assert put(an_arm(script, clock)) == a_thing()
    assert (clock.slept, script.done()) == ([3.0, 2.0, 0.5], True)


def test_put_follows_location_until_it_is_no_longer_202() -> None:
    script = Script(
        [
            (PUT, answer(202, None, LOCATION)),
            (f"GET {STATUS}", answer(202, None, {"location": f"{ORIGIN}/status/2"})),
            ("GET /status/2", answer(200, {"not": "the resource"})),
            (GET, answer(200, a_thing())),
        ]
    )
    assert put(an_arm(script)) == a_thing()


def test_put_without_links_is_followed_by_the_resource_itself() -> None:
    clock = FakeClock()
    script = Script(
        [
            (PUT, answer(201, a_thing("Creating"))),
            (GET, answer(200, a_thing("Updating"))),
            (GET, answer(200, a_thing())),
        ]
    )
    assert put(an_arm(script, clock)) == a_thing()
    assert clock.slept == [1.0, 1.5]


@pytest.mark.parametrize("status", ["Failed", "Canceled", "cancelled"])
def test_work_that_ends_badly_tells_code_and_message(status: str) -> None:
    error = {"code": "SkuNotAvailable", "message": "Not in this region."}
    script = Script(
        [
            (PUT, answer(201, a_thing("Creating"), MONITOR)),
            (f"GET {STATUS}", answer(200, {"status": status, "error": error})),
        ]
    )
    arm = an_arm(script)
    with pytest.raises(OperationFailed) as caught:
        put(arm)
    failed = caught.value
    assert (failed.resource, failed.status, failed.code, failed.detail) == (
        "things/one",
        status,
        "SkuNotAvailable",
        "Not in this region.",
    )


def test_a_resource_that_failed_is_a_failure_also_without_a_reason() -> None:
    arm = an_arm(Script([(PUT, answer(200, a_thing("Failed")))]))
    with pytest.raises(OperationFailed) as caught:
        put(arm)
    assert str(caught.value) == "things/one ended as Failed: the service gives no reason"


def test_a_refusal_at_the_location_is_the_end_of_the_work() -> None:
    arm = an_arm(Script([(DELETE, answer(202, None, LOCATION)), (f"GET {STATUS}", refusal(409, "ScopeLocked"))]))
    with pytest.raises(OperationFailed) as caught:
        arm.delete(THING, api_version=V)
    assert caught.value.code == "ScopeLocked"
    assert isinstance(caught.value.__cause__, Conflict)


def test_the_deadline_ends_the_wait_and_keeps_the_last_status() -> None:
    clock = FakeClock()

    def endless(request: httpx.Request) -> httpx.Response:
        return (
            answer(201, a_thing("Creating"), MONITOR) if request.method == "PUT" else answer(200, {"status": "Running"})
        )

    arm = an_arm(endless, clock)
    with pytest.raises(WaitTimeout) as caught:
        put(arm, deadline_s=30)
    assert (caught.value.last_status, caught.value.exit_code, clock.slept_s) == ("Running", 3, 30.0)


def test_a_status_monitor_elsewhere_is_not_followed() -> None:
    arm = an_arm(Script([(PUT, answer(201, a_thing("Creating"), {"azure-asyncoperation": "https://evil.example/1"}))]))
    with pytest.raises(ServiceError) as caught:
        put(arm)
    assert str(caught.value) == "wait for put things/one: the answer points to evil.example, another host"


@pytest.mark.parametrize(
    "steps",
    [
        [(DELETE, answer(200))],
        [(DELETE, answer(204))],
        [(DELETE, refusal(404, "ResourceNotFound"))],
        [(DELETE, answer(202, None, LOCATION)), (f"GET {STATUS}", answer(204))],
        [(DELETE, answer(202, None, LOCATION)), (f"GET {STATUS}", refusal(404, "NotFound"))],
        [(DELETE, answer(202, None, MONITOR)), (f"GET {STATUS}", answer(200, {"status": "Succeeded"}))],
        [(DELETE, answer(202)), (GET, answer(200, a_thing("Deleting"))), (GET, refusal(404, "ResourceNotFound"))],
    ],
)
def test_delete_waits_until_it_is_gone(steps: list[tuple[str, httpx.Response]]) -> None:
    script = Script(steps)
    an_arm(script).delete(THING, api_version=V)
    assert script.done()


def test_delete_in_a_wrong_subscription_is_not_done() -> None:
    arm = an_arm(Script([(DELETE, refusal(404, "SubscriptionNotFound"))]))
    with pytest.raises(NotFound):
        arm.delete(THING, api_version=V)


def test_delete_takes_parameters() -> None:
    script = Script([(f"DELETE {THING}?forceToPurge=true&api-version={V}", answer(200))])
    an_arm(script).delete(THING, api_version=V, params={"forceToPurge": "true"})
    assert script.done()


EXPORT = f"{THING}/exportLabels"


@pytest.mark.parametrize(
    "steps",
    [
        [(f"POST {EXPORT}?api-version={V}", answer(200, {"rows": 3}))],
        [(f"POST {EXPORT}?api-version={V}", answer(202, None, LOCATION)), (f"GET {STATUS}", answer(200, {"rows": 3}))],
        [
            (f"POST {EXPORT}?api-version={V}", answer(202, None, MONITOR | {"location": f"{ORIGIN}/result"})),
            (f"GET {STATUS}", answer(200, {"status": "Succeeded"})),
            ("GET /result", answer(200, {"rows": 3})),
        ],
    ],
)
def test_post_gives_the_result_of_the_work(steps: list[tuple[str, httpx.Response]]) -> None:
    assert an_arm(Script(steps)).post(EXPORT, {"format": "Coco"}, api_version=V) == {"rows": 3}


def test_post_with_an_empty_answer_gives_an_empty_object() -> None:
    script = Script([(f"POST {EXPORT}?api-version={V}", answer(200))])
    assert an_arm(script).post(EXPORT, api_version=V) == {}
    assert script.requests[0].content == b""


def test_patch_sends_the_change_and_gives_the_resource() -> None:
    script = Script([(f"PATCH {THING}?api-version={V}", answer(200, a_thing()))])
    assert an_arm(script).patch(THING, {"tags": {"a": "b"}}, api_version=V) == a_thing()
    assert script.requests[0].content == b'{"tags":{"a":"b"}}'


def test_a_refused_request_names_verb_and_resource() -> None:
    arm = an_arm(Script([(PUT, refusal(400, "LocationRequired"))]))
    with pytest.raises(InvalidRequest) as caught:
        put(arm)
    assert str(caught.value) == "put things/one: No [LocationRequired]"


def test_begun_work_is_looked_at_without_waiting_for_its_end() -> None:
    clock = FakeClock()
    script = Script(
        [
            (DELETE, answer(202, headers=LOCATION)),
            (f"GET {STATUS}", answer(202, headers=LOCATION | {"retry-after": "7"})),
            (f"GET {STATUS}", answer(204)),
        ]
    )
    begun = an_arm(script, clock).begin("DELETE", THING, api_version=V)
    assert begun is not None
    assert (begun.pause_s(), begun.look(), begun.pause_s(), begun.look()) == (1.0, False, 7.0, True)
    assert (clock.slept, script.done()) == ([], True)


def test_begun_work_that_is_done_at_once_needs_no_look() -> None:
    begun = an_arm(Script([(DELETE, answer(200))])).begin("DELETE", THING, api_version=V)
    assert begun is not None
    assert (begun.look(), begun.pause_s()) == (True, 0.0)


def test_begun_work_stops_at_its_deadline() -> None:
    clock = FakeClock()
    script = Script([(DELETE, answer(202, headers=LOCATION)), (f"GET {STATUS}", answer(202, headers=LOCATION))])
    begun = an_arm(script, clock).begin("DELETE", THING, api_version=V, deadline_s=1.5)
    assert begun is not None
    clock.sleep(begun.pause_s())
    assert (begun.look(), begun.pause_s()) == (False, 0.5)
    clock.sleep(0.5)
    with pytest.raises(WaitTimeout) as caught:
        begun.pause_s()
    assert caught.value.last_status == "accepted"


def test_begun_work_that_ends_badly_is_a_failure() -> None:
    locked = Script([(DELETE, answer(202, headers=LOCATION)), (f"GET {STATUS}", refusal(409, "ScopeLocked"))])
    begun = an_arm(locked).begin("DELETE", THING, api_version=V)
    assert begun is not None
    with pytest.raises(OperationFailed) as caught:
        begun.look()
    assert caught.value.code == "ScopeLocked"


def test_nothing_there_is_nothing_begun_and_a_wrong_place_is_an_error() -> None:
    arm = an_arm(Script([(DELETE, refusal(404, "ResourceNotFound")), (DELETE, refusal(404, "SubscriptionNotFound"))]))
    assert arm.begin("DELETE", THING, api_version=V) is None
    with pytest.raises(NotFound):
        arm.begin("DELETE", THING, api_version=V)
