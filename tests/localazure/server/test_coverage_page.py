import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Host

from localazure import coverage, driven
from localazure.app import BlobSide, build
from localazure.arm.paths import PATHS
from localazure.arm.table import TABLE
from localazure.clock import SystemClock
from localazure.driven import client_of, read_record
from localazure.entra.keys import SigningKey
from localazure.served import Request, operation_of
from localazure.settings import load_settings
from localazure.store import Store

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "local-azure-coverage.md"
GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
STORAGE = f"{GROUP}/providers/microsoft.storage/storageaccounts/st1"
CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
# Served by routes of their own, and no operation of Azure's.
OURS = ("/_local/", "/{rest", "/subscriptions", "/tenants", "/providers")


def served(method: str, path: str, *parameters: str, host: str = "localhost") -> str | None:
    return operation_of(Request(method=method, host=host, path=path, parameters=frozenset(parameters)))


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == coverage.coverage_page(), "run: python tools/docs.py"


def test_every_type_and_path_has_a_row() -> None:
    page = coverage.coverage_page()
    assert [row.name for row in TABLE.values() if f"`PUT {row.name}`" not in page] == []
    assert [e.template for e in PATHS if e.template.replace("{scope:path}", "{scope}") not in page] == []


def test_each_operation_stands_once_and_driven_ones_are_among_them() -> None:
    operations = [row[1] for section in coverage.sections() for row in section.rows]
    assert len(operations) == len(set(operations))
    assert [name for name in driven.read_driven() if name not in operations] == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", GROUP.lower(), "GET /subscriptions/{subscription}/resourceGroups/{group}"),
        ("HEAD", GROUP, "HEAD /subscriptions/{subscription}/resourceGroups/{group}"),
        ("HEAD", STORAGE, "GET Microsoft.Storage/storageAccounts"),
        ("PUT", STORAGE, "PUT Microsoft.Storage/storageAccounts"),
        ("POST", f"{STORAGE}/listKeys", "POST Microsoft.Storage/storageAccounts/listkeys"),
        ("GET", f"{STORAGE}/blobServices/default/containers", f"LIST {CONTAINERS}"),
        ("DELETE", f"{STORAGE}/blobServices/default/containers/a", f"GET, PATCH, DELETE {CONTAINERS}"),
        ("PUT", f"{STORAGE}/providers/Microsoft.Authorization/locks/l", "PUT Microsoft.Authorization/locks"),
        ("GET", "/graph/v1.0/applications(appId='it''s')", "GET /applications/{id}"),
        ("PUT", "/cognitiveservices/cv/computervision/datasets/d", "PUT /datasets/{name}"),
        ("GET", "/nothing", None),
    ],
)
def test_a_request_belongs_to_the_row_that_serves_it(method: str, path: str, expected: str | None) -> None:
    assert served(method, path) == expected


def test_hosts_and_parameters_tell_rows_apart() -> None:
    analyze = "/computervision/imageanalysis:analyze"
    assert served("POST", analyze, "model-name", "api-version") == "POST /imageanalysis:analyze?model-name="
    assert served("POST", analyze, "features") == "POST /imageanalysis:analyze?features="
    vault = "GET /secrets/{name}/{version}, /secrets/{name}"
    assert served("GET", "/secrets/a/", host="kv-1.vault.localhost") == vault
    assert served("GET", "/secrets/a") is None


def test_every_route_that_is_served_has_a_row(lab_routes: list[Any]) -> None:
    missing: list[str] = []
    for route, host in lab_routes:
        if route.path.startswith(OURS) or ":path}" in route.path.split("/")[-1]:
            continue
        for method in route.methods - {"HEAD"}:
            path = route.path.replace("{workspace:path}", f"{GROUP}/x")
            path = re.sub(r"{\w+}", "x", path)
            if served(method, path, "model-name", host=host) is None:
                missing.append(f"{method} {route.path}")
    assert missing == []


@pytest.fixture
def lab_routes(tmp_path: Path) -> Generator[list[tuple[Any, str]]]:
    """All routes of a local Azure, with the host where each is asked."""
    settings = load_settings(tmp_path)
    nothing: Any = None
    blob = BlobSide(containers=nothing, publish=lambda _: None, reader=lambda _storage, _roles: nothing)
    store = Store(None)
    azure = build(settings, store=store, clock=SystemClock(), key=SigningKey(None), blob=blob)
    pipeline: Any = azure.app
    found: list[tuple[Any, str]] = []
    for route in pipeline._app.routes:
        inside: list[Any] = route.routes if isinstance(route, Host) else [route]
        found += [(inner, "kv.vault.localhost" if isinstance(route, Host) else "localhost") for inner in inside]
    yield found
    azure.close()
    store.close()


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("AZURECLI/2.91.0 (PIP) azsdk-python-core/1.41.0 Python/3.11.7 (Linux)", "az"),
        ("python/3.11.7 (Linux) AZURECLI/2.91.0", "az"),
        ("azsdk-python-mgmt-storage/25.3.0 Python/3.11.7 (Linux)", "azure-mgmt-storage"),
        ("azsdk-python-azure-mgmt-resource/26.0.0 Python/3.11.7", "azure-mgmt-resource"),
        ("azure-ai-ml/1.35.2 azsdk-python-mgmt-machinelearningservices/0.1.0", "azure-ai-ml"),
        ("azsdk-python-identity/1.27.0 Python/3.11.7", "azure-identity"),
        ("azsdk-python-storage-blob/12.31.1 Python/3.11.7", "azure-storage-blob"),
        ("azsdk-python-keyvault-secrets/4.12.0 Python/3.11.7", "azure-keyvault-secrets"),
        ("object_store/0.13.2", "obstore"),
        ("python-requests/2.34 MSAL.Python", "msal"),
        ("azsdk-python-identity/1.27.0 MSAL.Python", "azure-identity"),
        ("python-httpx/0.28.1", None),
        ("visionlab/0.4", None),
        ("", None),
    ],
)
def test_clients_are_known_by_their_user_agents(agent: str, expected: str | None) -> None:
    assert client_of(agent) == expected


def test_a_record_becomes_clients_by_operation(tmp_path: Path) -> None:
    file = tmp_path / "record"
    assert read_record(file) == {}
    file.write_text(
        '{"operation": "b", "agent": "object_store/1"}\n{"operation": "a", "agent": "curl"}\n'
        '{"operation": "b", "agent": "AZURECLI/2"}\n{"operation": "b", "agent": "object_store/2"}\n'
        '\n{"operation": "c", "ag'
    )
    assert read_record(file) == {"b": ["az", "obstore"]}
