"""The local Azure's process: started once, known by pid and instance, stopped and proved stopped."""

import json
import os
import sys
from pathlib import Path

import pytest

from automation.errors import ConfigError, OperationFailed, Refused
from automation.local import LocalAzure, alive

# Stands in for `python -m localazure`: writes the connection file and waits for its end.
SERVER = """\
import json, os, pathlib, signal, sys, threading
state = pathlib.Path(sys.argv[sys.argv.index("--state") + 1])
(state / "settings.json").write_text("{}")
print("ready", flush=True)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
(state / "new").write_text(json.dumps({"pid": os.getpid(), "instance": "i1", "origin": "https://localhost:1",
    "blob_origin": "https://127.0.0.1:2", "version": "0", "ca_file": "x"}))
(state / "new").rename(state / "endpoint.json")
stop.wait(30)
(state / "endpoint.json").unlink()
"""


def trusting(found: dict[str, object]) -> dict[str, object] | None:
    return {"instance": found["instance"]}


@pytest.fixture
def azure(tmp_path: Path) -> LocalAzure:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    return LocalAzure(tmp_path / "state", command=(sys.executable, str(script)), ask=trusting)


def failing(tmp_path: Path, code: str) -> LocalAzure:
    return LocalAzure(tmp_path / "state", command=(sys.executable, "-c", code), ask=trusting)


def test_it_is_started_once_and_stopped_for_good(azure: LocalAzure) -> None:
    connection = azure.ensure_started()
    assert azure.ensure_started() == connection
    assert (azure.status().running, azure.status().pid) == (True, connection["pid"])

    assert azure.stop() is True
    assert alive.is_alive(int(str(connection["pid"]))) is False
    assert azure.stop() is False
    assert azure.status().running is False
    assert azure.logs() == "ready"


def test_a_killed_one_is_not_taken_for_running_and_starts_again(azure: LocalAzure) -> None:
    first = azure.ensure_started()
    alive.end(int(str(first["pid"])), hard=True)
    while alive.is_alive(int(str(first["pid"]))):
        pass
    assert azure.connection() is None  # endpoint.json is still there
    second = azure.ensure_started()
    assert second["pid"] != first["pid"]
    azure.stop()


def test_a_stranger_with_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "endpoint.json").write_text(json.dumps({"pid": os.getpid(), "instance": "old"}))
    azure = LocalAzure(tmp_path, ask=lambda _: None)
    assert azure.stop() is False
    assert azure.status().running is False


def test_what_the_machine_lacks_is_one_configuration_error(tmp_path: Path) -> None:
    said = "error: port 8443 is in use: choose another with --port"
    azure = failing(tmp_path, f"import sys; print({said!r}, file=sys.stderr); sys.exit(2)")
    with pytest.raises(ConfigError) as caught:
        azure.ensure_started()
    assert caught.value.message == "the local Azure cannot start: port 8443 is in use: choose another with --port"


def test_a_start_that_fails_shows_the_end_of_the_log(tmp_path: Path) -> None:
    azure = failing(tmp_path, "raise SystemExit('boom')")
    with pytest.raises(OperationFailed, match="boom") as caught:
        azure.ensure_started()
    assert str(azure.log_file) in str(caught.value.hint)


def test_a_folder_of_a_first_start_that_failed_can_be_reset(tmp_path: Path) -> None:
    (tmp_path / "lock.db").touch()
    (tmp_path / "local.log").touch()
    assert LocalAzure(tmp_path).reset() is True
    assert not tmp_path.exists()


def test_reset_removes_its_own_folder_only(azure: LocalAzure, tmp_path: Path) -> None:
    assert azure.reset() is False
    azure.ensure_started()
    assert azure.reset() is True
    assert not azure.state_dir.exists()

    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("years of work")
    with pytest.raises(Refused, match="was not made by the local Azure"):
        LocalAzure(theirs).reset()
