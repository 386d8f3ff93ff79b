"""Resource providers, the subscription, tenants: documents that clients look up before they act.

Owns: these documents and which namespaces are registered.
"""

from typing import Any

from localazure.arm.locations import LOCATIONS
from localazure.arm.table import NAMESPACES, TABLE, supported_types
from localazure.errors import AzureError
from localazure.store import Store

__all__ = ["locations_document", "provider", "providers", "register", "registered", "subscription", "tenant"]

_KIND = "provider"


def registered(store: Store, namespace: str) -> bool:
    """All namespaces start registered; `unregister` is remembered."""
    return store.get(_KIND, namespace.lower()) is None


def register(store: Store, namespace: str, subscription_id: str, *, on: bool) -> dict[str, Any]:
    known = _known(namespace)
    if on:
        store.delete(_KIND, known.lower())
    else:
        store.put(_KIND, known.lower(), {"state": "NotRegistered"})
    return provider(store, known, subscription_id)


def provider(store: Store, namespace: str, subscription_id: str) -> dict[str, Any]:
    known = _known(namespace)
    types = [name.split("/", 1)[1] for name in supported_types() if name.startswith(f"{known}/")]
    if known == "Microsoft.Resources":
        types = ["resourceGroups", "subscriptions", "tags", "deployments", "deployments/operations"]
    return {
        "id": f"/subscriptions/{subscription_id}/providers/{known}",
        "namespace": known,
        "registrationState": "Registered" if registered(store, known) else "NotRegistered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {
                "resourceType": leaf,
                "locations": list(LOCATIONS.values()),
                "apiVersions": [_api_version(f"{known}/{leaf}")],
                "defaultApiVersion": _api_version(f"{known}/{leaf}"),
                "capabilities": "SupportsTags, SupportsLocation",
            }
            for leaf in types
        ],
    }


def providers(store: Store, subscription_id: str) -> list[dict[str, Any]]:
    return [provider(store, name, subscription_id) for name in NAMESPACES]


def subscription(subscription_id: str, tenant_id: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription_id}",
        "subscriptionId": subscription_id,
        "tenantId": tenant_id,
        "displayName": "Local Azure",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def tenant(tenant_id: str) -> dict[str, Any]:
    return {
        "id": f"/tenants/{tenant_id}",
        "tenantId": tenant_id,
        "displayName": "Local Azure",
        "defaultDomain": "localazure.onmicrosoft.com",
        "tenantCategory": "Home",
        "domains": ["localazure.onmicrosoft.com"],
        "tenantType": "AAD",
    }


def locations_document(subscription_id: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"/subscriptions/{subscription_id}/locations/{name}",
            "name": name,
            "type": "Region",
            "displayName": shown,
            "regionalDisplayName": shown,
            "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
        }
        for name, shown in LOCATIONS.items()
    ]


def _known(namespace: str) -> str:
    known = next((name for name in NAMESPACES if name.lower() == namespace.lower()), None)
    if known is None:
        raise AzureError(
            404,
            "InvalidResourceNamespace",
            f"The resource namespace '{namespace}' is invalid: the local Azure lacks it.",
        )
    return known


def _api_version(type_name: str) -> str:
    row = TABLE.get(type_name.lower())
    return "2024-01-01" if row is None else row.api_version
