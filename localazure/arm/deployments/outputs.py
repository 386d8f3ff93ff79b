"""The outputs of a template: computed when all resources are there, typed, secrets left out.

Leaves: the language to `evaluate.py`. Pure but for the Runtime of the scope.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.deployments.evaluate import resolve, turns
from localazure.arm.deployments.failures import ExpressionError
from localazure.arm.deployments.parameters import SECURE, check_type, declared_type, names_secret
from localazure.arm.deployments.scope import Scope
from localazure.arm.deployments.template import Template, section
from localazure.arm.deployments.values import is_object
from localazure.errors import AzureError

__all__ = ["outputs_of", "shown_type"]

_SHOWN = {"string": "String", "securestring": "SecureString", "int": "Int", "bool": "Bool", "array": "Array",
          "object": "Object", "secureobject": "SecureObject"}  # fmt: skip


def shown_type(kind: str) -> str:
    """A type as answers spell it."""
    return _SHOWN[kind]


def outputs_of(template: Template, scope: Scope) -> dict[str, Any]:
    """`{name: {type, value}}`. An output that mentions a secure parameter is secure, whatever its declared type.

    AzureError 400 DeploymentOutputEvaluationFailed with every output that failed in its details.
    """
    found: dict[str, Any] = {}
    problems: list[dict[str, object]] = []
    for name, declaration in template.outputs.items():
        try:
            value = _output(name, declaration, scope)
        except ExpressionError as error:
            problems.append({"code": "DeploymentOutputEvaluationFailed", "message": error.message, "target": name})
        except AzureError as error:
            problems.append({**error.error(), "target": name})
        else:
            found |= {} if value is None else {name: value}
    if problems:
        names = "', '".join(str(problem["target"]) for problem in problems)
        raise AzureError(
            400,
            "DeploymentOutputEvaluationFailed",
            f"Unable to evaluate template outputs: '{names}'. Please see error details and deployment operations. "
            "Please see https://aka.ms/arm-common-errors for usage details.",
            details=problems,
        )
    return found


def _output(name: str, declaration: Mapping[str, Any], scope: Scope) -> dict[str, Any] | None:
    path = f"outputs.{name}"
    if resolve(section(declaration, "condition"), scope, f"{path}.condition") is False:
        return None
    kind = declared_type(declaration, f"template output '{name}'")
    loop = section(declaration, "copy")
    if is_object(loop):
        named = {"name": name, **loop}
        value: Any = [resolve(loop.get("input"), turn, f"{path}.copy") for turn in turns(named, scope, path, own=True)]
    else:
        value = resolve(section(declaration, "value"), scope, f"{path}.value")
    if value is None and section(declaration, "nullable") is True:
        return {"type": shown_type(kind), "value": None}
    check_type(value, kind, f"The template output '{name}'")
    if kind in SECURE or names_secret(dict(declaration), scope.secret):
        return {"type": "SecureObject" if is_object(value) else "SecureString"}
    return {"type": shown_type(kind), "value": value}
