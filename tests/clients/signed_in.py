"""The lab's own service principal as azure-identity knows it, by the printed settings alone."""

from collections.abc import Mapping

from azure.identity import ClientSecretCredential

__all__ = ["owner"]


def owner(environment: Mapping[str, str]) -> ClientSecretCredential:
    """Whoever owns the subscription. The authority is of a private cloud, so it is not looked up at Microsoft's."""
    return ClientSecretCredential(
        environment["AZURE_TENANT_ID"],
        environment["AZURE_CLIENT_ID"],
        environment["AZURE_CLIENT_SECRET"],
        authority=environment["AZURE_AUTHORITY_HOST"],
        disable_instance_discovery=True,
    )
