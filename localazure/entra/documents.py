"""The documents that clients read before they ask for a token.

Owns: openid configuration, instance discovery, the cloud metadata of ARM. Pure functions of the origin and the tenant.
"""

__all__ = ["cloud_metadata", "instance_discovery", "openid_configuration"]


def openid_configuration(origin: str, tenant_id: str, *, v2: bool) -> dict[str, object]:
    base = f"{origin}/{tenant_id}"
    version = "/v2.0" if v2 else ""
    return {
        "token_endpoint": f"{base}/oauth2{version}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/v2.0" if v2 else f"https://sts.windows.net/{tenant_id}/",
        "authorization_endpoint": f"{base}/oauth2{version}/authorize",
        "device_authorization_endpoint": f"{base}/oauth2{version}/devicecode",
        "tenant_region_scope": None,
        "cloud_instance_name": "localhost",
    }


def instance_discovery(origin: str, tenant_id: str) -> dict[str, object]:
    host = origin.removeprefix("https://")
    return {
        "tenant_discovery_endpoint": f"{origin}/{tenant_id}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }


def cloud_metadata(origin: str, blob_port: int) -> dict[str, object]:
    """What az, azure-native, terraform and azure-ai-ml read; every service lives at one origin.

    azure-ai-ml makes the resource for which it asks tokens from what follows the portal's second dot.
    """
    return {
        "name": "LocalAzure",
        "portal": origin.replace("://", "://portal.azure."),
        "authentication": {
            "loginEndpoint": origin,
            "audiences": [origin, "https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": origin,
        "graph": f"{origin}/graph",
        "graphAudience": f"{origin}/graph",
        "microsoftGraphResourceId": f"{origin}/graph",
        "gallery": origin,
        "media": origin,
        "batch": origin,
        "sqlManagement": origin,
        "vmImageAliasDoc": origin,
        "activeDirectoryDataLake": origin,
        "logAnalyticsResourceId": origin,
        "appInsightsResourceId": origin,
        "ossrDbmsResourceId": origin,
        "suffixes": {
            "storage": f"localhost:{blob_port}",
            "keyVaultDns": f"vault.localhost:{origin.rsplit(':', 1)[1]}",
            "acrLoginServer": "azurecr.localhost",
            "sqlServerHostname": "database.localhost",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.localhost",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.localhost",
        },
    }
