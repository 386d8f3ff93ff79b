"""Computing: expressions, and whole values of a template with the expressions and loops inside.

Owns: the walk over trees and values, what is computed lazily (if, and, or, lambdas), functions of the template's own.
Leaves: the functions to `functions_*.py`.
"""

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

from localazure.arm.deployments.arguments import Arguments, Function, find_key, text_of, type_of
from localazure.arm.deployments.failures import ExpressionError, missing_here
from localazure.arm.deployments.functions_place import PLACE_FUNCTIONS, list_function
from localazure.arm.deployments.functions_text import TEXT_FUNCTIONS
from localazure.arm.deployments.functions_time import TIME_FUNCTIONS
from localazure.arm.deployments.functions_values import VALUE_FUNCTIONS
from localazure.arm.deployments.scope import Scope
from localazure.arm.deployments.syntax import Call, Expression, Literal, expression_in
from localazure.arm.deployments.values import is_array, is_object

__all__ = ["MOST_COPIES", "evaluate", "loop_count", "resolve", "turns"]

MOST_COPIES = 800
_DEEPEST = 100
_PURE: Mapping[str, Function] = {**TEXT_FUNCTIONS, **VALUE_FUNCTIONS, **TIME_FUNCTIONS}
_ELSEWHERE = {
    "cidrhost", "cidrsubnet", "deployer", "externalinput", "getsecret", "managementgroup",
    "managementgroupresourceid", "parsecidr", "pickzones", "providers", "resourceinfo", "tologicalzone",
    "tologicalzones", "tophysicalzone", "tophysicalzones", "trygetparameter",
}  # fmt: skip
_LAMBDAS = {"filter", "groupby", "map", "mapvalues", "reduce", "sort", "toobject"}


def evaluate(tree: Expression, scope: Scope) -> Any:
    """The value of an expression. Raises ExpressionError, NeedsRuntime, or AzureError 501 for what is not here."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Call):
        return _call(tree, scope)
    return _property(evaluate(tree.of, scope), evaluate(tree.key, scope))


def resolve(value: Any, scope: Scope, path: str = "", depth: int = 0) -> Any:
    """A value of a template with every expression inside computed, names of properties and copy loops as well."""
    if depth > _DEEPEST:
        raise ExpressionError(f"The template is nested more than {_DEEPEST} levels deep.", path=path)
    scope.setting.fuel.burn()
    if isinstance(value, str):
        return _text(value, scope, path)
    if is_array(value):
        items: list[Any] = value
        return [resolve(item, scope, f"{path}[{at}]", depth + 1) for at, item in enumerate(items)]
    if not is_object(value):
        return value
    document: dict[str, Any] = value
    copies = document.get("copy")
    loops: list[Any] = copies if is_array(copies) and _are_loops(copies) else []
    result: dict[str, Any] = {}
    for name, inner in document.items():
        if name != "copy" or not loops:
            result[str(_text(name, scope, path))] = resolve(inner, scope, f"{path}.{name}".lstrip("."), depth + 1)
    for at, loop in enumerate(loops):
        where = f"{path}.copy[{at}]".lstrip(".")
        result[str(loop["name"])] = [
            resolve(loop["input"], turn, where, depth + 1) for turn in turns(loop, scope, where)
        ]
    return result


def turns(loop: Mapping[str, Any], scope: Scope, path: str, *, own: bool = False) -> list[Scope]:
    """The scopes of a loop's turns."""
    name = str(_text(str(loop.get("name", "")), scope, path))
    return [scope.within(name, index, own=own) for index in range(loop_count(loop, scope, path))]


def loop_count(loop: Mapping[str, Any], scope: Scope, path: str) -> int:
    count = resolve(loop.get("count"), scope, f"{path}.count")
    if not isinstance(count, int) or isinstance(count, bool):
        raise ExpressionError("The template copy definition expects an integer as its 'count'.", path=path)
    if not 0 <= count <= MOST_COPIES:
        raise ExpressionError(
            f"The template copy count '{count}' is outside of the limits: 0 to '{MOST_COPIES}'.", path=path
        )
    return count


def _are_loops(items: list[Any]) -> bool:
    return bool(items) and all(is_object(item) and {"name", "count", "input"} <= set(item) for item in items)


def _text(text: str, scope: Scope, path: str) -> Any:
    try:
        tree = expression_in(text)
        if tree is None:
            return text[1:] if text.startswith("[[") else text
        return evaluate(tree, scope)
    except ExpressionError as error:
        if not error.path:
            error.path = path
        raise
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", path=path) from None


def _call(tree: Call, scope: Scope) -> Any:
    name = tree.name.lower()
    if name in scope.functions:
        return _own_function(tree, scope)
    if name == "if":
        if len(tree.arguments) != 3:
            raise Arguments(tree.name, tree.arguments).wrong("expects '3' parameters")
        chosen = 1 if Arguments(tree.name, [evaluate(tree.arguments[0], scope)]).truth(0) else 2
        return evaluate(tree.arguments[chosen], scope)
    if name in {"and", "or"}:
        return _joined(tree, scope, stop=name == "or")
    if name in _LAMBDAS:
        return _with_lambda(tree, scope)
    return _ready(tree, name, scope)


