"""Stacks on Azure: Pulumi's CLI and the user's own azure-native work on them, and the CLI's back end has their state.

Owns: what must be there before the CLI starts (somebody signed in, the CLI, the plugin), its settings, and reading the
state that it keeps.
Leaves: running it to `pulumi_cli_driver.py`. The embedded engine never works on these stacks.
"""

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from automation.clock import Clock, SystemClock
from automation.errors import ConfigError, Refused
from automation.progress import Progress, silent
from automation.provision.events import OnEvent, StackResource, Summary, quiet
from automation.provision.imports import check_document
from automation.provision.outputs import HINT, LabOutputs, SharedOutputs
from automation.provision.project import Project, find_project, read_settings
from automation.provision.pulumi_cli import find_cli
from automation.provision.pulumi_cli_folder import write_private
from automation.provision.pulumi_plugin import ensure_plugin
from automation.provision.state_place import PASSPHRASE, StatePlace, make_folder

if TYPE_CHECKING:
    from automation.provision.embedded.reporting import Reporter
    from automation.provision.embedded.run import Run
    from automation.provision.pulumi_cli_driver import Driver, What

__all__ = ["BackendStack"]

PARALLEL = 16
ROOT_TYPE = "pulumi:pulumi:Stack"
_SYSTEM_CLOCK = SystemClock()


