"""What the vision service asks of the rest of the local Azure.

Owns: the Protocols. Leaves: the objects behind them to `app.py`, which hands them in.
"""

from pathlib import Path
from typing import Any, Protocol

__all__ = ["Accounts", "LoadedModel", "ModelLoader", "VisionAccount"]


class VisionAccount(Protocol):
    """One Computer Vision resource, as Resource Manager knows it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def subdomain(self) -> str: ...
    @property
    def principal_id(self) -> str | None: ...
    @property
    def location(self) -> str: ...
    @property
    def sku(self) -> str: ...


class Accounts(Protocol):
    """The Computer Vision resources that exist."""

    def by_key(self, key: str) -> VisionAccount | None: ...
    def by_subdomain(self, subdomain: str) -> VisionAccount | None: ...


class FoundObject(Protocol):
    """One detection, in pixels of the upright picture."""

    class_index: int
    score: float
    x: float
    y: float
    w: float
    h: float


class LoadedModel(Protocol):
    """A trained model in memory. A detector predicts, a classifier classifies."""

    @property
    def classes(self) -> tuple[str, ...]: ...
    def predict(self, image: Any, min_score: float = ...) -> Any: ...
    def classify(self, image: Any) -> Any: ...


class ModelLoader(Protocol):
    """Reads and checks a model file."""

    def __call__(self, path: Path) -> LoadedModel: ...
