"""`--engine`: which of the two engines runs the Pulumi program.

Owns: the option, and the stack that goes with it.
Leaves: both engines to `automation.provision`. On `local` they share the state, so a lab may change engines with every
command; stacks on Azure are for the CLI only.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.provision import LabStack
    from automation.workflow.workbench import Workbench

__all__ = ["engine_option", "stack_of"]

F = TypeVar("F", bound=Callable[..., Any])


def engine_option(command: F) -> F:
    """`--engine pulumi`: Pulumi's own engine instead of ours."""
    return click.option(
        "--engine",
        type=click.Choice(["embedded", "pulumi"]),
        help="What runs the Pulumi program: the engine in visionlab (of `local` only, and its default), or the Pulumi"
        " CLI (for Azure always).",
    )(command)


def stack_of(bench: "Workbench", engine: str | None) -> "LabStack":
    """The lab's stack, run by that engine. Raises ConfigError when it cannot be."""
    stack = bench.stack
    if bench.local is None:
        if engine == "embedded":
            raise ConfigError(
                f"the embedded engine provisions the local Azure only, and the stack {stack.name!r} is on Azure",
                hint="leave `--engine embedded` out: the Pulumi CLI does it",
            )
        return stack
    if engine != "pulumi":
        return stack
    from automation.local import variables
    from automation.provision import Stack
    from automation.provision.pulumi_cli import PulumiCli, PulumiStack, find_cli

    path = find_cli(os.environ.get("PATH"))
    if not isinstance(stack, Stack):
        return stack
    connection = bench.local.connection() or {}
    return PulumiStack(
        stack, PulumiCli(path=path, connection=variables(connection, config_dir=bench.home / "azure-cli"))
    )
