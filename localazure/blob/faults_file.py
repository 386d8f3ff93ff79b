"""The file through which the blob server learns whom to hang up on, and the one in which it notes that it did.

Owns: their formats, shared with `shim.js`. Leaves: which rules there are to whoever publishes them.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from localazure.blob.versions import told_apart
from localazure.settings import write_private

__all__ = ["FaultsFile"]


class FaultsFile:
    """Publishes rules; there are none until then, whatever an earlier process has left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._struck = path.with_suffix(".struck")
        self._written = 0
        self.path.unlink(missing_ok=True)
        self._struck.unlink(missing_ok=True)

    def publish(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the file; the blob server looks at it at its next request."""
        if not rules and not self._written:
            return
        self._written += 1
        document = {
            "rules": [
                {"id": rule["id"], "method": rule["method"], "path": rule["path"], "left": rule["left"]}
                for rule in rules
            ]
        }
        write_private(self.path, told_apart(json.dumps(document).encode(), self._written))

    def struck(self) -> Mapping[str, int]:
        """How often each rule has hit, by id."""
        try:
            return Counter(self._struck.read_text("ascii").split())
        except FileNotFoundError:
            return {}
