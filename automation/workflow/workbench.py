"""The clients that a lab's steps and commands work with, each made when it is first used.

Owns: which Azure a lab is on, starting the local one, and where the lab's state stands.
Leaves: the work to the clients. The environment comes in as an argument.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from automation.azure import (
    Arm,
    Cloud,
    Rest,
    SignIn,
    TokenSource,
    azure_cloud,
    default_tokens,
    local_cloud,
    local_tokens,
    provider_variables,
    require_sign_in,
)
from automation.clock import Clock
from automation.errors import ConfigError
from automation.local import LocalAzure
from automation.progress import Progress, silent
from automation.workflow.journal import Journal
from automation.workflow.lab_types import Lab
from automation.workflow.passphrase import stack_passphrase

if TYPE_CHECKING:
    from automation.labeling import LabelingData, LabelingJobs, LabelStudio
    from automation.provision import LabOutputs, LabStack, StackResource, StatePlace
    from automation.report import Report
    from automation.storage import BlobStore
    from automation.training import ImageAnalysis

__all__ = ["Workbench"]

BACKEND, SECRETS = "VISIONLAB_PULUMI_BACKEND", "VISIONLAB_PULUMI_SECRETS"
STORAGE_KEY = "AZURE_STORAGE_KEY"
WORKSPACE_API, STORAGE_API = "2024-10-01", "2024-01-01"


class Workbench:
    """Everything a lab's work needs. Close it at the end.

    Args:
        home: The state folder, `.visionlab`.
        environment: Variables of the process; credentials of `azure` labs are found by them.
    """

    def __init__(self, lab: Lab, *, home: Path, environment: Mapping[str, str], clock: Clock) -> None:
        self.lab, self.home, self.clock = lab, home, clock
        self._environment = environment
        self._progress: Progress = silent
        self._outputs: LabOutputs | None = None
        self._studios: dict[str, LabelStudio] = {}
        self.report: Report | None = None
        """The report of this run, for whoever has more to say in it."""
        self.local = LocalAzure((lab.home or home) / "local", clock=clock) if lab.stack == "local" else None

    def watch_start(self, progress: Progress) -> None:
        """Who hears of it when the local Azure is started."""
        self._progress = progress

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.home / "journal" / f"{self.lab.name}-{self.lab.stack}.jsonl", clock=self.clock)

    @cached_property
    def cloud(self) -> Cloud:
        if self.local is not None:
            return local_cloud(self._connection)
        named = self._environment.get("AZURE_SUBSCRIPTION_ID") or self._environment.get("ARM_SUBSCRIPTION_ID")
        tenant = self._environment.get("AZURE_TENANT_ID") or self._environment.get("ARM_TENANT_ID")
        if named:
            return azure_cloud(tenant_id=tenant, subscription_id=named)
        found = self.sign_in()
        return azure_cloud(tenant_id=tenant or found.tenant_id, subscription_id=found.subscription_id or "")

    def sign_in(self) -> SignIn:
        """How we are signed in to Azure itself, where that can be seen. Raises ConfigError at once when nobody is."""
        return require_sign_in(self._environment, stack=self.lab.stack)

    @cached_property
    def tokens(self) -> TokenSource:
        if self.local is None:
            return default_tokens(self.cloud)
        return local_tokens(
            self.cloud, str(self._connection.get("client_id")), str(self._connection.get("client_secret"))
        )

    @cached_property
    def rest(self) -> Rest:
        return Rest(self.cloud, self.tokens, self.clock)

    @cached_property
    def arm(self) -> Arm:
        return Arm(self.rest, self.cloud)

    @cached_property
    def stack(self) -> "LabStack":
        """The lab's stack: of the embedded engine on `local`, of Pulumi's CLI on Azure.

        Raises:
            Refused: The resources are somebody else's; then only `outputs` is known of them.
        """
        if self.lab.provisioned is not None:
            raise self.lab.provisioned.refuse("changing them from here")
        return self.open_stack(self.lab.stack, self.lab.program_settings())

    def open_stack(self, name: str, config: Mapping[str, object], *, settings: str | None = None) -> "LabStack":
        """A stack whose state is with the lab's: the lab's own, or one of a course that has many.

        Args:
            name: The stack's name.
            config: Settings of the Pulumi program that win over the file's.
            settings: The file is stacks/Pulumi.<settings>.yaml; by default that of the stack's name.
        """
        if self.local is None:
            return self._stack_on_azure(name, config, settings)
        from automation.provision import open_stack

        return open_stack(
            stack=name,
            config=config,
            state_dir=self.home,
            cloud=self.cloud,
            tokens=self.tokens,
            passphrase=stack_passphrase(self.home),
            settings=settings,
        )

    def _stack_on_azure(self, name: str, config: Mapping[str, object], settings: str | None) -> "LabStack":
        from automation.provision.backend_stacks import BackendStack

        def signed_in() -> Mapping[str, str]:
            return provider_variables(self._environment, self.sign_in())

        return BackendStack(
            name=name,
            config=config,
            home=self.home,
            lab_folder=self.lab.folder,
            place=self._state_place(),
            passphrase=stack_passphrase(self.home),
            environment=self._environment,
            sign_in=signed_in,
            progress=self._progress,
            clock=self.clock,
            settings=settings,
        )

    def _state_place(self) -> "StatePlace":
        """What lab.yaml says; variables win. Raises ConfigError when a variable names no place."""
        from automation.provision import StatePlace, backend_problem, secrets_problem

        backend, secrets = self._environment.get(BACKEND), self._environment.get(SECRETS)
        for name, value, check in ((BACKEND, backend, backend_problem), (SECRETS, secrets, secrets_problem)):
            if value and (why := check(value)):
                raise ConfigError(f"{name} is {value!r}: {why}", hint="mend the variable, or unset it")
        said = self.lab.state
        return StatePlace(backend=backend or said.backend, secrets=secrets or said.secrets)

    def outputs(self) -> "LabOutputs":
        """What the stack exported. Raises ConfigError before it is provisioned."""
        if self.lab.provisioned is not None:
            return self.lab.provisioned.outputs
        if self._outputs is None:
            if not self.stack.exists():
                raise ConfigError(
                    f"the lab {self.lab.name!r} is not provisioned", hint=f"run `visionlab lab up -f {self.lab.path}`"
                )
            self._outputs = self.stack.outputs()
        return self._outputs

    def resources(self) -> "list[StackResource]":
        """What the stack has in Azure: no components, no providers."""
        there = self.stack.resources() if self.stack.exists() else ()
        return [resource for resource in there if resource.id and not resource.type.startswith("pulumi:")]

    def forget_outputs(self) -> None:
        """The stack has changed: read its outputs again, and make the clients that hang on them anew."""
        self._outputs = None
        for name in ("blobs", "export_blobs", "vision", "labeling", "labeling_data"):
            self.__dict__.pop(name, None)

    @cached_property
    def blobs(self) -> "BlobStore":
        return self.blobs_at(self.outputs().blob_endpoint)

    @cached_property
    def export_blobs(self) -> "BlobStore":
        """Where the ML workspace writes what it exports: its own account, which is another where a course shares it."""
        outputs = self.outputs()
        group = f"{outputs.resource_group_id}/".lower()
        if outputs.ml_workspace_id is None or outputs.ml_workspace_id.lower().startswith(group):
            return self.blobs
        workspace = self.arm.get(outputs.ml_workspace_id, api_version=WORKSPACE_API)
        account = str(workspace["properties"]["storageAccount"])
        if account.lower() == outputs.storage_account_id.lower():
            return self.blobs
        found = self.arm.get(account, api_version=STORAGE_API)
        return self.blobs_at(str(found["properties"]["primaryEndpoints"]["blob"]))

    def blobs_at(self, endpoint: str) -> "BlobStore":
        """The blobs of any storage account of this Azure."""
        from automation.storage import BlobStore

        return BlobStore(endpoint, self.cloud, self.tokens, rest=self.rest)

    @cached_property
    def vision(self) -> "ImageAnalysis":
        from automation.training import ImageAnalysis

        return ImageAnalysis(self.outputs().vision_endpoint, self.rest, self.cloud, self.clock)

    @cached_property
    def labeling(self) -> "LabelingJobs":
        from automation.labeling import LabelingJobs

        return LabelingJobs(self.arm, self.rest, self.cloud, self._workspace())

    @cached_property
    def labeling_data(self) -> "LabelingData":
        from automation.labeling import LabelingData

        return LabelingData(self.rest, self.cloud, self._workspace())

    def _workspace(self) -> str:
        workspace = self.outputs().ml_workspace_id
        if workspace is None:
            raise ConfigError(
                "labeling needs the ML workspace, which this lab has not",
                hint="remove `mlWorkspace: false` from `settings:` and run `visionlab lab up`",
            )
        return workspace

    def label_studio(self, url: str | None) -> "LabelStudio":
        """The Label Studio server at `url`, for whoever owns the token in the environment. Raises ConfigError."""
        from automation.labeling import TOKEN_VARIABLE, LabelStudio, open_studio

        if not url:
            raise ConfigError("the address of Label Studio is not known", hint="say --url, or `url:` in lab.yaml")
        if url not in self._studios:
            self._studios[url] = LabelStudio(open_studio(url, self._environment.get(TOKEN_VARIABLE), clock=self.clock))
        return self._studios[url]

    def storage_key(self) -> str | None:
        """The key with which Label Studio reads an account that has keys, where the environment says it."""
        return self._environment.get(STORAGE_KEY)

    def identity(self) -> Mapping[str, str]:
        """Which Azure this is."""
        return {
            "cloud": self.cloud.name,
            "subscription": self.cloud.subscription_id,
            "tenant": self.cloud.tenant_id or "",
            "stack": self.lab.stack,
        }

    def revive(self) -> bool:
        """Start the local Azure again if it died; ports, keys and data are those it had."""
        if self.local is None or self.local.connection() is not None:
            return False
        self.local.ensure_started(self._progress)
        return True

    def close(self) -> None:
        """Let go of connections; the local Azure goes on running."""
        if "rest" in self.__dict__:
            self.rest.close()
        for studio in self._studios.values():
            studio.close()

    @cached_property
    def _connection(self) -> dict[str, object]:
        if self.local is None:
            return {}
        return self.local.ensure_started(self._progress)
