"""The clients that a lab's steps and commands work with, each made when it is first used.

Owns: which Azure a lab is on, starting the local one, and where the lab's state stands.
Leaves: the work to the clients. The environment comes in as an argument.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from automation.azure import Arm, Cloud, Rest, TokenSource, azure_cloud, default_tokens, local_cloud, local_tokens
from automation.clock import Clock
from automation.errors import ConfigError
from automation.local import LocalAzure
from automation.progress import Progress, silent
from automation.workflow.journal import Journal
from automation.workflow.lab_types import Lab
from automation.workflow.passphrase import stack_passphrase

if TYPE_CHECKING:
    from automation.labeling import LabelingJobs
    from automation.provision import LabOutputs, Stack, StackResource
    from automation.report import Report
    from automation.storage import BlobStore
    from automation.training import ImageAnalysis

__all__ = ["Workbench"]


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
        self.report: Report | None = None
        """The report of this run, for whoever has more to say in it."""
        self.local = LocalAzure(home / "local", clock=clock) if lab.stack == "local" else None

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
        subscription = self._environment.get("AZURE_SUBSCRIPTION_ID") or self._environment.get("ARM_SUBSCRIPTION_ID")
        if not subscription:
            raise ConfigError(
                f"the stack {self.lab.stack!r} is on Azure, and no subscription is named",
                hint="set AZURE_SUBSCRIPTION_ID and sign in (`az login`), or write `stack: local` in lab.yaml",
            )
        return azure_cloud(tenant_id=self._environment.get("AZURE_TENANT_ID"), subscription_id=subscription)

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
    def stack(self) -> "Stack":
        """The lab's stack. Raises ConfigError where this release cannot provision."""
        if self.local is None:
            raise ConfigError(
                f"this release provisions on the stack `local` only, and {self.lab.path.name} says {self.lab.stack!r}",
                hint="write `stack: local`; for Azure itself run `pulumi up` with the Pulumi CLI on the program infra/",
            )
        from automation.provision import open_stack

        return open_stack(
            stack=self.lab.stack,
            config=self.lab.program_settings(),
            state_dir=self.home,
            cloud=self.cloud,
            tokens=self.tokens,
            passphrase=stack_passphrase(self.home),
        )

    def outputs(self) -> "LabOutputs":
        """What the stack exported. Raises ConfigError before it is provisioned."""
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
        for name in ("blobs", "vision", "labeling"):
            self.__dict__.pop(name, None)

    @cached_property
    def blobs(self) -> "BlobStore":
        from automation.storage import BlobStore

        return BlobStore(self.outputs().blob_endpoint, self.cloud, self.tokens, rest=self.rest)

    @cached_property
    def vision(self) -> "ImageAnalysis":
        from automation.training import ImageAnalysis

        return ImageAnalysis(self.outputs().vision_endpoint, self.rest, self.cloud, self.clock)

    @cached_property
    def labeling(self) -> "LabelingJobs":
        from automation.labeling import LabelingJobs

        workspace = self.outputs().ml_workspace_id
        if workspace is None:
            raise ConfigError(
                "labeling needs the ML workspace, which this lab has not",
                hint="remove `mlWorkspace: false` from `settings:` and run `visionlab lab up`",
            )
        return LabelingJobs(self.arm, self.rest, self.cloud, workspace)

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

    @cached_property
    def _connection(self) -> dict[str, object]:
        if self.local is None:
            return {}
        return self.local.ensure_started(self._progress)
