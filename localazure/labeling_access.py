"""Who may use a labeling project's data plane: the holder of a bearer token, or a person who is signed in.

Owns: joining `entra` and `arm` with `labeling`, which do not know each other. Leaves: tokens and roles of the
workspace to `workspace_access.py`, sessions and roles in a project to `labeling.door`.
"""

from collections.abc import Callable

from starlette.requests import Request

from localazure.arm.authorization import Authorization
from localazure.identity import Caller
from localazure.labeling.data_plane import DataGate
from localazure.labeling.people.cookies import check_client, session_token
from localazure.labeling.people.door import Door
from localazure.labeling.people.roles import ACTIONS, Asker, role_for

__all__ = ["labeling_gate"]

_ML = "Microsoft.MachineLearningServices/workspaces"


def labeling_gate(
    door: Door, authorization: Authorization, by_token: Callable[[Request, str, str], Caller]
) -> DataGate:
    """`by_token` admits by bearer token to a workspace; a request that has one is never looked at for a cookie."""

    def admit(request: Request, workspace_id: str, action: str) -> Asker:
        if request.headers.get("authorization") is None and (token := session_token(request)) is not None:
            check_client(request)
            return door.admit(token, workspace_id, request.path_params["name"], action)
        caller = by_token(request, workspace_id, action)
        view = authorization.view(caller.object_id)
        actions = frozenset(one for one in ACTIONS if view.allows(workspace_id, f"{_ML}/{one}", data=False))
        return Asker(
            identity=caller.object_id,
            name=caller.object_id,
            role=role_for(actions),
            actions=actions,
            by_token=True,
        )

    return admit
