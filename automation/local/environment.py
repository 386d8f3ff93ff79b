"""The variables that point `az`, the SDKs and Pulumi at the local Azure.

Owns: which variables, and how each shell quotes them. Pure: a connection goes in, text comes out.
Sources: azure-identity, azure-ai-ml and pulumi-azure-native; see docs/reference on the local Azure.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from automation.errors import ConfigError

__all__ = ["SHELLS", "variables", "write_shell"]

SHELLS = ("sh", "fish", "powershell", "json")


def variables(connection: Mapping[str, object], *, config_dir: Path) -> dict[str, str]:
    """Every variable, by name. One of them is a secret.

    Args:
        connection: The local Azure's endpoint.json.
        config_dir: Where `az` keeps its sign-in, away from the user's own.
    """

    def text(key: str) -> str:
        value = connection.get(key)
        if not isinstance(value, str):
            hint = "run `visionlab local stop` and `visionlab local start`"
            raise ConfigError(f"the connection file of the local Azure lacks {key}", hint=hint)
        return value

    origin = text("origin").rstrip("/")
    host = origin.removeprefix("https://")
    values = {
        "ARM_CLIENT_ID": text("client_id"),
        "ARM_CLIENT_SECRET": text("client_secret"),
        # In this version the document is a list: az fails over an object.
        "ARM_CLOUD_METADATA_URL": f"{origin}/metadata/endpoints?api-version=2019-05-01",
        "ARM_DISABLE_INSTANCE_DISCOVERY": "true",
        "ARM_METADATA_HOSTNAME": host,
        "ARM_SUBSCRIPTION_ID": text("subscription_id"),
        "ARM_TENANT_ID": text("tenant_id"),
        "AZURE_AUTHORITY_HOST": origin,
        "AZURE_CLIENT_ID": text("client_id"),
        "AZURE_CLIENT_SECRET": text("client_secret"),
        "AZURE_CONFIG_DIR": str(config_dir),
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_SUBSCRIPTION_ID": text("subscription_id"),
        "AZURE_TENANT_ID": text("tenant_id"),
        # Managed identity. DefaultAzureCredential asks the service principal above first, `az` only when told to.
        "IDENTITY_ENDPOINT": text("identity_endpoint"),
        "IDENTITY_HEADER": text("identity_header"),
        "REQUESTS_CA_BUNDLE": text("bundle_file"),
        "SSL_CERT_FILE": text("bundle_file"),
    }
    if "imds_endpoint" in connection:
        values["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = text("imds_endpoint")
    return values


def write_shell(values: Mapping[str, str], shell: str) -> str:
    """The variables as lines that a shell evaluates, or as JSON."""
    match shell:
        case "sh":
            lines = [
                f"export {name}={_single(value, chr(39) + chr(92) + chr(39) * 2)}" for name, value in values.items()
            ]
        case "fish":
            lines = [f"set -gx {name} {_fish(value)};" for name, value in values.items()]
        case "powershell":
            lines = [f"$Env:{name} = {_single(value, chr(39) * 2)}" for name, value in values.items()]
        case "json":
            return json.dumps(dict(values), indent=2, sort_keys=True)
        case _:
            raise ConfigError(f"no such shell: {shell}", hint=f"it can be {', '.join(SHELLS)}")
    return "\n".join(lines)


def _single(value: str, quote: str) -> str:
    """In single quotes, where nothing but the quote itself means anything."""
    return "'" + value.replace("'", quote) + "'"


def _fish(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
