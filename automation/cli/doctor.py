"""`visionlab doctor`: what this machine lacks, and what to do about it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.context import home_of
from automation.cli.options import example, file_option, json_option, stack_option, yes_option

if TYPE_CHECKING:
    from automation.doctor import Machine, Report

__all__ = ["doctor"]

COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


@click.command(
    "doctor", epilog=example("visionlab doctor", "visionlab doctor --stack azure", "visionlab doctor --json")
)
@file_option
@stack_option
@click.option("--install-pulumi", is_flag=True, help="Download the Pulumi CLI into ~/.pulumi first; it asks.")
@yes_option
@json_option
def doctor(*, file: Path, stack: str | None, install_pulumi: bool, yes: bool, as_json: bool) -> None:
    """Look at this machine, and say what a lab would miss and what to do about it.

    It looks at Python, the lab file, disk, clock, proxies; Node.js and Azurite; the local Azure, its ports, certificate
    and names; the Pulumi CLI, its azure-native plugin and language host; sign-in to Azure. It changes nothing, asks
    nobody over the network and shows no secret. Exit code 1 when something stands in the way of the lab's stack.
    """
    from automation.doctor import examine

    console = Console.of(as_json)
    if install_pulumi:
        _install(console, yes=yes)
    report = examine(_machine(file, stack))
    result = {
        "problems": report.problems,
        "checks": [
            {"name": check.name, "health": found.health.value, "said": found.said, "fix": found.fix}
            for check, found in report.findings
        ],
    }
    console.result(result, lambda: _show(console, report))
    if report.problems:
        click.get_current_context().exit(1)


def _machine(file: Path, stack: str | None) -> "Machine":
    from automation.doctor import Machine
    from automation.errors import ConfigError
    from automation.workflow.lab_file import read_lab

    def read() -> str:
        lab = read_lab(file)
        return f"{lab.path}: the lab {lab.name} on {lab.stack}"

    path = file / "lab.yaml" if file.is_dir() else file
    named = "local"
    if path.is_file():
        try:
            named = read_lab(path).stack
        except ConfigError:
            named = "local"  # the check of the lab file says what is wrong with it
    return Machine(
        environment=os.environ,
        home=home_of(file),
        stack=stack or named,
        read_lab=read if path.is_file() else None,
    )


def _install(console: Console, *, yes: bool) -> None:
    from automation.provision.pulumi_install import install_cli

    root = Path.home() / ".pulumi"
    console.confirm(f"This downloads the Pulumi CLI from get.pulumi.com into {root}.", yes=yes)
    with console.progress("the Pulumi CLI") as progress:
        progress(0.0, None, "downloading")
        console.say(f"installed: {install_cli(root)}")


def _show(console: Console, report: "Report") -> None:
    width = max(len(check.what) for check, _ in report.findings)
    for check, found in report.findings:
        word = click.style(found.health.value.ljust(7), fg=COLOURS[found.health.value])
        console.line(f"{word}  {check.what.ljust(width)}  {found.said}")
        if found.fix:
            console.line(f"{' ' * (width + 11)}{found.fix}")
    count = report.problems
    console.line(f"{count} problem{'s' if count > 1 else ''}" if count else "nothing stands in the way")
