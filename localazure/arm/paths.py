"""Every ARM path that is not simply a resource of the type table, as one literal list.

Owns: which of these requests goes to which service. Leaves: resources of the table to `endpoints.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.arm import providers as documents
from localazure.arm.access_policies import change_policies
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.authorization import DEFINITIONS
from localazure.arm.deployments.rows import BARE_ROWS, DEPLOYMENT_ROWS, Row
from localazure.arm.deployments.service import Deployments
from localazure.arm.groups import Groups
from localazure.arm.lists import Lists
from localazure.arm.ml_sizes import quotas_document, sizes_document, usages_document
from localazure.arm.names import check_domain, check_storage_name, check_vault_name, cognitive_skus
from localazure.arm.polls import Polls
from localazure.arm.soft_deleted import SoftDeleted
from localazure.arm.tag_names import TagNames
from localazure.arm.tags import Tags, subscription_tags
from localazure.arm.types import World
from localazure.arm.usages import account_skus, account_usages, cognitive_usages, storage_usages
from localazure.arm.vault_secrets import get_secret, list_secrets, patch_secret, put_secret
from localazure.errors import AzureError

__all__ = ["PATHS", "Endpoint", "Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the paths lead to."""

    world: World
    groups: Groups
    deleted: SoftDeleted
    tags: Tags
    tag_names: TagNames
    lists: Lists
    polls: Polls
    deployments: Deployments


