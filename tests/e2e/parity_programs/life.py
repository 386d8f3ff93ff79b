"""A component, a second provider, secrets, a function's keys: from version 1 to 2 an account gets another name."""

import pulumi
from pulumi_azure_native import Provider, authorization, resources, storage

second = pulumi.Config().require_int("version") == 2
tags = {"a.b": "2"} if second else {"a.b": "1", "who": pulumi.Output.secret("hush")}


class Photos(pulumi.ComponentResource):
    """An account with its containers."""

    def __init__(self, name: str, group: resources.ResourceGroup) -> None:
        super().__init__("lab:index:Photos", name, {"kept": "here"})
        child = pulumi.ResourceOptions(parent=self)
        self.account = storage.StorageAccount(
            f"{name}-account",
            account_name="picslife2" if second else "picslife",
            resource_group_name=group.name,
            kind="StorageV2",
            sku=storage.SkuArgs(name="Standard_LRS"),
            tags=tags,
            opts=child,
        )
        before = list[pulumi.Resource]()  # one after the other: a failure must find both engines at the same place
        for box in ("one", "three") if second else ("one", "two"):
            made = storage.BlobContainer(
                f"{name}-{box}",
                container_name=box,
                account_name=self.account.name,
                resource_group_name=group.name,
                opts=pulumi.ResourceOptions(parent=self, depends_on=before),
            )
            before = [made]
        self.register_outputs({"account": self.account.name})


there = Provider("there", location="westus")
me = authorization.get_client_config()
group = resources.ResourceGroup("group", resource_group_name="rg-life", location="eastus", tags=tags)
resources.ResourceGroup(
    "other", resource_group_name="rg-other", opts=pulumi.ResourceOptions(provider=there, depends_on=[group])
)
photos = Photos("photos", group)
keys = storage.list_storage_account_keys_output(account_name=photos.account.name, resource_group_name=group.name)
pulumi.export("key", keys.apply(lambda found: found.keys[0].value))
pulumi.export("account", photos.account.id)
pulumi.export("me", me.tenant_id)
