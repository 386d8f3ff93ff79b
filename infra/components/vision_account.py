"""Azure AI services that look at images: the Computer Vision account, and Custom Vision's two.

Owns: one account, its address and its identity.
Leaves: what that identity may read to `access.py`.
"""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import cognitiveservices

from infra.lab import Lab

__all__ = ["VisionAccount", "VisionAccountArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionAccountArgs:
    """An account to make.

    Attributes:
        lab: The lab it belongs to.
        group: Name of its resource group.
        account_name: Its name, and the first part of its address.
        kind: ComputerVision, CustomVision.Training or CustomVision.Prediction.
        sku: Price tier.
    """

    lab: Lab
    group: pulumi.Input[str]
    account_name: str
    kind: str
    sku: str


class VisionAccount(pulumi.ComponentResource):
    """A vision service with a subdomain of its own, so that bearer tokens work, and a system identity."""

    account_id: pulumi.Output[str]
    account_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    principal_id: pulumi.Output[str]

    def __init__(self, name: str, args: VisionAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:VisionAccount", name, None, opts)
        account = cognitiveservices.Account(
            f"{name}-account",
            account_name=args.account_name,
            resource_group_name=args.group,
            location=args.lab.location,
            tags=args.lab.tags,
            kind=args.kind,
            sku=cognitiveservices.SkuArgs(name=args.sku),
            identity=cognitiveservices.IdentityArgs(type=cognitiveservices.ResourceIdentityType.SYSTEM_ASSIGNED),
            properties=cognitiveservices.AccountPropertiesArgs(
                custom_sub_domain_name=args.account_name,
                public_network_access=cognitiveservices.PublicNetworkAccess.ENABLED,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.account_id = account.id
        self.account_name = account.name
        self.endpoint = account.properties.apply(_endpoint)
        self.principal_id = account.identity.apply(_principal_id)
        self.register_outputs({"account_name": self.account_name, "endpoint": self.endpoint})


def _endpoint(properties: cognitiveservices.outputs.AccountPropertiesResponse) -> str:
    return properties.endpoint


def _principal_id(identity: cognitiveservices.outputs.IdentityResponse | None) -> str:
    if identity is None:
        raise pulumi.RunError("the vision account came back without the identity that it was asked to have")
    return identity.principal_id