Parts = Mapping[str, str]
Handler = Callable[[Services, ArmRequest, Parts], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path with its method. `free` ones need a token but no role; all others need the action of the path.

    `missing` ones answer 501.
    """

    method: str
    template: str
    handle: Handler
    free: bool = False
    missing: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        text = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.template))
        text = re.sub(r"\\\{scope:path\\\}", r"(?P<scope>.*)", text)
        return re.compile(text, re.IGNORECASE)


def _only(value: Callable[[World], Any]) -> Handler:
    return lambda s, _request, _parts: Answer(body=value(s.world))


def _listed(value: Callable[[World], Sequence[Mapping[str, Any]]]) -> Handler:
    return lambda s, request, _parts: s.lists.page(request, value(s.world))


def _subscription(world: World) -> dict[str, Any]:
    tags = subscription_tags(world.store)
    return documents.subscription(world.subscription_id, world.tenant_id) | ({"tags": tags} if tags else {})


def _missing(what: str) -> Handler:
    def refuse(_services: Services, _request: ArmRequest, _parts: Parts) -> Answer:
        raise AzureError(501, "NotImplementedByLocalAzure", f"The local Azure cannot {what}.")

    return refuse


def _deployments(row: Row, *, free: bool = False) -> Endpoint:
    method, template, handle = row
    return Endpoint(method=method, template=template, free=free, handle=lambda s, r, p: handle(s.deployments, r, p))


_S = "/subscriptions/{subscription}"
_GROUP = f"{_S}/resourceGroups/{{group}}"
_STORAGE = f"{_S}/providers/Microsoft.Storage"
_COGNITIVE = f"{_S}/providers/Microsoft.CognitiveServices"
_GONE = f"{_COGNITIVE}/locations/{{location}}/resourceGroups/{{group}}/deletedAccounts/{{name}}"
_VAULTS = f"{_S}/providers/Microsoft.KeyVault"
_SECRETS = f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{vault}}/secrets"
_ACCOUNT = f"{_GROUP}/providers/Microsoft.CognitiveServices/accounts/{{name}}"
_TAG_NAMES = f"{_S}/tagNames"
_ML_LOCATION = f"{_S}/providers/Microsoft.MachineLearningServices/locations/{{location}}"
_TAGS = "{scope:path}/providers/Microsoft.Resources/tags/default"

PATHS: tuple[Endpoint, ...] = (
            Endpoint(method="GET", template="/tenants", free=True,
                     handle=_listed(lambda w: [documents.tenant(w.tenant_id)])),
            Endpoint(method="GET", template="/subscriptions", free=True,
                     handle=_listed(lambda w: [_subscription(w)])),
            Endpoint(method="GET", template=_S, free=True,
                     handle=_only(_subscription)),
            Endpoint(method="GET", template=f"{_S}/locations", free=True,
                     handle=_listed(lambda w: documents.locations_document(w.subscription_id))),
            Endpoint(method="GET", template=f"{_S}/providers", free=True,
                     handle=_listed(lambda w: documents.providers(w.store, w.subscription_id))),
            Endpoint(method="GET", template=f"{_S}/providers/{{namespace}}", free=True,
                     handle=lambda s, _r, p: Answer(
                         body=documents.provider(s.world.store, p["namespace"], s.world.subscription_id))),
            Endpoint(method="POST", template=f"{_S}/providers/{{namespace}}/register",
                     handle=lambda s, _r, p: Answer(
                         body=documents.register(s.world.store, p["namespace"], s.world.subscription_id, on=True))),
            Endpoint(method="POST", template=f"{_S}/providers/{{namespace}}/unregister",
                     handle=lambda s, _r, p: Answer(
                         body=documents.register(s.world.store, p["namespace"], s.world.subscription_id, on=False))),
            Endpoint(method="GET", template=f"{_S}/resources", free=True,
             handle=lambda s, r, _p: s.lists.everything(r)),
            Endpoint(method="GET", template=f"{_GROUP}/resources", free=True,
             handle=lambda s, r, _p: s.lists.everything(r)),
            Endpoint(method="GET", template=f"{_S}/resourceGroups", free=True,
                     handle=lambda s, r, _p: s.lists.visible(r, s.groups.list())),
            Endpoint(method="GET", template=_GROUP, handle=lambda s, r, _p: s.groups.get(r)),
            Endpoint(method="HEAD", template=_GROUP, handle=lambda s, r, _p: s.groups.head(r)),
            Endpoint(method="PUT", template=_GROUP, handle=lambda s, r, _p: s.groups.put(r)),
            Endpoint(method="PATCH", template=_GROUP, handle=lambda s, r, _p: s.groups.patch(r)),
            Endpoint(method="DELETE", template=_GROUP, handle=lambda s, r, _p: s.groups.delete(r)),
            Endpoint(method="POST", template=f"{_GROUP}/moveResources", missing=True,
                     handle=_missing("move resources: create them where they belong")),
            Endpoint(method="POST", template=f"{_GROUP}/validateMoveResources", missing=True,
                     handle=_missing("move resources: create them where they belong")),
            Endpoint(method="POST", template=f"{_GROUP}/exportTemplate", missing=True,
                     handle=_missing("write the template of a group that exists")),
            Endpoint(method="GET", template=_TAG_NAMES, free=True,
                     handle=lambda s, r, _p: s.lists.page(r, s.tag_names.listed())),
            Endpoint(method="PUT", template=f"{_TAG_NAMES}/{{tag}}", handle=lambda s, _r, p: s.tag_names.put(p["tag"])),
            Endpoint(method="DELETE", template=f"{_TAG_NAMES}/{{tag}}",
                     handle=lambda s, _r, p: s.tag_names.delete(p["tag"])),
            Endpoint(method="PUT", template=f"{_TAG_NAMES}/{{tag}}/tagValues/{{value}}",
                     handle=lambda s, _r, p: s.tag_names.put_value(p["tag"], p["value"])),
            Endpoint(method="DELETE", template=f"{_TAG_NAMES}/{{tag}}/tagValues/{{value}}",
                     handle=lambda s, _r, p: s.tag_names.delete_value(p["tag"], p["value"])),
            Endpoint(method="GET", template=f"{_S}/operationresults/{{operation}}", free=True,
                     handle=lambda s, r, p: s.polls.group_result(r, p["operation"])),
            Endpoint(method="GET", free=True, handle=lambda s, r, p: s.polls.status(r, p["operation"]),
                     template=f"{_S}/providers/{{namespace}}/locations/{{location}}/operationStatuses/{{operation}}"),
            Endpoint(method="GET", free=True, handle=lambda s, r, p: s.polls.result(r, p["operation"]),
                     template=f"{_S}/providers/{{namespace}}/locations/{{location}}/operationResults/{{operation}}"),
            Endpoint(method="POST", template=f"{_S}/providers/Microsoft.Storage/checkNameAvailability", free=True,
                     handle=lambda s, r, _p: Answer(body=check_storage_name(s.world, r.body))),
            Endpoint(method="POST", template=f"{_VAULTS}/checkNameAvailability", free=True,
                     handle=lambda s, r, _p: Answer(body=check_vault_name(s.world, r.body))),
            Endpoint(method="POST", template=f"{_COGNITIVE}/checkDomainAvailability", free=True,
                     handle=lambda s, r, _p: Answer(body=check_domain(s.world, r.body))),
            Endpoint(method="GET", template=f"{_COGNITIVE}/skus", free=True,
             handle=_listed(lambda _w: cognitive_skus())),
            Endpoint(method="GET", free=True, template=f"{_STORAGE}/locations/{{location}}/usages",
                     handle=lambda s, r, p: s.lists.page(r, storage_usages(s.world, p["location"]))),
            Endpoint(method="GET", template=f"{_COGNITIVE}/locations/{{location}}/usages", free=True,
                     handle=lambda s, r, p: s.lists.page(r, cognitive_usages(p["location"]))),
            Endpoint(method="GET", template=f"{_ACCOUNT}/skus",
                     handle=lambda s, r, _p: s.lists.page(r, account_skus(s.world, r.target.parent))),
            Endpoint(method="GET", template=f"{_ACCOUNT}/usages",
                     handle=lambda s, r, _p: s.lists.page(r, account_usages(s.world, r.target.parent))),
            Endpoint(method="GET", template=f"{_COGNITIVE}/deletedAccounts",
             handle=lambda s, r, _p: s.lists.page(r, s.deleted.accounts())),
            Endpoint(method="GET", template=_GONE,
                     handle=lambda s, _r, p: s.deleted.account(p["location"], p["group"], p["name"])),
            Endpoint(method="DELETE", template=_GONE,
                     handle=lambda s, _r, p: s.deleted.purge_account(p["location"], p["group"], p["name"])),
            Endpoint(method="GET", template=_SECRETS,
                     handle=lambda s, r, _p: s.lists.page(r, list_secrets(s.world, r))),
            Endpoint(method="PUT", template=f"{_SECRETS}/{{name}}", handle=lambda s, r, _p: put_secret(s.world, r)),
            Endpoint(method="PATCH", template=f"{_SECRETS}/{{name}}", handle=lambda s, r, _p: patch_secret(s.world, r)),
            Endpoint(method="GET", template=f"{_SECRETS}/{{name}}", handle=lambda s, r, _p: get_secret(s.world, r)),
            Endpoint(method="PUT",
                     template=f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{name}}/accessPolicies/{{how}}",
                     handle=lambda s, r, p: change_policies(s.world, r, p["how"])),
            Endpoint(method="GET", template=f"{_VAULTS}/deletedManagedHSMs", free=True, handle=_listed(lambda _w: [])),
            Endpoint(method="GET", template=f"{_VAULTS}/deletedVaults",
             handle=lambda s, r, _p: s.lists.page(r, s.deleted.vaults())),
            Endpoint(method="GET", template=f"{_VAULTS}/locations/{{location}}/deletedVaults/{{name}}",
                     handle=lambda s, _r, p: s.deleted.vault(p["location"], p["name"])),
            Endpoint(method="POST", template=f"{_VAULTS}/locations/{{location}}/deletedVaults/{{name}}/purge",
                     handle=lambda s, _r, p: s.deleted.purge_vault(p["location"], p["name"])),
            Endpoint(method="GET", template=f"{_S}/providers/Microsoft.OperationalInsights/deletedWorkspaces",
                     handle=lambda s, r, _p: s.lists.page(r, s.deleted.log_workspaces(None))),
            Endpoint(method="GET", template=f"{_GROUP}/providers/Microsoft.OperationalInsights/deletedWorkspaces",
                     handle=lambda s, r, p: s.lists.page(r, s.deleted.log_workspaces(p["group"]))),
            Endpoint(method="GET", template=f"{_ML_LOCATION}/vmSizes", free=True,
                     handle=lambda _s, _r, p: Answer(body=sizes_document(p["location"]))),
            Endpoint(method="GET", template=f"{_ML_LOCATION}/usages", free=True,
                     handle=lambda s, r, p: s.lists.page(r, usages_document(s.world, p["location"]))),
            Endpoint(method="GET", template=f"{_ML_LOCATION}/quotas", free=True,
                     handle=lambda s, r, p: s.lists.page(r, quotas_document(s.world, p["location"]))),
            Endpoint(method="GET", template=_TAGS, handle=lambda s, r, _p: s.tags.get(r)),
            Endpoint(method="PUT", template=_TAGS, handle=lambda s, r, _p: s.tags.put(r)),
            Endpoint(method="PATCH", template=_TAGS, handle=lambda s, r, _p: s.tags.patch(r)),
            Endpoint(method="DELETE", template=_TAGS, handle=lambda s, r, _p: s.tags.delete(r)),
            Endpoint(method="GET", template="{scope:path}/providers/Microsoft.Authorization/permissions",
                     handle=lambda s, r, _p: s.lists.permissions(r)),
            Endpoint(method="GET", template="{scope:path}/providers/Microsoft.Authorization/denyAssignments",
                     handle=_listed(lambda _w: [])),
            Endpoint(method="GET", template=f"{{scope:path}}/providers/{DEFINITIONS}",
             handle=lambda s, r, _p: s.lists.roles(r)),
            Endpoint(method="GET", template=f"{{scope:path}}/providers/{DEFINITIONS}/{{name}}",
             handle=lambda s, r, p: s.lists.role(r, p["name"])),
            *(_deployments(row) for row in DEPLOYMENT_ROWS),
            *(_deployments(row, free=True) for row in BARE_ROWS),
)  # fmt: skip
