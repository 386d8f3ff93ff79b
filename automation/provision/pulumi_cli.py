"""Stacks run by Pulumi's own engine: its CLI, driven by the Automation API.

Owns: finding the CLI, handing it the state and taking it back.
Leaves: its folder to `pulumi_cli_folder.py`, running it to `pulumi_cli_driver.py`; what a stack is and how its state
is read to `stacks.py`. Stacks whose state is the CLI's own are in `backend_stacks.py`.

Between runs the state is where the embedded engine keeps it, so each run may use the other engine. During a run the
CLI's back end has it; a run that is killed leaves it there, and whoever opens the stack next takes it over.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from automation.errors import ConfigError
from automation.provision.events import OnEvent, Summary, quiet
from automation.provision.project import find_project, read_config
from automation.provision.stacks import Stack, refuse_protected

if TYPE_CHECKING:
    from automation.provision.embedded.journal import Journal
    from automation.provision.embedded.reporting import Reporter
    from automation.provision.embedded.run import Run
    from automation.provision.pulumi_cli_driver import What

__all__ = ["PulumiCli", "PulumiStack", "find_cli"]

HINT = (
    "install it (https://www.pulumi.com/docs/install/), or let `visionlab doctor --install-pulumi` do it; in a checkout"
    " `make pulumi` builds it. The stack `local` needs none: `--engine embedded`"
)


def find_cli(search_path: str | None, *, tools: Path | None = None, home: Path | None = None) -> Path:
    """The CLI on the search path, or the one that was installed or built here. Raises ConfigError when there is none.

    Args:
        search_path: As PATH.
        tools: Where `make pulumi` builds; by default `.tools` of the checkout.
        home: Where Pulumi's installers put it; by default ~/.pulumi.
    """
    places = [home or Path.home() / ".pulumi", tools or find_project().stacks.parent / ".tools"]
    found = shutil.which("pulumi", path=search_path or "") or next(
        (path for place in places if (path := shutil.which("pulumi", path=str(place / "bin")))), None
    )
    if found is None:
        raise ConfigError("there is no Pulumi CLI on PATH", hint=HINT)
    return Path(found).absolute()


@dataclass(frozen=True, slots=True, kw_only=True)
class PulumiCli:
    """The CLI and what its provider needs.

    Attributes:
        path: Where the CLI is, see `find_cli`.
        connection: Variables by which the provider finds the local Azure and signs in.
    """

    path: Path
    connection: Mapping[str, str] = field(repr=False)


class PulumiStack(Stack):
    """A stack whose `preview`, `up`, `refresh` and `destroy` are the CLI's; all else is as it was opened."""

    def __init__(self, opened: Stack, cli: PulumiCli) -> None:
        vars(self).update(vars(opened))
        self._cli = cli
        self.origin = None  # a process that opened it by this would not run the CLI

    def preview(self, on_event: OnEvent = quiet) -> Summary:
        return self._run_cli("preview", on_event, dry_run=True)

    def up(self, on_event: OnEvent = quiet) -> Summary:
        return self._run_cli("up", on_event)

    def refresh(self, on_event: OnEvent = quiet) -> Summary:
        return self._run_cli("refresh", on_event)

    def destroy(self, on_event: OnEvent = quiet) -> Summary:
        refuse_protected(self._journal(dry_run=True).resources())
        return self._run_cli("destroy", on_event)

    def _run_cli(self, what: "What", on_event: OnEvent, *, dry_run: bool = False) -> Summary:
        from automation.provision.pulumi_cli_driver import Driver
        from automation.provision.pulumi_cli_run import do

        settings = read_config(self._project, self.name, self._config, passphrase=self._passphrase)
        with self._alone():
            journal, folder = self._journal(dry_run=dry_run), self._cli_folder
            folder.write(settings, journal.crypter)
            folder.drop_dead_locks()
            folder.drop_torn_attributes()
            journal.save()  # the salt, by which an interrupted first run can be read
            driver = Driver(
                cli=self._cli.path,
                folder=folder.path,
                stack=self.name,
                project=self._project,
                environment=folder.environment(self._passphrase, self._cli.connection),
            )

            def work(_: "Run", journal: "Journal", reporter: "Reporter") -> None:
                if not folder.put(journal.document()):
                    driver.select_or_create()
                    folder.put(journal.document())
                if dry_run:
                    driver.act(what, reporter, parallel=self._parallel)
                    return
                folder.begin()
                try:
                    driver.act(what, reporter, parallel=self._parallel)
                finally:
                    if (found := folder.left_behind()) is not None:
                        journal.adopt(found, source="Pulumi's CLI")
                    folder.end()

            return do(what, driver, on_event, journal, work, clock=self._clock)
