"""What the blob server lacks, as its clients found out (tests/clients/test_storage_blob.py), for the coverage page."""

__all__ = ["BLOB_LACKS"]

_SERVICE = "Blob storage"
_NONE = "not implemented"

BLOB_LACKS: tuple[tuple[str, str, str, str], ...] = (
    (_SERVICE, "Put Blob From URL, Put Block From URL", _NONE, "501 APINotImplemented; copy a blob instead"),
    (_SERVICE, "Undelete Blob, Restore Container", _NONE, "501 APINotImplemented: nothing is deleted softly"),
    (_SERVICE, "Set Blob Legal Hold, Set Blob Immutability Policy", _NONE, "501 APINotImplemented"),
    (_SERVICE, "Query Blob Contents", _NONE, "501 APINotImplemented"),
    (_SERVICE, "customer-provided keys, encryption scopes", _NONE, "500 FeatureNotSupported"),
    (_SERVICE, "Get Blob Service Stats", _NONE, "there is no secondary endpoint"),
)