class BackendStack:
    """One stack on Azure.

    Args:
        name: The stack's name.
        config: Settings that win over the file's, by their names without "visionlab:".
        home: The lab's state folder; the CLI works in `pulumi-<stack>` of it.
        lab_folder: Where a relative file:// back end starts.
        place: The back end and the secrets provider.
        passphrase: Opens the secrets, unless PULUMI_CONFIG_PASSPHRASE or a key vault does.
        environment: Variables of the process.
        sign_in: Gives the variables by which the provider signs in. Raises ConfigError when nobody is signed in.
        progress: Hears of a download.
        project: The program; by default the one that is installed here.
        clock: Times the steps.
        parallel: How many resources at once.
        tools: Where `make pulumi` builds a CLI, as in `find_cli`.
        settings: Its settings are those of stacks/Pulumi.<settings>.yaml; by default of its own name.
    """

    def __init__(
        self,
        *,
        name: str,
        config: Mapping[str, object],
        home: Path,
        lab_folder: Path,
        place: StatePlace,
        passphrase: str,
        environment: Mapping[str, str],
        sign_in: Callable[[], Mapping[str, str]],
        progress: Progress = silent,
        project: Project | None = None,
        clock: Clock = _SYSTEM_CLOCK,
        parallel: int = PARALLEL,
        tools: Path | None = None,
        settings: str | None = None,
    ) -> None:
        self.name, self._settings = name, settings or name
        self._project = project or find_project()
        self._config, self._place, self._passphrase = config, place, passphrase
        self._folder = home / f"pulumi-{name}"
        self._url = place.url(folder=lab_folder, default=home / "pulumi-state")
        self._environment, self._sign_in, self._progress = environment, sign_in, progress
        self._clock, self._parallel, self._tools = clock, parallel, tools
        self._known: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"BackendStack({self.name!r}, {self._url!r})"

    def preview(self, on_event: OnEvent = quiet) -> Summary:
        """What `up` would do. Changes nothing in Azure; the back end gets an empty stack when it has none."""
        return self._run("preview", on_event)

    def up(self, on_event: OnEvent = quiet) -> Summary:
        """Make everything as the program says. Raises ProvisionFailed when resources failed; `up` again continues."""
        return self._run("up", on_event)

    def refresh(self, on_event: OnEvent = quiet) -> Summary:
        """Look at every resource and record what is there."""
        return self._run("refresh", on_event)

    def destroy(self, on_event: OnEvent = quiet) -> Summary:
        """Delete every resource of the stack, last made first."""
        if protected := [item.urn for item in self.resources() if item.protect]:
            raise Refused(
                "protected resources are not deleted: " + ", ".join(protected),
                hint="set protect to false, run `visionlab lab up`, and then delete the lab",
            )
        return self._run("destroy", on_event)

    def outputs(self) -> LabOutputs:
        """What the lab consists of. Raises ConfigError when it is not, or not wholly, provisioned."""
        return LabOutputs.parse(self._outputs())

    def shared_outputs(self) -> SharedOutputs:
        """The same, when the stack is what the seats of a course share."""
        return SharedOutputs.parse(self._outputs())

    def _outputs(self) -> dict[str, Any]:
        for item in self._resources():
            if item.get("type") == ROOT_TYPE:
                return cast("dict[str, Any]", item.get("outputs") or {})
        raise ConfigError(f"the stack {self.name} is not provisioned", hint=HINT)

    def resources(self) -> tuple[StackResource, ...]:
        """Everything in the state, dependencies first."""
        return tuple(
            StackResource(
                urn=str(item["urn"]),
                type=str(item["type"]),
                name=str(item["urn"]).rpartition("::")[2],
                id=str(item.get("id", "")),
                parent=str(item.get("parent", "")),
                protect=bool(item.get("protect", False)),
            )
            for item in self._resources()
            if not item.get("delete")
        )

    def exists(self) -> bool:
        """Whether the state holds anything."""
        deployment = self._deployment()
        return bool(deployment.get("resources") or deployment.get("pending_operations"))

    def export(self) -> dict[str, Any]:
        """Pulumi's deployment JSON; secrets are encrypted."""
        self._deployment()
        return self._known or {"version": 3, "deployment": {}}

    def import_(self, document: dict[str, Any]) -> None:
        """Put a deployment JSON in the place of the state; the old one is kept as `before-import.json`."""
        check_document(document, project=self._project.name, stack=self.name)
        if self.exists():
            write_private(self._folder / "before-import.json", json.dumps(self.export()))
        self._import(document)

    def forget(self) -> None:
        """Empty the state, after something else has deleted the resources and proved it."""
        if self.exists():
            kept = {key: value for key, value in self._deployment().items() if key in ("manifest", "secrets_providers")}
            self._import({"version": 3, "deployment": kept})

    @cached_property
    def _driver(self) -> "Driver":
        from automation.provision.pulumi_cli_driver import Driver

        cli = find_cli(self._environment.get("PATH"), tools=self._tools)
        self._write_settings()
        return Driver(
            cli=cli,
            folder=self._folder,
            stack=self.name,
            project=self._project,
            environment=self._variables(),
            secrets_provider=self._place.secrets,
        )

    def _run(self, what: "What", on_event: OnEvent) -> Summary:
        signed_in = self._sign_in()  # first of all: without it nothing else is worth the while
        cli = find_cli(self._environment.get("PATH"), tools=self._tools)
        ensure_plugin(cli, self._environment, self._progress)
        from automation.provision.preloading import preload
        from automation.provision.pulumi_cli_run import do

        preload()
        driver = self._driver
        driver.tell(signed_in)
        self._known = None

        def work(_: "Run", _kept: _Kept, reporter: "Reporter") -> None:
            driver.select_or_create()
            driver.act(what, reporter, parallel=self._parallel)

        try:
            return do(what, driver, on_event, _Kept(), work, clock=self._clock)
        finally:
            self._known = None
            vars(self).pop("_driver", None)  # what was stopped stays stopped

    def _import(self, document: dict[str, Any]) -> None:
        self._driver.select_or_create()
        file = self._folder / "import.json"
        write_private(file, json.dumps(document))
        try:
            self._driver.import_file(file)
        finally:
            file.unlink(missing_ok=True)
            self._known = None

    def _deployment(self) -> dict[str, Any]:
        if self._known is None:
            self._known = self._driver.export() or {"version": 3, "deployment": {}}
        return cast("dict[str, Any]", self._known.get("deployment") or {})

    def _resources(self) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self._deployment().get("resources") or [])

    def _write_settings(self) -> None:
        """The project and the stack's settings, where the CLI works. It adds to them how secrets are encrypted."""
        import yaml

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_folder(self._url)
        path = self._folder / f"Pulumi.{self.name}.yaml"
        settings = read_settings(self._project, self._settings, self._config, kept=path)
        write_private(self._folder / "Pulumi.yaml", yaml.safe_dump({"name": self._project.name, "runtime": "python"}))
        write_private(path, yaml.safe_dump(settings))

    def _variables(self) -> dict[str, str]:
        variables = {
            "PULUMI_BACKEND_URL": self._url,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        named = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & set(self._environment)
        if self._place.secrets == PASSPHRASE and not named:
            variables["PULUMI_CONFIG_PASSPHRASE"] = self._passphrase
        return variables


class _Kept:
    """The CLI's back end keeps every step itself."""

    def save(self) -> None:
        """Nothing is left to write."""
