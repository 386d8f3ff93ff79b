"""A deployment JSON from outside becomes a stack's state.

Owns: looking whether it is one, and of this stack, and whether its secrets can be read; the copy of the old state.
Leaves: the form of the file to `embedded/state.py`.
"""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from automation.errors import ConfigError

__all__ = ["check_document", "import_document"]

HINT = "give what `visionlab lab export` or `pulumi stack export` wrote"


def import_document(
    document: dict[str, Any],
    *,
    into: Path,
    project: str,
    stack: str,
    passphrase: str,
    now: datetime,
    version: str,
) -> None:
    """Put the deployment JSON in the place of the state file; the old one is kept as `<name>.before-import`.

    Secrets in plain text, as `pulumi stack export --show-secrets` writes them, are encrypted here.
    """
    from automation.provision.embedded import state
    from automation.provision.embedded.crypter import Passphrase

    deployment = check_document(document, project=project, stack=stack)
    provider = cast("dict[str, Any]", deployment.get("secrets_providers") or {})
    by_passphrase = provider.get("type") == "passphrase"
    salt = cast("dict[str, Any]", provider.get("state") or {}).get("salt") if by_passphrase else None
    crypter = Passphrase(passphrase, salt)
    try:
        snapshot = state.parse(document, crypter, source="the file")
    except ConfigError as exc:
        if by_passphrase or not provider:
            raise
        hint = "export it with `pulumi stack export --show-secrets`; its secrets are encrypted again here"
        raise ConfigError(f"the secrets in it are encrypted by {provider.get('type')}", hint=hint) from exc
    into.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if into.exists():
        shutil.copy2(into, into.with_suffix(".before-import"))
    state.write_file(into, state.dump(snapshot, crypter, now=now, version=version))


def check_document(document: object, *, project: str, stack: str) -> dict[str, Any]:
    """The deployment in it. Raises ConfigError when it is none, or another stack's."""
    found = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    deployment: object = found.get("deployment")
    if found.get("version") != 3 or not isinstance(deployment, dict):
        raise ConfigError("this is no deployment JSON of version 3", hint=HINT)
    held = cast("dict[str, Any]", deployment)
    prefix = f"urn:pulumi:{stack}::{project}::"
    resources: object = held.get("resources", [])
    if resources is not None and not isinstance(resources, list):
        raise ConfigError("the deployment's resources are no list", hint=HINT)
    for resource in cast("list[Any]", resources or []):
        urn = str(cast("dict[str, Any]", resource).get("urn", "")) if isinstance(resource, dict) else ""
        if not urn.startswith(prefix):
            raise ConfigError(
                f"the deployment is of another stack: {urn or 'a resource has no URN'}",
                hint=f"the URNs of this stack begin with {prefix}",
            )
    return held
