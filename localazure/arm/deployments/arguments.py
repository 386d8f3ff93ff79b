"""The arguments of a function call, asked for by type, with Azure's complaint when they are of another.

Owns: the names of types and how values become text. Leaves: what functions do to `functions_*.py`. Pure.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.arm.deployments.failures import ExpressionError
from localazure.arm.deployments.values import is_array, is_object

__all__ = ["Arguments", "Function", "find_key", "json_text", "same", "text_of", "type_of"]

_HELP = "Please see https://aka.ms/arm-functions for usage details."
_TYPES: Mapping[type, str] = {
    str: "String", bool: "Boolean", int: "Integer", float: "Float", list: "Array", dict: "Object", type(None): "Null",
}  # fmt: skip


def type_of(value: Any) -> str:
    """The name that messages have for a value's type."""
    kind: type = type(value)  # pyright: ignore[reportUnknownVariableType] of anything
    return _TYPES.get(kind, "Object")


def json_text(value: Any) -> str:
    """A value as compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def text_of(value: Any) -> str:
    """A value as `concat` and `string` write it: True and False have capitals, as in .NET."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return str(value) if value is not None else ""
    return json_text(value)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal: by type too, names of properties without case."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_object(left) and is_object(right):
        mine = {str(k).lower(): v for k, v in left.items()}
        other = {str(k).lower(): v for k, v in right.items()}
        return mine.keys() == other.keys() and all(same(mine[name], other[name]) for name in mine)
    if is_array(left) and is_array(right):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def find_key(document: Mapping[str, Any], name: str) -> str | None:
    """The key that is this name, whatever its case."""
    if name in document:
        return name
    lower = name.lower()
    return next((key for key in document if key.lower() == lower), None)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The values handed to one call of `name`."""

    name: str
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def any(self, at: int, default: Any = None) -> Any:
        return self.values[at] if at < len(self.values) else default

    def text(self, at: int, default: str = "") -> str:
        value = self.any(at, default)
        return value if isinstance(value, str) else self._wrong(at, "String")

    def whole(self, at: int, default: int = 0) -> int:
        value = self.any(at, default)
        return value if isinstance(value, int) and not isinstance(value, bool) else self._wrong(at, "Integer")

    def truth(self, at: int) -> bool:
        value = self.any(at)
        return value if isinstance(value, bool) else self._wrong(at, "Boolean")

    def array(self, at: int) -> list[Any]:
        value = self.any(at)
        return value if is_array(value) else self._wrong(at, "Array")

    def document(self, at: int, default: dict[str, Any] | None = None) -> dict[str, Any]:
        value = self.any(at, default)
        return value if is_object(value) else self._wrong(at, "Object")

    def wrong(self, what: str) -> ExpressionError:
        return ExpressionError(f"The template function '{self.name}' {what}. {_HELP}")

    def mixed(self, wanted: str) -> ExpressionError:
        """The arguments are of types that do not go together."""
        found = ", ".join(sorted({type_of(value) for value in self.values}))
        return self.wrong(f"expects arguments of type {wanted}; the provided ones are '{found}'")

    def _wrong(self, at: int, wanted: str) -> Any:
        raise self.wrong(
            f"expects its parameter '{at + 1}' to be of type '{wanted}'. "
            f"The provided value is of type '{type_of(self.any(at))}'"
        )


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments, and what it does with them. `most` None is any number."""

    least: int
    most: int | None
    act: Callable[[Arguments], Any]

    def check(self, arguments: Arguments) -> None:
        count = len(arguments)
        if count >= self.least and (self.most is None or count <= self.most):
            return
        if self.most is None:
            wanted = f"at least '{self.least}'"
        elif self.least == self.most:
            wanted = f"'{self.least}'"
        else:
            wanted = f"'{self.least}' to '{self.most}'"
        raise arguments.wrong(f"expects {wanted} parameter(s). Actual number of parameters: '{count}'")
