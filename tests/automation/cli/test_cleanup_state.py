"""What this machine still says about deleted things is found, and a stack of which nothing is left is forgotten."""

import json
from pathlib import Path
from typing import Any, cast

from automation.cleanup import CleanupPlan
from automation.cli.cleanup_state import forget_stacks, state_left
from automation.workflow.workbench import Workbench
from tests.automation.cleanup.plans import GROUP, a_cleanup_plan, an_item

STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st"
CONTAINER = f"{STORE}/blobServices/default/containers/c"
OTHER = f"{GROUP}-other/providers/Microsoft.Storage/storageAccounts/st"


class Bench:
    """Remembers which stacks were emptied."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.forgotten: list[str] = []

    def open_stack(self, name: str, config: dict[str, Any]) -> "Bench":
        assert config == {}
        self.forgotten.append(name)
        return self

    def forget(self) -> None: ...


def a_plan() -> CleanupPlan:
    return a_cleanup_plan(items=(an_item(), an_item(id=STORE, name="st")))


def a_stack(home: Path, name: str, *ids: str) -> None:
    (home / "stacks").mkdir(parents=True, exist_ok=True)
    resources = [{"urn": "u"}, *({"urn": "u", "id": at} for at in ids)]
    (home / "stacks" / f"{name}.json").write_text(json.dumps({"deployment": {"resources": resources}}), "utf-8")


def test_only_a_stack_of_which_everything_was_planned_is_forgotten(tmp_path: Path) -> None:
    a_stack(tmp_path, "local", an_item().id.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), STORE, CONTAINER)
    a_stack(tmp_path, "partly", STORE, OTHER)
    a_stack(tmp_path, "other", OTHER)
    a_stack(tmp_path, "empty")
    bench = Bench(tmp_path)
    assert forget_stacks(cast("Workbench", bench), a_plan()) == ["local"]
    assert bench.forgotten == ["local"]


def test_stacks_that_still_list_planned_things_are_named(tmp_path: Path) -> None:
    a_stack(tmp_path, "partly", STORE, CONTAINER, OTHER)
    a_stack(tmp_path, "other", OTHER)
    (tmp_path / "stacks" / "torn.json").write_text('{"deployment": {', "utf-8")
    (tmp_path / "stacks" / "strange.json").write_text("[]", "utf-8")
    assert state_left(tmp_path, a_plan()) == [
        "the state of stack partly still lists 2 of them: visionlab lab refresh, or lab down"
    ]


def test_where_there_is_no_state_nothing_is_said(tmp_path: Path) -> None:
    assert state_left(tmp_path, a_plan()) == []
