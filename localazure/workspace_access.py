"""Who may use a workspace's data planes, labeling and run history: a bearer token and the role's action.

Owns: joining `entra` and `arm` with `labeling` and `ml`, which do not know each other. Leaves: what these do to them.
"""

from collections.abc import Callable

from starlette.requests import Request

from localazure.arm.authorization import Authorization
from localazure.arm.resources import Resources
from localazure.entra.tokens import Tokens
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["workspace_gate"]

_ML = "Microsoft.MachineLearningServices/workspaces"


def workspace_gate(
    resources: Resources, tokens: Tokens, authorization: Authorization, origin: str
) -> Callable[[Request, str, str], Caller]:
    """A function of request, workspace id and action (such as labeling/labels/write); AzureError 401, 403 or 404."""
    audiences = ("https://ml.azure.com", origin, "https://management.azure.com")

    def admit(request: Request, workspace_id: str, action: str) -> Caller:
        caller = tokens.verify(request.headers.get("authorization"), audiences)
        workspace = resources.get(workspace_id)
        if workspace is None or workspace.get("type") != _ML:
            raise AzureError(404, "ResourceNotFound", f"There is no workspace '{workspace_id}'.")
        authorization.require(caller, workspace["id"], f"{_ML}/{action}")
        return caller

    return admit
