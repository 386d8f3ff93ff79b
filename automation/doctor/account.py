"""Checks of the account on Azure: the subscription, the clocks, and the lab's resource group."""

from datetime import timedelta
from typing import Any, cast

from automation.doctor.service import Service
from automation.doctor.types import Finding, failure, fine, warning
from automation.lab_tags import LAB_TAG, STACK_TAG
from automation.provision.asked import AskedResource

__all__ = ["check_clock_skew", "check_group", "check_subscription"]

NOTICED, REFUSED = timedelta(seconds=60), timedelta(seconds=300)


def check_subscription(service: Service) -> Finding:
    """That a token is taken, that the subscription is there, works, and is of the tenant that is meant."""
    found = service.subscription()
    name, state = found.get("displayName") or service.subscription_id, str(found.get("state") or "")
    theirs, ours = str(found.get("tenantId") or ""), service.tenant_id or ""
    if theirs and ours and theirs.lower() != ours.lower():
        return failure(
            f"the subscription {name} is of tenant {theirs}, and we are signed in to {ours}",
            f"`az login --tenant {theirs}`, or set AZURE_TENANT_ID, or choose another subscription",
        )
    if state.lower() in ("disabled", "deleted", "expired"):
        return failure(f"the subscription {name} is {state}: nothing can be made in it", "`az account set` another one")
    if state.lower() in ("warned", "pastdue"):
        return warning(f"the subscription {name} is {state}: Azure may disable it", "look at its payment in the portal")
    return fine(f"{name} ({service.subscription_id}) takes our token, tenant {theirs or ours}")


def check_clock_skew(service: Service) -> Finding:
    """Tokens and signatures are good from one time to another; the service's clock decides."""
    skew = service.skew()
    seconds = abs(skew).total_seconds()
    said = f"our clock is {seconds:.0f} s {'ahead of' if skew > timedelta() else 'behind'} the service's"
    fix = "let the clock be set by the network (NTP): `timedatectl set-ntp true`"
    if abs(skew) >= REFUSED:
        return failure(f"{said}: tokens and signed links will be refused", fix)
    return warning(said, fix) if abs(skew) >= NOTICED else fine(said)


def check_group(service: Service) -> Finding:
    """Whether the group can be made, or is the lab's already."""
    found = service.group()
    if found is None:
        return fine("the program asks for no group")
    wanted, there = found
    return fine(f"{wanted.name} is free") if there is None else _judged(wanted, there)


def _judged(wanted: AskedResource, there: dict[str, Any]) -> Finding:
    """A group that is there already."""
    properties = cast("dict[str, Any]", there.get("properties") or {})
    if str(properties.get("provisioningState") or "").lower() == "deleting":
        return failure(
            f"{wanted.name} is being deleted",
            f"wait until it is gone: `az group wait --deleted -n {wanted.name}`; another `resourceGroup` works at once",
        )
    if manager := there.get("managedBy"):
        return failure(f"{wanted.name} is managed by {manager}", "choose another `resourceGroup` under `settings:`")
    theirs, ours = _owner(there.get("tags")), _owner(wanted.inputs.get("tags"))
    if theirs != ours:
        told = f"another lab's ({theirs[0]} on {theirs[1]})" if theirs[0] else "there, and not made by visionlab"
        fix = "choose another `name` or `resourceGroup`; the lab makes a group of its own"
        return failure(f"{wanted.name} is {told}", fix)
    at, asked = str(there.get("location") or ""), wanted.location
    if asked and at.replace(" ", "").lower() != asked:
        return failure(
            f"{wanted.name} is in {at}, and the lab asks for {asked}",
            f"set `location: {at}`, or `visionlab lab down` first: a group cannot move",
        )
    return fine(f"{wanted.name} is this lab's already")


def _owner(tags: object) -> tuple[str, str]:
    lower = {str(k).lower(): str(v) for k, v in cast("dict[str, Any]", tags if isinstance(tags, dict) else {}).items()}
    return lower.get(LAB_TAG, ""), lower.get(STACK_TAG, "")
