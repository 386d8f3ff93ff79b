"""ARM's whole local Azure in this process, for what it counts."""

from tests.localazure.arm.conftest import error, lab

__all__ = ["error", "lab"]
