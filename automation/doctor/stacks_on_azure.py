"""Checks of what stacks on Azure need: the Pulumi CLI, its plugins, and somebody signed in."""

from automation.azure import find_sign_in
from automation.doctor.machine import Machine
from automation.doctor.types import Finding, failure, fine, warning
from automation.errors import ConfigError
from automation.provision.pulumi_cli import find_cli
from automation.provision.pulumi_plugin import NAME, find_plugin, plugin_version

__all__ = ["check_language_host", "check_plugin", "check_pulumi", "check_sign_in"]


def check_pulumi(machine: Machine) -> Finding:
    from automation.provision.pulumi_cli_process import read_version

    try:
        cli = find_cli(machine.environment.get("PATH"), tools=machine.tools)
    except ConfigError:
        fix, remedy = "`visionlab doctor --fix`, or https://www.pulumi.com/docs/install/", "install-pulumi"
        if machine.on_azure:
            return failure("no Pulumi CLI, which stacks on Azure need", fix, remedy=remedy)
        return warning("no Pulumi CLI; the stack local needs none, stacks on Azure do", fix)
    try:
        return fine(f"Pulumi CLI {read_version(cli)} at {cli}")
    except ConfigError as exc:
        return failure(exc.message, exc.hint or "install the Pulumi CLI again")


def check_plugin(machine: Machine) -> Finding:
    found, wanted = find_plugin(machine.environment), plugin_version()
    if found is None:
        return warning(
            f"{NAME} {wanted} is not installed; the first run on Azure downloads it",
            f"without a network then: `pulumi plugin install resource {NAME} {wanted}` before",
        )
    if found.version is None:
        return warning(
            f"{found.path} is on PATH, and Pulumi takes it whatever its version is",
            f"take it off PATH to get {wanted}, which the program was written for",
        )
    return fine(f"{NAME} {found.version} at {found.path.parent}")


def check_language_host(machine: Machine) -> Finding:
    found = machine.which("pulumi-language-python")
    if found is None:
        try:
            cli = find_cli(machine.environment.get("PATH"), tools=machine.tools)
        except ConfigError:
            cli = None
        beside = cli.with_name("pulumi-language-python") if cli else None
        found = beside if beside and beside.is_file() else None
    if found is None:
        return warning(
            "no pulumi-language-python: visionlab needs none, a plain `pulumi up` in a shell does",
            "it comes with an installed Pulumi CLI",
        )
    return fine(str(found))


def check_sign_in(machine: Machine) -> Finding:
    """Whether somebody is signed in; Azure is not asked."""
    found = find_sign_in(machine.environment)
    fix = "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_SUBSCRIPTION_ID"
    if found is None:
        said = "nobody is signed in to Azure"
        return failure(said, fix) if machine.on_azure else warning(f"{said}; the stack local needs nobody", fix)
    if found.missing:
        said = f"{found.way}, but {', '.join(found.missing)} is not set"
        return failure(said, fix) if machine.on_azure else warning(said, fix)
    if found.subscription_id is None:
        said, name_it = f"{found.way}, and no subscription is named", "set AZURE_SUBSCRIPTION_ID"
        return failure(said, name_it) if machine.on_azure else warning(said, name_it)
    return fine(f"{found.way}, subscription {found.subscription_id}")
