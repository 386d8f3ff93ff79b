"""`visionlab doctor`: rows for people, one object for programs, an exit code for scripts."""

import json
import urllib.error
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from automation.cli.app import main
from automation.doctor import CHECKS
from automation.errors import LabError
from automation.provision.pulumi_install import install_cli


def test_the_doctor_tells_programs_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str], nobody: None) -> None:
    (tmp_path / "lab.yaml").write_text("name: fruit\nstack: azure\n")
    assert main(["doctor", "-f", str(tmp_path / "lab.yaml"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    found = {row["name"]: row for row in told["checks"]}
    assert list(found) == [check.name for check in CHECKS]
    assert found["lab-file"]["said"] == f"{tmp_path / 'lab.yaml'}: the lab fruit on azure"
    assert (found["sign-in"]["health"], told["failures"] >= 1) == ("failure", True)
    assert (found["quotas"]["health"], told["skipped"] >= 11) == ("skipped", True)
    assert told["fixed"] == []
    assert "az login" in found["sign-in"]["fix"]


def test_the_doctor_tells_people_in_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str], nobody: None) -> None:
    (tmp_path / "lab.yaml").write_text("nmae: fruit\n")
    assert main(["doctor", "-f", str(tmp_path / "lab.yaml")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("failure  the lab file")
    assert lines[1].endswith("lab.yaml has 2 mistakes")


def test_nothing_is_downloaded_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str], nobody: None) -> None:
    assert main(["doctor", "-f", str(tmp_path / "lab.yaml"), "--install-pulumi"]) == 1
    assert "nobody is here to say yes" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_download_without_a_network_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(PulumiCommand, "install", unreachable)
    with pytest.raises(LabError, match="could not be downloaded: Name or service not known") as caught:
        install_cli(tmp_path)
    assert "HTTPS_PROXY" in str(caught.value.hint)
