"""`visionlab local`: the local Azure on this machine."""

from dataclasses import asdict
from pathlib import Path
from typing import cast

import click

from automation.cli.console import Console
from automation.cli.context import home_of, local_home_of
from automation.cli.local_drill import drill
from automation.cli.options import example, file_option, json_option, yes_option
from automation.clock import SystemClock
from automation.errors import ConfigError, Refused
from automation.local import SHELLS, LocalAzure, ask_hosts, look_up, variables, write_hosts, write_shell

__all__ = ["local"]


@click.group("local")
def local() -> None:
    """The local Azure on this machine."""


local.add_command(drill)


def _azure(file: Path) -> LocalAzure:
    return LocalAzure(local_home_of(file) / "local")


@local.command("start", epilog=example("visionlab local start", "visionlab local start --port 8443"))
@file_option
@click.option("--port", type=click.IntRange(1, 65535), help="Port of ARM, sign-in and vision (kept from then on).")
@click.option("--blob-port", type=click.IntRange(1, 65535), help="Port of the blob server (kept from then on).")
@click.option("--imds", is_flag=True, help="Give every program of this machine tokens, as a virtual machine does.")
@click.option("--rotate-key", is_flag=True, help="Sign tokens with a new key from this start on.")
@click.option("--role-delay", type=click.FloatRange(0), help="Seconds until a new role assignment counts.")
@click.option("--page-size", type=click.IntRange(1, 1000), help="The most resources on a page of a list.")
@json_option
def start(
    *,
    file: Path,
    port: int | None,
    blob_port: int | None,
    imds: bool,
    rotate_key: bool,
    role_delay: float | None,
    page_size: int | None,
    as_json: bool,
) -> None:
    """Start the local Azure; does nothing when it runs.

    `visionlab run` and the other commands start it themselves when they need it.
    """
    console = Console.of(as_json)
    given = {"--port": port, "--blob-port": blob_port, "--role-delay": role_delay, "--page-size": page_size}
    options = [text for name, value in given.items() if value is not None for text in (name, str(value))]
    options += [name for name, on in {"--imds": imds, "--rotate-key": rotate_key}.items() if on]
    azure = _azure(file)
    if options and azure.connection() is not None:
        raise ConfigError(f"it runs already, without {options[0]}", hint="run `visionlab local stop` first")
    with console.progress("local Azure") as progress:
        azure.ensure_started(progress, options=options)
    _show_status(console, azure)


@local.command("status", epilog=example("visionlab local status", "visionlab local status --json"))
@file_option
@json_option
def status(*, file: Path, as_json: bool) -> None:
    """Say whether the local Azure runs, and where."""
    _show_status(Console.of(as_json), _azure(file))


def _show_status(console: Console, azure: LocalAzure) -> None:
    found = azure.status()

    def show() -> None:
        if not found.running:
            console.line("not running")
            return
        console.line(f"running: {found.origin}, blobs at {found.blob_origin}, process {found.pid}")
        console.line(f"state: {found.state_dir}")
        notices = found.health.get("notices")
        for notice in cast("list[object]", notices) if isinstance(notices, list) else []:
            console.say(str(notice))

    console.result(asdict(found), show)


@local.command("stop", epilog=example("visionlab local stop"))
@file_option
@json_option
def stop(*, file: Path, as_json: bool) -> None:
    """Stop the local Azure; what it holds is kept."""
    console = Console.of(as_json)
    with console.progress("local Azure") as progress:
        stopped = _azure(file).stop(progress)
    console.result({"stopped": stopped}, lambda: console.line("stopped" if stopped else "it did not run"))


