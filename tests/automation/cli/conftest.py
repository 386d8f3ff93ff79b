"""A lab without an Azure for the tests of the commands."""

import os
from pathlib import Path

import pytest

from tests.automation.cli.cli_fakes import FakeLab


@pytest.fixture
def lab(tmp_path: Path) -> FakeLab:
    return FakeLab(tmp_path)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody is signed in to Azure, and nothing is on PATH."""
    for name in list(os.environ):
        if name.startswith(("ARM_", "AZURE_", "IDENTITY_", "VISIONLAB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
