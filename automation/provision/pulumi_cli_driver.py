"""One run of Pulumi's CLI on one folder: the Automation API, cut to what we need.

Owns: selecting or making the stack, the four runs, export and import, and ending in good order.
Leaves: the process to `pulumi_cli_process.py`, whose state it is to the two kinds of stacks.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from pulumi import automation as auto
from pulumi.automation import errors

from automation.errors import LabError
from automation.provision.embedded.reporting import Reporter
from automation.provision.project import Project
from automation.provision.pulumi_cli_events import Listener
from automation.provision.pulumi_cli_failures import explain
from automation.provision.pulumi_cli_process import CliProcess
from automation.provision.pulumi_cli_program import InlineProgram

__all__ = ["Driver", "What"]

What = Literal["preview", "up", "refresh", "destroy"]


class _LeanStack(auto.Stack):
    """A stack that is not asked for what we know from events: three starts of the CLI less for each run."""

    def outputs(self) -> dict[str, auto.OutputValue]:
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:  # noqa: ARG002 # the API's signature
        return cast("auto.UpdateSummary", object())


class Driver:
    """The CLI at work.

    Args:
        cli: Where it is.
        folder: Where Pulumi.yaml and the stack's settings are.
        stack: The stack's name.
        environment: What the CLI and the provider are told beside our own environment.
        secrets_provider: What a new stack's secrets are encrypted with.
    """

    def __init__(
        self,
        *,
        cli: Path,
        folder: Path,
        stack: str,
        project: Project,
        environment: Mapping[str, str],
        secrets_provider: str = "passphrase",
    ) -> None:
        self._stack, self._folder, self._environment = stack, folder, dict(environment)
        self._program = InlineProgram(project)
        self._process = CliProcess(cli)
        self._workspace = auto.LocalWorkspace(
            work_dir=str(folder),
            program=self._program,
            env_vars=self._environment,
            secrets_provider=secrets_provider,
            pulumi_command=self._process,
        )

    def tell(self, variables: Mapping[str, str]) -> None:
        """Give the CLI and the provider more variables."""
        self._environment.update(variables)
        self._workspace.env_vars = self._environment

    def select_or_create(self) -> None:
        """Make the stack in the back end, unless it is there."""
        try:
            auto.Stack.create_or_select(self._stack, self._workspace)
        except errors.CommandError as exc:
            raise self._explained(exc, "stack") from exc

    def act(self, what: What, reporter: Reporter, *, parallel: int) -> None:
        """Do one of the four. What fails at single resources is told to the reporter, all else is raised."""
        listener = Listener(reporter)
        stack = _LeanStack.__new__(_LeanStack)  # the constructor would start the CLI to select it once more
        stack.name, stack.workspace = self._stack, self._workspace
        run: Any = {"preview": stack.preview, "up": stack.up, "refresh": stack.refresh, "destroy": stack.destroy}[what]
        try:
            run(on_event=listener, parallel=parallel, color="never", suppress_outputs=True, suppress_progress=True)
        except errors.CommandError as exc:
            listener.close()
            if self._program.error is not None:
                raise self._program.error from exc
            if not reporter.failures:
                raise self._explained(exc, what, listener.complaints) from exc
        else:
            listener.close()
        finally:
            self._program.close()

    def export(self) -> dict[str, Any] | None:
        """The deployment JSON, secrets encrypted; None when the back end has no such stack."""
        try:
            return json.loads(self._run("stack", "export", "--stack", self._stack))
        except errors.StackNotFoundError:
            return None
        except errors.CommandError as exc:
            raise self._explained(exc, "export") from exc

    def import_file(self, file: Path) -> None:
        """Put a deployment JSON in the place of the state."""
        try:
            self._run("stack", "import", "--stack", self._stack, "--file", str(file))
        except errors.CommandError as exc:
            raise self._explained(exc, "import") from exc

    def interrupt(self) -> None:
        """Ctrl-C: let the CLI finish what is under way."""
        self._process.interrupt()

    def kill(self) -> None:
        """The second Ctrl-C: end it at once."""
        self._process.kill()

    def _run(self, *arguments: str) -> str:
        return self._process.run(list(arguments), str(self._folder), self._environment).stdout

    def _explained(self, exc: Exception, what: str, complaints: list[str] | None = None) -> LabError:
        backend = self._environment.get("PULUMI_BACKEND_URL", "")
        cancel = f"PULUMI_BACKEND_URL='{backend}' pulumi cancel --cwd {self._folder} --stack {self._stack}"
        return explain(str(exc), what=what, stack=self._stack, complaints=complaints or [], cancel=cancel)
