"""`visionlab cleanup`: plan, look, delete, prove; and what has expired, swept by a schedule.

Owns: the table of its commands; each is imported when it is used.
"""

import click

from automation.cli.table import LazyGroup, Row

__all__ = ["CLEANUP_COMMANDS", "cleanup"]

# name, module, attribute, short help (a test compares it with the command's own)
CLEANUP_COMMANDS: tuple[Row, ...] = (
    (
        "plan",
        "automation.cli.cleanup_plan",
        "plan",
        "Show what a clean-up would delete, and write it down; deletes nothing.",
    ),
)


class CleanupGroup(LazyGroup):
    """The commands of a clean-up."""

    rows = CLEANUP_COMMANDS


@click.group("cleanup", cls=CleanupGroup)
def cleanup() -> None:
    """Delete what is no longer needed, and prove that nothing is left."""
