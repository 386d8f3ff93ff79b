"""Row of the type table: key vaults.

Owns: what a vault computes and refuses. Leaves: secrets to `localazure.vault`, which sees vaults by `vaults.py`.
"""

from typing import Any

from localazure.arm.checks import bad_request, check_kinds, child, is_guid
from localazure.arm.types import CreateStyle, Making, ResourceType, SoftDelete
from localazure.errors import AzureError

__all__ = ["VAULT", "VAULT_NAME", "VAULT_TYPES", "check_policies"]

VAULT = "Microsoft.KeyVault/vaults"
VAULT_NAME = r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]"
_MOST_POLICIES = 1024
_KINDS = ("keys", "secrets", "certificates", "storage")


def check_policies(policies: object) -> list[dict[str, Any]]:
    """Access policies as they are kept; AzureError 400 names what is wrong in them."""
    if not isinstance(policies, list) or not all(isinstance(policy, dict) for policy in policies):  # pyright: ignore[reportUnknownVariableType] JSON
        raise bad_request("BadRequest", "'accessPolicies' must be a list of objects.", target="accessPolicies")
    checked: list[dict[str, Any]] = policies  # pyright: ignore[reportUnknownVariableType] JSON
    if len(checked) > _MOST_POLICIES:
        raise bad_request("BadRequest", f"A vault has at most {_MOST_POLICIES} access policies.")
    for policy in checked:
        check_kinds(policy, {str: ("tenantId", "objectId", "applicationId"), dict: ("permissions",)})
        if not is_guid(str(policy.get("tenantId", ""))) or not policy.get("objectId"):
            raise bad_request("BadRequest", "An access policy needs a tenantId, which is a GUID, and an objectId.")
        permissions = child(policy, "permissions")
        for kind, granted in permissions.items():
            texts = isinstance(granted, list) and all(isinstance(name, str) for name in granted)  # pyright: ignore[reportUnknownVariableType] JSON
            if kind not in _KINDS or not (texts or granted is None):
                raise bad_request("BadRequest", f"'permissions.{kind}' must be a list of texts: {', '.join(_KINDS)}.")
    return checked


def _make_vault(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    if properties.pop("createMode", "default") == "recover":
        if making.old is None:
            raise AzureError(
                404, "DeletedVaultNotFound", f"There is no deleted vault '{making.resource['name']}' to recover."
            )
    elif not properties.get("enableRbacAuthorization") and "accessPolicies" not in properties:
        raise bad_request("BadRequest", "The parameter accessPolicies is not specified.", target="accessPolicies")
    if properties.get("enablePurgeProtection") is False:
        raise bad_request(
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is '
            "an irreversible action.",
        )
    if properties.get("enableSoftDelete") is False:
        raise bad_request(
            "BadRequest",
            'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the soft delete '
            "for a vault is an irreversible action, and new vaults have it.",
        )
    if old.get("enablePurgeProtection"):
        properties["enablePurgeProtection"] = True
    days = properties.setdefault("softDeleteRetentionInDays", old.get("softDeleteRetentionInDays", 90))
    if not 7 <= days <= 90:
        raise bad_request("BadRequest", "softDeleteRetentionInDays must be between 7 and 90.")
    if days != old.get("softDeleteRetentionInDays", days):
        raise bad_request(
            "BadRequest", "The property softDeleteRetentionInDays has been set already and it can't be modified."
        )
    check_policies(properties.setdefault("accessPolicies", []))
    properties.setdefault("enabledForDeployment", False)
    properties.setdefault("enableRbacAuthorization", False)
    properties.setdefault("publicNetworkAccess", "Enabled")
    host = f"://{making.resource['name'].lower()}.vault.localhost"
    properties |= {"enableSoftDelete": True, "vaultUri": making.world.origin.replace("://localhost", host) + "/"}


VAULT_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=VAULT,
        api_version="2024-11-01",
        create=CreateStyle.BODY,
        create_s=0.3,
        unsettled="RegisteringDns",
        name_rule=VAULT_NAME,
        bad_name=(
            "VaultNameNotValid",
            (
                "The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
                "name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
            ),
        ),
        located=True,
        required=("properties.tenantId", "properties.sku.name"),
        texts=("properties.tenantId", "properties.createMode"),
        numbers=("properties.softDeleteRetentionInDays",),
        objects=("properties.sku", "properties.networkAcls"),
        make=_make_vault,
        soft=SoftDelete(
            days=90,
            status=409,
            code="ConflictError",
            message="A vault with the same name already exists in deleted state. You need to either recover or purge "
            "existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information "
            "on soft delete.",
            restores=lambda body: child(body, "properties").get("createMode") == "recover",
            everywhere=True,
        ),
        unique=("VaultAlreadyExists", "The vault name '{name}' is already in use. Vault names are globally unique."),
    ),
)
