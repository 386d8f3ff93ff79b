"""Models in memory: loaded when first asked for, the least used ones dropped.

Owns: how many are kept, and that two requests do not load one file twice.
Leaves: reading the file to `localazure.training`.
"""

import threading
from collections import OrderedDict
from pathlib import Path

from localazure.vision.seams import LoadLook, Look

__all__ = ["ModelCache"]


class ModelCache:
    def __init__(self, load: LoadLook, *, size: int) -> None:
        self._load = load
        self._size = size
        self._lock = threading.Lock()
        self._models: OrderedDict[Path, Look] = OrderedDict()

    def get(self, path: Path) -> Look:
        """One load at a time: the first call on a model is slow, as in Azure."""
        with self._lock:
            model = self._models.pop(path, None) or self._load(path)
            self._models[path] = model
            while len(self._models) > self._size:
                self._models.popitem(last=False)
        return model

    def drop(self, path: Path) -> None:
        with self._lock:
            self._models.pop(path, None)
