"""Dispatch: the literal paths first, then the type table's own.

Owns: which request goes to which service. Leaves: HTTP to `routes.py`, checks at the door to `gate.py`.
"""

import dataclasses
from collections.abc import Callable, Mapping

from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.authorization import Authorization
from localazure.arm.containers import ContainerService
from localazure.arm.deployments.service import Deployments
from localazure.arm.gate import action_of
from localazure.arm.groups import Groups
from localazure.arm.ids import parse
from localazure.arm.lists import Lists
from localazure.arm.paths import PATHS, Services
from localazure.arm.polls import Polls
from localazure.arm.service import ResourceService
from localazure.arm.soft_deleted import SoftDeleted
from localazure.arm.table import BLOB_SERVICES, CONTAINERS
from localazure.arm.tag_names import TagNames
from localazure.arm.tags import Tags
from localazure.arm.types import World
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["Endpoints"]


class Endpoints:
    """Dispatches a request that the gate let in."""

    def __init__(
        self,
        *,
        world: World,
        operations: Operations,
        authorization: Authorization,
        service: ResourceService,
        groups: Groups,
        containers: ContainerService,
    ) -> None:
        self._authorization = authorization
        self._service = service
        self._containers = containers
        self._services = Services(
            world=world,
            groups=groups,
            deleted=SoftDeleted(world, operations),
            tags=Tags(world),
            tag_names=TagNames(world),
            lists=Lists(world, authorization, containers),
            polls=Polls(world.origin, operations),
            deployments=Deployments(world, operations, authorization, self.dispatch),
        )
        groups.on_gone(self._services.deployments.forget_group)
        self._paths = [(endpoint, endpoint.pattern) for endpoint in PATHS]

    def dispatch(self, request: ArmRequest) -> Answer:
        for endpoint, pattern in self._paths:
            found = pattern.fullmatch(request.target.id) if endpoint.method == request.method else None
            if found is not None:
                if not endpoint.free:
                    self._require(request)
                return endpoint.handle(self._services, request, found.groupdict())
        return self._resource(request)

    def _resource(self, request: ArmRequest) -> Answer:
        target = request.target
        if target.type is None:
            raise AzureError(404, "InvalidResourceNamespace", f"The path '{target.id}' leads to nothing in ARM.")
        if target.name is None and request.method == "GET":
            return self._services.lists.collection(request)
        self._require(request)
        if target.name is None and request.method == "POST":
            action = target.id.rsplit("/", 1)[1]
            owner = parse(target.id.rsplit("/", 1)[0])
            return self._service.post(dataclasses.replace(request, target=owner), action)
        handlers = self._handlers(target.type)
        handler = handlers.get(request.method) if target.name else None
        if handler is None:
            raise AzureError(
                405, "MethodNotAllowed", f"The request method '{request.method}' is not allowed on '{target.id}'."
            )
        return handler(request)

    def _handlers(self, type_name: str) -> Mapping[str, Callable[[ArmRequest], Answer]]:
        if type_name.lower() == BLOB_SERVICES.lower():
            return {"GET": self._containers.service_get, "PUT": self._containers.service_put}
        if type_name.lower() == CONTAINERS.lower():
            own = self._containers
            return {"GET": own.get, "PUT": own.put, "PATCH": own.patch, "DELETE": own.delete}
        own = self._service
        return {"GET": own.get, "HEAD": own.head, "PUT": own.put, "PATCH": own.patch, "DELETE": own.delete}

    def _require(self, request: ArmRequest) -> None:
        action, scope = action_of(request.method, request.target)
        self._authorization.require(request.caller, scope, action)
