"""What every test gets: a clean environment, no way out of this machine, and no silent skips in CI."""

import ipaddress
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew from what is there")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written anew, to be reviewed as a difference."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's Azure, Pulumi or visionlab settings."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "ARM_", "PULUMI_", "VISIONLAB_HOME", "REQUESTS_CA", "SSL_CERT")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine is an error of the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] != "localhost":
            host = ipaddress.ip_address(address[0])
            if not host.is_loopback:
                pytest.fail(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def fruit_photos() -> Path:
    """The folder of real labelled photographs; they are not part of the repository."""
    folder = Path(os.environ.get("VISIONLAB_FRUIT", ROOT.parent / "shared" / "data" / "fruit"))
    if not (folder / "detection" / "labels.json").is_file():
        pytest.skip(f"the photographs are not at {folder}; name their folder in VISIONLAB_FRUIT")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: what must run must have run."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("VISIONLAB_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here it must run: {report.longrepr}"
    return report