def _ready(tree: Call, name: str, scope: Scope) -> Any:
    """A function that takes values."""
    if name == "lambda":
        raise Arguments(tree.name, ()).wrong("is not expected at this location")
    arguments = Arguments(tree.name, [evaluate(argument, scope) for argument in tree.arguments])
    if name in _PURE:
        _PURE[name].check(arguments)
        value = _PURE[name].act(arguments)
        scope.setting.fuel.burn(value)
        return value
    if name in PLACE_FUNCTIONS:
        return PLACE_FUNCTIONS[name](scope, arguments)
    if name.startswith("list"):
        return list_function(scope, arguments)
    if name in _ELSEWHERE:
        raise missing_here(f"The template function '{tree.name}'")
    raise arguments.wrong("is not valid")


def _joined(tree: Call, scope: Scope, *, stop: bool) -> bool:
    if not tree.arguments:
        raise Arguments(tree.name, ()).wrong("expects at least '1' parameter(s)")
    return any(
        Arguments(tree.name, [evaluate(argument, scope)]).truth(0) is stop for argument in tree.arguments
    ) is stop  # fmt: skip


def _property(value: Any, key: Any) -> Any:
    if is_array(value):
        items: list[Any] = value
        if isinstance(key, bool) or not isinstance(key, int):
            raise ExpressionError(f"The language expression property array index '{text_of(key)}' is not an integer.")
        if not 0 <= key < len(items):
            raise ExpressionError(
                f"The language expression property array index '{key}' is out of bounds: it has {len(items)} items."
            )
        return items[key]
    if is_object(value):
        document: Mapping[str, Any] = value
        found = find_key(document, text_of(key))
        if found is not None:
            return document[found]
        there = ", ".join(list(document)[:20])
        raise ExpressionError(
            f"The language expression property '{text_of(key)}' doesn't exist, available properties are '{there}'."
        )
    kind = type_of(value)
    raise ExpressionError(
        f"The language expression property '{text_of(key)}' can't be evaluated: the value is of type '{kind}'."
    )


def _own_function(tree: Call, scope: Scope) -> Any:
    function = scope.functions[tree.name.lower()]
    declared: list[Mapping[str, Any]] = function.get("parameters") or []
    wanted = [str(parameter.get("name", "")).lower() for parameter in declared]
    values = [evaluate(argument, scope) for argument in tree.arguments]
    if len(values) != len(wanted):
        raise Arguments(tree.name, values).wrong(f"expects '{len(wanted)}' parameter(s)")
    given = dict(zip(wanted, values, strict=True))
    inner = Scope(setting=scope.setting, parameter=lambda name: given[name.lower()], runtime=scope.runtime)
    output: Mapping[str, Any] = function.get("output") or {}
    return resolve(output.get("value"), inner)


def _with_lambda(tree: Call, scope: Scope) -> Any:
    name, arguments = tree.name.lower(), tree.arguments
    if len(arguments) < 2:
        raise Arguments(tree.name, arguments).wrong("expects items and a lambda")
    items = Arguments(tree.name, [evaluate(arguments[0], scope)])
    act = _lambda(tree, arguments[-1 if name in {"reduce", "sort"} else 1], scope)
    if name == "reduce":
        value = evaluate(arguments[1], scope)
        for item in items.array(0):
            value = act(value, item)
        return value
    if name == "mapvalues":
        return {key: act(value) for key, value in items.document(0).items()}
    if name in {"filter", "map"}:
        values = [(item, act(item)) for item in items.array(0)]
        return [item for item, kept in values if kept is True] if name == "filter" else [made for _, made in values]
    if name == "sort":
        return sorted(items.array(0), key=cmp_to_key(lambda one, other: -1 if act(one, other) else 1))
    return _keyed(tree, name, items, act, scope)


def _keyed(tree: Call, name: str, items: Arguments, act: Callable[..., Any], scope: Scope) -> Any:
    """The two that make objects: groupBy and toObject."""
    arguments = tree.arguments
    if name == "groupby":
        groups: dict[str, list[Any]] = {}
        for item in items.array(0):
            groups.setdefault(text_of(act(item)), []).append(item)
        return groups
    value_of = _lambda(tree, arguments[2], scope) if len(arguments) > 2 else None
    return {text_of(act(item)): value_of(item) if value_of else item for item in items.array(0)}


def _lambda(tree: Call, argument: Expression, scope: Scope) -> Callable[..., Any]:
    if not isinstance(argument, Call) or argument.name.lower() != "lambda" or not argument.arguments:
        raise Arguments(tree.name, ()).wrong("expects a lambda")
    *names, body = argument.arguments

    def act(*values: Any) -> Any:
        inner = scope
        for name, value in zip(names, values, strict=False):
            inner = inner.knowing(str(evaluate(name, scope)), value)
        return evaluate(body, inner)

    return act
