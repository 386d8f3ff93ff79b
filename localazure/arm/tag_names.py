"""Tag names of the subscription: those that were prepared, and those that resources carry, with how often.

Owns: the names and values that were prepared. Leaves: the tags of resources to `tags.py`.
"""

from collections import Counter
from typing import Any

from localazure.arm.answers import Answer
from localazure.arm.checks import child
from localazure.arm.types import World
from localazure.errors import AzureError

__all__ = ["TagNames"]

_KIND = "tag-name"


class TagNames:
    """Answers below /subscriptions/{id}/tagNames."""

    def __init__(self, world: World) -> None:
        self._world = world

    def listed(self) -> list[dict[str, Any]]:
        used = self._used()
        prepared = {document["name"]: document["values"] for _, document in self._world.store.list(_KIND)}
        names: dict[str, list[str]] = {name: list(values) for name, values in prepared.items()}
        spelled = {name.lower(): name for name in names}
        for name, value in used:
            values = names.setdefault(spelled.setdefault(name.lower(), name), [])
            if value not in values:
                values.append(value)
        return [self._document(name, names[name], used) for name in sorted(names)]

    def put(self, name: str) -> Answer:
        with self._world.store.transaction():
            kept = self._world.store.get(_KIND, name.lower())
            document = kept or {"name": name, "values": []}
            self._world.store.put(_KIND, name.lower(), document)
        body = self._document(document["name"], document["values"], self._used())
        return Answer(status=200 if kept else 201, body=body)

    def put_value(self, name: str, value: str) -> Answer:
        with self._world.store.transaction():
            document = self._prepared(name)
            new = value not in document["values"]
            if new:
                document["values"].append(value)
                self._world.store.put(_KIND, name.lower(), document)
        return Answer(status=201 if new else 200, body=self._value(document["name"], value, self._used()))

    def delete(self, name: str) -> Answer:
        with self._world.store.transaction():
            if any(used.lower() == name.lower() for used, _ in self._used()):
                raise _in_use(f"tag name '{name}'")
            existed = self._world.store.delete(_KIND, name.lower())
        return Answer(status=200 if existed else 204)

    def delete_value(self, name: str, value: str) -> Answer:
        with self._world.store.transaction():
            document = self._prepared(name)
            if any(used.lower() == name.lower() and found == value for used, found in self._used()):
                raise _in_use(f"tag value '{value}'")
            existed = value in document["values"]
            if existed:
                document["values"].remove(value)
                self._world.store.put(_KIND, name.lower(), document)
        return Answer(status=200 if existed else 204)

    def _prepared(self, name: str) -> dict[str, Any]:
        document = self._world.store.get(_KIND, name.lower())
        if document is None:
            raise AzureError(404, "TagNameNotFound", f"The tag name '{name}' does not exist: create it first.")
        return document

    def _used(self) -> Counter[tuple[str, str]]:
        """How many resources and groups carry each pair of name and value."""
        tagged = self._world.resources.under(f"/subscriptions/{self._world.subscription_id}")
        return Counter((name, str(value)) for resource in tagged for name, value in child(resource, "tags").items())

    def _document(self, name: str, values: list[str], used: Counter[tuple[str, str]]) -> dict[str, Any]:
        total = sum(count for (found, _), count in used.items() if found.lower() == name.lower())
        return {
            "id": f"/subscriptions/{self._world.subscription_id}/tagNames/{name}",
            "tagName": name,
            "count": {"type": "Total", "value": total},
            "values": [self._value(name, value, used) for value in sorted(values)],
        }

    def _value(self, name: str, value: str, used: Counter[tuple[str, str]]) -> dict[str, Any]:
        count = sum(n for (found, v), n in used.items() if found.lower() == name.lower() and v == value)
        return {
            "id": f"/subscriptions/{self._world.subscription_id}/tagNames/{name}/tagValues/{value}",
            "tagValue": value,
            "count": {"type": "Total", "value": count},
        }


def _in_use(what: str) -> AzureError:
    return AzureError(409, "TagInUse", f"The {what} is in use by resources: remove it from them first.")
