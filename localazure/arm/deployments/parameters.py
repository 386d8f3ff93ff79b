"""Parameters, variables and outputs: from what was sent to values of the declared types.

Owns: types, allowed values, bounds, defaults, what is secret, the scope that all else is computed in.
Leaves: the language to `evaluate.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from localazure.arm.deployments.arguments import find_key, json_text, same, type_of
from localazure.arm.deployments.evaluate import resolve
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime, invalid_template, missing_here
from localazure.arm.deployments.scope import Scope, Setting
from localazure.arm.deployments.syntax import Literal, calls, expression_in
from localazure.arm.deployments.template import Template, section
from localazure.arm.deployments.values import is_array, is_object

__all__ = ["SECURE", "check_outputs", "check_type", "declared_type", "names_secret", "scope_of", "settle"]

SECURE = ("securestring", "secureobject")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "string": ("String",),
    "securestring": ("String",),
    "int": ("Integer",),
    "bool": ("Boolean",),
    "array": ("Array",),
    "object": ("Object",),
    "secureobject": ("Object",),
}
_FILE_HELP = "Please see https://aka.ms/arm-create-parameter-file for usage details"


def declared_type(declaration: Mapping[str, Any], where: str) -> str:
    """The type in lower case; AzureError for one that does not exist."""
    if section(declaration, "$ref") is not None:
        raise missing_here("A type definition ($ref) of a template")
    kind = str(section(declaration, "type") or "").lower()
    if kind not in _KINDS:
        raise invalid_template(
            f"The {where} has an invalid type '{section(declaration, 'type')}'. Please see "
            "https://aka.ms/arm-syntax-parameters for usage details"
        )
    return kind


def check_type(value: Any, kind: str, where: str) -> None:
    actual = type_of(value)
    if actual not in _KINDS[kind]:
        raise invalid_template(
            f"{where}: template JToken type is not valid. Expected '{_KINDS[kind][0]}'. Actual '{actual}'. Please see "
            "https://aka.ms/arm-syntax-parameters for usage details"
        )


def settle(template: Template, sent: Mapping[str, Any] | None, setting: Setting) -> dict[str, Any]:
    """Every parameter's value. AzureError 400 InvalidTemplate when the sent ones do not fit the declared ones."""
    given = _given(template, sent or {})
    done: dict[str, Any] = {}
    waiting: list[str] = []
    names = {name.lower(): name for name in template.parameters}

    def look(wanted: str) -> Any:
        name = names[wanted.lower()]
        if name not in done:
            if name in waiting:
                raise ExpressionError(f"The template parameter '{name}' refers to itself.")
            waiting.append(name)
            done[name] = _value(name, template.parameters[name], given, scope)
        return done[name]

    scope = Scope(setting=setting, parameter=look, functions=template.functions, in_defaults=True)
    for name in template.parameters:
        try:
            look(name)
        except ExpressionError as error:
            raise invalid_template(
                f"The template parameter '{name}' is not valid: {error.message}", path=f"parameters.{name}"
            ) from None
        except NeedsRuntime as error:
            raise invalid_template(
                f"The template parameter '{name}' is not valid: The template function '{error.function}' is not "
                "expected at this location. Please see https://aka.ms/arm-functions for usage details",
                path=f"parameters.{name}",
            ) from None
    return done


def scope_of(template: Template, values: Mapping[str, Any], setting: Setting, hidden: Iterable[str] = ()) -> Scope:
    """The scope of a template whose parameters are settled. Variables are computed when they are asked for.

    `hidden` are parameters that carry secrets though they are not declared secure.
    """
    known = {name.lower(): value for name, value in values.items()}
    raw = {name.lower(): value for name, value in template.variables.items() if name.lower() != "copy"}
    loops = {str(loop["name"]).lower(): loop for loop in _variable_loops(template)}
    done: dict[str, Any] = {}
    waiting: list[str] = []

    def look(wanted: str) -> Any:
        name = wanted.lower()
        if name not in done:
            if name not in loops and name not in raw:
                raise KeyError(wanted)
            if name in waiting:
                raise ExpressionError(f"The template variable '{wanted}' refers to itself.")
            waiting.append(name)
            try:
                if name in loops:
                    done[name] = resolve({"copy": [loops[name]]}, scope, "variables")[str(loops[name]["name"])]
                else:
                    done[name] = resolve(raw[name], scope, f"variables.{wanted}")
            finally:
                waiting.remove(name)
        return done[name]

    scope = Scope(setting=setting, parameter=lambda name: known[name.lower()], variable=look)
    scope = replace(scope, functions=template.functions, secret=_secrets(template, hidden))
    return scope


def check_outputs(template: Template) -> None:
    """AzureError 400 for outputs without a known type or without a value."""
    for name, declaration in template.outputs.items():
        declared_type(declaration, f"template output '{name}'")
        if find_key(declaration, "value") is None and find_key(declaration, "copy") is None:
            raise invalid_template(
                f"The template output '{name}' is not valid: it lacks 'value'", path=f"outputs.{name}"
            )


