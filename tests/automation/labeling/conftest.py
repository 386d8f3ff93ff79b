"""The local Azure's own labeling service in this process, for the clients of its data plane."""

from tests.localazure.labeling.conftest import labeling_portal, open_labeling

__all__ = ["labeling_portal", "open_labeling"]
