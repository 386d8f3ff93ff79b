"""How Key Vault says no: its codes and sentences.

Owns: the errors of the data plane. Leaves: 401 and 403 for want of permission to `vault_access.py`.
"""

from localazure.errors import AzureError

__all__ = ["bad_parameter", "being_deleted", "disabled", "name_taken", "not_deleted", "not_found", "protected"]


def bad_parameter(message: str) -> AzureError:
    return AzureError(400, "BadParameter", message)


def not_found(what: str) -> AzureError:
    return AzureError(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {what} was not found in this key vault. If you recently deleted this secret you may "
        "be able to recover it using the correct recovery command.",
    )


def not_deleted(name: str) -> AzureError:
    return AzureError(404, "SecretNotFound", f"Deleted Secret not found: {name}")


def being_deleted(name: str) -> AzureError:
    return AzureError(
        409,
        "Conflict",
        f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, "
        "the secret can only be recovered or purged.",
        inner=("ObjectIsDeletedButRecoverable", ""),
    )


def name_taken(name: str) -> AzureError:
    return AzureError(409, "Conflict", f"Secret {name} already exists; a backup is restored under a free name only.")


def disabled(operation: str) -> AzureError:
    return AzureError(
        403, "Forbidden", f"Operation {operation} is not allowed on a disabled secret.", inner=("SecretDisabled", "")
    )


def protected(vault: str, location: str) -> AzureError:
    return AzureError(
        403,
        "Forbidden",
        'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will '
        f"automatically purge it after the retention period has passed.\r\nVault: {vault};location={location}",
    )
