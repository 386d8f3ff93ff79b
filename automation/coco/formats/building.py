"""A dataset in the making: pictures and classes by name, ids from 1 in the order in which they come.

Owns: ids. Leaves: what a format says to its module.
"""

from collections.abc import Mapping, Sequence

from automation.coco.formats.measures import around
from automation.coco.types import Annotation, Box, Category, Dataset, Image

__all__ = ["Building"]


class Building:
    """What was read so far."""

    def __init__(self, classes: Sequence[str] = ()) -> None:
        self._categories: dict[str, int] = {}
        self._images: list[Image] = []
        self._by_name: dict[str, int] = {}
        self._annotations: list[Annotation] = []
        for name in classes:
            self.category(name)

    def category(self, name: str) -> int:
        """The id of a class; it becomes the last one when it is new."""
        return self._categories.setdefault(name, len(self._categories) + 1)

    def image(self, name: str, size: tuple[float, float] = (0, 0), *, url: str | None = None) -> int:
        """A new picture; `url` is where it can be read, of whatever kind."""
        readable = url is not None and url.lower().startswith(("http://", "https://"))
        number = len(self._images) + 1
        self._images.append(
            Image(
                id=number,
                file_name=name,
                width=size[0],
                height=size[1],
                absolute_url=url if readable else None,
                coco_url=None if readable else url,
            )
        )
        self._by_name.setdefault(name, number)
        return number

    def known(self, name: str) -> int | None:
        """The id of a picture that is there already."""
        return self._by_name.get(name)

    def size_of(self, image_id: int) -> tuple[float, float]:
        image = self._images[image_id - 1]
        return image.width, image.height

    def label(
        self,
        image_id: int,
        name: str,
        *,
        box: Box | None = None,
        polygons: Sequence[Sequence[float]] = (),
        crowd: bool = False,
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        """A labelled thing; a thing with polygons and no box gets the box around them."""
        if polygons and box is None:
            box = around(polygons)
        extra: dict[str, object] = {"segmentation": [list(polygon) for polygon in polygons]} if polygons else {}
        if attributes:
            extra["attributes"] = dict(attributes)
        self._annotations.append(
            Annotation(
                id=len(self._annotations) + 1,
                image_id=image_id,
                category_id=self.category(name),
                box=box,
                iscrowd=1 if crowd else None,
                extra=extra,
            )
        )

    @property
    def dataset(self) -> Dataset:
        return Dataset(
            images=tuple(self._images),
            annotations=tuple(self._annotations),
            categories=tuple(Category(id=number, name=name) for name, number in self._categories.items()),
        )
