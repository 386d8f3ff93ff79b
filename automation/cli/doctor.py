"""`visionlab doctor`: what this machine and the subscription lack, and what to do about it.

Owns: reading the lab for it, the lines, asking before a remedy, the exit code.
Leaves: looking, and the remedies, to `automation.doctor`.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from automation.cli.console import Console
from automation.cli.context import home_of, local_home_of
from automation.cli.options import example, file_option, json_option, stack_option, yes_option
from automation.printable import printable

if TYPE_CHECKING:
    from automation.doctor import LabFacts, Machine, Report
    from automation.workflow.lab_types import Lab

__all__ = ["doctor"]

COLOURS = {"ok": "green", "warning": "yellow", "failure": "red", "skipped": "cyan"}


@click.command(
    "doctor",
    epilog=example(
        "visionlab doctor",
        "visionlab doctor --target azure",
        "visionlab doctor --fix",
        "visionlab doctor --fix --yes --json",
    ),
)
@file_option
@click.option("--target", type=click.Choice(("azure", "local")), help="Which Azure to look at; by default the lab's.")
@stack_option
@click.option("--fix", is_flag=True, help="Do what can be done safely, and look again; it asks before each act.")
@click.option("--install-pulumi", is_flag=True, help="Download the Pulumi CLI into ~/.pulumi first; it asks.")
@yes_option
@json_option
def doctor(
    *,
    file: Path,
    target: str | None,
    stack: str | None,
    fix: bool,
    install_pulumi: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Look at this machine and at the lab's Azure, and say what a lab would miss and what to do about it.

    On this machine: Python, the lab file and its settings, retired services, disk, clock, proxies, certificates,
    variables that point elsewhere; Node.js and Azurite; the local Azure, its ports, certificate and names; the Pulumi
    CLI, its azure-native plugin and language host; sign-in to Azure.

    With somebody signed in, or with the local Azure running, it also asks the service: subscription and tenant, its
    clock, resource providers, what we may make and purge, the resource group, names that are taken or kept by deleted
    resources, the region, quotas, and the one free account of each kind.

    Each line is ok, a warning, a failure, or skipped because nobody could look. It changes nothing unless --fix is
    given, and shows no secret. Exit code 1 when there is a failure.
    """
    from automation.doctor import Health, examine

    console = Console.of(as_json)
    machine = _machine(file, target, stack)
    done = _apply(console, machine, ("install-pulumi",), yes=yes) if install_pulumi else []
    with console.progress("doctor") as progress:
        progress(0.0, None, "looking")
        report = examine(machine)
    if fix and report.remedies:
        done += _apply(console, machine, report.remedies, yes=yes)
        with console.progress("doctor") as progress:
            progress(0.0, None, "looking again")
            report = examine(_machine(file, target, stack))
    result = {
        "stack": machine.stack,
        "failures": report.count(Health.FAILURE),
        "warnings": report.count(Health.WARNING),
        "skipped": report.count(Health.SKIPPED),
        "fixed": done,
        "checks": [{"name": check.name, **asdict(found)} for check, found in report.findings],
    }
    console.result(result, lambda: _show(console, report))
    if report.count(Health.FAILURE):
        click.get_current_context().exit(1)


def _machine(file: Path, target: str | None, stack: str | None) -> "Machine":
    from automation.doctor import Machine, connected
    from automation.errors import ConfigError
    from automation.workflow.lab_file import read_lab

    path, home = file / "lab.yaml" if file.is_dir() else file, home_of(file)
    named = "local"
    if path.is_file():
        try:
            named = read_lab(path).stack
        except ConfigError:
            named = "local"  # the check of the lab file says what is wrong with it
    stack = stack or named
    if target == "local":
        stack = "local"
    elif target == "azure" and stack == "local":
        stack = "azure"
    return connected(
        Machine(
            environment=os.environ,
            home=home,
            stack=stack,
            local_home=local_home_of(file),
            read_lab=(lambda: _facts(read_lab(path), stack)) if path.is_file() else None,
            missing_folders=lambda: tuple(_missing_folders(path)),
        ),
        passphrase=_passphrase(home),
    )


def _facts(lab: "Lab", stack: str) -> "LabFacts":
    from automation.doctor import LabFacts

    uses = set[str]()
    if lab.datasets or lab.models:
        uses.add("image-analysis-customization")
    if (lab.labeling is not None and not lab.labeling.in_label_studio) or lab.settings.get("labelingProjects"):
        uses.add("ml-labeling")
    said = f"{lab.path}: the lab {lab.name} on {stack}"
    return LabFacts(
        said=said, settings=lab.program_settings(), uses=frozenset(uses), elsewhere=lab.provisioned is not None
    )


def _missing_folders(path: Path) -> Iterator[Path]:
    """Folders of pictures that the lab file names and that are not there; a file that is wrong otherwise has none."""
    import yaml

    try:
        found: Any = yaml.safe_load(path.read_text("utf-8-sig"))
    except (OSError, ValueError, yaml.YAMLError):
        return
    if not isinstance(found, dict):
        return
    lab = cast("dict[str, Any]", found)
    for section, key in (("images", "path"), ("predict", "images")):
        entries = lab.get(section)
        for entry in cast("dict[str, Any]", entries).values() if isinstance(entries, dict) else ():
            named = cast("dict[str, Any]", entry).get(key) if isinstance(entry, dict) else None
            if isinstance(named, str) and named and "\0" not in named:
                folder = path.parent / Path(named).expanduser()
                if not folder.exists():
                    yield folder


def _passphrase(home: Path) -> str:
    """The lab's passphrase where it has one; none is made for a look."""
    try:
        return (home / "passphrase").read_text("utf-8").strip()
    except OSError:
        return ""


def _apply(console: Console, machine: "Machine", names: tuple[str, ...], *, yes: bool) -> list[dict[str, object]]:
    """Each act after its question; one that fails or is not wanted keeps no other from its turn."""
    from automation.doctor import remedy_named
    from automation.errors import LabError

    done: list[dict[str, object]] = []
    for name in names:
        remedy = remedy_named(name)
        try:
            console.confirm(f"This {remedy.does(machine)}.", yes=yes)
            with console.progress(name) as progress:
                did = remedy.act(machine, progress)
        except LabError as exc:
            hint = f" ({exc.hint})" if exc.hint else ""
            console.say(f"not done: {exc.message}{hint}")
            done.append({"name": name, "done": False, "said": exc.message})
        else:
            console.say(did)
            done.append({"name": name, "done": True, "said": did})
    return done


def _show(console: Console, report: "Report") -> None:
    from automation.doctor import Health

    width = max(len(check.what) for check, _ in report.findings)
    last = None
    for check, found in report.findings:
        word = click.style(found.health.value.ljust(7), fg=COLOURS[found.health.value])
        console.line(f"{word}  {check.what.ljust(width)}  {printable(found.said)}")
        if found.fix and found.fix != last:
            console.line(f"{' ' * (width + 11)}{printable(found.fix)}")
        last = found.fix
    counts = {
        "failure": report.count(Health.FAILURE),
        "warning": report.count(Health.WARNING),
    }
    told = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count)
    skipped = report.count(Health.SKIPPED)
    told = f"{told or 'nothing stands in the way'}" + (f"; {skipped} checks had nobody to ask" if skipped else "")
    console.line(told)
    if report.remedies:
        console.line("`visionlab doctor --fix` can do something about it")
