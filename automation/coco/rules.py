"""COCO rules: a dataset goes in, findings come out, all of them at once.

Owns: the checks of what a well-formed dataset may still have wrong, and their order.
Leaves: JSON that is malformed to `codec.py`, the quotas to `quotas.py`, box geometry to `box_rules.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from automation.coco.box_rules import BOX_RULES
from automation.coco.codec import Decoded
from automation.coco.places import UrlKind, has_signature, image_url, url_kind
from automation.coco.quotas import Quota
from automation.coco.subject import Subject, error, warning
from automation.coco.types import Annotation, Category, Dataset, Image, Unit
from automation.coco.units import find_unit
from automation.errors import Finding, Severity

__all__ = ["check", "check_decoded"]

AT_MOST_PER_CODE = 1000


def check(
    dataset: Dataset, *, unit: Unit | None = None, quota: Quota | None = None, for_service: bool = False
) -> list[Finding]:
    """Find everything that is wrong with a dataset.

    Args:
        dataset: As it was read.
        unit: The unit of the boxes, where the file is not to decide.
        quota: What the dataset is for; without it no quota is looked at.
        for_service: Whether the file goes to the vision service as it is. Then ids have to run from 1 to n,
            boxes have to be shares of their image, and every image needs an address.
    """
    return check_decoded(Decoded(dataset=dataset), unit=unit, quota=quota, for_service=for_service)


def check_decoded(
    decoded: Decoded, *, unit: Unit | None = None, quota: Quota | None = None, for_service: bool = False
) -> list[Finding]:
    """As `check`, for what could be read of a file, with what could not."""
    subject = Subject(
        decoded=decoded,
        unit=unit or find_unit(decoded.dataset),
        unit_was_said=unit is not None,
        quota=quota,
        for_service=for_service,
    )
    findings = list(decoded.findings)
    for rule in (*RULES, *BOX_RULES):
        findings += rule(subject)
    return _bounded(findings)


def _bounded(findings: Iterable[Finding]) -> list[Finding]:
    """A file with a million bad boxes needs no million sentences."""
    kept: list[Finding] = []
    seen: Counter[tuple[str, Severity]] = Counter()
    for finding in findings:
        kind = (finding.code, finding.severity)
        seen[kind] += 1
        if seen[kind] <= AT_MOST_PER_CODE:
            kept.append(finding)
    for (code, severity), count in seen.items():
        if count > AT_MOST_PER_CODE:
            message = f"{count - AT_MOST_PER_CODE:,} more of these are not listed"
            kept.append(Finding(code=code, severity=severity, where="", message=message))
    return kept


def nothing_to_learn(subject: Subject) -> Iterator[Finding]:
    dataset = subject.dataset
    if not dataset.images and subject.complete("images"):
        yield error("no-images", "/images", "there are no images")
    if not dataset.categories and subject.complete("categories"):
        yield error("no-categories", "/categories", "there are no categories")
    if not dataset.annotations and subject.complete("annotations"):
        yield warning("no-annotations", "/annotations", "there are no annotations")


def ids(subject: Subject) -> Iterator[Finding]:
    """Ids are unique, from 1, without gaps; COCO itself asks only for the first."""
    dataset = subject.dataset
    sections: tuple[tuple[str, tuple[Image | Annotation | Category, ...]], ...] = (
        ("images", dataset.images),
        ("annotations", dataset.annotations),
        ("categories", dataset.categories),
    )
    serious = error if subject.for_service else warning
    hint = "renumber the ids from 1, references included"
    for section, entries in sections:
        first: dict[int, int] = {}
        for index, entry in enumerate(entries):
            where = subject.where(section, index, "id")
            if entry.id is None:
                yield serious("id-missing", where, "there is no id", hint=hint)
            elif entry.id in first:
                other = subject.where(section, first[entry.id], "id")
                yield error("id-duplicate", where, f"the id {entry.id} is that of {other} too", hint=hint)
            else:
                first[entry.id] = index
        low = [entry_id for entry_id in first if entry_id < 1]
        if low:
            where = subject.where(section, first[low[0]], "id")
            yield serious("id-below-1", where, f"{len(low)} ids are below 1, the first is {low[0]}", hint=hint)
        elif first and max(first) > len(entries) and subject.complete(section):
            missing = next(number for number in range(1, len(first) + 2) if number not in first)
            yield serious("id-gap", f"/{section}", f"the ids skip {missing}", hint=hint)


def dangling(subject: Subject) -> Iterator[Finding]:
    """Every annotation names an image and a category that exist."""
    hint = "correct the id, or delete the annotation"
    for index, annotation in enumerate(subject.dataset.annotations):
        if not subject.known("images", annotation.image_id):
            where = subject.where("annotations", index, "image_id")
            yield error("dangling-image", where, f"there is no image {annotation.image_id}", hint=hint)
        if not subject.known("categories", annotation.category_id):
            where = subject.where("annotations", index, "category_id")
            yield error("dangling-category", where, f"there is no category {annotation.category_id}", hint=hint)


def categories(subject: Subject) -> Iterator[Finding]:
    used = Counter(annotation.category_id for annotation in subject.dataset.annotations)
    first: dict[str, int] = {}
    for index, category in enumerate(subject.dataset.categories):
        where = subject.where("categories", index, "name")
        if not category.name.strip():
            yield error("category-unnamed", where, f"category {category.id} has no name")
        elif category.name in first:
            other = subject.where("categories", first[category.name], "name")
            yield warning("category-name-duplicate", where, f"{category.name!r} is the name of {other} too")
        first.setdefault(category.name, index)
        if not used[category.id] and subject.complete("annotations"):
            yield warning("category-unused", where, f"nothing is labeled {category.name!r}")


def file_names(subject: Subject) -> Iterator[Finding]:
    """Every image has a file of its own, inside the folder."""
    first: dict[str, int] = {}
    for index, image in enumerate(subject.dataset.images):
        where = subject.where("images", index, "file_name")
        name = image.file_name
        if not name.strip():
            yield error("file-name-missing", where, f"image {image.id} has no file name")
        elif name in first:
            other = subject.where("images", first[name], "file_name")
            yield error("file-name-duplicate", where, f"{name!r} is the file of {other} too")
        elif (
            PurePosixPath(name.replace("\\", "/")).is_absolute() or ".." in PurePosixPath(name.replace("\\", "/")).parts
        ):
            yield error("file-name-outside", where, f"{name!r} leads out of the folder of the images")
        first.setdefault(name, index)


def unlabeled_images(subject: Subject) -> Iterator[Finding]:
    if not subject.complete("annotations"):
        return
    labeled = {annotation.image_id for annotation in subject.dataset.annotations}
    without = [image.file_name for image in subject.dataset.images if image.id not in labeled]
    if without and labeled:
        shown = ", ".join(without[:3]) + (", …" if len(without) > 3 else "")
        message = f"{len(without)} of {len(subject.dataset.images)} images have no annotation: {shown}"
        yield warning("image-unlabeled", "/images", message, hint="fine if there is nothing to see on them")


def addresses(subject: Subject) -> Iterator[Finding]:
    """The service reads images by address, and an address is no place for a secret."""
    for index, image in enumerate(subject.dataset.images):
        for key, url in (("absolute_url", image.absolute_url), ("coco_url", image.coco_url)):
            if url is None:
                continue
            where = subject.where("images", index, key)
            if has_signature(url):
                hint = "write the plain address; the dataset has its own authentication"
                yield warning("url-with-signature", where, "the address carries a SAS token", hint=hint)
            kind = url_kind(url)
            if kind is UrlKind.OTHER:
                yield warning("url-unknown", where, "this is no address that can be read")
            elif kind is UrlKind.HTTP and subject.for_service:
                yield warning("url-not-https", where, "the address is not https")
        if subject.for_service and image_url(image) is None:
            where = subject.where("images", index)
            hint = "give absolute_url, the https address of the blob"
            yield error("url-missing", where, "the image has no address that the service can read", hint=hint)


def labels_without_boxes(subject: Subject) -> Iterator[Finding]:
    """With boxes it is a detection, without a classification; it cannot be both, and a class is one."""
    bare = [index for index, annotation in enumerate(subject.dataset.annotations) if annotation.box is None]
    quota = subject.quota
    if subject.unit is not Unit.ABSENT:
        for index in bare:
            where = subject.where("annotations", index, "bbox")
            polygons = bool(subject.dataset.annotations[index].extra.get("segmentation"))
            hint = "it has a polygon: write the box around it" if polygons else "give a box, or leave out all boxes"
            yield error("box-missing", where, "there is no box, though others have one", hint=hint)
        if quota and not quota.boxes:
            yield warning("boxes-unused", "/annotations", f"{quota.what} takes no notice of the boxes")
        return
    if quota and quota.boxes and bare:
        yield error("boxes-absent", "/annotations", f"{quota.what} needs boxes, and there are none")
        return
    first: dict[int, int] = {}
    for index in bare:
        image_id = subject.dataset.annotations[index].image_id
        if image_id in first:
            other = subject.where("annotations", first[image_id])
            message = f"image {image_id} has a label at {other} already"
            serious = error if subject.for_service or (quota and not quota.boxes) else warning
            yield serious("labels-several", subject.where("annotations", index), message)
        first.setdefault(image_id, index)


def quota_of_dataset(subject: Subject) -> Iterator[Finding]:
    """How much the service takes, and how little."""
    quota, dataset = subject.quota, subject.dataset
    if quota is None:
        return
    images, named = len(dataset.images), len(dataset.categories)
    if images > quota.max_images:
        message = f"{images:,} images are more than {quota.max_images:,}"
        yield error("quota-images", "/images", message, hint=_source(quota))
    if not quota.min_categories <= named <= quota.max_categories and subject.complete("categories"):
        message = f"{named:,} categories are not between {quota.min_categories} and {quota.max_categories:,}"
        yield error("quota-categories", "/categories", message, hint=_source(quota))
    seen_on: dict[int, set[int]] = {category.id: set() for category in dataset.categories}
    for annotation in dataset.annotations:
        seen_on.setdefault(annotation.category_id, set()).add(annotation.image_id)
    for index, category in enumerate(dataset.categories):
        count = len(seen_on[category.id])
        if 0 < count < quota.min_images_per_category:
            message = f"{category.name!r} is on {count} image, and {quota.min_images_per_category} are needed"
            yield error("quota-category", subject.where("categories", index), message, hint=_source(quota))


def quota_of_images(subject: Subject) -> Iterator[Finding]:
    """How large an image may be, and how full."""
    quota, dataset = subject.quota, subject.dataset
    if quota is None:
        return
    labels = Counter(annotation.image_id for annotation in dataset.annotations)
    for index, image in enumerate(dataset.images):
        where, size = subject.where("images", index), f"{image.width:g} x {image.height:g} px"
        if quota.boxes and labels[image.id] > quota.max_labels_per_image:
            message = f"{labels[image.id]:,} boxes are more than {quota.max_labels_per_image:,}"
            yield error("quota-boxes", where, message, hint=_source(quota))
        if image.sized and min(image.width, image.height) < quota.min_side_px:
            yield error("quota-side", where, f"{size}: a side is below {quota.min_side_px}", hint=_source(quota))
        if max(image.width, image.height) > quota.max_side_px:
            yield error("quota-side", where, f"{size}: a side is above {quota.max_side_px:,}", hint=_source(quota))


def _source(quota: Quota) -> str:
    return f"a limit for {quota.what}; source: {quota.source}"


RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    nothing_to_learn,
    ids,
    dangling,
    categories,
    file_names,
    unlabeled_images,
    addresses,
    labels_without_boxes,
    quota_of_dataset,
    quota_of_images,
)
