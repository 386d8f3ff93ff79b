"""Who may use the endpoints below /_local: whoever can read endpoint.json, where the admin token stands.

Owns: the check. Leaves: making the token to `settings.py`.
"""

import hmac

from starlette.requests import Request

from localazure.errors import AzureError

__all__ = ["check_admin"]


def check_admin(request: Request, admin_token: str) -> None:
    """AzureError 401 unless the request has the admin token as a bearer token."""
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {admin_token}".encode()):
        raise AzureError(401, "AuthenticationFailed", "The admin token of endpoint.json is needed here.")
