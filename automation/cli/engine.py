"""`--engine`: which of the two engines runs the Pulumi program.

Owns: the option, and the stack that goes with it.
Leaves: both engines to `automation.provision`. They share the state, so a lab may change engines with every command.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from automation.provision import Stack
    from automation.workflow.workbench import Workbench

__all__ = ["engine_option", "stack_of"]

F = TypeVar("F", bound=Callable[..., Any])


def engine_option(command: F) -> F:
    """`--engine pulumi`: Pulumi's own engine instead of ours."""
    return click.option(
        "--engine",
        type=click.Choice(["embedded", "pulumi"]),
        default="embedded",
        show_default=True,
        help="What runs the Pulumi program: the engine in visionlab, or the Pulumi CLI.",
    )(command)


def stack_of(bench: "Workbench", engine: str) -> "Stack":
    """The lab's stack, run by that engine. Raises ConfigError when there is no Pulumi CLI."""
    if engine == "embedded":
        return bench.stack
    from automation.local import variables
    from automation.provision.pulumi_cli import PulumiCli, PulumiStack, find_cli

    path = find_cli(os.environ.get("PATH"))
    stack = bench.stack
    connection = (bench.local.connection() if bench.local else None) or {}
    return PulumiStack(
        stack, PulumiCli(path=path, connection=variables(connection, config_dir=bench.home / "azure-cli"))
    )
