"""Pictures as small as a list shows them: dozens at once, where the files themselves would be hundreds of megabytes.

Owns: making them small, keeping the last ones in memory. Leaves: reading, and who may see what, to `picture_access.py`.
"""

import io
import threading
from collections import OrderedDict

from localazure.labeling.people.roles import Asker
from localazure.labeling.pictures.picture_access import Picture, PictureAccess
from localazure.labeling.pictures.pictures import NotAPicture, open_picture
from localazure.labeling.types import Project

__all__ = ["SIDE_PX", "Thumbs"]

SIDE_PX = 480
_SMALL_BYTES = 40_000
_MOST_BYTES = 16 * 1024 * 1024
_MOST_PIXELS = 40_000_000
_QUALITY = 82
_GROUND = (236, 239, 243)


class Thumbs:
    """Safe to share between threads."""

    def __init__(self, pictures: PictureAccess) -> None:
        self._pictures = pictures
        self._making = threading.Lock()
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, project: Project, task: int, asker: Asker, *, held: str) -> Picture:
        """At most 480 pixels high and wide, turned as its orientation says. What is small already comes as it is."""
        whole = self._pictures.get(project, task, asker, held="")
        data = whole.data or b""
        tag = f"s{whole.tag}"
        if tag in held:
            return Picture(tag=tag, media_type="image/jpeg", data=None)
        if len(data) <= _SMALL_BYTES:
            return Picture(tag=whole.tag, media_type=whole.media_type, data=data)
        small = self._find(tag)
        if small is None:
            with self._making:
                small = self._find(tag) or _made(data)
            self._keep(tag, small)
        if not small:
            return whole
        return Picture(tag=tag, media_type="image/jpeg", data=small)

    def _find(self, tag: str) -> bytes | None:
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
            return self._kept.get(tag)

    def _keep(self, tag: str, small: bytes) -> None:
        with self._lock:
            if tag in self._kept:
                return
            self._kept[tag] = small
            self._bytes += len(small)
            while self._bytes > _MOST_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone)


def _made(data: bytes) -> bytes:
    """A JPEG; nothing when that would take too much memory, or cannot be done."""
    from PIL import Image, ImageOps

    try:
        image = open_picture(data)
        if image.format not in ("JPEG", "MPO") and image.width * image.height > _MOST_PIXELS:
            return b""
        image.draft("RGB", (SIDE_PX, SIDE_PX))
        image.thumbnail((SIDE_PX, SIDE_PX))
        image = ImageOps.exif_transpose(image)
        if image.mode in ("RGBA", "LA", "P", "PA"):
            image = image.convert("RGBA")
            ground = Image.new("RGB", image.size, _GROUND)
            ground.paste(image, mask=image)
            image = ground
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    except (NotAPicture, OSError, ValueError, SyntaxError):
        return b""
    return out.getvalue()
