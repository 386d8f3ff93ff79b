"""Every resource option, one after the other, so that a failure stops both engines at the same place."""

from typing import Any

import pulumi
from pulumi import Alias, CustomTimeouts, ResourceOptions
from pulumi_azure_native import managedidentity, resources, storage

second = pulumi.Config().require_int("version") == 2
patience = CustomTimeouts(create="20m", delete="1h30m")
tags = {"v": "2" if second else "1"}


def identity(name: str, tags: dict[str, str] | None = None, **options: Any) -> pulumi.Resource:
    return managedidentity.UserAssignedIdentity(
        name, resource_name_=name, resource_group_name=group.name, tags=tags, opts=ResourceOptions(**options)
    )


def account(name: str, azure_name: str, location: str | None = None, **options: Any) -> storage.StorageAccount:
    return storage.StorageAccount(
        name,
        account_name=azure_name,
        location=location,
        resource_group_name=group.name,
        kind="StorageV2",
        sku=storage.SkuArgs(name="Standard_LRS"),
        opts=ResourceOptions(**options),
    )


def box(name: str, of: storage.StorageAccount) -> pulumi.Resource:
    return storage.BlobContainer(name, account_name=of.name, resource_group_name=group.name)


group = resources.ResourceGroup("group", resource_group_name="rg-options", location="eastus")
first = [
    identity("quiet", {**tags, "ignored": tags["v"]}, ignore_changes=["tags.ignored"]),
    identity("hidden", tags, additional_secret_outputs=["clientId"], custom_timeouts=patience),
    identity("forced", tags, replace_on_changes=["tags"]),
    identity("guarded", protect=not second),
    account("swapped", "pswapped2" if second else "pswapped", delete_before_replace=True),
]
if second:
    part = pulumi.ComponentResource("lab:index:Part", "part")
    seen = resources.ResourceGroup.get("seen", group.id)
    pulumi.export("seen", seen.location)
    first += [part, seen, identity("moved", parent=part, aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)])]
else:
    first += [identity("moved"), identity("kept", retain_on_delete=True), identity("gone", deleted_with=group)]
place = account("place", "pplace", "westus" if second else None, depends_on=first)
refused = identity("refused", tags, depends_on=[box("inside", place)])
half = account("half", "phalf", depends_on=[refused])
identity("last", depends_on=[box("deep", half)])
