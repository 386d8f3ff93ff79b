"""The file through which the blob server learns who may do what by token.

Owns: its format, shared with `shim.js`. Leaves: what roles allow to `arm`.
"""

import json
from pathlib import Path
from typing import Any

from localazure.blob.versions import told_apart
from localazure.blobs import BlobAccess, BlobGrant
from localazure.settings import write_private

__all__ = ["AccessFile"]


class AccessFile:
    """Publishes grants; until it has, nobody may do anything by token."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = 0

    def publish(self, access: BlobAccess) -> None:
        """Replace the file; the blob server looks at it before its next decision."""
        self._written += 1
        grants = {who: [_said(grant) for grant in granted] for who, granted in sorted(access.grants.items())}
        document = {"grants": grants, "groups": {who: list(groups) for who, groups in sorted(access.groups.items())}}
        write_private(self.path, told_apart(json.dumps(document).encode(), self._written))


def _said(grant: BlobGrant) -> dict[str, Any]:
    """As `asdict` has it, which copies what it holds: here are all assignments, after each change of one."""
    return {"scope": grant.scope, "since_ms": grant.since_ms, "allows": grant.allows}