def names_secret(value: Any, secret: frozenset[str]) -> bool:
    """Whether a value of a template mentions a secure parameter, or a variable that does."""
    if is_object(value):
        return any(names_secret(inner, secret) for pair in value.items() for inner in pair)
    if is_array(value):
        return any(names_secret(inner, secret) for inner in value)
    if not isinstance(value, str) or not secret:
        return False
    try:
        tree = expression_in(value)
    except ExpressionError:
        return False
    for call in calls(tree) if tree is not None else ():
        kind = call.name.lower()
        if kind not in {"parameters", "variables"} or len(call.arguments) != 1:
            continue
        name = call.arguments[0]
        if not isinstance(name, Literal) or f"{kind}.{name.value}".lower() in secret:
            return True
    return False


def _secrets(template: Template, hidden: Iterable[str]) -> frozenset[str]:
    """Secure parameters, and whatever is made of them: defaults of other parameters, variables."""
    found = {f"parameters.{name}".lower() for name in hidden} | {
        f"parameters.{name}".lower()
        for name, declaration in template.parameters.items()
        if str(section(declaration, "type")).lower() in SECURE
    }
    if not found:
        return frozenset()
    entries = [(f"variables.{name}", value) for name, value in template.variables.items() if name.lower() != "copy"]
    entries += [(f"variables.{loop['name']}", loop) for loop in _variable_loops(template)]
    entries += [
        (f"parameters.{name}", section(declaration, "defaultValue"))
        for name, declaration in template.parameters.items()
    ]
    while True:
        more = {name.lower() for name, value in entries if names_secret(value, frozenset(found))}
        if more <= found:
            return frozenset(found)
        found |= more


def _variable_loops(template: Template) -> list[Mapping[str, Any]]:
    loops = section(template.variables, "copy")
    if loops is None:
        return []
    entries: list[Any] = loops if is_array(loops) else [None]
    for entry in entries:
        if not is_object(entry) or not {"name", "count", "input"} <= set(entry):
            raise invalid_template("A copy of a variable needs 'name', 'count' and 'input'", path="variables.copy")
    return entries


def _given(template: Template, sent: Mapping[str, Any]) -> dict[str, Any]:
    strange = [name for name in sent if find_key(template.parameters, name) is None]
    if strange:
        raise invalid_template(
            f"The template parameters '{', '.join(strange)}' in the parameters file are not valid; they are not "
            "present in the original template and can therefore not be provided at deployment time. The only supported "
            f"parameters for this template are '{', '.join(template.parameters)}'. {_FILE_HELP}"
        )
    given: dict[str, Any] = {}
    for name, entry in sent.items():
        if not is_object(entry):
            raise invalid_template(f"The parameter '{name}' must be an object with 'value'. {_FILE_HELP}")
        if section(entry, "reference") is not None:
            raise missing_here("A parameter that is read from a key vault")
        if section(entry, "expression") is not None:
            raise missing_here("A parameter that is given by an expression")
        if "value" in entry:
            given[find_key(template.parameters, name) or name] = entry["value"]
    return given


def _value(name: str, declaration: Mapping[str, Any], given: Mapping[str, Any], scope: Scope) -> Any:
    kind = declared_type(declaration, f"template parameter '{name}'")
    nullable = section(declaration, "nullable") is True
    default = find_key(declaration, "defaultValue")
    if name in given and not (given[name] is None and (default is not None or nullable)):
        value = given[name]
        if kind == "int" and isinstance(value, float) and value.is_integer():
            value = int(value)
    elif default is not None:
        value = resolve(declaration[default], scope, f"parameters.{name}.defaultValue")
    elif nullable:
        return None
    else:
        raise invalid_template(f"The value for the template parameter '{name}' is not provided. {_FILE_HELP}")
    if value is None and nullable:
        return None
    check_type(value, kind, f"The template parameter '{name}'")
    _check_bounds(name, declaration, value, secret=kind in SECURE)
    return value


def _check_bounds(name: str, declaration: Mapping[str, Any], value: Any, *, secret: bool) -> None:
    allowed = section(declaration, "allowedValues")
    wrong = f"The provided value for the template parameter '{name}' is not valid."
    if is_array(allowed):
        options: list[Any] = allowed
        chosen: list[Any] = value if is_array(value) else [value]
        whole = any(same(option, value) for option in options)
        if not whole and not (is_array(value) and all(any(same(option, one) for option in options) for one in chosen)):
            shown = "" if secret else f" The value '{_shown(value)}' is not part of the allowed value(s):"
            listed = "" if secret else f" '{','.join(_shown(option) for option in options)}'."
            raise invalid_template(f"{wrong}{shown}{listed}")
    size = value if isinstance(value, int) else len(value) if isinstance(value, str) or is_array(value) else None
    words = ("minValue", "maxValue") if isinstance(value, int) else ("minLength", "maxLength")
    compare: tuple[Callable[[int, int], bool], ...] = (int.__lt__, int.__gt__)
    for word, outside in zip(words, compare, strict=True):
        bound = section(declaration, word)
        if isinstance(bound, int) and size is not None and not isinstance(value, bool) and outside(size, bound):
            what = "value" if words[0] == "minValue" else "length of the value"
            said = "" if secret else f" '{size}'"
            raise invalid_template(f"{wrong} The {what}{said} is outside of the bound '{word}' of '{bound}'")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)
