"""The small Azure with its tags interface."""

import json
from typing import Any

import httpx

from tests.automation.cleanup.small_azure import SmallAzure, error

TAGS = "/providers/Microsoft.Resources/tags/default"


class TaggedAzure(SmallAzure):
    """Groups and resources whose tags can be merged and taken off."""

    def __init__(self) -> None:
        super().__init__()
        self.untaggable: set[str] = set()

    def expiring(self, name: str, expires: str, **tags: str) -> str:
        """A group of a lab with one storage account, all of it with a last day."""
        own = {"lab": name, "stack": "local", "expires": expires, "owner": f"{name}@example.org", **tags}
        group = self.group(f"rg-{name}", **own)
        self.add(group, "Microsoft.Storage/storageAccounts", f"st{name}", lab=name, stack="local", expires=expires)
        return group

    def tags(self, group: str) -> dict[str, str]:
        """A group's tags, without "visionlab:"."""
        return {name.removeprefix("visionlab:"): value for name, value in self.groups[group]["tags"].items()}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method != "PATCH" or not path.endswith(TAGS):
            return super().__call__(request)
        assert request.url.params["api-version"] == "2021-04-01"
        at = path.removesuffix(TAGS)
        if at in self.untaggable:
            return error(403, "AuthorizationFailed")
        body: dict[str, Any] = json.loads(request.content)
        given: dict[str, str] = body["properties"]["tags"]
        entry = self.groups.get(at) or self.live[at]
        if body["operation"] == "Merge":
            entry["tags"] = entry["tags"] | given
        else:
            assert body["operation"] == "Delete"
            entry["tags"] = {name: value for name, value in entry["tags"].items() if given.get(name) != value}
        self.writes.append(f"{body['operation']} {at.rpartition('/')[2]} {given}")
        return httpx.Response(200, json={"properties": {"tags": entry["tags"]}})
