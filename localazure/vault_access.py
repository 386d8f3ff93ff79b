"""Who may call a vault: a bearer token with the data action, or with a permission of an access policy.

Owns: joining `entra`, `arm` and `vault`, which do not know each other; the challenge that says where to sign in.
"""

from collections.abc import Callable, Collection, Iterable

from starlette.requests import Request

from localazure.arm.authorization import Authorization
from localazure.arm.vaults import KeyVault, KeyVaults
from localazure.entra.tokens import Tokens
from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.settings import Settings
from localazure.vault.routes import Door
from localazure.vault.seams import Need

__all__ = ["vault_door"]

_ONLY_AUDIENCE_OF_AZURE = "https://vault.azure.net"
_CODES = {"InvalidAuthenticationTokenAudience": "AKV10022: Invalid audience.", "AuthenticationFailed": "AKV10000:"}


Groups = Callable[[str], Collection[str]]


def vault_door(
    vaults: KeyVaults, tokens: Tokens, authorization: Authorization, settings: Settings, *, groups_of: Groups
) -> Door:
    """The door of all vaults of one local Azure. `groups_of` names the groups that a principal is in."""
    # Clients check that the resource they are to ask a token for ends like the host they called, port and all.
    resource = f"https://{settings.vault_suffix}"
    issuer = f"https://sts.windows.net/{settings.tenant_id}/"
    challenge = f'Bearer authorization="{settings.origin}/{settings.tenant_id}", resource="{resource}"'

    def authenticate(request: Request) -> Caller:
        try:
            return tokens.verify(request.headers.get("authorization"), (resource, _ONLY_AUDIENCE_OF_AZURE))
        except AzureError as error:
            message = f"{_CODES.get(error.code, 'AKV10032:')} {error.message}"
            raise AzureError(401, "Unauthorized", message, headers={"WWW-Authenticate": challenge}) from error

    def door(request: Request, need: Need | None, secret: str | None = None) -> KeyVault:
        name = request.path_params["vault"]
        vault = vaults.by_name(name)
        if vault is None:
            raise AzureError(
                404, "VaultNotFound", f"The vault '{name}' does not exist here, is deleted, or is not ready yet."
            )
        caller = authenticate(request)
        _check_network(vault, request)
        if need is not None:
            who = f"appid={caller.app_id};oid={caller.object_id};iss={issuer}"
            if vault.rbac:
                _check_role(vault, authorization, caller, need, secret=secret, who=who)
            else:
                _check_policy(vault, (caller.object_id, *groups_of(caller.object_id)), need, who=who)
        return vault

    return door


def _check_network(vault: KeyVault, request: Request) -> None:
    address = "127.0.0.1" if request.client is None else request.client.host
    if address == "::1":
        address = "127.0.0.1"  # the firewall of a vault knows IPv4 only, and this is the same machine
    if not vault.public:
        raise AzureError(
            403,
            "Forbidden",
            "Public network access is disabled and request is not from a trusted service nor via an approved private "
            f"link.\r\nVault: {vault.name};location={vault.location}",
            inner=("ForbiddenByConnection", ""),
        )
    if not vault.reachable_from(address):
        raise AzureError(
            403,
            "Forbidden",
            f"Client address is not authorized and caller is not a trusted service.\r\nClient address: {address}\r\n"
            f"Vault: {vault.name};location={vault.location}",
            inner=("ForbiddenByFirewall", ""),
        )


def _check_policy(vault: KeyVault, names: Iterable[str], need: Need, *, who: str) -> None:
    if not vault.permits(names, need.permission):
        raise AzureError(
            403,
            "Forbidden",
            f"The user, group or application '{who}' does not have secrets {need.permission} permission on key "
            f"vault '{vault.name};location={vault.location}'.",
            inner=("AccessDenied", ""),
        )


def _check_role(
    vault: KeyVault, authorization: Authorization, caller: Caller, need: Need, *, secret: str | None, who: str
) -> None:
    scope = f"{vault.id}/secrets/{secret}" if secret else vault.id
    if not authorization.allowed(caller.object_id, scope, need.action, data=True):
        raise AzureError(
            403,
            "Forbidden",
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
            f"definitions were changed recently, please observe propagation time.\r\nCaller: {who}\r\n"
            f"Action: '{need.action}'\r\nResource: '{scope.lower()}'\r\nAssignment: (not found)\r\n"
            f"Vault: {vault.name};location={vault.location}\r\n",
            inner=("ForbiddenByRbac", ""),
        )
