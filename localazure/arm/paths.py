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
from localazure.arm.groups import Groups
from localazure.arm.lists import Lists
from localazure.arm.names import check_domain, check_storage_name, check_vault_name, cognitive_skus
from localazure.arm.polls import Polls
from localazure.arm.soft_deleted import SoftDeleted
from localazure.arm.tags import Tags
from localazure.arm.types import World

__all__ = ["PATHS", "Endpoint", "Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the paths lead to."""

    world: World
    groups: Groups
    deleted: SoftDeleted
    tags: Tags
    lists: Lists
    polls: Polls


Parts = Mapping[str, str]
Handler = Callable[[Services, ArmRequest, Parts], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path with its method. `free` ones need a token but no role; all others need the action of the path."""

    method: str
    template: str
    handle: Handler
    free: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        text = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.template))
        text = re.sub(r"\\\{scope:path\\\}", r"(?P<scope>.*)", text)
        return re.compile(text, re.IGNORECASE)


def _only(value: Callable[[World], Any]) -> Handler:
    return lambda s, _request, _parts: Answer(body=value(s.world))


def _listed(value: Callable[[World], Sequence[Mapping[str, Any]]]) -> Handler:
    return lambda s, request, _parts: s.lists.page(request, value(s.world))


_S = "/subscriptions/{subscription}"
_GROUP = f"{_S}/resourceGroups/{{group}}"
_COGNITIVE = f"{_S}/providers/Microsoft.CognitiveServices"
_GONE = f"{_COGNITIVE}/locations/{{location}}/resourceGroups/{{group}}/deletedAccounts/{{name}}"
_VAULTS = f"{_S}/providers/Microsoft.KeyVault"
_TAGS = "{scope:path}/providers/Microsoft.Resources/tags/default"

PATHS: tuple[Endpoint, ...] = (
            Endpoint(method="GET", template="/tenants", free=True,
                     handle=_listed(lambda w: [documents.tenant(w.tenant_id)])),
            Endpoint(method="GET", template="/subscriptions", free=True,
                     handle=_listed(lambda w: [documents.subscription(w.subscription_id, w.tenant_id)])),
            Endpoint(method="GET", template=_S, free=True,
                     handle=_only(lambda w: documents.subscription(w.subscription_id, w.tenant_id))),
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
            Endpoint(method="GET", template=f"{_COGNITIVE}/deletedAccounts",
             handle=lambda s, r, _p: s.lists.page(r, s.deleted.accounts())),
            Endpoint(method="GET", template=_GONE,
                     handle=lambda s, _r, p: s.deleted.account(p["location"], p["group"], p["name"])),
            Endpoint(method="DELETE", template=_GONE,
                     handle=lambda s, _r, p: s.deleted.purge_account(p["location"], p["group"], p["name"])),
            Endpoint(method="PUT",
                     template=f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{name}}/accessPolicies/{{how}}",
                     handle=lambda s, r, p: change_policies(s.world, r, p["how"])),
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
            Endpoint(method="GET", template=_TAGS, handle=lambda s, r, _p: s.tags.get(r)),
            Endpoint(method="PUT", template=_TAGS, handle=lambda s, r, _p: s.tags.put(r)),
            Endpoint(method="PATCH", template=_TAGS, handle=lambda s, r, _p: s.tags.patch(r)),
            Endpoint(method="DELETE", template=_TAGS, handle=lambda s, r, _p: s.tags.delete(r)),
            Endpoint(method="GET", template=f"{{scope:path}}/providers/{DEFINITIONS}",
             handle=lambda s, r, _p: s.lists.roles(r)),
            Endpoint(method="GET", template=f"{{scope:path}}/providers/{DEFINITIONS}/{{name}}",
             handle=lambda s, r, p: s.lists.role(r, p["name"])),
)  # fmt: skip
