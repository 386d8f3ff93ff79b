"""The two services that a Pulumi program talks to, ResourceMonitor and Engine, in front of our engine.

Owns: gRPC's requests and answers.
Leaves: everything they mean to `engine.py`.
"""

# ruff: noqa: N802, ARG002 (gRPC calls these methods by their names, with all their arguments)

from collections.abc import Callable
from typing import Any, TypeVar

from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
)

from automation.errors import Cancelled, LabError
from automation.provision.embedded.engine import Engine
from automation.provision.embedded.goals import Goal, Outcome, parse_goal
from automation.provision.embedded.reporting import Reporter
from automation.provision.rpc import refuse
from automation.provision.values import from_struct, to_struct

__all__ = ["add_services"]

Answer = TypeVar("Answer")

# What the engine does, and what it refuses in its own words (transforms, hooks) where the SDK would only say
# that the CLI is too old.
FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
)


def add_services(server: Any, engine: Engine, reporter: Reporter) -> None:
    """Register both services on a gRPC server."""
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(engine), server)
    engine_pb2_grpc.add_EngineServicer_to_server(EngineLog(reporter), server)


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def GetDeploymentInfo(self, request: empty_pb2.Empty, context: Any) -> resource_pb2.DeploymentInfo:
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: Any
    ) -> resource_pb2.RegisterResourceResponse:
        found = self._answer(context, lambda: self._engine.register(parse_goal(request)))
        # After FAIL the SDK takes all outputs for unknown and goes on; what was skipped is no different for it.
        result = resource_pb2.SUCCESS if found.outcome is Outcome.DONE else resource_pb2.FAIL
        return resource_pb2.RegisterResourceResponse(
            urn=found.urn, id=found.id, object=to_struct(found.outputs), result=result
        )

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: Any
    ) -> empty_pb2.Empty:
        self._answer(context, lambda: self._engine.register_outputs(request.urn, from_struct(request.outputs)))
        return empty_pb2.Empty()

    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest, context: Any
    ) -> resource_pb2.ReadResourceResponse:
        goal = Goal(
            type=request.type,
            name=request.name,
            custom=True,
            parent=request.parent,
            inputs=from_struct(request.properties),
            provider=request.provider,
            version=request.version,
            dependencies=tuple(sorted(set(request.dependencies))),
        )
        found = self._answer(context, lambda: self._engine.read(goal, request.id))
        return resource_pb2.ReadResourceResponse(urn=found.urn, id=found.id, properties=to_struct(found.outputs))

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest, context: Any) -> provider_pb2.InvokeResponse:
        arguments = from_struct(request.args)
        reference, version = request.provider, request.version
        answer = self._answer(
            context, lambda: self._engine.invoke(request.tok, arguments, reference=reference, version=version)
        )
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    def _answer(self, context: Any, act: Callable[[], Answer]) -> Answer:
        """Do it; errors go to the program in their words, anything unforeseen ends the run."""
        try:
            return act()
        except Cancelled:
            refuse(context, "UNAVAILABLE", "the run is being stopped")
        except LabError as exc:
            refuse(context, "INVALID_ARGUMENT", f"{exc.message} ({exc.hint})" if exc.hint else exc.message)
        except BaseException as exc:  # noqa: BLE001 (gRPC would swallow it, and the program would wait for ever)
            self._engine.break_down(exc)
            refuse(context, "UNAVAILABLE", "the run is being stopped")

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()  # deletes run no hooks of the program, so it need not wait for them

    def RegisterStackTransform(self, request: object, context: Any) -> empty_pb2.Empty:
        refuse(context, "INVALID_ARGUMENT", _absent("transforms"))

    def RegisterStackInvokeTransform(self, request: object, context: Any) -> empty_pb2.Empty:
        refuse(context, "INVALID_ARGUMENT", _absent("transforms"))

    def RegisterResourceHook(self, request: object, context: Any) -> empty_pb2.Empty:
        refuse(context, "INVALID_ARGUMENT", _absent("resource hooks"))

    def Call(self, request: object, context: Any) -> provider_pb2.CallResponse:
        refuse(context, "INVALID_ARGUMENT", _absent("methods of components of other languages"))


class EngineLog(engine_pb2_grpc.EngineServicer):
    """The program's log: what it warns of and complains about is kept for the summary."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:
        if request.severity == engine_pb2.WARNING or (request.severity == engine_pb2.INFO and not request.ephemeral):
            self._reporter.say(request.message)
        return empty_pb2.Empty()

    def RequirePulumiVersion(
        self, request: engine_pb2.RequirePulumiVersionRequest, context: Any
    ) -> engine_pb2.RequirePulumiVersionResponse:
        return engine_pb2.RequirePulumiVersionResponse()


def _absent(what: str) -> str:
    return f"the embedded engine has no {what}: do without, or run the stack with Pulumi's own CLI"
