"""Networks and projections as named arrays, for model files.

Owns: the names (`head0.w1`), the shapes, and the way back. Leaves: the file to `model_file.py`.
"""

from collections.abc import Mapping

from localazure.training.arrays import F32
from localazure.training.errors import ModelFileError
from localazure.training.mlp import EXTRAS, Mlp
from localazure.training.model_file import Meta, Shapes
from localazure.training.projection import Projection

__all__ = [
    "class_names",
    "mlp_arrays",
    "mlp_from",
    "mlp_shapes",
    "projection_arrays",
    "projection_from",
    "projection_shapes",
    "whole_number",
]

_MOST_CLASSES = 500
_LONGEST_NAME = 1000
_WEIGHTS = ("w1", "b1", "w2", "b2", "w3", "b3")


def mlp_arrays(name: str, network: Mlp) -> dict[str, F32]:
    return {f"{name}.{field}": getattr(network, field) for field in ("mean", "spread", *_WEIGHTS)}


def mlp_shapes(
    name: str, *, inputs: int, hidden: int, classes: int, extras: bool = False
) -> dict[str, tuple[int, ...]]:
    outputs = classes + (EXTRAS if extras else 0)
    weights = [(inputs, hidden), (hidden,), (hidden, hidden), (hidden,), (hidden, outputs), (outputs,)]
    shapes: dict[str, tuple[int, ...]] = {f"{name}.mean": (inputs,), f"{name}.spread": (inputs,)}
    return shapes | {f"{name}.{field}": shape for field, shape in zip(_WEIGHTS, weights, strict=True)}


def mlp_from(name: str, arrays: Mapping[str, F32], *, classes: int) -> Mlp:
    fields = {field: arrays[f"{name}.{field}"] for field in ("mean", "spread", *_WEIGHTS)}
    if not (fields["spread"] > 0).all():
        raise ModelFileError(f"{name}.spread holds values that are not above zero")
    return Mlp(classes=classes, **fields)


def projection_arrays(name: str, projection: Projection) -> dict[str, F32]:
    return {f"{name}.mean": projection.mean, f"{name}.spread": projection.spread, f"{name}.axes": projection.axes}


def projection_shapes(name: str, *, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.mean": (inputs,), f"{name}.spread": (inputs,), f"{name}.axes": (inputs, outputs)}


def projection_from(name: str, arrays: Mapping[str, F32]) -> Projection:
    mean, spread, axes = (arrays[f"{name}.{field}"] for field in ("mean", "spread", "axes"))
    if not (spread > 0).all():
        raise ModelFileError(f"{name}.spread holds values that are not above zero")
    return Projection(mean=mean, spread=spread, axes=axes)


def whole_number(meta: Meta, key: str, *, least: int, most: int) -> int:
    """A count from an untrusted description."""
    value: object = meta[key]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ModelFileError(f"{key} in the model file is no whole number from {least} to {most}")
    return value


def class_names(meta: Meta) -> tuple[str, ...]:
    """The classes from an untrusted description."""
    names: object = meta["classes"]
    if not isinstance(names, list) or not 1 <= len(names) <= _MOST_CLASSES:  # pyright: ignore[reportUnknownArgumentType] - counting only
        raise ModelFileError(f"classes in the model file are no list of 1 to {_MOST_CLASSES} names")
    good = [name for name in names if isinstance(name, str) and len(name) <= _LONGEST_NAME]  # pyright: ignore[reportUnknownVariableType] - the check makes it known
    if len(good) != len(names):  # pyright: ignore[reportUnknownArgumentType] - counting only
        raise ModelFileError("classes in the model file are no names")
    return tuple(good)
