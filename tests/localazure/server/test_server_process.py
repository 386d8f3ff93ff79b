import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.server

Launch = Callable[..., Any]
STORAGE = "resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stkept1"
ACCOUNT = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


def children(process: Any) -> list[int]:
    return [child.pid for child in psutil.Process(process.popen.pid).children(recursive=True)]


def gone_within(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(psutil.pid_exists(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def blob_refusal(process: Any, token: str) -> str:
    context = ssl.create_default_context(cafile=process.connection["ca_file"])
    headers = {"Authorization": f"Bearer {token}", "x-ms-version": "2025-11-05"}
    url = f"{process.connection['blob_origin']}/stkept1/pictures/a.jpg"
    return httpx.get(url, headers=headers, verify=context, trust_env=False).headers["x-ms-error-code"]


def test_kill_9_loses_nothing_that_was_acknowledged_and_azurite_is_started_again(launch: Launch) -> None:
    first = launch()
    first.send("PUT", "resourceGroups/rg", {"location": "eastus"})
    first.send("PUT", STORAGE, ACCOUNT)
    first.wait_for(STORAGE)
    keys = first.send("POST", f"{STORAGE}/listKeys").json()
    assert first.send("PUT", f"{STORAGE}/blobServices/default/containers/pictures", {}).status_code == 201
    token, blob_token = first.token(), first.token("https://storage.azure.com/.default")
    late = "resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/cv-kept"
    body = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"}, "properties": {}}
    operation = first.send("PUT", late, body).headers["azure-asyncoperation"]
    azurite = children(first)
    first.end(signal.SIGKILL)
    assert gone_within(azurite, 10)

    second = launch("state", "--rotate-key")
    known = ("origin", "blob_origin", "tenant_id", "subscription_id", "client_id", "client_secret", "object_id")
    assert {k: second.connection[k] for k in known} == {k: first.connection[k] for k in known}
    assert second.connection["instance"] != first.connection["instance"]
    assert second.send("POST", f"{STORAGE}/listKeys").json() == keys
    containers = second.send("GET", f"{STORAGE}/blobServices/default/containers").json()["value"]
    assert [container["name"] for container in containers] == ["pictures"]
    second.wait_for(late)
    path = operation.removeprefix(second.connection["origin"]).split("?")[0]
    assert second.send("GET", path).json()["status"] == "Succeeded"
    with second.client() as client:
        kept = client.get("/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {token}"})
    assert kept.status_code == 200
    # Both keys count, here and in the blob server: who signed in is known, and has no role for data.
    for signed in (blob_token, second.token("https://storage.azure.com/.default")):
        assert blob_refusal(second, signed) == "AuthorizationPermissionMismatch"

    (azurite_now,) = children(second)
    os.kill(azurite_now, signal.SIGKILL)
    deadline = time.monotonic() + 20
    status = 0
    while status != 201 and time.monotonic() < deadline:
        status = second.send("PUT", f"{STORAGE}/blobServices/default/containers/more", {}).status_code
        time.sleep(0.1)
    assert status == 201


def test_one_process_from_start_to_its_clean_end(launch: Launch) -> None:
    """One start serves many facts: starting costs a second."""
    process = launch()
    azurite = children(process)
    assert len(azurite) == 1
    assert (process.state / "endpoint.json").stat().st_mode & 0o777 == 0o600

    admin = {"Authorization": f"Bearer {process.connection['admin_token']}"}
    with process.client() as client:
        assert client.get("/_local/health").status_code == 401
        assert client.get("/_local/health", headers=admin).json()["instance"] == process.connection["instance"]
        rules = {"rules": [{"kind": "cut", "path": "/tenants", "count": 1}]}
        client.put("/_local/faults", json=rules, headers=admin)
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/tenants")
    port = int(process.connection["origin"].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(b"GET / HT")

    command = [sys.executable, "-m", "localazure", "serve", "--state", str(process.state)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (second.returncode, "already running" in second.stderr) == (2, True)

    with process.client() as client:
        assert client.get("/_local/health", headers=admin).json()["status"] == "ok"
        # The client keeps its connection: nobody waits for it.
        assert process.end() == 0
    log = (process.state.parent / "state.log").read_text()
    assert ("shutdown exceeded" in log, "ResourceWarning" in log) == (False, False)
    assert gone_within(azurite, 5)
    assert not (process.state / "endpoint.json").exists()


def test_a_port_in_use_is_one_clear_error(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "localazure", "serve", "--state", str(tmp_path / "state"), "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"error: port {port} is in use by another program")
    assert "`visionlab local start --port N`" in ended.stderr
    assert not (tmp_path / "state" / "settings.json").exists()  # the next start is free to choose


def test_without_node_the_error_names_the_remedy(tmp_path: Path) -> None:
    """Neither on PATH nor as the Python package."""
    script = (
        "import localazure.blob.azurite as a, sys; a._node_of_wheel = lambda: None; a._has_azurite = lambda _: True; "
        "from localazure.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "serve", "--state", str(tmp_path / "state")]
    environment = {**os.environ, "PATH": str(tmp_path)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=environment)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: Node.js 18 or newer is missing: install it, or")


def test_without_azurite_the_error_names_the_remedy(tmp_path: Path) -> None:
    script = (
        "import localazure.blob.azurite as a, sys; a.package_folders = lambda _: (a.Path('/nowhere'), a.Path('/no')); "
        "from localazure.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "serve", "--state", str(tmp_path / "state")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert "visionlab local install" in ended.stderr


def test_shutdown_by_request_ends_it_with_status_0(launch: Launch) -> None:
    process = launch()
    admin = {"Authorization": f"Bearer {process.connection['admin_token']}"}
    with process.client() as client:
        assert client.post("/_local/shutdown").status_code == 401
        assert client.post("/_local/shutdown", headers=admin).status_code == 202
    assert process.popen.wait(10) == 0


def test_kill_9_during_each_kind_of_long_work_ends_it_after_the_restart(launch: Launch) -> None:
    """Deleting a group, a storage account with its containers, purging an account, creating; none hangs."""
    first = launch()
    vision = "resourceGroups/kept/providers/Microsoft.CognitiveServices/accounts/cv-killed"
    gone = vision.replace("resourceGroups/kept/", "").replace(
        "accounts/", "locations/eastus/resourceGroups/kept/deletedAccounts/"
    )
    storage = "resourceGroups/kept/providers/Microsoft.Storage/storageAccounts/stkilled1"
    body = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"}, "properties": {}}
    for group in ("kept", "doomed"):
        first.send("PUT", f"resourceGroups/{group}", {"location": "eastus"})
    inside = storage.replace("kept", "doomed").replace("stkilled1", "stkilled2")
    for path in (storage, inside):
        first.send("PUT", path, ACCOUNT)
    first.send("PUT", vision, body)
    for path in (storage, inside, vision):
        first.wait_for(path)
    first.send("PUT", f"{storage}/blobServices/default/containers/pictures", {})
    first.send("DELETE", vision)
    deadline = time.monotonic() + 20
    while first.send("GET", gone).status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.05)
    answers = [
        first.send("DELETE", gone),
        first.send("DELETE", storage),
        first.send("DELETE", "resourceGroups/doomed"),
        first.send("PUT", vision.replace("cv-killed", "cv-late"), body),
    ]
    first.end(signal.SIGKILL)
    assert [answer.status_code for answer in answers] == [202, 200, 202, 201]

    second = launch()
    for answer in answers[:1] + answers[2:]:
        where = answer.headers.get("azure-asyncoperation") or answer.headers["location"]
        path = where.removeprefix(second.connection["origin"]).split("?")[0]
        while (now := second.send("GET", path)).status_code == 202 or b'"InProgress"' in now.content:
            assert time.monotonic() < deadline + 30, path
            time.sleep(0.05)
        assert now.status_code in {200, 204}, now.text
    codes = [
        second.send("GET", path).status_code
        for path in (gone, storage, inside, "resourceGroups/doomed", "resourceGroups/kept")
    ]
    assert codes == [404, 404, 404, 404, 200]
    assert second.wait_for(vision.replace("cv-killed", "cv-late"))["properties"]["provisioningState"] == "Succeeded"
