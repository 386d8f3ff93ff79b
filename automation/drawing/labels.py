"""Labels: what is marked in drawn pictures, as COCO documents.

Owns: the two shapes of document, pixel boxes and whole-picture labels; same marks, same bytes.
Leaves: checking and converting COCO to `automation.coco`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from automation.drawing.types import Mark

__all__ = ["Labelled", "dump_coco"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A picture file with what is marked in it.

    Attributes:
        file_name: Relative to the document that lists it.
        width_px: As stored.
        height_px: As stored.
        marks: In the order of drawing.
    """

    file_name: str
    width_px: int
    height_px: int
    marks: tuple[Mark, ...]


def dump_coco(pictures: Sequence[Labelled], classes: Sequence[str]) -> bytes:
    """A COCO document: boxes in pixels from the upper left corner, or no boxes where the picture has the label."""
    ids = {name: number for number, name in enumerate(classes, start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, picture in enumerate(pictures, start=1):
        images.append(
            {"id": number, "width": picture.width_px, "height": picture.height_px, "file_name": picture.file_name}
        )
        for mark in picture.marks:
            found = {"id": len(annotations) + 1, "image_id": number, "category_id": ids[mark.label]}
            if mark.box is not None:
                found |= {"bbox": list(mark.box), "area": mark.box[2] * mark.box[3], "iscrowd": 0}
            annotations.append(found)
    categories = [{"id": number, "name": name} for name, number in ids.items()]
    document = {"images": images, "annotations": annotations, "categories": categories}
    return (json.dumps(document, indent=1) + "\n").encode()
