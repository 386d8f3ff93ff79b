"""`visionlab cost`: the estimate as people and programs read it, and the sentence before something is made."""

import json
from pathlib import Path

import pytest

from automation.cli.app import main
from tests.automation.cli.cli_fakes import LAB


@pytest.fixture
def lab_file(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"x" * 500_000)
    (tmp_path / "labels.json").write_text("{}")
    (tmp_path / "lab.yaml").write_text(LAB)
    return tmp_path / "lab.yaml"


def test_an_estimate_is_a_table_of_months_and_runs(lab_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "estimate", str(lab_file), "--stack", "course"]) == 0
    told = capsys.readouterr()
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert lines[0] == "fruit on course, westeurope"
    assert "compute cluster Standard_NC4as_T4_v3 USD 10.04" in lines
    assert "key vault standard none" in lines
    assert "training finder: 1 h of budget, custom-vision USD 10.00" in lines
    assert "a run USD 10.00" in lines
    assert "list prices: taxes and discounts are not in them" in told.err


def test_an_estimate_as_json_has_amounts_as_text_and_null_for_the_unknown(
    lab_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab_file.write_text(LAB + "settings: {computeCluster: {name: c, vmSize: Standard_Imagined, maxNodes: 1}}\n")
    assert main(["cost", "estimate", str(lab_file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["notes"][0].startswith("the stack is local and costs nothing")
    training = next(line for line in found["run"]["lines"] if line["step"] == "training")
    assert training["money"] is None
    assert found["run"]["total"]["unknown"] == 1
    storage = found["idle"]["lines"][0]
    assert storage["money"] == {
        "amount": "0.0000184",
        "currency": "USD",
        "dated": "2023-07-01",
        "priceOfRegion": None,
    }


def test_what_is_no_lab_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "estimate", str(tmp_path / "photo.jpg")]) == 2
    assert "name a lab.yaml" in capsys.readouterr().err


def test_what_it_costs_is_said_before_a_lab_is_made_on_azure(
    lab_file: Path, capsys: pytest.CaptureFixture[str], nobody: None
) -> None:
    assert main(["lab", "up", "-f", str(lab_file), "--stack", "azure"]) == 2, "nobody is signed in"
    said = capsys.readouterr().err
    assert "cost: in westeurope: USD 0.000018 a month idle, USD " in said
    assert said.index("cost:") < said.index("nobody is signed in")
