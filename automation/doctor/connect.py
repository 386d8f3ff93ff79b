"""From a machine to the Azure that its lab is on: the running local one, or Azure itself by somebody's sign-in.

Owns: whether there is anybody to ask, and how our clock differs from the service's.
Leaves: the questions to `service.py`. Nothing is started and nobody is asked for a password.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from automation.azure import (
    Arm,
    Cloud,
    Rest,
    TokenSource,
    azure_cloud,
    default_tokens,
    find_sign_in,
    local_cloud,
    local_tokens,
)
from automation.doctor.machine import Machine
from automation.doctor.service import Once, Service
from automation.doctor.types import NotAsked
from automation.errors import LabError, TransportError
from automation.provision.asked import AskedResource, asked_resources

__all__ = ["connected"]

NOBODY = "00000000-0000-0000-0000-000000000000"


def connected(machine: Machine, *, passphrase: str = "") -> Machine:
    """The machine, with somebody to ask; signing in waits for the first question.

    Args:
        machine: As the shell has it.
        passphrase: Opens the secrets of the stack's settings file, where it has any.
    """
    sign_in: Once[tuple[Cloud, TokenSource]] = Once(lambda: _sign_in(machine))

    def ask() -> tuple[AskedResource, ...]:
        if machine.read_lab is None:
            raise NotAsked("there is no lab file here", hint="run `visionlab init`, or name the file with -f")
        try:
            facts = machine.read_lab()
        except LabError as exc:
            raise NotAsked("the lab file is not right", hint=exc.hint) from exc
        if facts.elsewhere:
            raise NotAsked("the lab's resources are provisioned elsewhere", hint="ask whoever provisioned them")
        try:
            cloud, tokens = sign_in()
            claims = _claims(tokens.token(cloud.arm_scope))
        except LabError:  # names hang on the subscription; the kinds of resources do not
            return asked_resources(
                stack=machine.stack, config=facts.settings, subscription_id=NOBODY, passphrase=passphrase
            )
        return asked_resources(
            stack=machine.stack,
            config=facts.settings,
            subscription_id=cloud.subscription_id,
            claims=claims,
            passphrase=passphrase,
        )

    asked = Once(ask)
    return replace(machine, service=Once(lambda: _service(machine, *sign_in(), asked)), asked=asked)


def _sign_in(machine: Machine) -> tuple[Cloud, TokenSource]:
    if not machine.on_azure:
        connection = machine.local.connection()
        if connection is None:
            raise NotAsked("the local Azure does not run", hint="`visionlab local start`", remedy="start-local")
        cloud = local_cloud(connection)
        return cloud, local_tokens(cloud, str(connection.get("client_id")), str(connection.get("client_secret")))
    found = find_sign_in(machine.environment)
    if found is None or found.missing or not found.subscription_id:
        raise NotAsked("nobody is signed in to Azure, or no subscription is named", hint="see the line `sign-in`")
    cloud = azure_cloud(tenant_id=found.tenant_id, subscription_id=found.subscription_id)
    return cloud, default_tokens(cloud)


def _service(
    machine: Machine, cloud: Cloud, tokens: TokenSource, asked: Callable[[], tuple[AskedResource, ...]]
) -> Service:
    rest = Rest(cloud, tokens)
    return Service(
        arm=Arm(rest, cloud),
        subscription_id=cloud.subscription_id,
        tenant_id=cloud.tenant_id,
        is_local=cloud.is_local,
        skew=lambda: _skew(rest, cloud, machine.now),
        now=machine.now,
        asked=asked,
    )


def _skew(rest: Rest, cloud: Cloud, now: Callable[[], datetime]) -> timedelta:
    """How far our clock is ahead, taken at the middle of one short request; its date has whole seconds."""
    operation = "ask the service for its time"
    url = f"{cloud.arm_endpoint}/metadata/endpoints"
    before = now()
    answer = rest.send("GET", url, scope=None, operation=operation, params={"api-version": "2022-09-01"})
    ours = before + (now() - before) / 2
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError as exc:
        raise TransportError(operation, "the answer has no date") from exc
    skew = ours - theirs.replace(tzinfo=theirs.tzinfo or UTC)
    return timedelta() if timedelta() <= skew < timedelta(seconds=1.5) else skew


def _claims(token: str) -> Callable[[], Mapping[str, Any]]:
    """What our own token says of us; whether it is good is for those to say who get it."""
    try:
        payload = token.split(".")[1]
        found: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        found = {}
    return lambda: {"oid": NOBODY, "tid": NOBODY} | (found if isinstance(found, dict) else {})
