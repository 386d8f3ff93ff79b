"""Prediction: a picture and a model's name become tags or boxes.

Owns: getting the picture by address, its limits, and how many predictions run at once.
Leaves: model files to `model_cache.py`, looking to `loaded_model.py`.

Addresses are only read through the local Azure's own blob store, as nobody: never anything else on the network.
"""

import threading

from localazure.blobs import Blobs
from localazure.errors import AzureError, BlobError
from localazure.identity import Anonymous
from localazure.job_folders import Folders
from localazure.vision.errors import bad_request, image_refused, not_found
from localazure.vision.limits import IMAGE_BYTES, PREDICT_SIDES
from localazure.vision.model_cache import ModelCache
from localazure.vision.models import Models
from localazure.vision.predictions import Prediction

__all__ = ["Analyzer", "check_image_size"]

_AT_ONCE = 2


class Analyzer:
    def __init__(self, models: Models, folders: Folders, cache: ModelCache, blobs: Blobs) -> None:
        self._models = models
        self._folders = folders
        self._cache = cache
        self._blobs = blobs
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def analyze_url(self, account_id: str, model_name: str, url: str) -> Prediction:
        """The address must be readable by anybody, or carry its own signature."""
        self._file(account_id, model_name)
        try:
            data = self._blobs.read(url, Anonymous(), limit_bytes=IMAGE_BYTES)
        except BlobError as error:
            raise bad_request(
                "Image URL is badly formatted or not accessible.", inner=("BadArgument", error.reason)
            ) from error
        return self.analyze_bytes(account_id, model_name, data)

    def analyze_bytes(self, account_id: str, model_name: str, data: bytes) -> Prediction:
        from localazure.training.errors import PictureError
        from localazure.training.pictures import open_image

        self._file(account_id, model_name)
        check_image_size(len(data))
        with self._turns:
            try:
                image = open_image(data)
            except PictureError as error:
                raise image_refused(str(error)) from error
            _check_sides(*image.size)
            look = self._cache.get(self._folders.model(self._file(account_id, model_name)))
            return look(image)

    def _file(self, account_id: str, model_name: str) -> str:
        """Only a succeeded model answers; any other name is not found."""
        model = self._models.find(account_id, model_name)
        if model is None or model.file is None:
            raise not_found("trained model", model_name)
        return model.file


def check_image_size(size: int) -> None:
    if not 0 < size <= IMAGE_BYTES:
        raise _size_refused()


def _size_refused() -> AzureError:
    return bad_request(f"The image size is not allowed to be zero or larger than {IMAGE_BYTES} bytes")


def _check_sides(width: int, height: int) -> None:
    least, most = PREDICT_SIDES
    if min(width, height) < least or max(width, height) > most:
        raise image_refused(f"the image is {width} x {height} pixels; sides of {least} to {most} are taken")
