"""Two engines on one program and one local Azure: what they ask of it, what they say, and what they remember.

Owns: running a stack with either engine by way of a recorder, and what of requests and states can be compared.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast

from automation.azure import Arm, Cloud, Rest, local_cloud, local_tokens
from automation.local import variables
from automation.provision import ProvisionFailed, Stack, Summary
from automation.provision.azure_native.connection import connect
from automation.provision.azure_native.provider import AzureNative
from automation.provision.embedded.crypter import Passphrase
from automation.provision.embedded.providers import ProviderFactory
from automation.provision.project import Project
from automation.provision.pulumi_cli import PulumiCli, PulumiStack
from automation.provision.values import Properties
from tests.e2e.arm_recorder import Recorder

__all__ = ["ENGINES", "NOT_COMPARED", "PASSPHRASE", "Bench", "Engine", "Seen", "comparable"]

Engine = Literal["embedded", "pulumi"]
ENGINES: Final[tuple[Engine, Engine]] = ("embedded", "pulumi")
PASSPHRASE: Final = "open sesame"
NONE: Final[Mapping[str, str]] = {}

NOT_COMPARED: Final = {
    "created": "the time of day",
    "modified": "the time of day",
    "sourcePosition": "a line of the program, with the path of the program on this machine",
    "stackTrace": "as sourcePosition, for every caller down to Python's own",
}
# Made by Azure, by the clock or by chance: alike in both, but not the same.
CHANCE: Final = (
    (re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}"), "<guid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "<time>"),
    (re.compile(r'\\"(0x[0-9A-F]+|[0-9a-f]{16})\\"'), "<etag>"),
    (re.compile(r"[A-Za-z0-9+/]{86}=="), "<key>"),
)
POLLS: Final = re.compile(r"/operation(results|statuses)/", re.IGNORECASE)  # as often as the work takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run did: its counts or failures, the requests, and the state that it left."""

    said: object
    asked: list[str]
    state: dict[str, Any]
    pending: list[Any]


@dataclass(slots=True, kw_only=True)
class Bench:
    """Runs one engine's stacks in a folder of its own.

    Attributes:
        engine: Which engine.
        project: What both run.
        hide: Words that differ between the engines on purpose, as names of soft-deleted things, and what to call them.
    """

    engine: Engine
    folder: Path
    project: Project
    recorder: Recorder
    cli: Path
    stack: str = "dev"
    config: dict[str, object] = field(default_factory=dict[str, object])
    hide: Mapping[str, str] = field(default_factory=dict[str, str])

    def open(self) -> Stack:
        cloud, connection = self._cloud(), self.recorder.connection
        tokens = local_tokens(cloud, str(connection["client_id"]), str(connection["client_secret"]))

        @contextmanager
        def providers() -> Generator[ProviderFactory]:
            with Rest(cloud, tokens) as rest:

                def make(settings: Properties) -> AzureNative:
                    return connect(rest, cloud, tokens, location=settings.get("location"))

                yield make

        stack = Stack(
            name=self.stack,
            project=self.project,
            config=self.config,
            state_file=self.folder / self.engine / "stacks" / f"{self.stack}.json",
            providers=providers,
            passphrase=PASSPHRASE,
        )
        if self.engine == "embedded":
            return stack
        known = variables(connection, config_dir=self.folder / "az")
        return PulumiStack(stack, PulumiCli(path=self.cli, connection=known))

    def run(self, act: Literal["preview", "up", "refresh", "destroy"], refusals: Mapping[str, str] = NONE) -> Seen:
        """Do it, while the recorder refuses what is said."""
        self.recorder.take()
        self.recorder.refusals = dict(refusals)
        stack = self.open()
        runs: dict[str, Callable[[], Summary]] = {
            "preview": stack.preview,
            "up": stack.up,
            "refresh": stack.refresh,
            "destroy": stack.destroy,
        }
        try:
            said: object = {"changes": runs[act]().changes}
        except ProvisionFailed as exc:
            said = {"failed": sorted(failure.name for failure in exc.failures)}
        self.recorder.refusals = {}
        exported = stack.export()["deployment"]
        return Seen(
            said=said,
            asked=sorted(self._asked()),
            state=json.loads(self._plain(json.dumps(comparable(exported)))),
            pending=exported.get("pending_operations", []),
        )

    def _asked(self) -> Iterator[str]:
        """What was asked; how often somebody looks again depends on how long the work takes."""
        looked = set[str]()
        for item in self.recorder.take():
            line = self._plain(f"{item.method} {item.path} {dict(item.query)} {item.body}")
            if item.method != "GET":
                yield line
            elif not POLLS.search(item.path):
                looked.add(line)
        yield from looked

    @contextmanager
    def behind_its_back(self) -> Generator[Arm]:
        """Somebody else's hands on the resources, unrecorded."""
        cloud, connection = self._cloud(), self.recorder.connection
        tokens = local_tokens(cloud, str(connection["client_id"]), str(connection["client_secret"]))
        with Rest(cloud, tokens) as rest:
            yield Arm(rest, cloud)
        self.recorder.take()

    def _cloud(self) -> Cloud:
        return local_cloud(self.recorder.connection)

    def _plain(self, text: str) -> str:
        for word, name in self.hide.items():
            text = text.replace(word, name)
        for pattern, name in CHANCE:
            text = pattern.sub(name, text)
        return text


def comparable(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """The resources by URN, without what must differ; secrets opened, sets of dependencies in one order."""
    crypter = Passphrase(PASSPHRASE, deployment["secrets_providers"]["state"]["salt"])

    def opened(value: Any) -> Any:
        match value:
            case {"ciphertext": str(text)}:
                return {"secret": opened(json.loads(crypter.decrypt(text)))}
            case dict():
                return {key: opened(item) for key, item in cast("Properties", value).items()}
            case list():
                return [opened(item) for item in cast("list[Any]", value)]
            case _:
                return value

    result: dict[str, Any] = {}
    for resource in deployment.get("resources", []):
        kept = {key: opened(value) for key, value in resource.items() if key not in NOT_COMPARED}
        kept["dependencies"] = sorted(kept.get("dependencies") or [])
        kept["propertyDependencies"] = {
            name: sorted(urns)
            for name, urns in cast("Properties", kept.get("propertyDependencies") or {}).items()
            if urns
        }
        key = resource["urn"] + (" (to be deleted)" if resource.get("delete") else "")
        assert key not in result
        result[key] = kept
    return result
