"""A JSON object read field by field: keys match without case, failures name the path.

Owns: the checks of types. Leaves: which fields there are to `wire.py`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

import msgspec

from localazure.errors import AzureError
from localazure.vision.errors import bad_request

__all__ = ["Fields"]

K = TypeVar("K", bound=StrEnum)
V = TypeVar("V")


class Fields:
    def __init__(self, body: Mapping[str, Any] | None, path: str = "") -> None:
        """`body` None: the object is absent, and so are all its fields."""
        self.present = body is not None
        self._values = {key.lower(): value for key, value in (body or {}).items()}
        self._path = path

    def has(self, key: str) -> bool:
        return key.lower() in self._values

    def value(self, key: str) -> Any:
        return self._values.get(key.lower())

    def child(self, key: str, *, required: bool = False) -> "Fields":
        """The object under `key`; an absent one when it is missing and may be."""
        value = self.value(key)
        if value is None and not required:
            return Fields(None, self._name(key))
        if not isinstance(value, dict):
            raise self.wrong(key, "an object")
        return Fields(cast("dict[str, Any]", value), self._name(key) + ".")

    def text(self, key: str) -> str | None:
        value = self.value(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def required_text(self, key: str) -> str:
        value = self.text(key)
        if not value:
            raise self.wrong(key, "a string that is not empty")
        return value

    def integer(self, key: str) -> int:
        value = self.value(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "a whole number")
        return value

    def choice(self, key: str, of: type[K]) -> K | None:
        value = self.text(key)
        if value is None:
            return None
        for member in of:
            if member.value.lower() == value.lower():
                return member
        raise self.wrong(key, "one of " + ", ".join(member.value for member in of))

    def typed(self, key: str, of: type[V], expected: str) -> V | None:
        """A list or a map of strings, say."""
        value = self.value(key)
        if value is None:
            return None
        try:
            return msgspec.convert(value, of)
        except msgspec.ValidationError:
            raise self.wrong(key, expected) from None

    def wrong(self, key: str, expected: str) -> AzureError:
        name = self._name(key)
        return bad_request(f"{name} must be {expected}.", target=name)

    def _name(self, key: str) -> str:
        return self._path + key
