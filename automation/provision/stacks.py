"""Stacks: what the rest of automation sees of provisioning.

Owns: opening a stack, its state's place, and the four runs: preview, up, refresh, destroy.
Leaves: the work to `embedded`, which is imported when a run begins, for Pulumi and gRPC take their time to load.
"""

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from automation.azure import Cloud, Pace, Rest, TokenSource
from automation.clock import Clock, SystemClock
from automation.errors import ConfigError, LabBusy, Refused
from automation.provision.events import OnEvent, StackResource, Summary, quiet
from automation.provision.outputs import HINT, LabOutputs, SharedOutputs
from automation.provision.project import Project, find_project, read_config
from automation.provision.pulumi_cli_folder import CliFolder

if TYPE_CHECKING:
    from automation.provision.azure_native.provider import AzureNative
    from automation.provision.embedded.journal import Journal
    from automation.provision.embedded.providers import ProviderFactory
    from automation.provision.embedded.reporting import Reporter
    from automation.provision.embedded.run import Run
    from automation.provision.embedded.state import Resource

    _Work = Callable[[Run, Journal, Reporter, ProviderFactory], None]

__all__ = ["LabStack", "Stack", "StackPlace", "open_place", "open_stack", "refuse_protected"]

PARALLEL = 16
_SYSTEM_CLOCK = SystemClock()


