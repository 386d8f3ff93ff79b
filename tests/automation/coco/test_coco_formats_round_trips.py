"""Each format there and back: what it says that it holds comes back equal, whatever the labels are."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.coco.formats import FORMATS
from automation.coco.formats.building import Building
from automation.coco.formats.format import Files, Format, Holds
from automation.coco.formats.losses import tell_losses, tell_obstacles
from automation.coco.formats.measures import measured, polygons_of
from automation.coco.formats.told import Told
from automation.coco.types import Box, Dataset, Image, Unit

WIDTH, HEIGHT = 1237, 763
_HOSTILE = "aä.<>&\"'; ,:=+~%#?[]{}|`-é日\U0001f34e\\"
words = st.text(st.sampled_from(_HOSTILE), min_size=1, max_size=6).map(lambda text: f"kk{text}k")
quarter = st.integers(0, 40).map(lambda n: n / 4)


@st.composite
def labels(draw: st.DrawFn) -> Dataset:
    classes = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    building = Building(classes)
    for stem in draw(st.lists(words, min_size=1, max_size=4, unique_by=str.lower)):
        name = draw(st.sampled_from(["", "x/", "train/y/"])) + stem.replace("\\", "") + ".jpg"
        if building.known(name):
            continue
        image = building.image(name, (WIDTH, HEIGHT), url="https://a.blob.core.windows.net/c/" + "n")
        for _ in range(draw(st.integers(0, 3))):
            x, y, w, h = draw(quarter), draw(quarter), draw(quarter) + 2, draw(quarter) + 2
            corners = [x, y, x + w, y, x + w, y + h]
            pieces = draw(st.sampled_from([[], [corners], [corners, [x, y, x + w, y + h, x, y + h]]]))
            box = Box(x=x, y=y, w=w, h=h)
            crowd = draw(st.booleans())
            building.label(image, draw(st.sampled_from(classes)), box=box, polygons=pieces, crowd=crowd)
    return building.dataset


def addressed(dataset: Dataset) -> Dataset:
    def one(image: Image) -> Image:
        return replace(image, absolute_url=None, coco_url=f"azureml://w/datastores/d/paths/{image.file_name}")

    return replace(dataset, images=tuple(one(image) for image in dataset.images))


def facts(dataset: Dataset, kept: Format) -> Any:
    """What the format holds of the dataset, in pixels."""
    names = {category.id: category.name for category in dataset.categories}
    found: dict[str, list[Any]] = {image.file_name: [] for image in dataset.images}
    by_id = {image.id: image.file_name for image in dataset.images}
    for a in dataset.annotations:
        assert a.box is not None
        polygons = polygons_of(a) if Holds.POLYGONS in kept.holds else ()
        shape = tuple(round(v, 3) for v in (a.box.x, a.box.y, a.box.w, a.box.h))
        crowd = bool(a.iscrowd) and Holds.CROWDS in kept.holds
        rounded = tuple(tuple(round(value, 3) for value in polygon) for polygon in polygons)
        found[by_id[a.image_id]].append((names[a.category_id], shape, rounded, crowd))
    if Holds.EMPTY not in kept.holds:
        found = {name: entries for name, entries in found.items() if entries}
    classes = [c.name for c in dataset.categories] if Holds.CLASSES in kept.holds else None
    sizes = {i.file_name: (i.width, i.height) for i in dataset.images} if Holds.SIZES in kept.holds else None
    return {"labels": {n: sorted(e) for n, e in found.items()}, "classes": classes, "sizes": sizes and sorted(sizes)}


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "azure"])
@settings(max_examples=40, deadline=None)
@given(labels())
def test_what_a_format_holds_comes_back(name: str, dataset: Dataset) -> None:
    kind = FORMATS[name]
    dataset = addressed(dataset)
    if Holds.PIECES not in kind.holds:
        dataset = replace(dataset, annotations=tuple(a for a in dataset.annotations if len(polygons_of(a)) < 2))
    if name == "yolo-seg":  # boxes come back as polygons
        dataset = replace(dataset, annotations=tuple(a for a in dataset.annotations if polygons_of(a)))
    told = Told()
    tell_losses(dataset, kind, told)
    tell_obstacles(dataset, kind, told)
    dumped = kind.dump(measured(dataset, Unit.PIXELS, kind.unit), told)
    assert dumped == kind.dump(measured(dataset, Unit.PIXELS, kind.unit), Told())
    readable = {path or "labels.json": data for path, data in dumped.items() if path != "MLTable"}
    read = kind.parse(Files(texts=readable), told)
    told.refuse(name)
    back = replace(read.dataset, images=tuple(replace(i, width=WIDTH, height=HEIGHT) for i in read.dataset.images))
    assert facts(measured(back, read.unit or kind.unit, Unit.PIXELS), kind) == facts(dataset, kind)
    if Holds.SIZES in kind.holds:
        assert {(i.width, i.height) for i in read.dataset.images} <= {(WIDTH, HEIGHT)}
