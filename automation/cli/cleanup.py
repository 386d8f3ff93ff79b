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
    (
        "run",
        "automation.cli.cleanup_run",
        "run",
        "Delete what stands in a plan, prove that it is gone, and write a receipt.",
    ),
    (
        "verify",
        "automation.cli.cleanup_verify",
        "verify",
        "Look whether anything is left of what a plan was to delete.",
    ),
    (
        "sweep",
        "automation.cli.cleanup_sweep",
        "sweep",
        "Delete what expired and was marked by an earlier sweep; mark what has expired since.",
    ),
    (
        "extend",
        "automation.cli.cleanup_extend",
        "extend_expiry",
        "Give a lab, a course, a seat or a group a later last day, and take a sweep's mark off.",
    ),
    (
        "recover",
        "automation.cli.cleanup_recover",
        "recover",
        "Bring back what was deleted, as long as Azure keeps it; without saying what, list what it keeps.",
    ),
)


class CleanupGroup(LazyGroup):
    """The commands of a clean-up."""

    rows = CLEANUP_COMMANDS


@click.group("cleanup", cls=CleanupGroup)
def cleanup() -> None:
    """Delete what is no longer needed, and prove that nothing is left."""
