"""What the vision service asks of the rest of the local Azure.

Owns: the Protocols. Leaves: the objects behind them to `app.py`, which hands them in.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from localazure.vision.predictions import Prediction

if TYPE_CHECKING:  # Pillow is slow to import, and only needed when a picture comes
    from PIL import Image


__all__ = ["Accounts", "LoadLook", "Look", "VisionAccount"]


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


Look = Callable[["Image.Image"], Prediction]
"""A loaded model: a picture goes in, what is seen comes out."""

LoadLook = Callable[[Path], Look]
"""Reads and checks a model file."""