@local.command("env", epilog=example('eval "$(visionlab local env)"', "visionlab local env --shell fish | source"))
@file_option
@click.option("--shell", type=click.Choice(SHELLS), default="sh", show_default=True, help="Whose quoting to use.")
@json_option
def env(*, file: Path, shell: str, as_json: bool) -> None:
    """Print what points `az`, the SDKs and Pulumi at the local Azure. It holds a secret.

    Starts the local Azure when it does not run.
    """
    console = Console.of(as_json)
    azure = _azure(file)
    with console.progress("local Azure") as progress:
        connection = azure.ensure_started(progress)
    values = variables(connection, config_dir=azure.state_dir / "az")
    console.line(write_shell(values, "json" if as_json else shell))


@local.command("hosts", epilog=example("visionlab local hosts", "visionlab local hosts | sudo tee -a /etc/hosts"))
@file_option
@click.option("--missing", is_flag=True, help="Only the names that this machine does not resolve yet.")
@json_option
def hosts(*, file: Path, missing: bool, as_json: bool) -> None:
    """Print the lines for /etc/hosts that storage accounts and vaults of the local Azure need.

    Some clients connect to ACCOUNT.blob.localhost or VAULT.vault.localhost; not every machine resolves such names.
    With systemd-resolved or nss-myhostname no lines are needed. Starts the local Azure when it does not run.
    """
    console = Console.of(as_json)
    with console.progress("local Azure") as progress:
        connection = _azure(file).ensure_started(progress)
    found = [host for host in look_up(ask_hosts(connection)) if not (missing and host.resolves)]
    lines = write_hosts(found)
    console.result({"hosts": [asdict(host) for host in found]}, lambda: console.line(lines) if lines else None)


@local.command("logs", epilog=example("visionlab local logs", "visionlab local logs -n 50"))
@file_option
@click.option("-n", "--lines", type=click.IntRange(1), default=200, show_default=True, help="How many lines.")
@json_option
def logs(*, file: Path, lines: int, as_json: bool) -> None:
    """Print the end of the local Azure's log."""
    console = Console.of(as_json)
    azure = _azure(file)
    found = azure.logs(lines)
    console.result({"file": azure.log_file, "lines": found.splitlines()}, lambda: console.line(found or "no log yet"))


@local.command("reset", epilog=example("visionlab local reset", "visionlab local reset --yes"))
@file_option
@yes_option
@json_option
def reset(*, file: Path, yes: bool, as_json: bool) -> None:
    """Stop the local Azure and remove all it holds; the next start is a new, empty one.

    The state of stacks on it is removed too, for what it tells of is gone. Courses on it are known as planned only:
    `course up` sets them up anew.
    """
    from automation.course.forgetting import courses_on_local, forget_local_courses

    console = Console.of(as_json)
    home = home_of(file)
    courses = [course.name for course in courses_on_local(home)]
    told = f", with the seats of {', '.join(courses)}" if courses else ""
    console.confirm(f"This removes everything in the local Azure at {home / 'local'}{told}.", yes=yes)
    removed = LocalAzure(home / "local").reset()
    forgotten = forget_local_state(home) + [str(path) for path in forget_local_courses(home, SystemClock())]
    show = "removed" if removed else "there was nothing to remove"
    console.result({"removed": removed, "forgotten": forgotten}, lambda: console.line(show))


def forget_local_state(home: Path) -> list[str]:
    """Remove what speaks of a local Azure that is gone: its stack's state, and the journals of runs on it."""
    gone = [path for pattern in ("stacks/local*", "journal/*-local.jsonl") for path in sorted(home.glob(pattern))]
    for path in gone:
        if path.is_dir():
            raise Refused(f"{path} is a folder", hint="look into it, and remove it yourself if you want")
        path.unlink()
    return [str(path) for path in gone]


@local.command("install", epilog=example("visionlab local install"))
@file_option
@json_option
def install(*, file: Path, as_json: bool) -> None:
    """Install the blob server (Azurite) by npm, once for all labs; needs Node 18 or newer."""
    console = Console.of(as_json)
    with console.progress("blob server"):
        _azure(file).install()
    console.result({"installed": True}, lambda: console.line("installed"))
