"""Which unmodified client drives which operation of ARM, in tests/clients.

Owns: the list, client by client. Leaves: the operations to the tables, the page to `coverage.py`; a test checks that
each operation named here is one.
"""

from collections.abc import Mapping

__all__ = ["DRIVEN"]

_S = "/subscriptions/{subscription}"
_GROUP = f"{_S}/resourceGroups/{{group}}"
_COGNITIVE = f"{_S}/providers/Microsoft.CognitiveServices"
_VAULTS = f"{_S}/providers/Microsoft.KeyVault"
_POLLS = f"{_S}/providers/{{namespace}}/locations/{{location}}"
_TAGS = "{scope}/providers/Microsoft.Resources/tags/default"
_ROLES = "Microsoft.Authorization"

_BY_CLIENT: Mapping[str, tuple[str, ...]] = {
    "azure-mgmt-resource": (
        f"GET {_S}/resourceGroups",
        f"GET {_GROUP}",
        f"HEAD {_GROUP}",
        f"PUT {_GROUP}",
        f"PATCH {_GROUP}",
        f"DELETE {_GROUP}",
        f"GET {_GROUP}/resources",
        f"GET {_S}/resources",
        f"GET {_S}/operationresults/{{operation}}",
        f"GET {_S}/providers/{{namespace}}",
        f"POST {_S}/providers/{{namespace}}/register",
        f"POST {_S}/providers/{{namespace}}/unregister",
        *(f"{method} {_TAGS}" for method in ("GET", "PUT", "PATCH", "DELETE")),
        *(f"{method} {_ROLES}/locks" for method in ("PUT", "DELETE")),
        *(f"{method} Microsoft.ManagedIdentity/userAssignedIdentities" for method in ("PUT", "GET", "PATCH", "DELETE")),
    ),
    "azure-mgmt-storage": (
        *(f"{method} Microsoft.Storage/storageAccounts" for method in ("PUT", "GET", "PATCH", "DELETE", "LIST")),
        "POST Microsoft.Storage/storageAccounts/listkeys",
        "POST Microsoft.Storage/storageAccounts/regeneratekey",
        "PUT Microsoft.Storage/storageAccounts/blobServices/containers",
        "GET, PATCH, DELETE Microsoft.Storage/storageAccounts/blobServices/containers",
        "LIST Microsoft.Storage/storageAccounts/blobServices/containers",
        f"POST {_S}/providers/Microsoft.Storage/checkNameAvailability",
        f"GET {_POLLS}/operationResults/{{operation}}",
    ),
    "azure-mgmt-cognitiveservices": (
        *(f"{method} Microsoft.CognitiveServices/accounts" for method in ("PUT", "GET", "PATCH", "DELETE", "LIST")),
        "POST Microsoft.CognitiveServices/accounts/listkeys",
        "POST Microsoft.CognitiveServices/accounts/regeneratekey",
        f"GET {_GROUP}/providers/Microsoft.CognitiveServices/accounts/{{name}}/skus",
        f"POST {_COGNITIVE}/checkDomainAvailability",
        f"GET {_COGNITIVE}/deletedAccounts",
        f"GET {_COGNITIVE}/locations/{{location}}/resourceGroups/{{group}}/deletedAccounts/{{name}}",
        f"DELETE {_COGNITIVE}/locations/{{location}}/resourceGroups/{{group}}/deletedAccounts/{{name}}",
        f"GET {_POLLS}/operationStatuses/{{operation}}",
    ),
    "azure-mgmt-keyvault": (
        *(f"{method} Microsoft.KeyVault/vaults" for method in ("PUT", "GET", "PATCH", "DELETE", "LIST")),
        f"PUT {_GROUP}/providers/Microsoft.KeyVault/vaults/{{name}}/accessPolicies/{{how}}",
        f"POST {_VAULTS}/checkNameAvailability",
        f"GET {_VAULTS}/deletedVaults",
        f"GET {_VAULTS}/locations/{{location}}/deletedVaults/{{name}}",
        f"POST {_VAULTS}/locations/{{location}}/deletedVaults/{{name}}/purge",
    ),
    "azure-mgmt-authorization": (
        f"GET {{scope}}/providers/{_ROLES}/roleDefinitions",
        f"GET {{scope}}/providers/{_ROLES}/roleDefinitions/{{name}}",
        *(f"{method} {_ROLES}/roleDefinitions" for method in ("PUT", "DELETE")),
        *(f"{method} {_ROLES}/roleAssignments" for method in ("PUT", "GET", "DELETE", "LIST")),
    ),
}


def _by_operation() -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for client, operations in _BY_CLIENT.items():
        for operation in operations:
            found.setdefault(operation, []).append(client)
    return {operation: ", ".join(sorted(clients)) for operation, clients in found.items()}


DRIVEN: Mapping[str, str] = _by_operation()
