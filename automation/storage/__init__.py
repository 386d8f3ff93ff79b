"""Blobs: pictures and annotation files in the lab's containers.

Owns: listing, uploading what is not there yet, copies between accounts, reading, deleting, and rules for blob names.
Leaves: making containers to `infra`, tokens and plain REST to `automation.azure`.

obstore is loaded by the first transfer.
"""

from automation.storage.blob_store import BlobStore
from automation.storage.copying import BlobPlace, CopyReport, copy_container, missing_copies
from automation.storage.types import BlobInfo, Upload, UploadReport

__all__ = [
    "BlobInfo",
    "BlobPlace",
    "BlobStore",
    "CopyReport",
    "Upload",
    "UploadReport",
    "copy_container",
    "missing_copies",
]
