"""Sizes of pictures, for datasets that do not say them: only the head of a picture is read.

Owns: finding the picture of an entry below a folder, and its size as it is stored.
Leaves: whether a size is needed to `losses.py`.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from automation.coco.formats.names import leads_out
from automation.coco.formats.told import Told
from automation.coco.types import Dataset, Image
from automation.progress import Progress, silent

__all__ = ["with_true_sizes"]

_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap the sides
_ORIENTATION = 0x0112


def with_true_sizes(dataset: Dataset, folders: Sequence[Path], told: Told, *, progress: Progress = silent) -> Dataset:
    """Give pictures without a size that of their file, where there is one.

    A picture is looked for under its name, then under the name without its first folders; two entries never share one.
    """
    taken: dict[Path, str] = {}
    images: list[Image] = []
    for done, image in enumerate(dataset.images, 1):
        images.append(image if image.sized else _sized(image, folders, taken, told))
        progress(done, len(dataset.images), "looking at pictures")
    return replace(dataset, images=tuple(images))


def _sized(image: Image, folders: Sequence[Path], taken: dict[Path, str], told: Told) -> Image:
    if leads_out(image.file_name):
        told.wrong("path-outside", image.file_name, f"{image.file_name!r} leads out of the folder of pictures")
        return image
    path = next((path for path in _places(image.file_name, folders) if path.is_file()), None)
    if path is None:
        return image
    if (other := taken.setdefault(path, image.file_name)) != image.file_name:
        message = f"{other!r} and {image.file_name!r} would both be {path.name}"
        told.wrong("name-collision", image.file_name, message, hint="keep the sub-folders in the folder of pictures")
        return image
    try:
        width, height, turned = _size_of(path)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as failed:
        message = f"the picture cannot be read: {str(failed) or type(failed).__name__}"
        told.wrong("picture-unreadable", image.file_name, message, hint="copy it again")
        return image
    if turned:
        told.lost("picture-turned", "pictures are turned by their EXIF data: they count with the sides as stored")
    return replace(image, width=width, height=height)


def _places(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    parts = PurePosixPath(name).parts
    for skipped in range(len(parts)):
        for folder in folders:
            yield folder.joinpath(*parts[skipped:])


def _size_of(path: Path) -> tuple[int, int, bool]:
    from PIL import Image as Pictures

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd tags and large pictures: nothing is decoded here
        try:
            with Pictures.open(path) as picture:
                return picture.width, picture.height, picture.getexif().get(_ORIENTATION) in _TURNED
        except Pictures.DecompressionBombError as bomb:
            raise ValueError("it claims a size that no memory can hold") from bomb
