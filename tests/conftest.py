"""What every test gets: a clean environment, no way out of this machine, and no silent skips in CI."""

import ipaddress
import os
import socket
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from localazure.driven import read_driven, read_record, write_driven

ROOT = Path(__file__).resolve().parent.parent


# The same examples in every run, so that a green one stays green; `--hypothesis-profile=default` draws new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-driven", action="store_true", help="write localazure/driven.json from what clients drove"
    )
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew from what is there")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ClientsDrive(config))


class ClientsDrive:
    """Which client drove what, in tests/clients: a full run of them must drive all that localazure/driven.json claims.

    With --update-driven the file is written anew, by a part of them only added to.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._seen = set[str]()
        self._whole = not config.option.keyword
        descriptor, self._record = tempfile.mkstemp(prefix="visionlab-driven-")
        os.close(descriptor)
        os.environ["VISIONLAB_TEST_RECORD"] = self._record

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid.startswith("tests/clients/"):
            self._seen.add(report.nodeid.split("::")[0])
            self._whole = self._whole and report.outcome == "passed"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        recorded = read_record(Path(self._record))
        Path(self._record).unlink()
        if not self._seen:
            return
        every = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "clients").glob("test_*.py")}
        whole = self._whole and self._seen == every
        claimed = read_driven()
        unknown = sorted(operation for operation in recorded if operation.startswith("unknown: "))
        if self._config.option.update_driven and not unknown:
            names = sorted({*recorded, *(() if whole else claimed)})
            old = {} if whole else claimed
            write_driven({name: {*recorded.get(name, ()), *old.get(name, ())} for name in names})
        elif whole:
            lost = [f"{name} by {who}" for name, clients in claimed.items() for who in clients
                    if who not in recorded.get(name, ())]  # fmt: skip
            self._say("the coverage page claims what no test drives any more; see it, then --update-driven", lost)
            session.exitstatus = 1 if lost else session.exitstatus
        self._say("clients were served with what no row of the coverage page says", unknown)
        session.exitstatus = 1 if unknown else session.exitstatus

    def _say(self, what: str, names: list[str]) -> None:
        for line in (f"{what}:", *names) if names else ():
            sys.stderr.write(f"\n{line}")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written anew, to be reviewed as a difference."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's Azure, Pulumi or visionlab settings."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "ARM_", "PULUMI_", "VISIONLAB_HOME", "REQUESTS_CA", "SSL_CERT", "IDENTITY_")):
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
