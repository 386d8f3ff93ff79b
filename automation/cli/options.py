"""Options that many commands share, each spelled once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["example", "file_option", "json_option", "stack_option", "yes_option"]

STACKS = ("local", "azure", "course")  # a test compares them with those of lab.yaml

F = TypeVar("F", bound=Callable[..., Any])


def file_option(command: F) -> F:
    """`-f lab.yaml`: the lab a command is about."""
    return click.option(
        "-f",
        "--file",
        type=click.Path(path_type=Path),
        default=Path("lab.yaml"),
        show_default=True,
        help="The lab file.",
    )(command)


def stack_option(command: F) -> F:
    """`--stack azure`: this command on another stack than lab.yaml names."""
    return click.option("--stack", type=click.Choice(STACKS), help="Another stack than the lab file's `stack:`.")(
        command
    )


def json_option(command: F) -> F:
    """`--json`: the result as JSON on stdout."""
    return click.option(
        "--json", "as_json", is_flag=True, help="The result as JSON on stdout, and nothing else there."
    )(command)


def yes_option(command: F) -> F:
    """`--yes`: what is asked is answered."""
    return click.option("-y", "--yes", is_flag=True, help="Answer every question with yes.")(command)


def example(*lines: str) -> str:
    """The end of a command's help: how one types it."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
