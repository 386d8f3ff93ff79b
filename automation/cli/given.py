"""What the program was given from outside: global options, and in tests other clients than the real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = ["Given", "given"]


@dataclass(slots=True, kw_only=True)
class Given:
    """Goes through click's context.

    Attributes:
        bench: Makes a lab's clients, from the lab and its state folder; None makes the real ones.
    """

    quiet: bool = False
    bench: "Callable[[Lab, Path], Workbench] | None" = None


def given() -> Given:
    """What the command that runs now was given."""
    found: object = click.get_current_context().find_root().obj
    return found if isinstance(found, Given) else Given()
