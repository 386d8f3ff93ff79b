"""Blobs: pictures and annotation files in the lab's containers.

Owns: listing, uploading what is not there yet, reading and deleting, and the rules for blob names.
Leaves: making containers to `infra`, tokens and plain REST to `automation.azure`.

obstore is loaded by the first transfer.
"""

from automation.storage.blob_store import BlobStore
from automation.storage.types import BlobInfo, Upload, UploadReport

__all__ = ["BlobInfo", "BlobStore", "Upload", "UploadReport"]
