"""How somebody is signed in to Azure on this machine, as variables and files tell; nothing is asked over the net.

Owns: the ways that both azure-identity and the Pulumi provider know, in the provider's order, and the variables by
which the provider is told what azure-identity would find.
Leaves: getting tokens to `credentials.py`, whether they are accepted to Azure. No secret leaves the variables.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from automation.errors import ConfigError

__all__ = ["SignIn", "find_sign_in", "provider_variables", "require_sign_in"]

HINT = (
    "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_SUBSCRIPTION_ID;"
    " `visionlab doctor` shows what is found"
)
_TRUE = ("1", "true", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One way to be somebody on Azure.

    Attributes:
        way: For people, like "service principal with a secret ".
        subscription_id: The subscription that is named with it, or None.
        tenant_id: The directory, or None.
        missing: Variables that this way lacks; with them it cannot work.
    """

    way: str
    subscription_id: str | None = None
    tenant_id: str | None = None
    missing: tuple[str, ...] = ()


def find_sign_in(environment: Mapping[str, str]) -> SignIn | None:
    """The way that would be taken, complete or not; None when there is none at all."""
    subscription, tenant = _either(environment, "SUBSCRIPTION_ID"), _either(environment, "TENANT_ID")
    way = _by_variables(environment)
    if way is not None:
        name, needed = way
        missing = tuple(f"AZURE_{part}" for part in needed if not _either(environment, part))
        return SignIn(way=name, subscription_id=subscription, tenant_id=tenant, missing=missing)
    chosen = _az_account(environment)
    if chosen is None:
        return None
    return SignIn(
        way="Azure's command line (az login)",
        subscription_id=subscription or chosen.get("id"),
        tenant_id=tenant or chosen.get("tenantId"),
    )


def require_sign_in(environment: Mapping[str, str], *, stack: str) -> SignIn:
    """The way that will be taken. Raises ConfigError when nobody is signed in, or no subscription is named."""
    found = find_sign_in(environment)
    if found is None:
        raise ConfigError(f"nobody is signed in to Azure, which the stack {stack!r} is on", hint=HINT)
    if found.missing:
        raise ConfigError(f"signing in to Azure as {found.way} lacks {', '.join(found.missing)}", hint=HINT)
    if not found.subscription_id:
        raise ConfigError(
            f"the stack {stack!r} is on Azure, and no subscription is named",
            hint="set AZURE_SUBSCRIPTION_ID, or run `az account set --subscription ...`",
        )
    return found


def provider_variables(environment: Mapping[str, str], found: SignIn) -> dict[str, str]:
    """What azure-native reads, from what azure-identity reads; variables that are set already are left alone."""
    wanted = {
        "ARM_SUBSCRIPTION_ID": found.subscription_id,
        "ARM_TENANT_ID": found.tenant_id,
        "ARM_CLIENT_ID": environment.get("AZURE_CLIENT_ID"),
        "ARM_CLIENT_SECRET": environment.get("AZURE_CLIENT_SECRET"),
        "ARM_CLIENT_CERTIFICATE_PATH": environment.get("AZURE_CLIENT_CERTIFICATE_PATH"),
        "ARM_CLIENT_CERTIFICATE_PASSWORD": environment.get("AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        "ARM_OIDC_TOKEN_FILE_PATH": environment.get("AZURE_FEDERATED_TOKEN_FILE"),
        "ARM_USE_OIDC": "true" if environment.get("AZURE_FEDERATED_TOKEN_FILE") else None,
    }
    return {name: value for name, value in wanted.items() if value and not environment.get(name)}


def _by_variables(environment: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
    """The way that variables name, and what it needs besides."""
    if _either(environment, "CLIENT_CERTIFICATE_PATH"):
        return "service principal with a certificate", ("CLIENT_ID", "TENANT_ID")
    if _either(environment, "CLIENT_SECRET"):
        return "service principal with a secret", ("CLIENT_ID", "TENANT_ID")
    if environment.get("ARM_USE_OIDC", "").lower() in _TRUE or environment.get("AZURE_FEDERATED_TOKEN_FILE"):
        return "federated token (OIDC)", ("CLIENT_ID", "TENANT_ID")
    if environment.get("ARM_USE_MSI", "").lower() in _TRUE or environment.get("IDENTITY_ENDPOINT"):
        return "managed identity", ()
    return None


def _either(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(f"ARM_{name}") or environment.get(f"AZURE_{name}") or None


def _az_account(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """The subscription that `az` has chosen, from its own file; None when nobody is signed in there."""
    if shutil.which("az", path=environment.get("PATH")) is None:
        return None
    home = environment.get("HOME") or environment.get("USERPROFILE") or "."
    folder = Path(environment.get("AZURE_CONFIG_DIR") or Path(home) / ".azure")
    try:
        found: Any = json.loads((folder / "azureProfile.json").read_text("utf-8-sig"))
        accounts = cast("list[dict[str, Any]]", found["subscriptions"])
        return next((account for account in accounts if account.get("isDefault")), accounts[0])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
