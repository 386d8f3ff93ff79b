import errno
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localazure import server
from localazure.__main__ import main
from localazure.certificates import load_certificates
from localazure.settings import SettingsError, keep_settings, load_settings


class ManualClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


def test_settings_are_invented_once_and_kept(tmp_path: Path) -> None:
    first = load_settings(tmp_path)
    keep_settings(first)
    assert load_settings(tmp_path) == first
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600
    assert first.client_secret not in repr(first)


def test_a_port_that_is_given_wins_and_is_kept(tmp_path: Path) -> None:
    keep_settings(load_settings(tmp_path))
    keep_settings(load_settings(tmp_path, port=18443))
    assert load_settings(tmp_path).port == 18443


def test_settings_of_a_start_that_failed_are_not_kept(tmp_path: Path) -> None:
    keep_settings(load_settings(tmp_path, port=18443))
    load_settings(tmp_path, port=18444)
    assert load_settings(tmp_path).port == 18443


def test_a_start_on_a_full_disk_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(server, "serve", full)
    assert main(["serve", "--state", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: The disk of the local Azure is full. Free some space and try again.")


def test_a_lock_that_cannot_be_written_is_not_called_a_second_process(tmp_path: Path) -> None:
    (tmp_path / "lock.db").mkdir()
    settings = load_settings(tmp_path)
    with pytest.raises(SettingsError, match="cannot be written"):
        server.serve(settings, {})


def test_broken_settings_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(SettingsError, match="visionlab local reset"):
        load_settings(tmp_path)


def test_the_ca_stays_and_the_leaf_is_renewed_before_it_ends(tmp_path: Path) -> None:
    clock = ManualClock()
    files = load_certificates(tmp_path, clock)
    ca, leaf = files.ca_file.read_bytes(), files.cert_file.read_bytes()
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    assert files.key_file.stat().st_mode & 0o777 == 0o600
    assert load_certificates(tmp_path, clock).cert_file.read_bytes() == leaf
    clock.time += timedelta(days=370)
    renewed = load_certificates(tmp_path, clock)
    assert (renewed.ca_file.read_bytes() == ca, renewed.cert_file.read_bytes() == leaf) == (True, False)
    assert renewed.bundle_file.read_bytes().endswith(ca)


def test_names_of_the_leaf_cover_what_clients_call(tmp_path: Path) -> None:
    load_certificates(tmp_path, ManualClock())
    names = json.loads((tmp_path / "leaf.json").read_text())["names"]
    assert {"localhost", "127.0.0.1", "::1", "*.blob.localhost", "*.cognitiveservices.localhost"} <= set(names)
