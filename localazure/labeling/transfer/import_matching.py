"""Which picture of a project an image of a file means: by address, then by path, then by a name that only one has.

Owns: reading addresses, looking in the tables. Leaves: what then happens to `importing.py`.
"""

import sqlite3
from urllib.parse import unquote, urlsplit

from localazure.labeling.jobs.filling import IMAGE_SUFFIXES
from localazure.labeling.tasks import Task
from localazure.labeling.transfer.coco_import import CocoImage
from localazure.labeling.types import DataPlace, Project

__all__ = ["Matching"]

_V1, _V2 = "amldatastore://", "azureml://"


class Matching:
    """Looks in one snapshot of the tables."""

    def __init__(self, db: sqlite3.Connection, project: Project) -> None:
        self._db = db
        self._number = project.number
        self._place = project.place

    def task_of(self, image: CocoImage) -> tuple[Task | None, str]:
        """The task without its labels; none, and why."""
        for path in _paths(self._place, image):
            if found := self._select("path", path):
                return found[0], ""
        name = (image.file_name or image.absolute_url or image.coco_url or "").split("?", 1)[0].rsplit("/", 1)[-1]
        found = self._select("name", name) or self._select("name", unquote(name))
        if len(found) == 1:
            return found[0], ""
        if not name.lower().endswith(IMAGE_SUFFIXES):
            return None, f"a labeling project takes no picture like '{name}', only {', '.join(IMAGE_SUFFIXES)}"
        several = f"several pictures are called '{name}'"
        return None, several if found else f"the project has no picture '{image.file_name or name}'"

    def _select(self, column: str, value: str) -> list[Task]:
        """At most two: two of one name mean that the name says too little."""
        rows = self._db.execute(
            f"SELECT number, path, state, version, width, height FROM task WHERE project=? AND {column}=? LIMIT 2",  # noqa: S608 a literal of this module
            (self._number, value),
        )
        return [
            Task(number=number, path=path, state=state, version=version, width=width, height=height, changed=None)
            for number, path, state, version, width, height in rows
        ]


def _paths(place: DataPlace, image: CocoImage) -> list[str]:
    """Blob paths that the image may mean, the surest first."""
    paths: list[str] = []
    for url in (image.absolute_url, image.coco_url):
        if url is None:
            continue
        lower = url.lower()
        if lower.startswith(_V1):
            whole = unquote(url[len(_V1) :])
            paths += [whole.partition("/")[2], whole]  # the datastore's name may be missing, in exports of old
        elif lower.startswith(_V2):
            path = url.partition("/paths/")[2]
            paths += [path, unquote(path)]
        elif lower.startswith("http"):
            paths.extend(_after_container(unquote(urlsplit(url).path), place))
    if image.file_name:
        name = image.file_name.replace("\\", "/").removeprefix("./")
        paths += [name, place.folder + name]
    return paths


def _after_container(path: str, place: DataPlace) -> list[str]:
    """The blob's name in a path of either style: /container/blob or /account/container/blob."""
    prefixes = (f"/{place.account}/{place.container}/", f"/{place.container}/")
    return [path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix)]
