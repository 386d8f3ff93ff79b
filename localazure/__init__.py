"""A local Azure: ARM, Entra ID, blobs, the vision service and the ML workspace on this machine."""

__all__ = ["__version__"]

__version__ = "0.1.0"
