"""True sizes of a project's pictures: read once, when an import or an export first needs them.

Owns: reading few at once, remembering. Leaves: the header to `picture_size.py`, the rows to `tasks.py`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from localazure.blobs import Blobs
from localazure.errors import BlobError
from localazure.identity import LocalService
from localazure.labeling.pictures.picture_size import picture_size
from localazure.labeling.tasks import Task, Tasks
from localazure.labeling.types import Project

__all__ = ["Sizes"]

_READS_AT_ONCE = 4
_START_BYTES = 64 * 1024
_LIMIT_BYTES = 64 * 1024 * 1024


class Sizes:
    def __init__(self, blobs: Blobs, tasks: Tasks) -> None:
        self._blobs = blobs
        self._tasks = tasks

    def measure(self, project: Project) -> None:
        """Look at the labeled pictures whose size is not known yet. What cannot be read stays unknown."""
        for page in self._tasks.unsized(project.number):
            self.of(project, page)

    def of(self, project: Project, tasks: Sequence[Task]) -> dict[int, tuple[int, int]]:
        """Sizes by task number. Pictures that cannot be read are left out."""
        known = {task.number: (task.width, task.height) for task in tasks if task.width and task.height}
        missing = [task for task in tasks if task.number not in known]

        def look(task: Task) -> tuple[int, int] | None:
            url = project.place.url(task.path)
            try:
                start = self._blobs.read_start(url, most_bytes=_START_BYTES)
                size = picture_size(start)
                if size is None and len(start) == _START_BYTES:  # TIFF has its header anywhere, JPEG much before it
                    size = picture_size(self._blobs.read(url, LocalService(), limit_bytes=_LIMIT_BYTES))
            except BlobError:
                return None
            return size

        with ThreadPoolExecutor(_READS_AT_ONCE, thread_name_prefix="sizes") as pool:
            found = {task.number: size for task, size in zip(missing, pool.map(look, missing), strict=True) if size}
        self._tasks.put_sizes(project.number, [(number, *size) for number, size in found.items()])
        return {number: (int(size[0] or 0), int(size[1] or 0)) for number, size in (known | found).items()}
