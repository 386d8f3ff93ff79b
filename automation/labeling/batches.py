"""Cuts a COCO file into pieces that fit one request, and maps places in a piece back to the whole file. Pure.

Owns: the cutting: each piece has its pictures, their annotations, and all categories.
Leaves: what COCO means to `automation.coco`; here only the three lists and their ids matter.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from automation.errors import DatasetError, Finding, Severity

__all__ = ["Batch", "cut"]

_POINTER = re.compile(r"/(images|annotations)/(\d+)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One piece: a COCO file of its own, and where its entries stand in the whole one."""

    coco: dict[str, Any]
    images: tuple[int, ...]
    annotations: tuple[int, ...]

    def in_whole_file(self, finding: Finding) -> Finding:
        """The finding with its pointer into the whole file."""
        match = _POINTER.fullmatch(finding.where)
        if match is None:
            return finding
        places = self.images if match[1] == "images" else self.annotations
        index = int(match[2])
        return replace(finding, where=f"/{match[1]}/{places[index]}{match[3]}") if index < len(places) else finding


def cut(content: bytes, *, most_bytes: int) -> Iterator[Batch]:
    """The file in pieces of at most about `most_bytes`; whole when it fits. Raises DatasetError when it is no COCO."""
    coco = _read(content)
    images, annotations = _entries(coco, "images"), _entries(coco, "annotations")
    if len(content) <= most_bytes:
        yield Batch(coco=coco, images=tuple(range(len(images))), annotations=tuple(range(len(annotations))))
        return
    head = {key: value for key, value in coco.items() if key not in {"images", "annotations"}}
    of_image: dict[object, list[int]] = {}
    for place, annotation in enumerate(annotations):
        of_image.setdefault(annotation.get("image_id"), []).append(place)
    nothing: dict[str, Any] = head | {"images": [], "annotations": []}
    limit = most_bytes - _size(nothing)
    chosen: list[int] = []
    size = 0
    for place, image in enumerate(images):
        weight = _size(image) + sum(_size(annotations[i]) for i in of_image.get(image.get("id"), []))
        if chosen and size + weight > limit:
            yield _piece(head, images, annotations, chosen, of_image)
            chosen, size = [], 0
        chosen.append(place)
        size += weight
    if chosen:
        yield _piece(head, images, annotations, chosen, of_image)


def _piece(
    head: dict[str, Any],
    images: list[dict[str, Any]],
    annotations: list[dict[str, Any]],
    chosen: list[int],
    of_image: dict[object, list[int]],
) -> Batch:
    places = [i for place in chosen for i in of_image.get(images[place].get("id"), [])]
    coco = head | {"images": [images[i] for i in chosen], "annotations": [annotations[i] for i in places]}
    return Batch(coco=coco, images=tuple(chosen), annotations=tuple(places))


def _read(content: bytes) -> dict[str, Any]:
    try:
        coco = json.loads(content)
    except ValueError as exc:
        raise _no_coco(f"it is not JSON: {exc}") from exc
    if not isinstance(coco, dict):
        raise _no_coco("it is not a JSON object")
    return cast("dict[str, Any]", coco)


def _entries(coco: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = coco.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in cast("list[object]", entries)):
        raise _no_coco(f'"{key}" is not a list of objects')
    return cast("list[dict[str, Any]]", entries)


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) + 1


def _no_coco(reason: str) -> DatasetError:
    finding = Finding(code="no-coco", severity=Severity.ERROR, where="", message=reason)
    return DatasetError(f"the labels are no COCO file: {reason}", findings=[finding])
