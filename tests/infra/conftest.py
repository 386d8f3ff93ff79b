"""Runs the whole program of `infra/` against a provider that writes down what it is asked for."""

import asyncio
import contextlib
import contextvars
import functools
import json
import runpy
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
import pulumi.runtime
import pytest
import yaml
from pulumi.runtime import mocks, rpc, settings, stack

ROOT = Path(__file__).parents[2]
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-8888-7777-6666-555555555555"


@dataclass(kw_only=True)
class Program:
    """What one run of the program asked for."""

    resources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    shared: dict[str, Any] = field(default_factory=dict[str, Any])

    def named(self, name: str) -> dict[str, Any]:
        return next(resource for resource in self.resources if resource["name"] == name)

    def of_type(self, token: str) -> list[dict[str, Any]]:
        return [resource for resource in self.resources if resource["type"] == token]


@contextlib.contextmanager
def own_event_loop() -> Generator[None]:
    """Pulumi's mock opens an event loop in its worker thread and leaves it open; ours is closed again."""
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        yield
    asyncio.set_event_loop(None)


class Monitor(mocks.MockMonitor):
    """The engine's side of a run."""

    def __init__(self, program: Program, *, preview: bool) -> None:
        super().__init__(Recorder(program, preview=preview))
        self.program = program

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 # the protocol names it
        with own_event_loop():
            answer = cast("Any", super()).RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            registered = self.program.named(request.name)
            registered |= {
                "parent": request.parent.split("::")[-1],
                "protect": request.protect,
                "after": sorted({urn.split("::")[-1] for urn in request.dependencies}),
            }
        return answer

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 # as above
        with own_event_loop():
            return cast("Any", super()).ReadResource(request)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 # as above
        with own_event_loop():
            return cast("Any", super()).Invoke(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 # as above
        if "pulumi:pulumi:Stack" in request.urn:
            self.program.outputs = rpc.deserialize_properties(request.outputs)
        return cast("Any", super()).RegisterResourceOutputs(request)


class Recorder(mocks.Mocks):
    """Answers as Azure would, with ids that depend on the names alone."""

    def __init__(self, program: Program, *, preview: bool) -> None:
        self.program = program
        self.preview = preview

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        assert args.token == "azure-native:authorization:getClientConfig"
        identity = {"clientId": _guid("client"), "objectId": _guid("deployer")}
        return {"subscriptionId": SUBSCRIPTION, "tenantId": TENANT, **identity}, []

    def new_resource(self, args: Any) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            assert args.name == "organization/visionlab/botany.shared"
            return args.resource_id, {"name": args.name, "outputs": self.program.shared, "secretOutputNames": []}
        if not args.custom:
            self.program.resources.append({"type": args.typ, "name": args.name})
            return "", {}
        self.program.resources.append({"type": args.typ, "name": args.name, "inputs": args.inputs})
        if self.preview:  # what Azure will compute is not known yet, deep inside objects too
            unknown = (
                {"identity": {**args.inputs["identity"], "principalId": rpc.UNKNOWN}}
                if "identity" in args.inputs
                else {}
            )
            return "", {**args.inputs, **unknown}
        return _arm_id(args), {**args.inputs, "name": _arm_name(args.inputs), **_computed(args)}


def _guid(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(parts)))


NAME_KEYS = (
    "containerName blobServicesName roleAssignmentName lockName budgetName computeName name registryName "
    "workspaceName vaultName resourceName accountName resourceGroupName"
)


def _arm_name(inputs: dict[str, Any]) -> str:
    return next(inputs[key] for key in NAME_KEYS.split() if key in inputs)


def _arm_id(args: Any) -> str:
    inputs: dict[str, Any] = args.inputs
    scope = inputs.get("scope") or f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{inputs['resourceGroupName']}"
    if args.typ.endswith(":ResourceGroup"):
        return scope
    return f"{scope}/{args.typ.removeprefix('azure-native:').replace(':', '/')}/{_arm_name(inputs)}"


def _computed(args: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = args.inputs
    computed: dict[str, Any] = {}
    if "identity" in inputs:
        who = {"principalId": _guid("identity", _arm_name(inputs)), "tenantId": TENANT}
        computed["identity"] = {**inputs["identity"], **who}
    if args.typ.endswith(":StorageAccount"):
        computed["primaryEndpoints"] = {"blob": f"https://{inputs['accountName']}.blob.core.windows.net/"}
    if args.typ.endswith(":Registry"):
        computed["loginServer"] = f"{inputs['registryName']}.azurecr.io"
    if args.typ.endswith("cognitiveservices:Account"):
        domain = inputs["properties"]["customSubDomainName"]
        endpoint = f"https://{domain}.cognitiveservices.azure.com/"
        computed["properties"] = {**inputs["properties"], "endpoint": endpoint}
    return computed


def stack_config(name: str) -> dict[str, Any]:
    text = (ROOT / "stacks" / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"]


def as_pulumi_passes_it(config: dict[str, Any]) -> dict[str, str]:
    """Pulumi hands every value over as a string, lists and objects as JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def run_infra(
    name: str, *, config: dict[str, Any] | None = None, preview: bool = False, shared: dict[str, Any] | None = None
) -> Program:
    """Run `infra/` as Pulumi does; what the run leaves in Pulumi's globals goes with its context.

    Args:
        name: The stack.
        config: Its settings; None means those of its file.
        preview: Whether nothing of what Azure computes is known.
        shared: Outputs of the stack botany.shared, for those that refer to it.
    """
    program = Program(shared=shared or {})

    def run() -> None:
        pulumi.runtime.set_all_config(as_pulumi_passes_it(stack_config(name) if config is None else config))
        monitor = Monitor(program, preview=preview)
        runtime = settings.Settings(
            project="visionlab",
            stack=name,
            organization="organization",
            monitor=monitor,
            engine=mocks.MockEngine(None),
            dry_run=preview,
        )
        features = cast("Any", monitor).GetDeploymentInfo(None)
        setattr(runtime, "monitor_features", set(features.supportedFeatures))  # noqa: B010 # a context property, as pyright sees it
        settings.configure(runtime)
        asyncio.run(stack.run_in_stack(main))

    def main() -> None:
        runpy.run_path(str(ROOT / "infra"), run_name="__main__")

    contextvars.copy_context().run(run)
    program.resources.sort(key=lambda resource: (resource["type"], resource["name"]))
    return program


@pytest.fixture
def run_program() -> Callable[..., Program]:
    return run_infra


@pytest.fixture(scope="session")
def program_of() -> Callable[[str], Program]:
    """The run of a shipped stack, made once for all tests that only look."""
    return functools.cache(run_infra)


@pytest.fixture
def golden(update_golden: bool) -> Callable[[str, object], None]:
    """Compare with a golden file, or write it when asked to."""

    def compare(name: str, found: object) -> None:
        path = Path(__file__).parent / "golden" / name
        text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        if update_golden:
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, (
            "review the difference, then pytest tests/infra --update-golden"
        )

    return compare
