"""Whether the local Azure's blob server (Azurite) is installed, without starting anything.

Owns: the two places where it may stand; the local Azure's `install` puts it into one of them.
"""

import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

__all__ = ["has_blob_server"]

_MAIN = Path("node_modules", "azurite", "dist", "src", "blob", "main.js")


def has_blob_server(environment: Mapping[str, str]) -> bool:
    """Whether Azurite stands beside the local Azure's code or in the user's data folder."""
    spec = find_spec("localazure")  # finds the folder; imports nothing
    beside = [Path(place) / "web" for place in (spec.submodule_search_locations or [])] if spec else []
    data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    own = [data / "visionlab" / f"web-{_locked(shipped)}" for shipped in beside]
    return any((folder / _MAIN).is_file() for folder in [*beside, *own])


def _locked(shipped: Path) -> str:
    """What the local Azure calls the locked versions that it was shipped with."""
    return hashlib.sha256((shipped / "package-lock.json").read_bytes()).hexdigest()[:8]
