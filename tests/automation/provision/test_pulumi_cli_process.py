"""The CLI as a process: stopped once and politely, killed when it must be. A script of the shell plays the CLI."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi.automation import errors

from automation.errors import ConfigError
from automation.provision.pulumi_cli_process import CliProcess, read_version

SCRIPT = """#!/bin/sh
if [ "$1" = version ]; then echo v3.259.0; exit 0; fi
{body}
"""
POLITE = """trap 'echo stopping; exit 255' INT
echo "$@ $PULUMI_AUTOMATION_API $MORE"; echo trouble >&2
[ "$MORE" = wait ] && while :; do sleep 0.01; done
exit 0"""
STUBBORN = "trap '' INT; echo begun; while :; do sleep 0.01; done"


def a_cli(folder: Path, body: str, **options: float) -> CliProcess:
    path = folder / "pulumi"
    path.write_text(SCRIPT.format(body=body))
    path.chmod(0o755)
    return CliProcess(path, **options)


def stopped_after_its_first_line(cli: CliProcess, stop: Callable[[], None], folder: Path) -> errors.CommandError:
    begun = threading.Event()
    threading.Thread(target=lambda: begun.wait(10) and stop(), daemon=True).start()
    with pytest.raises(errors.CommandError) as caught:
        cli.run(["up"], str(folder), {"MORE": "wait"}, on_output=lambda _: begun.set())
    return caught.value


def test_a_command_gives_what_it_printed(tmp_path: Path) -> None:
    heard: list[str] = []
    result = a_cli(tmp_path, POLITE).run(["stack", "ls"], str(tmp_path), {"MORE": "m"}, on_error=heard.append)
    assert (result.stdout, result.stderr, result.code) == ("--non-interactive stack ls true m", "trouble", 0)
    assert heard == ["trouble"]


def test_ctrl_c_lets_it_end_itself_and_nothing_begins_afterwards(tmp_path: Path) -> None:
    cli = a_cli(tmp_path, POLITE)
    error = stopped_after_its_first_line(cli, cli.interrupt, tmp_path)
    assert "stopping" in str(error)
    with pytest.raises(errors.CommandError, match="stopped before it began"):
        cli.run(["stack", "export"], str(tmp_path), {})


def test_one_that_does_not_end_is_killed_at_the_deadline(tmp_path: Path) -> None:
    cli = a_cli(tmp_path, STUBBORN, patience_s=0.2)
    started = time.monotonic()
    error = stopped_after_its_first_line(cli, cli.interrupt, tmp_path)
    assert "code: -9" in str(error)
    assert time.monotonic() - started < 10


def test_the_second_ctrl_c_kills_it(tmp_path: Path) -> None:
    cli = a_cli(tmp_path, STUBBORN)
    assert "code: -9" in str(stopped_after_its_first_line(cli, cli.kill, tmp_path))


def test_a_cli_that_is_too_old_or_none_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pulumi"
    path.write_text("#!/bin/sh\necho v3.205.0\n")
    path.chmod(0o755)
    with pytest.raises(ConfigError, match=r"is version 3\.205\.0") as caught:
        read_version(path)
    assert "3.206.0 or a newer one" in str(caught.value.hint)
    with pytest.raises(ConfigError, match="does not say its version"):
        read_version(tmp_path / "nothing")
