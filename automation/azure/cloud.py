"""Which Azure we speak to: its endpoints, token scopes and trusted certificates.

Owns: the two clouds we know, Azure itself and the local Azure of a connection file.
Leaves: who we are there to `credentials.py`, starting the local one to `automation.local`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from automation.errors import ConfigError

__all__ = ["Cloud", "azure_cloud", "local_cloud"]

STORAGE_SCOPE = "https://storage.azure.com/.default"
VISION_SCOPE = "https://cognitiveservices.azure.com/.default"
ML_SCOPE = "https://ml.azure.com/.default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One Azure.

    Attributes:
        name: "azure" or "local".
        arm_endpoint: Origin of the resource manager, without a slash at the end.
        authority_host: Origin that gives tokens, without a slash at the end.
        ca_file: The only certificate authority to trust; None means the machine's own list.
        tenant_id: The directory; None lets azure-identity choose.
    """

    name: str
    arm_endpoint: str
    authority_host: str
    storage_scope: str
    vision_scope: str
    ml_scope: str
    ca_file: Path | None
    tenant_id: str | None
    subscription_id: str

    @property
    def arm_scope(self) -> str:
        return f"{self.arm_endpoint}/.default"

    @property
    def is_local(self) -> bool:
        return self.name == "local"


def azure_cloud(*, tenant_id: str | None, subscription_id: str) -> Cloud:
    """Azure's public cloud."""
    return Cloud(
        name="azure",
        arm_endpoint="https://management.azure.com",
        authority_host="https://login.microsoftonline.com",
        storage_scope=STORAGE_SCOPE,
        vision_scope=VISION_SCOPE,
        ml_scope=ML_SCOPE,
        ca_file=None,
        tenant_id=tenant_id,
        subscription_id=subscription_id,
    )


def local_cloud(connection: Mapping[str, object]) -> Cloud:
    """The local Azure that wrote `connection` (its endpoint.json) when it was ready."""
    texts = {key: connection.get(key) for key in ("origin", "ca_file", "tenant_id", "subscription_id")}
    missing = sorted(key for key, value in texts.items() if not isinstance(value, str) or not value)
    if missing:
        raise ConfigError(
            f"the connection file of the local Azure lacks {', '.join(missing)}",
            hint="run `visionlab local stop` and `visionlab local start`",
        )
    origin = str(texts["origin"]).rstrip("/")
    return Cloud(
        name="local",
        arm_endpoint=origin,
        authority_host=origin,
        storage_scope=STORAGE_SCOPE,
        vision_scope=VISION_SCOPE,
        ml_scope=ML_SCOPE,
        ca_file=Path(str(texts["ca_file"])),
        tenant_id=str(texts["tenant_id"]),
        subscription_id=str(texts["subscription_id"]),
    )
