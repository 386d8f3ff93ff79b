import contextlib
import errno
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from localazure import server
from localazure.__main__ import main
from localazure.certificates import Certificates, load_certificates
from localazure.renewal import Renewal
from localazure.settings import SettingsError, keep_settings, load_settings, secret_text


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


def test_no_secret_begins_with_a_dash_which_a_command_line_would_take_for_an_option() -> None:
    made = [secret_text() for _ in range(1_000)]
    assert {text[0].isalnum() for text in made} == {True}
    assert (len(set(made)), {len(text) for text in made}) == (1_000, {41})


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


def test_an_old_folder_that_does_not_say_when_its_ca_ends_keeps_its_ca(tmp_path: Path) -> None:
    clock = ManualClock()
    files = load_certificates(tmp_path, clock)
    ca, leaf = files.ca_file.read_bytes(), files.cert_file.read_bytes()
    expiry = json.loads((tmp_path / "leaf.json").read_text())
    del expiry["ca_not_after"]
    (tmp_path / "leaf.json").write_text(json.dumps(expiry))
    renewed = load_certificates(tmp_path, clock)
    assert (renewed.ca_file.read_bytes() == ca, renewed.cert_file.read_bytes() == leaf) == (True, False)


@pytest.mark.parametrize("days", [3650 - 30, 3650 + 5])
def test_a_ca_that_ends_is_made_anew_and_says_who_must_trust_it(tmp_path: Path, days: int) -> None:
    clock = ManualClock()
    old = load_certificates(tmp_path, clock)
    ca = old.ca_file.read_bytes()
    assert old.notices == ()
    clock.time += timedelta(days=days)
    renewed = load_certificates(tmp_path, clock)
    new = renewed.ca_file.read_bytes()
    assert (renewed.ca_file, renewed.bundle_file, new == ca) == (old.ca_file, old.bundle_file, False)
    assert renewed.bundle_file.read_bytes().endswith(new)
    (notice,) = renewed.notices
    assert ("would have ended" in notice) == (days < 3650)
    for said in ("2036-10-29", str(renewed.bundle_file), str(renewed.ca_file), "must be started again"):
        assert said in notice
    assert load_certificates(tmp_path, clock).notices == ()
    verify_chain(renewed, clock)


def verify_chain(files: Certificates, clock: ManualClock) -> None:
    authority, leaf = (x509.load_pem_x509_certificate(path.read_bytes()) for path in (files.ca_file, files.cert_file))
    leaf.verify_directly_issued_by(authority)
    for certificate in (authority, leaf):
        assert certificate.not_valid_before_utc < clock.now() < certificate.not_valid_after_utc
    assert leaf.not_valid_after_utc <= authority.not_valid_after_utc


def test_a_leaf_outlives_no_ca(tmp_path: Path) -> None:
    clock = ManualClock()
    load_certificates(tmp_path, clock)
    clock.time += timedelta(days=3650 - 60)
    verify_chain(load_certificates(tmp_path, clock), clock)


def test_a_process_that_runs_takes_a_new_leaf_by_itself(tmp_path: Path) -> None:
    clock = ManualClock()
    files = load_certificates(tmp_path, clock)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert_file, files.key_file)
    first = shown_by(context, files)
    renewal = Renewal(files, clock, lambda new: context.load_cert_chain(new.cert_file, new.key_file))
    assert (renewal.check(), shown_by(context, files) == first) == (False, True)
    clock.time += timedelta(days=370)
    assert (renewal.check(), shown_by(context, files) == first) == (True, False)
    assert ["visionlab local stop" in notice for notice in renewal.notices] == [True]
    assert renewal.check() is False


def shown_by(context: ssl.SSLContext, files: Certificates) -> bytes | None:
    """The certificate in a handshake, without a socket."""
    client = ssl.create_default_context(cafile=files.ca_file)
    client.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME: the clock of these tests is not the machine's
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    left = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    right = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (left, right, left, right, left):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return left.getpeercert(binary_form=True)


def test_names_of_the_leaf_cover_what_clients_call(tmp_path: Path) -> None:
    load_certificates(tmp_path, ManualClock())
    names = json.loads((tmp_path / "leaf.json").read_text())["names"]
    assert {"localhost", "127.0.0.1", "::1", "*.blob.localhost", "*.cognitiveservices.localhost"} <= set(names)
