"""From a cloud, or from a provider's settings, to a provider that can call it.

Owns: the settings of azure-native that say where and who (also as ARM_* variables), and reading who a token is for.
Leaves: HTTP and tokens to `automation.azure`.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from automation.azure import Arm, Cloud, Rest, TokenSource, local_tokens
from automation.azure.cloud import ML_SCOPE, STORAGE_SCOPE, VISION_SCOPE
from automation.errors import ConfigError, ServiceError
from automation.provision.azure_native.provider import AzureNative

__all__ = ["connect", "connect_by_settings"]

METADATA_VERSION = "2022-09-01"

# azure-native's settings and the variables that stand for them.
_VARIABLES = {
    "metadataHost": "ARM_METADATA_HOSTNAME",
    "clientId": "ARM_CLIENT_ID",
    "clientSecret": "ARM_CLIENT_SECRET",
    "tenantId": "ARM_TENANT_ID",
    "subscriptionId": "ARM_SUBSCRIPTION_ID",
    "location": "ARM_LOCATION_NAME",
}


def connect(rest: Rest, cloud: Cloud, tokens: TokenSource, *, location: str | None = None) -> AzureNative:
    """A provider for the cloud's subscription; whoever opened `rest` closes it."""
    return AzureNative(
        arm=Arm(rest, cloud),
        subscription_id=cloud.subscription_id,
        claims=lambda: claims_of(tokens.token(cloud.arm_scope)),
        location=location,
    )


def connect_by_settings(settings: Mapping[str, Any], environment: Mapping[str, str]) -> AzureNative:
    """A provider as azure-native is configured: by its settings, else by the environment. Raises ConfigError.

    Its connections last as long as the process does.
    """
    found = {name: str(settings.get(name) or environment.get(variable, "")) for name, variable in _VARIABLES.items()}
    missing = [f"azure-native:{name} ({_VARIABLES[name]})" for name in _VARIABLES if not found[name]]
    missing = [text for text in missing if "location" not in text]
    if missing:
        raise ConfigError(
            f"the provider is not configured: {', '.join(missing)}",
            hint='run `eval "$(visionlab local env)"` first',
        )
    host = found["metadataHost"]
    origin = (host if "://" in host else f"https://{host}").rstrip("/")
    ca_file = environment.get("SSL_CERT_FILE")
    asked = Cloud(
        name="local",
        arm_endpoint=origin,
        authority_host=origin,
        storage_scope=STORAGE_SCOPE,
        vision_scope=VISION_SCOPE,
        ml_scope=ML_SCOPE,
        ca_file=Path(ca_file) if ca_file else None,
        tenant_id=found["tenantId"],
        subscription_id=found["subscriptionId"],
    )
    cloud = _described(asked)
    tokens = local_tokens(cloud, found["clientId"], found["clientSecret"])
    return connect(Rest(cloud, tokens), cloud, tokens, location=found["location"] or None)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says about its owner. We read our own token; its signature is for those who get it."""
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}


class _NoTokens:
    def token(self, scope: str) -> str:
        raise ConfigError(f"no token for {scope} is needed here")


def _described(asked: Cloud) -> Cloud:
    """The cloud as its metadata document describes it."""
    operation = "read the cloud's metadata"
    url = f"{asked.arm_endpoint}/metadata/endpoints"
    with Rest(asked, _NoTokens()) as rest:
        answer = rest.send("GET", url, scope=None, operation=operation, params={"api-version": METADATA_VERSION})
    found = answer.json_object(operation)
    try:
        arm, authority = str(found["resourceManager"]), str(found["authentication"]["loginEndpoint"])
    except (KeyError, TypeError) as exc:
        raise ServiceError(f"the metadata has no {exc}", operation=operation, status=answer.status) from exc
    return replace(asked, arm_endpoint=arm.rstrip("/"), authority_host=authority.rstrip("/"))
