"""A running local Azure as users have it: started by `visionlab`, known to clients by `visionlab local env` alone."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

DRIVEN_RECORD = "VISIONLAB_TEST_RECORD"
ROOT = Path(__file__).resolve().parents[2]
AZ = ROOT / ".tools" / "az" / "bin" / "python"

# What the libraries of azure-ai-ml warn of as it is imported and used; ours stay errors.
OF_AZURE_AI_ML = (
    ":marshmallow.warnings.RemovedInMarshmallow4Warning",
    ":marshmallow.warnings.ChangedInMarshmallow4Warning",
    "The use of a 'BlobProperties' instance for param blob is deprecated:DeprecationWarning",
    "content_as_bytes is deprecated:DeprecationWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("client")
        if item.path.name.startswith("test_ml_"):
            for warning in OF_AZURE_AI_ML:
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{warning}"))


@dataclass(frozen=True, kw_only=True)
class Azure:
    """One local Azure; `environment` is what `visionlab local env` prints."""

    home: Path
    environment: Mapping[str, str]

    @property
    def origin(self) -> str:
        return self.environment["AZURE_AUTHORITY_HOST"]

    @property
    def subscription_id(self) -> str:
        return self.environment["AZURE_SUBSCRIPTION_ID"]

    def management(self, client: Any, credential: Any, *more: Any, **options: Any) -> Any:
        """A client of azure-mgmt-*: these are told their cloud by base_url and scope, as for Azure's sovereign ones."""
        scopes = [f"{self.origin}/.default"]
        return client(
            credential, self.subscription_id, *more, base_url=self.origin, credential_scopes=scopes, **options
        )


def visionlab(home: Path, *arguments: str) -> str:
    # What the clients drive is recorded, for the coverage page (tests/conftest.py).
    record = os.environ[DRIVEN_RECORD]
    environment = {**os.environ, "VISIONLAB_HOME": str(home), "VISIONLAB_RECORD": record}
    command = [str(Path(sys.executable).with_name("visionlab")), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment, cwd=home)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def azure(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Azure]:
    """One local Azure for the tests of a module. Role assignments count at once; START of the module adds options."""
    home = tmp_path_factory.mktemp("lab")
    module = cast("object", request.module)  # pyright: ignore[reportUnknownMemberType] pytest leaves its type open
    visionlab(home, "local", "start", "--role-delay", "0", *getattr(module, "START", ()))
    try:
        yield Azure(home=home, environment=json.loads(visionlab(home, "local", "env", "--json")))
    finally:
        visionlab(home, "local", "stop")


@pytest.fixture
def environment(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The settings of the local Azure, in this process, for the SDKs."""
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    return azure.environment


@dataclass(frozen=True, kw_only=True)
class Az:
    """The `az` command with the settings of one local Azure."""

    environment: Mapping[str, str]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Any outcome."""
        command = [str(AZ), "-m", "azure.cli", *arguments]
        environment = {**os.environ, **self.environment, **variables}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env=environment, stdin=subprocess.DEVNULL
        )

    def __call__(self, *arguments: str, **variables: str) -> Any:
        """The JSON that a successful command printed; None when it printed nothing."""
        ended = self.run(*arguments, "--output", "json", **variables)
        assert ended.returncode == 0, f"az {' '.join(arguments)}: {ended.stderr}"
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    def refused(self, *arguments: str, **variables: str) -> str:
        """What a command that must fail printed."""
        ended = self.run(*arguments, **variables)
        assert ended.returncode != 0, f"az {' '.join(arguments)} succeeded: {ended.stdout}"
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended.stderr


@pytest.fixture(scope="module")
def az(azure: Azure) -> Az:
    """`az`, not signed in; skipped where `make az` was not run."""
    if not AZ.is_file():
        pytest.skip("az is not in .tools: run `make az`")
    return Az(environment=azure.environment)


@pytest.fixture(scope="module")
def signed_in(azure: Azure, az: Az) -> Az:
    """`az` as whoever owns the subscription."""
    known = azure.environment
    secret = ("-u", known["AZURE_CLIENT_ID"], "-p", known["AZURE_CLIENT_SECRET"])
    az("login", "--service-principal", *secret, "--tenant", known["AZURE_TENANT_ID"])
    return az


@pytest.fixture(scope="session")
def localhost_names() -> None:
    """Clients that reach accounts and vaults by host name need `x.blob.localhost` to be this machine."""
    try:
        socket.getaddrinfo("x.blob.localhost", 443)
    except OSError:
        pytest.skip("names below localhost do not resolve here: install libnss-myhostname, see `visionlab local hosts`")
