"""The lab commands on a seat's lab.yaml: they show it, and leave its resources alone."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from automation.cli.app import main
from automation.cli.context import local_home_of, state_of
from automation.workflow import read_lab
from tests.automation.workflow.test_provisioned import OUTPUTS, SEAT, WHOSE


@pytest.fixture
def seat_file(tmp_path: Path) -> Path:
    (tmp_path / "seat" / "photos").mkdir(parents=True)
    (tmp_path / "seat" / "outputs.json").write_text(json.dumps(asdict(OUTPUTS) | WHOSE))
    (tmp_path / "seat" / "lab.yaml").write_text(SEAT)
    return tmp_path / "seat" / "lab.yaml"


@pytest.mark.parametrize(
    "words",
    [
        ("lab", "up", "-f"),
        ("lab", "preview", "-f"),
        ("lab", "refresh", "-f"),
        ("lab", "down", "--yes", "-f"),
        ("run", "--down"),
        ("lab", "outputs", "--stack", "azure", "-f"),
    ],
)
def test_what_would_change_resources_is_refused_with_whose_they_are(
    seat_file: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, str(seat_file)]) == 1
    said = capsys.readouterr().err
    assert "refused: the resources are those of the seat anna-x7q2 of the course botany" in said
    assert "`visionlab course down`" in said
    assert not (seat_file.parent.parent / "home").exists()


def test_status_and_outputs_show_them(seat_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "status", "-f", str(seat_file)]) == 0
    assert "provisioned by the seat anna-x7q2 of the course botany" in capsys.readouterr().out
    assert main(["lab", "status", "--json", "-f", str(seat_file)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["provisioned"], found["steps"]["provision"]) == (True, "open")
    assert main(["lab", "outputs", "--json", "-f", str(seat_file)]) == 0
    assert json.loads(capsys.readouterr().out)["storage_account"] == "stbotany"


def test_a_seat_keeps_its_state_beside_its_file_and_finds_the_local_azure(
    seat_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISIONLAB_HOME", str(tmp_path / "mine"))
    assert state_of(read_lab(seat_file)) == seat_file.parent / ".visionlab"
    assert local_home_of(seat_file).resolve() == tmp_path / "home"
    seat_file.write_text(SEAT.replace("home: ../home\n", "stack: course\n"))
    assert state_of(read_lab(seat_file)) == seat_file.parent / ".visionlab"
    seat_file.write_text("name: fruit")
    assert state_of(read_lab(seat_file)) == local_home_of(seat_file) == tmp_path / "mine"
