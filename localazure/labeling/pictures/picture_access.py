"""Fetching a task's picture, and noting what is wrong with it: gone, or not to be decoded.

Owns: who may see which picture, `task.fault`, how many are read at once. Leaves: formats to `pictures.py`.

A picture that cannot be decoded stays in the queue, so that somebody skips it; one that is gone waits until a refresh
finds it again.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from localazure.blobs import Blobs
from localazure.errors import AzureError, BlobDenied, BlobMissing, BlobUnreachable
from localazure.identity import LocalService
from localazure.labeling.people.roles import LABELS_READ, LABELS_WRITE, PROJECTS_READ, Asker
from localazure.labeling.pictures.pictures import LIMIT_BYTES, NotAPicture, check, sniff, to_png
from localazure.labeling.tables import Tables
from localazure.labeling.types import Project

__all__ = ["Picture", "PictureAccess"]

_AT_ONCE = 4
_CHECKED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`tag` tells two contents apart; `data` is None for who has this one already."""

    tag: str
    media_type: str
    data: bytes | None


class PictureAccess:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, blobs: Blobs) -> None:
        self._tables = tables
        self._blobs = blobs
        self._reading = threading.BoundedSemaphore(_AT_ONCE)
        self._converting = threading.Lock()
        self._lock = threading.Lock()
        self._checked: OrderedDict[str, None] = OrderedDict()

    def get(self, project: Project, task: int, asker: Asker, *, held: str) -> Picture:
        """`held`: the tags that the asker has, as If-None-Match. AzureError 403, 404, 422 or 503."""
        path, fault = self._find(project, task, asker)
        with self._reading:
            try:
                data = self._blobs.read(project.place.url(path), LocalService(), limit_bytes=LIMIT_BYTES)
            except BlobMissing:
                self._note(project, task, "missing")
                raise AzureError(404, "MissingImage", "The picture is no longer in its folder.") from None
            except BlobUnreachable:
                raise AzureError(503, "ImageUnreachable", "The blob store does not answer.") from None
            except BlobDenied:
                return self._undecodable(project, task, "The picture is too large to be shown.")
            tag = hashlib.sha256(data).hexdigest()[:32]
            try:
                picture = self._shown(data, tag, has=tag in held)
            except NotAPicture as error:
                return self._undecodable(project, task, str(error))
        if fault:
            self._note(project, task, "")
        return picture

    def _shown(self, data: bytes, tag: str, *, has: bool) -> Picture:
        kind = sniff(data)
        if kind is not None:
            if not self._known(tag):
                check(data)
                self._remember(tag)
            return Picture(tag=tag, media_type=kind, data=None if has else data)
        if has and self._known(tag):
            return Picture(tag=tag, media_type="image/png", data=None)
        with self._converting:
            png = to_png(data)
        self._remember(tag)
        return Picture(tag=tag, media_type="image/png", data=png)

    def _find(self, project: Project, task: int, asker: Asker) -> tuple[str, str]:
        """Path and fault. Who may only write labels sees what is leased to this one, or was answered by this one."""
        if not asker.may(LABELS_READ) and not asker.may(LABELS_WRITE):
            raise _refused(asker)
        with self._tables.read() as db:
            row = db.execute(
                "SELECT path, fault FROM task WHERE project=? AND number=?", (project.number, task)
            ).fetchone()
            if not asker.may(LABELS_READ):
                mine = db.execute(
                    "SELECT EXISTS (SELECT 1 FROM lease WHERE project=?1 AND task=?2 AND person=?3)"
                    " OR EXISTS (SELECT 1 FROM answer WHERE project=?1 AND task=?2 AND person=?3)",
                    (project.number, task, asker.identity),
                ).fetchone()
                if row is None or not mine[0]:
                    raise _refused(asker)
        if row is None:
            raise AzureError(404, "TaskNotFound", f"The project has no task {task}.")
        return row

    def _undecodable(self, project: Project, task: int, reason: str) -> Picture:
        self._note(project, task, "undecodable")
        raise AzureError(422, "UndecodableImage", reason)

    def _note(self, project: Project, task: int, fault: str) -> None:
        with self._tables.write() as db:
            changed = db.execute(
                "UPDATE task SET fault=? WHERE project=? AND number=? AND fault<>?",
                (fault, project.number, task, fault),
            ).rowcount
            if changed:
                self._tables.touch(project.number)

    def _known(self, tag: str) -> bool:
        with self._lock:
            return tag in self._checked

    def _remember(self, tag: str) -> None:
        with self._lock:
            self._checked[tag] = None
            while len(self._checked) > _CHECKED:
                self._checked.popitem(last=False)


def _refused(asker: Asker) -> AzureError:
    action = LABELS_READ if asker.may(PROJECTS_READ) else PROJECTS_READ
    return AzureError(
        403,
        "AuthorizationFailed",
        f"{asker.identity} may not perform 'Microsoft.MachineLearningServices/workspaces/{action}': "
        "the task is not leased to this person.",
    )
