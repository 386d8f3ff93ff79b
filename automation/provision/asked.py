"""What a stack's program would make, found out without an Azure: every resource by its id, before there is one.

Owns: running the program as a preview on an empty state and listening to what it asks for.
Leaves: whether that is possible, allowed or affordable to whoever asks.
"""

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.provision.azure_native.provider import AzureNative
    from automation.provision.embedded.providers import ProviderFactory

__all__ = ["AskedResource", "asked_resources"]

NOBODY = "00000000-0000-0000-0000-000000000000"
GROUPS = "Microsoft.Resources/resourceGroups"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedResource:
    """One resource that the program asks for.

    Attributes:
        type: As ARM writes it, like "Microsoft.Storage/storageAccounts".
        id: Its id, or None where that hangs on what Azure has yet to say.
        location: The region, without spaces in lower case; empty for what has none.
        inputs: As the program gives them; what Azure has yet to say is left out.
    """

    type: str
    name: str
    id: str | None
    location: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def sku(self) -> str:
        sku = self.inputs.get("sku")
        return str(cast("dict[str, Any]", sku).get("name") or "") if isinstance(sku, dict) else ""

    @property
    def kind(self) -> str:
        return str(self.inputs.get("kind") or "")


def asked_resources(
    *,
    stack: str,
    config: Mapping[str, object],
    subscription_id: str,
    claims: Callable[[], Mapping[str, Any]] | None = None,
    passphrase: str = "",
) -> tuple[AskedResource, ...]:
    """Everything the program would make in a subscription that has nothing of it, groups first, then by id.

    Args:
        stack: The stack; its settings file counts.
        config: Settings that win over the file's, by their names without "visionlab:".
        subscription_id: Where; names hang on it.
        claims: Who would make it, as a token says: `oid`, `appid`, `tid`. None is nobody in particular.
        passphrase: Opens the secrets of the settings file, where it has any.

    Raises:
        ConfigError: What the program says is wrong with its settings.
        ProvisionFailed: A resource's inputs cannot be right.
    """
    from automation.provision.azure_native.provider import AzureNative
    from automation.provision.project import find_project
    from automation.provision.stacks import Stack

    found: dict[str, AskedResource] = {}

    class Listening(AzureNative):
        """Answers as a preview does, and remembers what it was asked."""

        def preview(self, token: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
            asked = _asked(token, inputs, subscription_id)
            found[f"{asked.id or ''} {token} {asked.name} {len(found) if asked.id is None else ''}"] = asked
            return super().preview(token, inputs, outputs)

    def make(settings: Mapping[str, Any]) -> "AzureNative":
        return Listening(
            arm=_Nothing(), subscription_id=subscription_id, claims=claims or _nobody, location=settings.get("location")
        )

    @contextmanager
    def providers() -> "Generator[ProviderFactory]":
        yield make

    with tempfile.TemporaryDirectory(prefix="visionlab-asked-") as folder:
        Stack(
            name=stack,
            project=find_project(),
            config=config,
            state_file=Path(folder) / "stacks" / f"{stack}.json",
            providers=providers,
            passphrase=passphrase or "nothing is kept",
        ).preview()
    return tuple(sorted(found.values(), key=lambda one: (one.type != GROUPS, one.id or "", one.type, one.name)))


def _asked(token: str, inputs: Mapping[str, Any], subscription_id: str) -> AskedResource:
    from automation.provision.azure_native import wire
    from automation.provision.azure_native.types import kind_of
    from automation.provision.values import contains_unknown

    kind = kind_of(token)
    open_end = any(contains_unknown(inputs.get(name)) for name in kind.parameters)
    resource_id = None if open_end else wire.resource_id(kind, inputs, subscription_id)
    name = inputs.get(kind.name_parameter)
    location = inputs.get("location")
    return AskedResource(
        type=_arm_type(kind.path),
        name="" if contains_unknown(name) else str(name or ""),
        id=resource_id,
        location=location.replace(" ", "").lower() if isinstance(location, str) else "",
        inputs={key: value for key, value in inputs.items() if not contains_unknown(value)},
    )


def _arm_type(path: str) -> str:
    """The type that an id of this form has, like Microsoft.Storage/storageAccounts."""
    below = path.rpartition("/providers/")[2] if "/providers/" in path else ""
    if not below:
        return GROUPS
    namespace, *rest = below.split("/")
    return "/".join([namespace, *rest[::2]])


def _nobody() -> Mapping[str, Any]:
    return {"oid": NOBODY, "tid": NOBODY}


class _Nothing:
    """An Azure that has nothing yet, and from which nobody may want more."""

    def find(self, resource_id: str, **_: Any) -> dict[str, Any] | None:  # noqa: ARG002 (as Arm has it)
        return None

    def put(self, resource_id: str, *_: Any, **__: Any) -> dict[str, Any]:
        raise _unforeseen(f"put {resource_id}")

    def delete(self, resource_id: str, **_: Any) -> None:
        raise _unforeseen(f"delete {resource_id}")

    def post(self, path: str, *_: Any, **__: Any) -> dict[str, Any]:
        raise _unforeseen(f"post {path}")


def _unforeseen(what: str) -> ConfigError:
    return ConfigError(f"the program needs an answer of Azure before it can say what it makes: {what}")
