"""Staging: a dataset becomes a folder of pictures and rows for the training worker.

Owns: reading annotation files and pictures with the dataset's own authentication, the quotas, boxes in pixels,
bounded memory and a bounded number of reads at once.
Leaves: the format of annotation files to `coco_reader.py`, training to the worker.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localazure.blobs import Blobs
from localazure.errors import BlobError
from localazure.few_at_once import few_at_once
from localazure.identity import Anonymous, Identity, ManagedIdentity, SasToken
from localazure.lane import Stop
from localazure.vision.coco_reader import AnnotatedImage, AnnotationFile, UnitBox, read_annotation_file
from localazure.vision.failures import RunFailed, corrupt
from localazure.vision.limits import ANNOTATION_FILE_BYTES, IMAGE_BYTES, Quota
from localazure.vision.picture_header import PictureHeader, read_header
from localazure.vision.types import AnnotationKind, AuthenticationKind, Dataset

__all__ = ["Contents", "StagedPicture", "Stager"]

_READS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a dataset's annotation files say, put together. `categories` are those in use, in order."""

    name: str
    kind: AnnotationKind
    categories: tuple[str, ...]
    images: tuple[AnnotatedImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPicture:
    """One row for the worker, and the address that the picture came from."""

    row: dict[str, Any]
    url: str


class Stager:
    """Reads datasets as the service may: `principal_id` is the account's own identity."""

    def __init__(self, blobs: Blobs, principal_id: str | None, *, stop: Stop) -> None:
        self._blobs = blobs
        self._principal_id = principal_id
        self._stop = stop

    def contents(self, dataset: Dataset, kind: AnnotationKind, quota: Quota) -> Contents:
        """Read and check the annotation files; raises RunFailed."""
        if dataset.spec.annotation_kind not in (None, kind):
            raise corrupt(f"The dataset '{dataset.name}' is {dataset.spec.annotation_kind}, but {kind} is needed.")
        uris = dict.fromkeys(dataset.spec.annotation_file_uris)
        if not uris:
            raise corrupt(f"The dataset '{dataset.name}' has no annotation files.")
        identity = self._identity(dataset)
        files = [
            read_annotation_file(self._read(uri, identity, ANNOTATION_FILE_BYTES), kind, source=_plain(uri))
            for uri in uris
        ]
        contents = _together(dataset.name, kind, files)
        _check_quota(contents, quota)
        return contents

    def pictures(
        self,
        dataset: Dataset,
        contents: Contents,
        classes: Sequence[str],
        *,
        folder: Path,
        prefix: str,
        quota: Quota,
        progress: Callable[[int, int], None],
    ) -> list[StagedPicture]:
        """Copy the pictures into `folder` and return their rows; raises RunFailed or Interrupted."""
        identity = self._identity(dataset)
        urls = list(dict.fromkeys(image.url for image in contents.images))
        headers: dict[str, tuple[str, PictureHeader]] = {}

        def fetch(number: int) -> None:
            url = urls[number]
            data = self._read(url, identity, IMAGE_BYTES)
            header = _header(url, data, quota)
            name = f"{prefix}{number:06d}{header.suffix}"
            _write(folder / name, data)
            headers[url] = (name, header)

        for done in few_at_once(fetch, len(urls), self._stop, at_once=_READS_AT_ONCE):
            progress(done, len(urls))
        index = {name: place for place, name in enumerate(classes)}
        return [_row(image, *headers[image.url], index) for image in contents.images]

    def _identity(self, dataset: Dataset) -> Identity:
        """A dataset without authentication reads as the account when it has an identity, else as nobody."""
        asked = dataset.spec.authentication
        if asked is None:
            return Anonymous() if self._principal_id is None else ManagedIdentity(self._principal_id)
        if asked.kind is AuthenticationKind.NONE:
            return Anonymous()
        if asked.kind is AuthenticationKind.SAS:
            return SasToken(asked.sas_token or "")
        if self._principal_id is None:
            raise corrupt(
                f"The dataset '{dataset.name}' is to be read with the managed identity, "
                "but the resource has no system-assigned identity."
            )
        return ManagedIdentity(self._principal_id)

    def _read(self, url: str, identity: Identity, limit_bytes: int) -> bytes:
        try:
            return self._blobs.read(url, identity, limit_bytes=limit_bytes)
        except BlobError as error:
            raise _unreadable(error) from error


def _unreadable(error: BlobError) -> RunFailed:
    return corrupt(f"Unable to read {error.url}: {error.reason.rstrip('.')}.")


def _together(name: str, kind: AnnotationKind, files: Sequence[AnnotationFile]) -> Contents:
    """All files as one. Images of a classification dataset that nobody labelled teach nothing and are left out."""
    labelled_only = kind is AnnotationKind.CLASSIFICATION
    images = tuple(image for file in files for image in file.images if image.category is not None or not labelled_only)
    used = {label for image in images for label in _labels(image)}
    categories = dict.fromkeys(category for file in files for category in file.categories if category in used)
    return Contents(name=name, kind=kind, categories=tuple(categories), images=images)


def _labels(image: AnnotatedImage) -> set[str]:
    return {box.category for box in image.boxes} | ({image.category} if image.category is not None else set())


def _check_quota(contents: Contents, quota: Quota) -> None:
    name = contents.name
    if not contents.images:
        raise corrupt(f"The dataset '{name}' holds no images.")
    if len(contents.images) > quota.images:
        raise corrupt(f"The dataset '{name}' holds {len(contents.images)} images, more than {quota.images}.")
    least, most = quota.categories
    if not least <= len(contents.categories) <= most:
        raise corrupt(
            f"The dataset '{name}' has labels of {len(contents.categories)} categories; {least} to {most} are needed."
        )
    counts = Counter(label for image in contents.images for label in _labels(image))
    for category in contents.categories:
        if counts[category] < quota.images_per_category:
            raise corrupt(
                f"The dataset '{name}' has {counts[category]} image(s) of '{category}'; "
                f"at least {quota.images_per_category} are needed."
            )
    for image in contents.images:
        if len(image.boxes) > quota.regions_per_image:
            raise corrupt(f"{_plain(image.url)} has {len(image.boxes)} boxes, more than {quota.regions_per_image}.")


def _header(url: str, data: bytes, quota: Quota) -> PictureHeader:
    if not data:
        raise corrupt(f"The image {_plain(url)} is empty.")
    try:
        header = read_header(data)
    except ValueError as error:
        raise corrupt(f"The image {_plain(url)} cannot be used: {error}.") from error
    least, most = quota.sides_px
    if not least <= min(header.width, header.height) <= max(header.width, header.height) <= most:
        raise corrupt(
            f"The image {_plain(url)} is {header.width} x {header.height} pixels; sides of {least} to {most} are taken."
        )
    return header


def _row(image: AnnotatedImage, name: str, header: PictureHeader, index: dict[str, int]) -> StagedPicture:
    unknown = _labels(image) - index.keys()
    if unknown:
        raise corrupt(f"{_plain(image.url)} has the category '{min(unknown)}', which the model does not know.")
    row: dict[str, Any] = {"path": name}
    if image.category is not None:
        row["labels"] = [index[image.category]]
    else:
        row["boxes"] = [_pixels(box, header) for box in image.boxes]
        row["labels"] = [index[box.category] for box in image.boxes]
    return StagedPicture(row=row, url=_plain(image.url))


def _pixels(box: UnitBox, header: PictureHeader) -> list[float]:
    return [
        box.left * header.width,
        box.top * header.height,
        box.width * header.width,
        box.height * header.height,
    ]


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _plain(url: str) -> str:
    """The address without a query: it may hold a token."""
    return url.split("?", 1)[0]
