"""COCO: in pixels, in shares of the picture, and as the vision service takes it.

Owns: which keys a new COCO file has. Leaves: JSON to `automation.coco.codec`, the service's form to
`automation.coco.convert`; Azure ML's exports and Custom Vision's are COCO too and are read here.
"""

from dataclasses import replace

from automation.coco.codec import decode, dump
from automation.coco.convert import for_vision_service
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import plain
from automation.coco.formats.told import Told
from automation.coco.places import image_url
from automation.coco.rules import check, check_decoded
from automation.coco.types import Annotation, Dataset, Unit
from automation.errors import DatasetError, Severity

__all__ = ["AZURE", "NORMALISED", "PIXELS"]


def parse(files: Files, told: Told) -> Read:
    """Raises DatasetError: the file is malformed."""
    [(name, data)] = files.texts.items()
    decoded = decode(data)
    if decoded.findings:
        findings = check_decoded(decoded)
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        raise DatasetError(f"{name} has {errors} error{'s' * (errors != 1)}", findings=findings)
    told.refuse(name)
    return Read(dataset=decoded.dataset, unit=None)


def dump_pixels(dataset: Dataset, told: Told) -> Dumped:
    """COCO as other tools want it: with iscrowd and area, info and licenses."""
    unsized = sum(not image.sized for image in dataset.images)
    told.lost("size-missing", "pictures have no size in the new file: give --images", unsized)
    extra = {"info": dict[str, object](), "licenses": list[object](), **dataset.extra}
    annotations = tuple(_complete(annotation) for annotation in dataset.annotations)
    return {"": dump(replace(dataset, annotations=annotations, extra=extra))}


def _complete(annotation: Annotation) -> Annotation:
    return annotation if annotation.box is None else replace(annotation, iscrowd=annotation.iscrowd or 0)


def dump_azure(dataset: Dataset, told: Told) -> Dumped:
    """The vision service's form; it has to pass the checks that the service makes.

    Raises:
        DatasetError: It does not pass.
    """
    addresses = [image_url(image) for image in dataset.images]
    for index, address in enumerate(addresses):
        if address is None:
            message = f"{dataset.images[index].file_name!r} has no address at which the service could read it"
            hint = "say where the pictures are with --url-base https://ACCOUNT.blob.core.windows.net/CONTAINER"
            told.wrong("address-missing", f"/images/{index}", message, hint=hint)
    told.refuse("the dataset")
    made = for_vision_service(dataset, str)
    images = tuple(
        replace(image, absolute_url=address, width=plain(image.width), height=plain(image.height))
        for image, address in zip(made.images, addresses, strict=True)
    )
    made = replace(made, images=images)
    if errors := [f for f in check(made, for_service=True) if f.severity is Severity.ERROR]:
        raise DatasetError("the vision service would not take the new file", findings=errors, hint=errors[0].hint)
    return {"": dump(made)}


PIXELS = Format(
    name="pixels",
    unit=Unit.PIXELS,
    folder=False,
    suffixes=(".json",),
    parse=parse,
    dump=dump_pixels,
    holds=frozenset(Holds),
    plain_names=False,
)
NORMALISED = replace(PIXELS, name="normalised", unit=Unit.NORMALISED)
AZURE = replace(
    NORMALISED,
    name="azure",
    dump=dump_azure,
    holds=frozenset((Holds.BOXES, Holds.LABELS, Holds.SIZES, Holds.ADDRESSES, Holds.CLASSES, Holds.EMPTY)),
    sizes_needed=True,
)
