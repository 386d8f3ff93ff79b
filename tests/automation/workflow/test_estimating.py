"""What a training needs on each back end, and what it took."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from automation.cli.app import cli
from automation.cli.model_estimate import KINDS
from automation.errors import ConfigError
from automation.training import ModelKind
from automation.workflow import estimating
from automation.workflow.estimating import Material, estimate_training, material_of

FRUIT = Material(kind=ModelKind.OBJECT_DETECTION, pictures=53, classes=3)


def running(monkeypatch: pytest.MonkeyPatch, answer: tuple[float | None, float] | None) -> Any:
    asked: dict[str, Any] = {}

    def ask(connection: object, **what: Any) -> tuple[float | None, float] | None:
        asked.update(what, connection=connection)
        return answer

    monkeypatch.setattr(estimating, "ask_training_s", ask)
    lab = SimpleNamespace(stack="course", program_settings=lambda: {"lab": "fruit", "location": "eastus"})
    return SimpleNamespace(local=SimpleNamespace(connection=lambda: {"origin": "here"}), asked=asked, lab=lab)


def test_the_local_azure_is_asked_when_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = running(monkeypatch, (42.0, 9.0))
    found = estimate_training("m", FRUIT, 2, bench=bench)
    local, *others = found.back_ends
    assert (local.possible, local.seconds, local.money, local.costs) == (True, 42.0, None, False)
    assert bench.asked == {
        "connection": {"origin": "here"}, "kind": "detector", "pictures": 53, "classes": 3, "budget_hours": 2,
    }  # fmt: skip
    assert [(one.back_end, one.possible, one.seconds, one.money and str(one.money)) for one in others] == [
        ("image-analysis", False, None, None),
        ("custom-vision", True, None, "USD 20.00 a training"),
        ("automl", True, None, "USD 1.05 a training"),
    ], "two hours of Custom Vision S0, and of the cluster's Standard_NC4as_T4_v3, in eastus"
    assert (found.need.least_budget, found.need.advised_budget) == (1, 1)


def test_what_is_unknown_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    small = estimate_training("m", FRUIT, 1, bench=running(monkeypatch, (None, 7000.0))).back_ends[0]
    assert (small.possible, small.seconds) == (False, None)
    assert "7000 seconds at least" in small.note
    automl = estimate_training("m", FRUIT, 1).back_ends[-1]
    assert (automl.money, automl.costs) == (None, True)
    assert "no computeCluster is named" in automl.note
    assert "does not run" in estimate_training("m", FRUIT, 1).back_ends[0].note
    nothing = Material(kind=ModelKind.OBJECT_DETECTION, pictures=0, classes=3)
    assert estimate_training("m", nothing, 1).back_ends[0].note == "no picture is labeled yet"


def test_a_file_is_counted_and_needs_no_lab(tmp_path: Path) -> None:
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 9, "height": 9} for n in (1, 2, 3)]
    labels = [{"id": 1, "image_id": 1, "category_id": 1}, {"id": 2, "image_id": 3, "category_id": 1}]
    tree = {"images": images, "annotations": labels, "categories": [{"id": 1, "name": "cat"}]}
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(tree))
    assert material_of(path) == Material(kind=ModelKind.IMAGE_CLASSIFICATION, pictures=2, classes=1)
    run = CliRunner().invoke(cli, ["model", "estimate", str(path), "--kind", "object-detection", "--json"])
    (found,) = json.loads(run.stdout)
    assert (found["material"]["kind"], found["actual"]) == ("object-detection", None)
    shown = CliRunner().invoke(cli, ["model", "estimate", str(path)]).stdout
    assert "switched off on 31 March 2025" in shown
    lost = CliRunner().invoke(cli, ["model", "estimate", str(tmp_path / "lost"), "-f", str(tmp_path / "lab.yaml")])
    assert isinstance(lost.exception, ConfigError)


def test_the_command_knows_every_kind() -> None:
    assert tuple(ModelKind) == KINDS
