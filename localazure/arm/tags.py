"""The tags API: Microsoft.Resources/tags/default on any resource or group, and on the subscription.

Owns: replace, merge, delete. Leaves: storing to `resources.py`.
"""

from collections.abc import Callable, Mapping

from localazure.arm import locks
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.checks import bad_request, check_tags, child
from localazure.arm.resources import Resource
from localazure.arm.types import World
from localazure.errors import AzureError
from localazure.store import Store

__all__ = ["Tags", "subscription_tags"]

_KIND = "subscription"
_SUBSCRIPTION_DEPTH = 2  # slashes in /subscriptions/{id}


class Tags:
    """Reads and changes the tags of what lies at the request's scope."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, request: ArmRequest) -> Answer:
        return _answer(request, self._tagged(request).get("tags") or {})

    def put(self, request: ArmRequest) -> Answer:
        return self._change(request, lambda _old: _given(request))

    def delete(self, request: ArmRequest) -> Answer:
        self._change(request, lambda _old: {})
        return Answer(status=200)

    def patch(self, request: ArmRequest) -> Answer:
        given, operation = _given(request), request.body.get("operation")
        match operation:
            case "Replace":
                return self._change(request, lambda _old: given)
            case "Merge":
                return self._change(request, lambda old: {**old, **given})
            case "Delete":
                return self._change(request, lambda old: {k: v for k, v in old.items() if given.get(k) not in {v, ""}})
            case _:
                raise bad_request(
                    "InvalidTagPatchOperation", f"The operation '{operation}' is invalid: Replace, Merge or Delete."
                )

    def _tagged(self, request: ArmRequest) -> Resource:
        scope = request.target.scope
        if scope.count("/") == _SUBSCRIPTION_DEPTH:
            return {"id": scope, "tags": subscription_tags(self._world.store)}
        resource = self._world.resources.get(scope)
        if resource is None:
            raise AzureError(404, "ResourceNotFound", f"The resource '{request.target.scope}' was not found.")
        return resource

    def _change(self, request: ArmRequest, change: Callable[[dict[str, str]], dict[str, str]]) -> Answer:
        with self._world.store.transaction():
            resource = self._tagged(request)
            locks.check_write(self._world.resources, resource["id"])
            tags = change(child(resource, "tags"))
            check_tags(tags)
            if resource["id"].count("/") == _SUBSCRIPTION_DEPTH:
                self._world.store.put(_KIND, "tags", {"tags": tags})
            else:
                self._world.resources.put(resource | {"tags": tags})
        return _answer(request, tags)


def subscription_tags(store: Store) -> dict[str, str]:
    """The tags of the subscription itself, which is no resource."""
    return child(store.get(_KIND, "tags"), "tags")


def _given(request: ArmRequest) -> dict[str, str]:
    tags = child(child(request.body, "properties"), "tags")
    return {str(name): str(value) for name, value in tags.items()}


def _answer(request: ArmRequest, tags: Mapping[str, str]) -> Answer:
    document = {
        "id": request.target.id,
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": {"tags": dict(tags)},
    }
    return Answer(body=document)
