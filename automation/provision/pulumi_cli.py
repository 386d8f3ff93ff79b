"""Stacks run by Pulumi's own engine: its CLI, driven by the Automation API.

Owns: finding the CLI, handing it the state and taking it back, and saying in our words what it refuses.
Leaves: its folder to `pulumi_cli_folder.py`, its events to `pulumi_cli_events.py`; what a stack is and how its state
is read to `stacks.py`.

Between runs the state is where the embedded engine keeps it, so each run may use the other engine. During a run the
CLI's back end has it; a run that is killed leaves it there, and whoever opens the stack next takes it over.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from automation.errors import ConfigError, LabBusy, LabError
from automation.provision.events import OnEvent, Summary, quiet
from automation.provision.project import Project, find_project, read_config
from automation.provision.stacks import Stack, refuse_protected

if TYPE_CHECKING:
    from pulumi import automation as auto

    from automation.provision.embedded.journal import Journal
    from automation.provision.embedded.reporting import Reporter
    from automation.provision.embedded.run import Run
    from automation.provision.pulumi_cli_events import Listener

__all__ = ["PulumiCli", "PulumiStack", "find_cli"]

What = Literal["preview", "up", "refresh", "destroy"]

HINT = "run `make pulumi`, or install it: https://www.pulumi.com/docs/install/; or use `--engine embedded`"


def find_cli(search_path: str | None, *, tools: Path | None = None) -> Path:
    """The CLI on the search path, or the one that `make pulumi` built. Raises ConfigError when there is none.

    Args:
        search_path: As PATH.
        tools: Where `make pulumi` builds; by default `.tools` of the checkout.
    """
    built = (tools or find_project().stacks.parent / ".tools") / "bin" / "pulumi"
    found = shutil.which("pulumi", path=search_path) or (str(built) if os.access(built, os.X_OK) else None)
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

    def preview(self, on_event: OnEvent = quiet) -> Summary:
        return self._run_cli("preview", on_event, dry_run=True)

    def up(self, on_event: OnEvent = quiet) -> Summary:
        return self._run_cli("up", on_event)

    def refresh(self, on_event: OnEvent = quiet) -> Summary:
        return self._run_cli("refresh", on_event)

    def destroy(self, on_event: OnEvent = quiet) -> Summary:
        refuse_protected(self._journal(dry_run=True).resources())
        return self._run_cli("destroy", on_event)

    def _run_cli(self, what: What, on_event: OnEvent, *, dry_run: bool = False) -> Summary:
        from automation.provision.embedded.journal import only_run
        from automation.provision.embedded.run import Run as TheRun

        settings = read_config(self._project, self.name, self._config, passphrase=self._passphrase)
        with only_run(self._lock_file):
            journal = self._journal(dry_run=dry_run)
            self._cli_folder.write(settings, journal.crypter)
            self._cli_folder.drop_dead_locks()
            journal.save()  # the salt, by which an interrupted first run can be read

            def work(_: "Run", journal: "Journal", reporter: "Reporter") -> None:
                self._work(what, journal, reporter, dry_run=dry_run)

            return TheRun(what, self._clock).do(on_event, journal, work)

    def _work(self, what: What, journal: "Journal", reporter: "Reporter", *, dry_run: bool) -> None:
        from pulumi.automation import errors

        from automation.provision.pulumi_cli_events import Listener

        program, listener = _Program(self._project), Listener(reporter)
        try:
            stack = self._select(program)
            self._hand_over(stack, journal)
            if dry_run:
                self._act(stack, what, listener)
            else:
                self._cli_folder.begin()
                try:
                    self._act(stack, what, listener)
                finally:
                    self._take_back(stack, journal)
        except errors.ConcurrentUpdateError as exc:
            folder = self._cli_folder.path
            raise LabBusy(
                f"Pulumi's CLI says that another update works on the stack {self.name}",
                hint=f"wait until it ends; when there is none, run `pulumi cancel --stack {self.name}` in {folder}",
            ) from exc
        except (errors.CommandError, errors.InvalidVersionError) as exc:
            if program.error is not None:
                raise program.error from exc
            if not reporter.failures:
                raise LabError(f"{what}: {_words(listener.complaints, exc)}") from exc
        finally:
            program.close()

    def _act(self, stack: "auto.Stack", what: What, listener: "Listener") -> None:
        run = {"preview": stack.preview, "up": stack.up, "refresh": stack.refresh, "destroy": stack.destroy}[what]
        try:
            run(
                on_event=listener,
                parallel=self._parallel,
                color="never",
                suppress_outputs=True,
                suppress_progress=True,
            )
        finally:
            listener.close()

    def _select(self, program: "_Program") -> "auto.Stack":
        from pulumi import automation as auto

        folder = self._cli_folder
        workspace = auto.LocalWorkspace(
            work_dir=str(folder.path),
            program=program,
            env_vars=folder.environment(self._passphrase, self._cli.connection),
            secrets_provider="passphrase",
            pulumi_command=_command(self._cli.path),
        )
        return auto.Stack.create_or_select(self.name, workspace)

    def _hand_over(self, stack: "auto.Stack", journal: "Journal") -> None:
        from pulumi import automation as auto

        document = journal.document()
        stack.import_stack(auto.Deployment(version=document["version"], deployment=document["deployment"]))

    def _take_back(self, stack: "auto.Stack", journal: "Journal") -> None:
        found = stack.export_stack()
        journal.adopt({"version": found.version, "deployment": found.deployment}, source="Pulumi's CLI")
        self._cli_folder.end()


class _Program:
    """The program, run in this process when the CLI asks for it; keeps what it raised, for the CLI tells less."""

    def __init__(self, project: Project) -> None:
        self._path = project.program
        self._loop: asyncio.AbstractEventLoop | None = None
        self.error: LabError | None = None

    def __call__(self) -> None:
        from pulumi import RunError

        self._loop = asyncio.get_running_loop()
        try:
            code = compile(self._path.read_bytes(), str(self._path), "exec")
            exec(code, {"__name__": "__main__", "__file__": str(self._path)})  # noqa: S102 (the user's own program)
        except Exception as exc:
            hint = getattr(exc, "hint", None)
            said = str(exc).strip() or type(exc).__name__
            self.error = ConfigError(said, hint=hint if isinstance(hint, str) else None)
            raise RunError(said) from exc

    def close(self) -> None:
        """Close the loop that the Automation API made; it leaves it open when a task of the program failed."""
        if self._loop is not None and not self._loop.is_running():
            self._loop.close()


def _command(cli: Path) -> "auto.PulumiCommand":
    from pulumi import automation as auto

    if cli.parent.name == "bin":
        return auto.PulumiCommand(root=str(cli.parent.parent))
    command = auto.PulumiCommand(root=None)
    command.command = str(cli)
    return command


def _words(complaints: list[str], error: Exception) -> str:
    """What went wrong: the engine's own words, or the last lines that the CLI printed."""
    if complaints:
        return "; ".join(complaints)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[-3:])
