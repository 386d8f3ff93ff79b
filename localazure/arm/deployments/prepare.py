"""From the body of a request to a deployment that can be planned, validated and run.

Owns: the properties of a deployment and what of them is refused; the setting; the plan with its scope.
Leaves: running to `run.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from localazure.arm.deployments.arguments import json_text
from localazure.arm.deployments.failures import (
    ExpressionError,
    invalid_request,
    invalid_template,
    missing_here,
    unprocessable,
)
from localazure.arm.deployments.order import Steps, ordered
from localazure.arm.deployments.parameters import check_outputs, scope_of, settle
from localazure.arm.deployments.plan import drafts_of
from localazure.arm.deployments.scope import Place, Scope, Setting
from localazure.arm.deployments.template import Template, parse_template, section
from localazure.arm.deployments.unique import murmur64
from localazure.arm.deployments.values import is_object
from localazure.arm.providers import subscription
from localazure.arm.resources import Resource
from localazure.arm.types import World

__all__ = ["Order", "Prepared", "parse_order", "prepare", "setting_of", "template_hash"]

_DEEPEST = 10
_NOT_HERE = {
    "templateLink": "A linked template (templateLink): send the template itself, or a nested one",
    "parametersLink": "Linked parameters (parametersLink): send the parameters themselves",
    "onErrorDeployment": "Going back to an earlier deployment on errors (onErrorDeployment)",
    "extensionConfigs": "Extensions of the template language (extensionConfigs)",
    "externalInputs": "External inputs (externalInputs)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for. `inner` tells whether a nested template computes by itself, or in the scope above."""

    template: Mapping[str, Any] = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False)
    complete: bool
    inner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A deployment with its plan. `values` are the parameters, the secure ones too: never stored, never shown."""

    order: Order
    template: Template
    values: Mapping[str, Any] = field(repr=False)
    scope: Scope = field(repr=False)
    place: Place
    steps: Steps


def parse_order(body: Mapping[str, Any], *, in_group: bool, nested: bool = False) -> Order:
    """Read `properties`. AzureError 400, or 501 for what the local Azure lacks."""
    properties = section(body, "properties")
    if not is_object(properties):
        raise invalid_request("the deployment has no 'properties'.")
    for name, what in _NOT_HERE.items():
        if section(properties, name):
            raise missing_here(what)
    template = section(properties, "template")
    if not is_object(template):
        raise invalid_request("'properties.template' must be an object: the template.")
    mode = str(section(properties, "mode") or ("Incremental" if nested else ""))
    if mode.lower() not in {"incremental", "complete"}:
        raise invalid_request(f"'properties.mode' is '{mode}': Incremental or Complete.")
    if mode.lower() == "complete" and (nested or not in_group):
        where = "a nested template" if nested else "a subscription"
        raise invalid_template(f"The deployment mode 'Complete' is not supported for {where}: use 'Incremental'")
    parameters: Any = section(properties, "parameters") or {}
    if not is_object(parameters):
        raise invalid_request("'properties.parameters' must be an object.")
    options = section(properties, "expressionEvaluationOptions")
    inner = is_object(options) and str(section(options, "scope")).lower() == "inner"
    if "parameters" in parameters and "$schema" in parameters:
        parameters = parameters["parameters"]
    return Order(template=template, parameters=parameters, complete=mode.lower() == "complete", inner=inner)


def prepare(
    order: Order,
    setting: Setting,
    *,
    outer: Scope | None = None,
    values: Mapping[str, Any] | None = None,
    depth: int = 0,
    hidden: Iterable[str] = (),
) -> Prepared:
    """Parameters, plan and order. `outer` is the scope that a nested template computes in, when not by itself;
    `values` are parameters that were settled before, `hidden` those that were handed secrets.
    """
    place = setting.place
    if depth > _DEEPEST:
        raise invalid_template(f"Templates are nested more than {_DEEPEST} levels deep")
    template = parse_template(order.template, in_group=place.group is not None, nested=depth > 0 or outer is not None)
    if outer is not None:
        if order.parameters:
            raise invalid_template(
                "The parameters of a nested deployment need the evaluation scope 'inner'. Please see "
                "https://aka.ms/nested-templates for usage details"
            )
        known: Mapping[str, Any] = {}
        scope = replace(outer, setting=replace(outer.setting, fuel=setting.fuel))
    else:
        known = settle(template, order.parameters, setting) if values is None else values
        scope = scope_of(template, known, setting, hidden)
    try:
        steps = ordered(drafts_of(template, scope, place))
    except ExpressionError as error:
        raise unprocessable("the template", error) from None
    check_outputs(template)
    return Prepared(order=order, template=template, values=known, scope=scope, place=place, steps=steps)


def setting_of(
    world: World, place: Place, name: str, order: Order, *, location: str | None = None, group: Resource | None = None
) -> Setting:
    """What the functions about the place answer. `group` stands in for a resource group that is yet to be made."""
    known = world.resources.get(place.id) if place.group else None
    found = known or group or {"id": place.id, "name": place.group, "type": "Microsoft.Resources/resourceGroups"}
    deployment: dict[str, Any] = {
        "name": name,
        "properties": {
            "template": dict(order.template),
            "templateHash": template_hash(order.template),
            "mode": "Complete" if order.complete else "Incremental",
            "provisioningState": "Accepted",
        },
    }
    document = subscription(world.subscription_id, world.tenant_id)
    tenant = {"tenantId": world.tenant_id, "displayName": "Local Azure", "countryCode": "US"}
    return Setting(
        place=place,
        tenant=tenant,
        subscription={name: document[name] for name in ("id", "subscriptionId", "tenantId", "displayName")},
        group=found if place.group else None,
        deployment=deployment if location is None else {**deployment, "location": location},
        environment=_environment(world),
        now=world.clock.now(),
    )


def template_hash(template: Mapping[str, Any]) -> str:
    """A number that is the same for the same template."""
    return str(murmur64(json_text(template).encode()))


def _environment(world: World) -> Mapping[str, Any]:
    port = world.blob_origin.rsplit(":", 1)[-1]
    host = world.origin.split("//", 1)[-1]
    return {
        "name": "LocalAzure",
        "portal": world.origin,
        "resourceManager": f"{world.origin}/",
        "graph": f"{world.origin}/graph",
        "graphAudience": f"{world.origin}/graph",
        "authentication": {
            "loginEndpoint": f"{world.origin}/",
            "audiences": [world.origin],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {"storage": f"localhost:{port}", "keyvaultDns": f".vault.{host}"},
    }
