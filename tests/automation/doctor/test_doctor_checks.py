"""Every check of the doctor, in each of its outcomes, on a machine that only answers."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from automation.doctor import CHECKS, Check, Finding, Health, LabFacts, Machine, examine
from automation.doctor.types import fine
from automation.errors import ConfigError
from automation.local import LocalAzure
from automation.provision.pulumi_plugin import plugin_version

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PRINCIPAL = {
    "AZURE_TENANT_ID": "t",
    "AZURE_CLIENT_ID": "c",
    "AZURE_CLIENT_SECRET": "hush",
    "AZURE_SUBSCRIPTION_ID": "s",
}


@dataclass(frozen=True, kw_only=True)
class FakeMachine(Machine):
    """What it is asked, it has been told."""

    version: tuple[int, int, int] = (3, 12, 1)
    node_says: str | None = "v20.1.0"
    blobs: bool = True
    running: bool = False
    names: bool = True
    listening: tuple[int, ...] = ()
    free: int = 50_000_000_000
    today: datetime = NOW
    programs: dict[str, Path] = field(default_factory=dict[str, Path])

    @property
    def local(self) -> LocalAzure:
        return LocalAzure(self.home / "local", ask=lambda _: {"status": "ok"} if self.running else None)

    def python(self) -> tuple[int, int, int]:
        return self.version

    def which(self, program: str) -> Path | None:
        return self.programs.get(program)

    def node(self) -> Path | None:
        return None if self.node_says is None else Path("/usr/bin/node")

    def ask(self, program: Path, *arguments: str) -> str | None:
        return self.node_says

    def has_blob_server(self) -> bool:
        return self.blobs

    def resolves(self, name: str) -> bool:
        return self.names

    def listens(self, port: int) -> bool:
        return port in self.listening

    def free_bytes(self) -> int:
        return self.free

    def now(self) -> datetime:
        return self.today

    def made(self) -> datetime:
        return NOW - timedelta(days=30)


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    environment = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")}
    return FakeMachine(
        environment=environment,
        home=tmp_path / ".visionlab",
        tools=tmp_path / "tools",
        read_lab=lambda: LabFacts(said="lab.yaml: the lab fruit on local"),
    )


def look(machine: Machine, name: str) -> Finding:
    return next(check for check in CHECKS if check.name == name).look(machine)


def using(*uses: str) -> Callable[[FakeMachine], FakeMachine]:
    return changed(read_lab=lambda: LabFacts(said="lab.yaml", uses=frozenset(uses)))


def changed(**fields: Any) -> Callable[[FakeMachine], FakeMachine]:
    return lambda machine: replace(machine, **fields)


def variables(**more: str) -> Callable[[FakeMachine], FakeMachine]:
    return lambda machine: replace(machine, environment={**machine.environment, **more})


def on_azure(*then: Callable[[FakeMachine], FakeMachine]) -> Callable[[FakeMachine], FakeMachine]:
    def change(machine: FakeMachine) -> FakeMachine:
        for step in (changed(stack="azure"), *then):
            machine = step(machine)
        return machine

    return change


def wrong_lab() -> LabFacts:
    raise ConfigError("lab.yaml has 2 mistakes", hint="mend it")


@pytest.mark.parametrize(
    ("name", "change", "health", "said"),
    [
        ("python", changed(), "ok", "Python 3.12.1"),
        ("python", changed(version=(3, 10, 2)), "failure", "Python 3.10.2"),
        ("lab-file", changed(), "ok", "lab.yaml: the lab fruit on local"),
        ("lab-file", changed(read_lab=None), "warning", "there is no lab file here"),
        ("lab-file", changed(read_lab=wrong_lab), "failure", "lab.yaml has 2 mistakes"),
        ("disk", changed(), "ok", "50.0 GB free for"),
        ("disk", changed(free=2_000_000_000), "warning", "2.0 GB free for"),
        ("disk", changed(free=200_000_000), "failure", "0.2 GB free for"),
        ("clock", changed(), "ok", "2026-11-20 12:00 UTC"),
        ("clock", changed(today=datetime(1970, 1, 1, tzinfo=UTC)), "failure", "the clock shows 1970-01-01 00:00"),
        ("lab-file", changed(read_lab=wrong_lab, missing_folders=lambda: (Path("/x"),)), "failure", "lab.yaml has 2"),
        ("settings", changed(), "skipped", "not read: there is no lab file here"),
        ("settings", changed(asked=wrong_lab), "failure", "the program refuses its settings: lab.yaml has 2 mistakes"),
        ("settings", changed(asked=tuple), "ok", "the program asks for 0 resources of 0 kinds"),
        ("retired", changed(read_lab=None), "ok", "no lab file"),
        ("retired", changed(read_lab=wrong_lab), "ok", "nothing that the lab uses"),
        ("retired", using("image-analysis-customization"), "warning", "on Azure training of own models by Image"),
        ("retired", on_azure(using("image-analysis-customization")), "failure", "training of own models by Image"),
        ("retired", on_azure(using("ml-labeling")), "failure", "data labeling in Azure ML ended on 2026-09-30"),
        ("retired", on_azure(using("custom-vision")), "ok", "Custom Vision ends on 2028-09-25"),
        ("state-folder", changed(), "ok", ""),
        ("state-folder", changed(home=Path("/etc/hosts")), "failure", "/etc/hosts is no folder"),
        ("authorities", changed(), "ok", "the machine's own"),
        ("authorities", variables(SSL_CERT_FILE=""), "failure", "SSL_CERT_FILE is set to nothing"),
        ("authorities", variables(REQUESTS_CA_BUNDLE="/no"), "failure", "REQUESTS_CA_BUNDLE names /no, which is not"),
        ("authorities", variables(CURL_CA_BUNDLE="/etc/hosts"), "failure", "CURL_CA_BUNDLE names /etc/hosts, which h"),
        ("authorities", variables(SSL_CERT_DIR="/no"), "failure", "SSL_CERT_DIR names /no"),
        ("cloud-variables", changed(), "ok", "none"),
        ("cloud-variables", variables(ARM_METADATA_HOSTNAME="localhost:84"), "ok", "ARM_METADATA_HOSTNAME point this"),
        ("cloud-variables", on_azure(variables(AZURE_AUTHORITY_HOST="https://localhost:84")), "failure", "AZURE_AUTH"),
        ("proxies", variables(HTTPS_PROXY="user:pw@p:80"), "failure", "HTTPS_PROXY without http://"),
        ("subscription", changed(), "skipped", "not asked: nobody to ask"),
        ("quotas", changed(), "skipped", "not asked: nobody to ask"),
        ("proxies", changed(), "ok", "no proxy"),
        (
            "proxies",
            variables(https_proxy="http://user:pw@p"),
            "warning",
            "HTTPS_PROXY set, and NO_PROXY does not name",
        ),
        (
            "proxies",
            variables(HTTPS_PROXY="http://p", NO_PROXY="localhost, 127.0.0.1"),
            "ok",
            "HTTPS_PROXY set; this machine",
        ),
        ("node", changed(), "ok", "Node.js v20.1.0 at /usr/bin/node"),
        ("node", changed(node_says="v16.3.0"), "failure", "/usr/bin/node is v16.3.0"),
        ("node", changed(node_says=None), "failure", "no Node.js, which the blob server needs"),
        ("node", on_azure(changed(node_says=None)), "warning", "no Node.js"),
        ("blob-server", changed(), "ok", "Azurite is installed"),
        ("blob-server", changed(blobs=False), "failure", "no Azurite"),
        ("blob-server", on_azure(changed(blobs=False)), "warning", "no Azurite"),
        ("local-azure", changed(), "ok", "not running"),
        ("ports", changed(), "ok", "none kept yet"),
        ("certificate", changed(), "ok", "none yet"),
        ("names", changed(), "ok", "names below localhost lead to this machine"),
        ("names", changed(names=False), "warning", "names below localhost do not resolve"),
        ("language-host", changed(), "warning", "no pulumi-language-python"),
        ("language-host", changed(programs={"pulumi-language-python": Path("/x")}), "ok", "/x"),
        ("sign-in", changed(), "warning", "nobody is signed in to Azure; the stack local needs nobody"),
        ("sign-in", on_azure(), "failure", "nobody is signed in to Azure"),
        ("sign-in", on_azure(variables(**PRINCIPAL)), "ok", "service principal with a secret, subscription s"),
        ("sign-in", on_azure(variables(AZURE_CLIENT_SECRET="hush")), "failure", "service principal with a secret, but"),
        ("sign-in", on_azure(variables(ARM_USE_MSI="1")), "failure", "managed identity, and no subscription"),
        ("azure-native", changed(), "warning", f"azure-native {plugin_version()} is not installed"),
    ],
)
def test_each_outcome(
    machine: FakeMachine, name: str, change: Callable[[FakeMachine], FakeMachine], health: str, said: str
) -> None:
    found = look(change(machine), name)
    assert (found.health.value, found.said[: len(said)]) == (health, said)
    assert health in ("ok", "skipped") or found.fix
    assert "hush" not in f"{found.said} {found.fix}"
    assert "user:pw" not in f"{found.said} {found.fix}"


def test_the_pulumi_cli(machine: FakeMachine) -> None:
    assert look(machine, "pulumi").health == "warning"
    assert look(replace(machine, stack="azure"), "pulumi").health == "failure"
    cli = Path(machine.environment["PATH"]) / "pulumi"
    cli.parent.mkdir()
    for version, health, said in (
        ("v3.259.0", "ok", f"Pulumi CLI 3.259.0 at {cli}"),
        ("v3.100.0", "failure", f"the Pulumi CLI {cli} is version 3.100.0"),
        ("what?", "failure", f"{cli} does not say its version"),
    ):
        cli.write_text(f"#!/bin/sh\necho {version}\n")
        cli.chmod(0o755)
        found = look(machine, "pulumi")
        assert (found.health.value, found.said[: len(said)]) == (health, said)


def test_the_azure_native_plugin(machine: FakeMachine) -> None:
    folder = Path(machine.environment["HOME"]) / ".pulumi" / "plugins" / f"resource-azure-native-v{plugin_version()}"
    folder.mkdir(parents=True)
    (folder / "pulumi-resource-azure-native").touch(mode=0o755)
    found = look(machine, "azure-native")
    assert (found.health, found.said) == ("ok", f"azure-native {plugin_version()} at {folder}")


def test_ports_of_a_local_azure_that_rests_belong_to_nobody_else(machine: FakeMachine) -> None:
    folder = machine.home / "local"
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text(json.dumps({"port": 8443, "blob_port": 10000, "client_secret": "hush"}))
    assert look(machine, "ports").said == "8443 and 10000"
    taken = look(replace(machine, listening=(10000,)), "ports")
    assert (taken.health, taken.said) == ("failure", "another program listens on 10000")


def test_a_local_azure_that_runs_tells_where(machine: FakeMachine) -> None:
    folder = machine.home / "local"
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text(json.dumps({"port": 8443, "blob_port": 10000}))
    told = {"pid": 1, "origin": "https://localhost:8443", "blob_origin": "https://127.0.0.1:10000"}
    (folder / "endpoint.json").write_text(json.dumps(told))
    running = replace(machine, running=True, listening=(8443, 10000))
    assert look(running, "local-azure").said == (
        "runs at https://localhost:8443 (process 1), blobs at https://127.0.0.1:10000"
    )
    assert look(running, "ports").health == "ok"
    assert look(replace(running, listening=(8443,)), "ports").health == "failure"
    dead = look(machine, "local-azure")
    assert (dead.health, dead.said) == ("warning", "does not answer, though it was started")


@pytest.mark.parametrize(
    ("days", "health", "said"),
    [
        (400, "ok", "good until 2027-12-25"),
        (5, "warning", "good until 2026-11-25"),
        (-1, "failure", "expired on 2026-11-19"),
    ],
)
def test_the_certificate(machine: FakeMachine, days: int, health: str, said: str) -> None:
    path = machine.home / "local" / "tls" / "leaf.pem"
    path.parent.mkdir(parents=True)
    path.write_bytes(a_certificate(NOW + timedelta(days=days)))
    found = look(machine, "certificate")
    assert (found.health, found.said) == (health, said)


def test_a_certificate_that_is_none_is_a_problem(machine: FakeMachine) -> None:
    path = machine.home / "local" / "tls" / "leaf.pem"
    path.parent.mkdir(parents=True)
    path.write_text("nothing")
    assert look(machine, "certificate").health == "failure"


def test_the_report_has_every_check_once_and_counts(machine: FakeMachine) -> None:
    report = examine(replace(machine, node_says=None, blobs=False))
    assert [check.name for check, _ in report.findings] == [check.name for check in CHECKS]
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert (report.count(Health.FAILURE), report.remedies) == (2, ("install-blob-server",))


def test_a_check_that_hangs_or_breaks_keeps_no_other_from_its_turn(machine: FakeMachine) -> None:
    def hang(_: Machine) -> Finding:
        threading.Event().wait(30)
        return fine("late")

    def burst(_: Machine) -> Finding:
        raise KeyError("AccountKey=hushhushhushhush")

    rows = (
        Check(name="a", what="a", look=hang, deadline_s=0.05),
        Check(name="b", what="b", look=burst),
        Check(name="c", what="c", look=lambda _: fine("here")),
    )
    findings = [(found.health.value, found.said) for _, found in examine(machine, rows).findings]
    assert findings[0] == ("warning", "no answer within 0 s")
    assert findings[1][0] == "failure"
    assert findings[1][1].startswith("the check itself broke: KeyError")
    assert "hushhush" not in findings[1][1]
    assert findings[2] == ("ok", "here")


def test_a_real_machine_answers(tmp_path: Path) -> None:
    machine = Machine(environment={"PATH": ""}, home=tmp_path / "not" / "there")
    assert machine.python() >= (3, 11)
    assert machine.which("pulumi") is None
    assert machine.free_bytes() > 0
    assert machine.resolves("localhost")
    assert not machine.resolves("")
    assert machine.made() <= machine.now()
    assert machine.ask(tmp_path / "nothing") is None


def a_certificate(expires: datetime) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(expires - timedelta(days=800))
        .not_valid_after(expires)
    )
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
