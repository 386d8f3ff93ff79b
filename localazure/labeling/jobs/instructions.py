"""The text that labelers read first: what was typed into the settings, or a Markdown file in our own storage.

Owns: which links are read, and for how long an answer is kept. Leaves: showing it to the pages, which make no HTML of
it.

Only blobs of the storage accounts that the project uses anyway are read, so that a link opens no other door.
"""

import threading
from pathlib import PurePosixPath
from urllib.parse import unquote

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.errors import AzureError, BlobError
from localazure.identity import LocalService
from localazure.labeling.jobs.places import Places
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.types import Project

__all__ = ["Instructions"]

_SUFFIXES = (".md", ".markdown", ".txt")
_LIMIT_BYTES = 64 * 1024
_KEPT_S = 30.0
_MOST_KEPT = 100


class Instructions:
    """Safe to share between threads."""

    def __init__(self, blobs: Blobs, places: Places, clock: Clock) -> None:
        self._blobs = blobs
        self._places = places
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, str]] = {}

    def text(self, project: Project, settings: ProjectSettings) -> str:
        """What to show; empty when there is nothing but a link, or the file cannot be read as text."""
        uri = (project.spec.instructions_uri or "").strip()
        if settings.instructions or not self._is_ours(project, uri):
            return settings.instructions
        now = self._clock.monotonic()
        with self._lock:
            known = self._known.get(uri)
        if known is not None and known[0] > now:
            return known[1]
        text = self._read(uri)
        with self._lock:
            self._known[uri] = (now + _KEPT_S, text)
            while len(self._known) > _MOST_KEPT:
                del self._known[next(iter(self._known))]
        return text

    def _is_ours(self, project: Project, uri: str) -> bool:
        path, _, query = uri.partition("?")
        if query or "#" in path or ".." in unquote(path) or PurePosixPath(path).suffix.lower() not in _SUFFIXES:
            return False
        if path.startswith(project.place.base_url):
            return True
        try:
            return path.startswith(self._places.of_exports(project.workspace_id).base_url)
        except AzureError:
            return False

    def _read(self, uri: str) -> str:
        try:
            return self._blobs.read(uri, LocalService(), limit_bytes=_LIMIT_BYTES).decode("utf-8-sig")
        except (BlobError, UnicodeDecodeError):
            return ""
