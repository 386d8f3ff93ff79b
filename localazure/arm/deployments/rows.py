"""The paths of deployments, as rows of ARM's list of paths.

Owns: which path is which request. Leaves: the list itself to `arm/paths.py`.
"""

from collections.abc import Callable, Mapping

from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.deployments.service import Deployments
from localazure.arm.ids import parse

__all__ = ["BARE_ROWS", "DEPLOYMENT_ROWS", "Row"]

Row = tuple[str, str, Callable[[Deployments, ArmRequest, Mapping[str, str]], Answer]]

_ALL = "{scope:path}/providers/Microsoft.Resources/deployments"
_ONE = f"{_ALL}/{{name}}"


def _operation(deployments: Deployments, request: ArmRequest, parts: Mapping[str, str]) -> Answer:
    return deployments.operation(parse(request.target.id.rsplit("/", 2)[0]), parts["operation"])


DEPLOYMENT_ROWS: tuple[Row, ...] = (
    ("GET", _ALL, lambda d, r, _p: d.list(r)),
    ("PUT", _ONE, lambda d, r, _p: d.put(r)),
    ("GET", _ONE, lambda d, r, _p: d.get(r)),
    ("HEAD", _ONE, lambda d, r, _p: d.head(r)),
    ("DELETE", _ONE, lambda d, r, _p: d.delete(r)),
    ("POST", f"{_ONE}/validate", lambda d, r, _p: d.validate(r)),
    ("POST", f"{_ONE}/whatIf", lambda d, r, _p: d.what_if(r)),
    ("POST", f"{_ONE}/cancel", lambda d, r, _p: d.cancel(r)),
    ("POST", f"{_ONE}/exportTemplate", lambda d, r, _p: d.export(r)),
    ("GET", f"{_ONE}/operations", lambda d, r, _p: d.operations(r, parse(r.target.id.rsplit("/", 1)[0]))),
    ("GET", f"{_ONE}/operations/{{operation}}", _operation),
)

# These check the caller's role themselves: their path does not name the type.
_BARE = "/subscriptions/{subscription}/resourceGroups/{group}/deployments/{name}/operations"
BARE_ROWS: tuple[Row, ...] = (
    ("GET", _BARE, lambda d, r, _p: d.bare_operations(r)),
    ("GET", f"{_BARE}/{{operation}}", lambda d, r, _p: d.bare_operations(r)),
)
