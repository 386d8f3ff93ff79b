"""Preflight: what is checked of a template's resources before the first is made, nested templates as well.

Owns: which mistakes are found early, and collecting them. Leaves: the checks themselves to the service of resources.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from localazure.arm import locks
from localazure.arm.admission import check_name_free, check_place, type_row
from localazure.arm.answers import ArmRequest
from localazure.arm.authorization import Authorization
from localazure.arm.checks import bad_request
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime, unprocessable
from localazure.arm.deployments.live import request_to
from localazure.arm.deployments.nested import is_nested, nested_of
from localazure.arm.deployments.plan import Draft
from localazure.arm.deployments.prepare import Prepared, prepare, setting_of
from localazure.arm.drafting import draft as drafted
from localazure.arm.gate import action_of
from localazure.arm.ids import key, parse
from localazure.arm.links import check_links
from localazure.arm.resources import GROUP_TYPE
from localazure.arm.table import BLOB_SERVICES, CONTAINERS
from localazure.arm.types import World, deny_name
from localazure.arm.vault_secrets import SECRETS
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["Found", "Preflight"]

_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview|-privatepreview|-alpha|-beta)?")
_TAGS = "microsoft.resources/tags"
_IN_VAULTS = ("microsoft.keyvault/vaults/accesspolicies", SECRETS.lower())
_NOT_YET = {"ParentResourceNotFound", "ResourceGroupNotFound", "ResourceNotFound"}

# A resource, the deployment that means it, and its body when that can be told before the run.
Found = tuple[Draft, Prepared, dict[str, object] | None]


class Preflight:
    """Looks ahead."""

    def __init__(self, world: World, authorization: Authorization) -> None:
        self._world = world
        self._authorization = authorization

    def resources(self, prepared: Prepared, depth: int = 0) -> Iterator[Found]:
        """All resources, those of nested templates behind their deployment. AzureError for a wrong nested template."""
        for draft in prepared.steps.drafts:
            body = None
            try:
                if is_nested(draft):
                    yield draft, prepared, {}
                    yield from self.resources(self.nested(draft, prepared, depth + 1), depth + 1)
                    continue
                body = draft.content()
            except NeedsRuntime:
                if is_nested(draft):
                    continue
            except ExpressionError as error:
                raise unprocessable(f"resource '{draft.id}'", error) from None
            yield draft, prepared, body

    def nested(self, draft: Draft, above: Prepared, depth: int) -> Prepared:
        """The plan of a nested deployment, before it runs."""
        nested = nested_of(draft, draft.scope)
        made = next((d for d in above.steps.drafts if d.key == key(nested.place.id) and nested.place.group), None)
        group = None
        if made is None and nested.place.group and self._world.resources.get(nested.place.id) is None:
            raise NeedsRuntime("resourceGroup")  # another nested template may make the group
        if made is not None:
            with suppress(ExpressionError, NeedsRuntime):
                group = {"id": made.id, "name": made.name, "type": GROUP_TYPE, **made.content()}
        setting = setting_of(self._world, nested.place, draft.name, nested.order, location=nested.location, group=group)
        setting = replace(setting, fuel=above.scope.setting.fuel)
        return prepare(nested.order, setting, outer=nested.outer, depth=depth, hidden=nested.hidden)

    def problems(self, prepared: Prepared, caller: Caller) -> list[AzureError]:
        """What would be refused, resource by resource."""
        found = list(self.resources(prepared))
        planned = {draft.key for draft, _, _ in found}
        problems: list[AzureError] = []
        for draft, _, body in found:
            if draft.existing:
                continue
            try:
                self._check(draft, body, caller, planned)
            except AzureError as error:
                error.target = error.target or draft.id
                problems.append(error)
        return problems

    def _check(self, draft: Draft, body: dict[str, object] | None, caller: Caller, planned: set[str]) -> None:
        if not _API_VERSION.fullmatch(draft.api_version):
            raise AzureError(
                400, "InvalidApiVersionParameter", f"The api-version '{draft.api_version}' of '{draft.id}' is invalid."
            )
        target = parse(draft.id)
        if (target.subscription or "").lower() != self._world.subscription_id.lower():
            raise AzureError(
                404, "SubscriptionNotFound", f"The subscription '{target.subscription}' could not be found."
            )
        action, scope = action_of("PUT", target)
        if not self._authorization.allowed(caller.object_id, scope, action, data=False):
            raise AzureError(
                403,
                "AuthorizationFailed",
                f"Authorization failed for template resource '{draft.name}' of type '{draft.type}'. The client "
                f"'{caller.app_id}' with object id '{caller.object_id}' does not have permission to perform action "
                f"'{action}' at scope '{scope}'.",
            )
        kind = draft.type.lower()
        if is_nested(draft) or kind in {
            GROUP_TYPE.lower(),
            _TAGS,
            BLOB_SERVICES.lower(),
            CONTAINERS.lower(),
            *_IN_VAULTS,
        }:
            return
        try:
            request = request_to("PUT", draft.id, caller, version=draft.api_version, body=body)
            _admit(self._world, request, known=body is not None)
        except AzureError as error:
            above = {target.parent, target.group_id or "", target.parent.rsplit("/", 2)[0]}
            if error.code not in _NOT_YET or not planned & {key(item) for item in above}:
                raise


class _LookedOnly(Exception):
    """Undoes what checking a name may have moved."""


def _admit(world: World, request: ArmRequest, *, known: bool) -> None:
    """What a PUT would refuse before the type's own rules; nothing is kept. Not `known`: the body is not known yet."""
    with suppress(_LookedOnly), world.store.transaction():
        target = request.target
        row = type_row(target, request.api_version)
        if row.name_rule and not re.fullmatch(row.name_rule, target.name or ""):
            raise bad_request(*deny_name(target.name or "", row))
        check_place(world, target, row)
        check_links(request.body, world.subscription_id)
        locks.check_write(world.resources, target.id)
        if known:
            old = world.resources.get(target.id)
            restored = None if old is not None else check_name_free(world, row, target, request.body)
            drafted(world, request, row, old or restored)
        raise _LookedOnly
