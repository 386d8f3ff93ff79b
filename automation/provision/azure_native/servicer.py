"""The provider as Pulumi's engine calls it: gRPC requests to the provider, its answers and failures back.

Owns: the ResourceProvider service, and telling the engine of half-made resources.
Leaves: what the calls mean to `provider.py`, where Azure is to `connection.py`.
"""

# ruff: noqa: N802, ARG002 (gRPC calls these methods by their names, with all their arguments)

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from automation.errors import LabError
from automation.provision.azure_native.diff import ChangeKind, Difference
from automation.provision.azure_native.provider import WORK_S, AzureNative, HalfCreatedError
from automation.provision.azure_native.types import PACKAGE, VERSION
from automation.provision.rpc import refuse
from automation.provision.values import Properties, from_struct, reveal, to_struct

__all__ = ["Connect", "ProviderServicer"]

Connect = Callable[[Mapping[str, Any]], AzureNative]
UNKNOWN_STATUS = 2  # google.rpc.Code

_KINDS = {  # whether it replaces: kind
    (ChangeKind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (ChangeKind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (ChangeKind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (ChangeKind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (ChangeKind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (ChangeKind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider process.

    Args:
        connect: Makes the provider of the settings that Configure brings.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._provider: AzureNative | None = None
        self._settings: Properties = {}
        self._lock = threading.Lock()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: plugin_pb2.PluginAttach, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()  # what Azure has begun it will end; the engine calls nothing more

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Any
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse()

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: Any) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": PACKAGE, "version": VERSION}))

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Any) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Any) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Any) -> provider_pb2.ConfigureResponse:
        with self._lock:
            self._settings = reveal(from_struct(request.args))
            self._provider = None
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Any) -> provider_pb2.InvokeResponse:
        response = provider_pb2.InvokeResponse()
        try:
            answer = self._ready().invoke(request.tok, reveal(from_struct(request.args)))
        except LabError as exc:
            _refuse(context, exc)
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    def Check(self, request: provider_pb2.CheckRequest, context: Any) -> provider_pb2.CheckResponse:
        news, olds = _plain(request.news), _plain(request.olds)
        try:
            checked = self._ready().check(_type(request), _name(request), news, olds, seed=request.randomSeed)
        except LabError as exc:
            _refuse(context, exc)
        failures = [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in checked.problems]
        return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs), failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: Any) -> provider_pb2.DiffResponse:
        olds, news = _plain(request.old_inputs), _plain(request.news)
        try:
            difference = self._ready().diff(_type(request), _name(request), olds, news)
        except LabError as exc:
            _refuse(context, exc)
        return _diff_response(difference)

    def Create(self, request: provider_pb2.CreateRequest, context: Any) -> provider_pb2.CreateResponse:
        token, inputs = _type(request), _plain(request.properties)
        try:
            provider = self._ready()
            if request.preview:
                return provider_pb2.CreateResponse(properties=to_struct(provider.preview(token, inputs, {})))
            provider.require_absent(token, inputs)
            created = provider.create(token, inputs, timeout_s=request.timeout or WORK_S)
        except HalfCreatedError as exc:
            _refuse_half_made(context, exc, inputs)
        except LabError as exc:
            _refuse(context, exc)
        return provider_pb2.CreateResponse(id=created.id, properties=to_struct(created.outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Any) -> provider_pb2.ReadResponse:
        token, inputs = _type(request), _plain(request.inputs)
        try:
            provider = self._ready()
            found = provider.find(token, request.id)
            if found is None:
                return provider_pb2.ReadResponse()  # an empty id says that it is gone
            if inputs:
                inputs = provider.drifted(token, inputs, _plain(request.properties), found.outputs)
        except LabError as exc:
            _refuse(context, exc)
        return provider_pb2.ReadResponse(id=found.id, properties=to_struct(found.outputs), inputs=to_struct(inputs))

    def Update(self, request: provider_pb2.UpdateRequest, context: Any) -> provider_pb2.UpdateResponse:
        token, inputs = _type(request), _plain(request.news)
        try:
            provider = self._ready()
            if request.preview:
                outputs = provider.preview(token, inputs, _plain(request.olds))
            else:
                outputs = provider.update(token, inputs, timeout_s=request.timeout or WORK_S)
        except LabError as exc:
            _refuse(context, exc)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Any) -> empty_pb2.Empty:
        try:
            self._ready().delete(_type(request), request.id, timeout_s=request.timeout or WORK_S)
        except LabError as exc:
            _refuse(context, exc)
        return empty_pb2.Empty()

    def _ready(self) -> AzureNative:
        """The provider; it signs in when it is first needed, so that a plan without credentials gets that far."""
        with self._lock:
            if self._provider is None:
                self._provider = self._connect(self._settings)
            return self._provider


def _plain(struct: Any) -> Properties:
    return reveal(from_struct(struct))


def _type(request: Any) -> str:
    return request.type or request.urn.split("::", 3)[2].rpartition("$")[2]


def _name(request: Any) -> str:
    return request.name or request.urn.split("::", 3)[3]


def _diff_response(difference: Difference) -> provider_pb2.DiffResponse:
    nothing, something = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
    return provider_pb2.DiffResponse(
        changes=something if difference.changes else nothing,
        replaces=difference.replaces,
        diffs=list(difference.changes),
        deleteBeforeReplace=difference.delete_before_replace,  # the engine may replace where we would not
        hasDetailedDiff=bool(difference.changes),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=True)
            for path, change in difference.changes.items()
        },
    )


def _told(error: LabError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _refuse(context: Any, error: LabError) -> NoReturn:
    refuse(context, "UNKNOWN", _told(error))


def _refuse_half_made(context: Any, error: HalfCreatedError, inputs: Properties) -> NoReturn:
    """Tell the engine what is there all the same: it records it, and updates it the next time."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.created.id,
            properties=to_struct(error.created.outputs),
            inputs=to_struct(inputs),
            reasons=[error.message],
        )
    )
    status = status_pb2.Status(code=UNKNOWN_STATUS, message=error.message, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    refuse(context, "UNKNOWN", error.message)
