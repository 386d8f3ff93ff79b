"""Property values as Pulumi's wire carries them: JSON, and besides it what is unknown or secret.

Owns: `UNKNOWN`, `Secret`, and both directions between `google.protobuf.Struct` and plain Python.
Leaves: what the properties mean to the provider, how secrets are stored to `embedded/crypter.py`.

The signatures are those of Pulumi's resource model (sdk/go/common/resource: properties.go and sig/sig.go).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from google.protobuf import struct_pb2

__all__ = [
    "RESOURCE_SIG",
    "SECRET_SIG",
    "SIG_KEY",
    "UNKNOWN",
    "Properties",
    "Secret",
    "Unknown",
    "contains_secret",
    "contains_unknown",
    "from_struct",
    "mark_secrets",
    "reveal",
    "to_struct",
    "transform",
]

Properties = dict[str, Any]

SIG_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIG: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a type tag, the same in every Pulumi program)
RESOURCE_SIG: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_SIG: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
LARGEST_EXACT: Final = 2**53


class Unknown:
    """A value that nobody knows before the resource exists; only previews and failed runs have them."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must be shown to nobody, not even by repr."""

    value: Any = field(repr=False)


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Plain Python of a Struct: whole numbers become ints, signatures become `UNKNOWN` and `Secret`."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and abs(number) <= LARGEST_EXACT else number
        case "string_value":
            return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return _from_object(from_struct(value.struct_value))
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case _:
            return None


def _from_object(found: Properties) -> Any:
    match found.get(SIG_KEY):
        case str(sig) if sig == SECRET_SIG:
            return Secret(found.get("value"))
        case str(sig) if sig == OUTPUT_SIG:
            inner = found.get("value", UNKNOWN)
            return Secret(inner) if found.get("secret") else inner
        case _:
            return found


def to_struct(properties: Mapping[str, Any], *, secrets: bool = True) -> struct_pb2.Struct:
    """The Struct of plain Python; without `secrets` their values stand bare, for those who do not take secrets."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        struct.fields[key].CopyFrom(_to_value(value, secrets=secrets))
    return struct


def _to_value(value: Any, *, secrets: bool) -> struct_pb2.Value:  # noqa: PLR0911 (one line for each JSON kind)
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case Unknown():
            return struct_pb2.Value(string_value=UNKNOWN_TEXT)
        case Secret() if secrets:
            return _to_value({SIG_KEY: SECRET_SIG, "value": value.value}, secrets=True)
        case Secret():
            return _to_value(value.value, secrets=False)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case list() | tuple():
            items = cast("Iterable[Any]", value)
            listed = struct_pb2.ListValue(values=[_to_value(item, secrets=secrets) for item in items])
            return struct_pb2.Value(list_value=listed)
        case dict():
            return struct_pb2.Value(struct_value=to_struct(cast("Properties", value), secrets=secrets))
        case _:
            raise TypeError(f"{type(value).__name__} is no property value")


def transform(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with `change` done to every part of it, inner parts first."""
    match value:
        case dict():
            changed: Any = {key: transform(item, change) for key, item in cast("Properties", value).items()}
        case list():
            changed = [transform(item, change) for item in cast("list[Any]", value)]
        case Secret():
            changed = Secret(transform(value.value, change))
        case _:
            changed = value
    return change(changed)


def reveal(value: Any) -> Any:
    """The value without its secret marks."""
    return transform(value, lambda part: part.value if isinstance(part, Secret) else part)


def contains_secret(value: Any) -> bool:
    match value:
        case Secret():
            return True
        case dict():
            return any(contains_secret(item) for item in cast("Properties", value).values())
        case list():
            return any(contains_secret(item) for item in cast("list[Any]", value))
        case _:
            return False


def contains_unknown(value: Any) -> bool:
    match value:
        case Unknown():
            return True
        case Secret():
            return contains_unknown(value.value)
        case dict():
            return any(contains_unknown(item) for item in cast("Properties", value).values())
        case list():
            return any(contains_unknown(item) for item in cast("list[Any]", value))
        case _:
            return False


def mark_secrets(values: Mapping[str, Any], like: Mapping[str, Any]) -> Properties:
    """The values, secret wherever `like` is: for those who were shown the values bare."""
    return {key: _mark(value, like[key]) if key in like else value for key, value in values.items()}


def _mark(value: Any, like: Any) -> Any:
    if isinstance(like, Secret):
        return value if isinstance(value, Secret) else Secret(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return mark_secrets(cast("Properties", value), cast("Properties", like))
    if isinstance(value, list) and isinstance(like, list):
        items, others = cast("list[Any]", value), cast("list[Any]", like)
        return [_mark(item, others[i]) if i < len(others) else item for i, item in enumerate(items)]
    return cast("Any", value)
