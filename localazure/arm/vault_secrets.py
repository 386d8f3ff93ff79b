"""Secrets of vaults by Resource Manager: vaults/{vault}/secrets/{name}.

Owns: finding the vault and what a template may do to its secrets. Leaves: the secrets to the vault service, which
`app.py` hands in.
"""

from localazure.arm import locks
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.ids import Target
from localazure.arm.types import World
from localazure.arm.vaults import KeyVault, KeyVaults
from localazure.errors import AzureError

__all__ = ["SECRETS", "get_secret", "list_secrets", "patch_secret", "put_secret"]

SECRETS = "Microsoft.KeyVault/vaults/secrets"


def put_secret(world: World, request: ArmRequest) -> Answer:
    locks.check_write(world.resources, request.target.id)
    document, made = world.secrets.put(_vault(world, request.target), request.target.name or "", request.body)
    return Answer(status=201 if made else 200, body=document)


def patch_secret(world: World, request: ArmRequest) -> Answer:
    locks.check_write(world.resources, request.target.id)
    vault = _vault(world, request.target)
    return Answer(body=world.secrets.patch(vault, request.target.name or "", request.body))


def get_secret(world: World, request: ArmRequest) -> Answer:
    return Answer(body=world.secrets.get(_vault(world, request.target), request.target.name or ""))


def list_secrets(world: World, request: ArmRequest) -> list[dict[str, object]]:
    return list(world.secrets.list(_vault(world, request.target)))


def _vault(world: World, target: Target) -> KeyVault:
    vault = KeyVaults(world.resources).by_id(target.parent)
    if vault is None:
        raise AzureError(404, "ParentResourceNotFound", f"The parent resource '{target.parent}' could not be found.")
    return vault
