"""What Pulumi's engine says, told as our events: no CLI is needed for that."""

from collections.abc import Callable
from typing import Any, cast

from pulumi.automation.events import EngineEvent

from automation.provision.embedded.reporting import Reporter
from automation.provision.events import ResourceEvent
from automation.provision.pulumi_cli_events import Listener
from tests.automation.provision.conftest import FakeClock

STACK = "urn:pulumi:dev::lab::pulumi:pulumi:Stack::lab-dev"
parse: Callable[[dict[str, Any]], EngineEvent] = cast("Any", EngineEvent).from_json
GROUP = "urn:pulumi:dev::lab::azure-native:resources:ResourceGroup::group"


def told(*events: dict[str, Any]) -> tuple[list[tuple[str, str, str, str | None]], Reporter, Listener]:
    seen: list[ResourceEvent] = []
    reporter = Reporter(seen.append, FakeClock())
    listener = Listener(reporter)
    for number, event in enumerate(events):
        listener(parse({"sequence": number, "timestamp": 1, **event}))
    listener.close()
    return [(event.op, event.name, event.state, event.error) for event in seen], reporter, listener


def step(kind: str, op: str, urn: str = GROUP, *, custom: bool = True, **more: Any) -> dict[str, Any]:
    type_ = urn.split("::")[2]
    state = {"urn": urn, "type": type_, "custom": custom}
    return {kind: {"metadata": {"op": op, "urn": urn, "type": type_, "new": state, **more}}}


def said(message: str, severity: str = "error", urn: str = GROUP) -> dict[str, Any]:
    return {"diagnosticEvent": {"message": message, "color": "never", "severity": severity, "urn": urn}}


def test_a_resource_begins_and_ends_and_what_differs_is_named() -> None:
    diff = {"tags.owner": {"diffKind": "add"}, "tags.expires": {"diffKind": "update"}}
    events, reporter, _ = told(
        step("resourcePreEvent", "update", detailedDiff=diff), step("resOutputsEvent", "update", detailedDiff=diff)
    )
    assert events == [("update", "group", "started", None), ("update", "group", "done", None)]
    assert reporter.summary().changes == {"update": 1}


def test_what_is_as_it_was_is_told_once() -> None:
    assert told(step("resourcePreEvent", "same"), step("resOutputsEvent", "same"))[0] == [
        ("same", "group", "done", None)
    ]


def test_a_replacement_counts_once_and_its_delete_as_a_delete() -> None:
    steps = ["create-replacement", "replace", "delete-replaced"]
    _, reporter, _ = told(*[step("resOutputsEvent", op) for op in steps])
    assert reporter.summary().changes == {"delete": 1, "replace": 1}


def test_stacks_components_and_providers_are_no_resources_of_azure() -> None:
    component = "urn:pulumi:dev::lab::lab:index:Part::part"
    provider = "urn:pulumi:dev::lab::pulumi:providers:azure-native::default_3_29_0"
    events, _, _ = told(
        step("resOutputsEvent", "create", STACK),
        step("resOutputsEvent", "create", component, custom=False),
        step("resOutputsEvent", "create", provider),
    )
    assert events == []


def test_a_failure_is_told_with_its_reason_whichever_comes_first() -> None:
    failed = step("resOpFailedEvent", "create")
    for order in ([said("<{%reset%}>no such place<{%reset%}>\n"), failed], [failed, said("no such place")]):
        events, reporter, listener = told(step("resourcePreEvent", "create"), *order)
        assert events[-1] == ("create", "group", "failed", "no such place")
        assert [failure.message for failure in reporter.failures] == ["no such place"]
        assert listener.complaints == []


def test_a_code_of_azure_in_the_reason_brings_its_hint() -> None:
    refused = 'Code="FlagMustBeSetForRestore" Message="An existing resource has been soft-deleted."'
    _, reporter, _ = told(step("resOpFailedEvent", "create"), said(refused))
    assert [failure.hint for failure in reporter.failures] == [
        (
            "a deleted account still has this name: `visionlab doctor` says how to purge it;"
            " or set another `suffix` under `settings:`"
        )
    ]


def test_errors_of_the_stack_are_complaints_and_warnings_are_passed_on() -> None:
    warning = said("mind the gap", "warning")
    _, reporter, listener = told(said("update failed", urn=STACK), warning, warning)
    assert listener.complaints == ["update failed"]
    assert reporter.summary().diagnostics == ("mind the gap",)
