"""Where images and annotations lie: a storage account without keys, and its containers.

Owns: the account, its browser access (CORS) and the containers.
Leaves: who may read and write to `access.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from infra.lab import Lab

__all__ = ["DatasetStorage", "DatasetStorageArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetStorageArgs:
    """An account to make.

    Attributes:
        lab: The lab it belongs to.
        group: Name of its resource group.
        containers: What it has.
    """

    lab: Lab
    group: pulumi.Input[str]
    containers: Sequence[str]


class DatasetStorage(pulumi.ComponentResource):
    """Blob storage for images and annotations; identities open it, keys do not."""

    account_id: pulumi.Output[str]
    account_name: pulumi.Output[str]
    blob_endpoint: pulumi.Output[str]
    containers: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: DatasetStorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:DatasetStorage", name, None, opts)
        settings = args.lab.settings
        child = pulumi.ResourceOptions(parent=self)
        account = storage.StorageAccount(
            f"{name}-account",
            account_name=args.lab.names.storage_account,
            resource_group_name=args.group,
            location=args.lab.location,
            tags=args.lab.tags,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
            access_tier=storage.AccessTier.HOT,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            public_network_access=storage.PublicNetworkAccess.ENABLED,
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect),
        )
        storage.BlobServiceProperties(
            f"{name}-blobs",
            blob_services_name="default",
            account_name=account.name,
            resource_group_name=args.group,
            cors=storage.CorsRulesArgs(cors_rules=_cors_rules(settings.cors_origins)),
            opts=child,
        )
        self.containers = {
            container: storage.BlobContainer(
                f"{name}-{container}",
                container_name=container,
                account_name=account.name,
                resource_group_name=args.group,
                public_access=storage.PublicAccess.NONE,
                opts=child,
            ).name
            for container in args.containers
        }
        self.account_id = account.id
        self.account_name = account.name
        self.blob_endpoint = account.primary_endpoints.apply(_blob_endpoint)
        self.register_outputs({"account_name": self.account_name, "blob_endpoint": self.blob_endpoint})


def _cors_rules(origins: tuple[str, ...]) -> list[storage.CorsRuleArgs]:
    """What a labeling page in a browser needs: read the images, write its labels."""
    if not origins:
        return []
    methods = storage.AllowedMethods
    return [
        storage.CorsRuleArgs(
            allowed_origins=list(origins),
            allowed_methods=[methods.GET, methods.HEAD, methods.OPTIONS, methods.PUT],
            allowed_headers=["*"],
            exposed_headers=["*"],
            max_age_in_seconds=3600,
        )
    ]


def _blob_endpoint(endpoints: storage.outputs.EndpointsResponse) -> str:
    return endpoints.blob
