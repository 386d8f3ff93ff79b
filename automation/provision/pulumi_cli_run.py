"""A run by Pulumi's CLI from start to end, and what Ctrl-C does to it.

Owns: the first Ctrl-C, by which the CLI finishes what is under way, and the second, which ends it at once.
Leaves: events, the thread and the summary to `embedded/run.py`, as for the embedded engine.
"""

from collections.abc import Callable
from typing import TypeVar

from automation.clock import Clock
from automation.provision.embedded.reporting import Reporter
from automation.provision.embedded.run import Run, Saves
from automation.provision.events import OnEvent, Summary
from automation.provision.pulumi_cli_driver import Driver

__all__ = ["do"]

J = TypeVar("J", bound=Saves)


def do(
    what: str,
    driver: Driver,
    on_event: OnEvent,
    journal: J,
    work: Callable[[Run, J, Reporter], None],
    *,
    clock: Clock,
) -> Summary:
    """Do the work. Raises ProvisionFailed, Cancelled, and what the work raises."""
    run = Run(what, clock)
    run.on_cancel(driver.interrupt)
    try:
        return run.do(on_event, journal, work)
    except KeyboardInterrupt:
        driver.kill()
        raise