class LabStack(Protocol):
    """What the rest of automation sees of a stack, whoever runs it and wherever its state is."""

    name: str

    def preview(self, on_event: OnEvent = quiet) -> Summary: ...
    def up(self, on_event: OnEvent = quiet) -> Summary: ...
    def refresh(self, on_event: OnEvent = quiet) -> Summary: ...
    def destroy(self, on_event: OnEvent = quiet) -> Summary: ...
    def outputs(self) -> LabOutputs: ...
    def shared_outputs(self) -> SharedOutputs: ...
    def resources(self) -> tuple[StackResource, ...]: ...
    def exists(self) -> bool: ...
    def export(self) -> dict[str, Any]: ...
    def import_(self, document: dict[str, Any]) -> None: ...
    def forget(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlace:
    """All that opens a stack of the embedded engine, apart from who we are; the arguments of `open_stack`.

    Attributes:
        sharers: How many stacks are worked on at the same time; they share Azure's limits of requests.
    """

    stack: str
    config: Mapping[str, object]
    state_dir: Path
    cloud: Cloud
    passphrase: str = field(repr=False)
    settings: str | None = None
    sharers: int = 1


def open_stack(
    *,
    stack: str,
    config: Mapping[str, object],
    state_dir: Path,
    cloud: Cloud,
    tokens: TokenSource,
    passphrase: str,
    settings: str | None = None,
) -> "Stack":
    """The lab's stack on the local Azure.

    Args:
        stack: Its name.
        config: Settings that win over the file's, by their names without "visionlab:".
        state_dir: The lab's folder for state; the stack's own is stacks/<stack>.json in it.
        cloud: The local Azure. Azure itself is provisioned by Pulumi's CLI.
        tokens: Who we are there.
        passphrase: Opens the secrets in state.
        settings: Its settings are those of stacks/Pulumi.<settings>.yaml, if there is such a file; None means the
            file of its own name. Many stacks may have the same.
    """
    place = StackPlace(
        stack=stack, config=dict(config), state_dir=state_dir, cloud=cloud, passphrase=passphrase, settings=settings
    )
    return open_place(place, tokens=tokens)


def open_place(place: StackPlace, *, tokens: TokenSource) -> "Stack":
    """The stack at a place, as `open_stack` opens it."""
    stack, cloud = place.stack, place.cloud
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", stack) is None:
        raise ConfigError(
            f"{stack!r} is no name of a stack", hint="use letters, digits, hyphens, underscores and dots, 100 at most"
        )
    if not cloud.is_local:
        raise ConfigError(
            "the embedded engine provisions the local Azure only", hint="for Azure leave `--engine embedded` out"
        )

    @contextmanager
    def providers() -> "Generator[ProviderFactory]":
        from automation.provision.azure_native.connection import connect

        with Rest(cloud, tokens, pace=Pace(place.sharers)) as rest:
            yield lambda settings: connect(rest, cloud, tokens, location=settings.get("location"))

    opened = Stack(
        name=stack,
        project=find_project(),
        config=place.config,
        state_file=place.state_dir / "stacks" / f"{stack}.json",
        providers=providers,
        passphrase=place.passphrase,
        settings=place.settings,
    )
    opened.origin = place, tokens
    opened.take_over_unfinished()
    return opened


class Stack:
    """One stack of one project."""

    origin: tuple[StackPlace, TokenSource] | None = None
    """How it was opened, by which another process can open it too."""

    def __init__(
        self,
        *,
        name: str,
        project: Project,
        config: Mapping[str, object],
        state_file: Path,
        providers: "Callable[[], AbstractContextManager[ProviderFactory]]",
        passphrase: str,
        clock: Clock = _SYSTEM_CLOCK,
        parallel: int = PARALLEL,
        settings: str | None = None,
    ) -> None:
        self.name = name
        self._settings = settings or name
        self._project, self._config, self._state_file = project, config, state_file
        self._providers, self._passphrase, self._clock, self._parallel = providers, passphrase, clock, parallel

    def __repr__(self) -> str:
        return f"Stack({self.name!r}, {str(self._state_file)!r})"

    def preview(self, on_event: OnEvent = quiet) -> Summary:
        """What `up` would do. Changes nothing, here and in Azure."""
        return self._run_program("preview", on_event, dry_run=True)

    def up(self, on_event: OnEvent = quiet) -> Summary:
        """Make everything as the program says. Raises ProvisionFailed when resources failed; `up` again continues."""
        return self._run_program("up", on_event, dry_run=False)

    def refresh(self, on_event: OnEvent = quiet) -> Summary:
        """Look at every resource and record what is there: what drifted, and what is gone."""
        from automation.provision.embedded.refresh import refresh

        def work(run: "Run", journal: "Journal", reporter: "Reporter", make: "ProviderFactory") -> None:
            provider_of = _providers_of(journal, make)
            refresh(journal, reporter, provider_of, parallel=self._parallel, stopped=run.cancelled)

        return self._run("refresh", on_event, work)

    def destroy(self, on_event: OnEvent = quiet) -> Summary:
        """Delete every resource of the stack, last made first."""
        from automation.provision.embedded.removal import Removal
        from automation.provision.embedded.steps import adopt_to_delete

        def work(run: "Run", journal: "Journal", reporter: "Reporter", make: "ProviderFactory") -> None:
            provider_of = _providers_of(journal, make)
            for pending in journal.pending().values():
                adopt_to_delete(pending, provider_of(pending), journal)
            resources = journal.resources()
            refuse_protected(resources)
            removal = Removal(journal=journal, reporter=reporter, dry_run=False, parallel=self._parallel)
            run.on_cancel(removal.cancel)
            removal.run(resources, provider_of)

        return self._run("destroy", on_event, work)

    def outputs(self) -> LabOutputs:
        """What the lab consists of. Raises ConfigError when it is not, or not wholly, provisioned."""
        return LabOutputs.parse(self._outputs())

    def shared_outputs(self) -> SharedOutputs:
        """The same, when the stack is what the seats of a course share."""
        return SharedOutputs.parse(self._outputs())

    def _outputs(self) -> dict[str, Any]:
        from automation.provision.embedded.urns import ROOT_TYPE
        from automation.provision.values import reveal

        for item in self._journal(dry_run=True).resources():
            if item.type == ROOT_TYPE:
                return reveal(item.outputs)
        raise ConfigError(f"the stack {self.name} is not provisioned", hint=HINT)

    def resources(self) -> tuple[StackResource, ...]:
        """Everything in the state, dependencies first."""
        from automation.provision.embedded.urns import logical_name

        return tuple(
            StackResource(
                urn=item.urn,
                type=item.type,
                name=logical_name(item.urn),
                id=item.id,
                parent=item.parent,
                protect=item.protect,
            )
            for item in self._journal(dry_run=True).resources()
            if not item.delete
        )

    def exists(self) -> bool:
        """Whether the state holds anything."""
        if not self._state_file.exists():
            return False
        journal = self._journal(dry_run=True)
        return bool(journal.resources() or journal.pending())

    def export(self) -> dict[str, Any]:
        """Pulumi's deployment JSON, as `pulumi stack import` takes it; secrets are encrypted."""
        return self._journal(dry_run=True).document()

    def import_(self, document: dict[str, Any]) -> None:
        """Put a deployment JSON in the place of the state, which is kept beside it as a copy.

        Raises:
            ConfigError: It is no deployment JSON, is of another stack, or the passphrase does not open its secrets.
        """
        from automation.provision.imports import import_document

        with self._alone():
            import_document(
                document,
                into=self._state_file,
                project=self._project.name,
                stack=self.name,
                passphrase=self._passphrase,
                now=self._clock.now(),
                version=_engine_version(),
            )

    def forget(self) -> None:
        """Empty the state, after something else has deleted the resources and proved it."""
        if self._state_file.exists():
            with self._alone():
                self._journal(dry_run=False).clear()

    def take_over_unfinished(self) -> None:
        """Take over what a killed run of Pulumi's CLI left in its back end, unless that run is still at work."""
        if self._cli_folder.left_behind() is not None:
            with suppress(LabBusy), self._alone():
                return

    @contextmanager
    def _alone(self) -> "Generator[None]":
        """Hold the stack, knowing all that a killed run did. Raises LabBusy while another run is at work."""
        from automation.provision.embedded.journal import only_run

        folder = self._cli_folder
        with only_run(self._lock_file):
            if (left := folder.left_behind()) is not None:
                folder.wait_until_at_rest(self._clock)
                left = folder.left_behind() or left
                self._journal(dry_run=False).adopt(left, source=str(folder.checkpoint))
                folder.end()
            yield

    @property
    def _cli_folder(self) -> CliFolder:
        return CliFolder(path=self._state_file.parent.parent / "pulumi", project=self._project.name, stack=self.name)

    @property
    def _lock_file(self) -> Path:
        return self._state_file.with_suffix(".lock")

    def _journal(self, *, dry_run: bool) -> "Journal":
        from automation.provision.embedded.journal import Journal

        return Journal(
            self._state_file,
            passphrase=self._passphrase,
            clock=self._clock,
            engine_version=_engine_version(),
            dry_run=dry_run,
        )

    def _run_program(self, what: str, on_event: OnEvent, *, dry_run: bool) -> Summary:
        from automation.provision.azure_native.types import PACKAGE
        from automation.provision.embedded.engine import Engine
        from automation.provision.embedded.references import Siblings
        from automation.provision.embedded.run import run_program_with

        settings = read_config(self._project, self._settings, self._config, passphrase=self._passphrase)

        def work(run: "Run", journal: "Journal", reporter: "Reporter", make: "ProviderFactory") -> None:
            engine = Engine(
                project=self._project.name,
                stack=self.name,
                journal=journal,
                make_provider=make,
                provider_config=dict(settings.provider_settings(PACKAGE)),
                reporter=reporter,
                look_up=Siblings(
                    self._state_file.parent, project=self._project.name, passphrase=self._passphrase
                ).outputs,
                dry_run=dry_run,
                parallel=self._parallel,
            )
            run.on_cancel(engine.cancel)
            run_program_with(
                engine, reporter, self._project, self.name, settings, dry_run=dry_run, parallel=self._parallel
            )

        return self._run(what, on_event, work, dry_run=dry_run)

    def _run(self, what: str, on_event: OnEvent, work: "_Work", *, dry_run: bool = False) -> Summary:
        from automation.provision.embedded.run import Run as TheRun

        with self._alone(), self._providers() as make:
            journal = self._journal(dry_run=dry_run)
            return TheRun(what, self._clock).do(on_event, journal, lambda run, log, said: work(run, log, said, make))


def _engine_version() -> str:
    from importlib.metadata import version

    return f"v{version('pulumi')}"


def refuse_protected(resources: "Iterable[Resource]") -> None:
    """Raises Refused when one of them may not be deleted."""
    protected = [item.urn for item in resources if item.protect and item.is_real]
    if protected:
        raise Refused(
            "protected resources are not deleted: " + ", ".join(protected),
            hint="set protect to false, run `visionlab lab up`, and then delete the lab",
        )


def _providers_of(journal: "Journal", make: "ProviderFactory") -> "Callable[[Resource], AzureNative]":
    """The provider of each resource in state, as its record says that it is configured."""
    from automation.provision.values import reveal

    providers = {item.urn: make(reveal(item.inputs)) for item in journal.resources() if item.is_provider}
    default = make({})
    return lambda item: providers.get(item.provider_urn, default)
