"""The rules about images as the file tells of them: file names, addresses, sizes."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from automation.coco.columns import ImageColumns, Ints
from automation.coco.places import UrlKind, has_signature, url_kind
from automation.coco.rules.found import AT_MOST_PER_CODE, Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.coco.types import Unit
from automation.errors import Finding

__all__ = ["Addresses", "FileNames", "Sizes"]


class FileNames(Rule):
    """Every image has a file of its own, inside the folder."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._hashes: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []

    def images(self, piece: ImageColumns) -> None:
        self._hashes.append(np.fromiter(map(hash, piece.names), np.int64, len(piece.names)))
        ids, names = piece.ids, piece.names
        empty = [row for row, name in enumerate(names) if not name or name.isspace()]
        outside = [row for row, name in enumerate(names) if _suspicious(name) and _leads_out(name)]
        at = {int(piece.index[row]): row for row in (*empty, *outside)}

        def unnamed(place: int) -> Finding:
            message = f"image {ids[at[place]]} has no file name"
            return error("file-name-missing", f"/images/{place}/file_name", message)

        def leading_out(place: int) -> Finding:
            message = f"{names[at[place]]!r} leads out of the folder of the images"
            return error("file-name-outside", f"/images/{place}/file_name", message)

        self.found.each(piece.index[empty], unnamed)
        self.found.each(piece.index[outside], leading_out)

    def end(self) -> None:
        hashes = np.concatenate([np.empty(0, np.int64), *self._hashes])
        self._hashes.clear()
        if not _repeats(hashes):
            return
        order = np.argsort(hashes, kind="stable")
        alike = np.flatnonzero(np.diff(hashes[order]) == 0)
        table = self.subject.images
        first: dict[str, int] = {}
        again: dict[int, tuple[str, int]] = {}
        for row in np.unique(np.concatenate([order[alike], order[alike + 1]])):
            name, place = table.name(int(row)), table.places.one(int(row))
            if name.strip() and name in first:
                again[place] = (name, first[name])
            first.setdefault(name, place)

        def say(place: int) -> Finding:
            name, other = again[place]
            message = f"{name!r} is the file of /images/{other}/file_name too"
            return error("file-name-duplicate", f"/images/{place}/file_name", message)

        self.found.each(list(again), say)


def _repeats(hashes: Ints) -> bool:
    """Whether one comes twice; most files end here."""
    ordered = np.sort(hashes)
    return bool((ordered[1:] == ordered[:-1]).any())


def _suspicious(name: str) -> bool:
    return ".." in name or name.startswith(("/", "\\"))


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts


class Addresses(Rule):
    """The service reads images by address, and an address is no place for a secret."""

    def images(self, piece: ImageColumns) -> None:
        for place, row in zip(piece.index, self._unusual(piece.urls), strict=True):
            if row is not None:
                self._image(int(place), row)

    def _unusual(self, urls: Sequence[tuple[str | None, str | None]]) -> list[tuple[str | None, str | None] | None]:
        """Most addresses are plain https and need no second look; these are the others."""
        for_service = self.subject.for_service
        usual = "https://" if for_service else ("https://", "http://")
        return [
            None
            if (not absolute or (absolute.startswith(usual) and "sig" not in absolute))
            and (not coco or (coco.startswith(usual) and "sig" not in coco))
            and not (for_service and not absolute and not coco)
            else (absolute, coco)
            for absolute, coco in urls
        ]

    def _image(self, place: int, urls: tuple[str | None, str | None]) -> None:
        readable = False
        for key, url in zip(("absolute_url", "coco_url"), urls, strict=True):
            if not url:  # exporters write "" where they know none
                continue
            where, kind = f"/images/{place}/{key}", url_kind(url)
            if has_signature(url):
                hint = "write the plain address; the dataset has its own authentication"
                self._add(place, warning("url-with-signature", where, "the address carries a SAS token", hint=hint))
            if kind is UrlKind.OTHER:
                self._add(place, warning("url-unknown", where, "this is no address that can be read"))
            elif kind is UrlKind.HTTP and self.subject.for_service:
                self._add(place, warning("url-not-https", where, "the address is not https"))
            readable |= kind in (UrlKind.HTTPS, UrlKind.HTTP)
        if self.subject.for_service and not readable:
            hint = "give absolute_url, the https address of the blob"
            message = "the image has no address that the service can read"
            self._add(place, error("url-missing", f"/images/{place}", message, hint=hint))

    def _add(self, place: int, finding: Finding) -> None:
        self.found.each([place], lambda _: finding)


class Sizes(Rule):
    """Azure ML exports sizes of 0; with normalised boxes that is bearable, with pixels it is not."""

    def end(self) -> None:
        images = self.subject.images
        negative = (images.sizes < 0).any(axis=1)
        missing = ~(images.sizes > 0).all(axis=1) & ~negative
        serious = error if self.subject.unit is Unit.PIXELS else warning
        at = {images.places.one(row): row for row in np.flatnonzero(negative)[:AT_MOST_PER_CODE].tolist()}

        def no_size(place: int) -> Finding:
            width, height = images.sizes[at[place]]
            return error("size-negative", f"/images/{place}", f"{width:g} x {height:g} is no size")

        hint = "take width and height from the picture"
        self.found.each(images.places.of(np.flatnonzero(negative)), no_size)
        self.found.each(
            images.places.of(np.flatnonzero(missing)),
            lambda place: serious("size-missing", f"/images/{place}", "the size is not given", hint=hint),
        )
