"""Which version of an asset is the latest, and what the next one would be called.

Owns: the container that a first version makes, its latestVersion and nextVersion. Leaves: the versions to the table.
"""

from typing import Any

from localazure.arm.checks import bad_request
from localazure.arm.resources import Resource
from localazure.arm.types import Making, World

__all__ = ["follow_deletion", "follow_version"]


def follow_version(making: Making) -> None:
    """A new version makes its container when there is none, and is the latest from now on."""
    world, version = making.world, making.resource
    container_id = making.target.parent
    container = world.resources.get(container_id) or _new_container(making, container_id)
    properties = container["properties"]
    kind, given = properties.get("dataType"), making.properties.get("dataType")
    if kind and given and kind != given:
        raise bad_request("UserError", f"The data asset is of type {kind}, not {given}.", target="properties.dataType")
    if making.old is None:
        properties["latestVersion"] = version["name"]
    following = int(version["name"]) + 1 if version["name"].isdecimal() else 1
    properties["nextVersion"] = str(max(following, int(properties.get("nextVersion") or 1)))
    world.resources.put(container)


def follow_deletion(world: World, version: Resource) -> None:
    """The latest that is left is the one that was made last. A number that was used is not used again."""
    container = world.resources.get(version["id"].rsplit("/", 2)[0])
    if container is None or container["properties"].get("latestVersion") != version["name"]:
        return
    left = [
        (other["systemData"]["createdAt"], other["name"])
        for other in world.resources.of_type(version["type"], container["id"].lower() + "/")
        if other["name"] != version["name"]
    ]
    container["properties"]["latestVersion"] = max(left)[1] if left else None
    world.resources.put(container)


def _new_container(making: Making, container_id: str) -> Resource:
    properties: dict[str, Any] = {"isArchived": False, "tags": {}, "latestVersion": None, "nextVersion": "1"}
    if "dataType" in making.properties:
        properties["dataType"] = making.properties["dataType"]
    return {
        "id": container_id,
        "name": container_id.rsplit("/", 1)[-1],
        "type": making.resource["type"].removesuffix("/versions"),
        "properties": properties,
        "systemData": making.resource.get("systemData"),
    }
