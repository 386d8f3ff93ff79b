"""Who may call the vision API: a key of the account, or a bearer token with the data action.

Owns: joining `entra`, `arm` and `vision`, which do not know each other. Leaves: what the API does to `vision`.
"""

import re
from collections.abc import Callable

from starlette.requests import Request

from localazure.arm.accounts import VisionAccount, VisionAccounts
from localazure.arm.authorization import Authorization
from localazure.entra.tokens import Tokens
from localazure.errors import AzureError

__all__ = ["vision_authenticate"]

_SUBDOMAIN = re.compile(r"^/cognitiveservices/([^/]+)/", re.IGNORECASE)
_NOUN = re.compile(r"/computervision/([A-Za-z]+)", re.IGNORECASE)
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
_AUDIENCES = ("https://cognitiveservices.azure.com",)


def vision_authenticate(
    accounts: VisionAccounts, tokens: Tokens, authorization: Authorization
) -> Callable[[Request], VisionAccount]:
    """A function that names the account of a request, or raises AzureError 401."""

    def authenticate(request: Request) -> VisionAccount:
        found = _SUBDOMAIN.match(request.url.path)
        subdomain = found[1] if found else None
        key = request.headers.get("ocp-apim-subscription-key")
        if key is not None:
            account = accounts.by_key(key)
            if account is None or (subdomain is not None and account.subdomain.lower() != subdomain.lower()):
                raise _no_access()
            return account
        bearer = request.headers.get("authorization")
        if bearer is None:
            raise _no_access()
        if subdomain is None:
            raise AzureError(
                400,
                "BadRequest",
                "Please provide a custom subdomain for token authentication, otherwise API key is required.",
            )
        caller = tokens.verify(bearer, _AUDIENCES)
        account = accounts.by_subdomain(subdomain)
        if account is None:
            raise _no_access()
        noun = _NOUN.search(request.url.path)
        leaf = noun[1].lower() if noun else "operations"
        action = f"Microsoft.CognitiveServices/accounts/ComputerVision/{leaf}/{_VERBS[request.method]}"
        if not authorization.allowed(caller.object_id, account.id, action, data=True):
            raise AzureError(
                401,
                "PermissionDenied",
                f"The principal `{caller.object_id}` lacks the required data action `{action}` to perform "
                f"`{request.method} {request.url.path}` operation.",
            )
        return account

    return authenticate


def _no_access() -> AzureError:
    return AzureError(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        "active subscription and use a correct regional API endpoint for your resource.",
    )
