"""A lab without an Azure for the tests of the commands."""

from pathlib import Path

import pytest

from tests.automation.cli.cli_fakes import FakeLab


@pytest.fixture
def lab(tmp_path: Path) -> FakeLab:
    return FakeLab(tmp_path)
