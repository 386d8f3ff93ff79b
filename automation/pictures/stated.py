"""Pictures against what COCO files say about them.

Owns: findings about files that are missing, broken, of another size, or there twice.
Leaves: reading COCO to whoever asks, one file to `looking`, likeness to `twins`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from automation.errors import Finding, Severity
from automation.pictures.folder import nearest_names, path_inside
from automation.pictures.limits import PictureLimits
from automation.pictures.looking import Look
from automation.pictures.many import look_at
from automation.pictures.twins import Cluster, find_twins
from automation.progress import Progress, silent

__all__ = ["MOST_PER_CODE", "NEAR_BITS", "Stated", "check_stated"]

MOST_PER_CODE = 1000
NEAR_BITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """An image of a COCO file.

    Attributes:
        file: The name of the COCO file.
        where: What findings point at, as "/images/3".
        name: The picture's name, from the folder on.
        width: In pixels; 0 when the file does not say. So with the height.
    """

    file: str
    where: str
    name: str
    width: float
    height: float


def check_stated(
    stated: Sequence[Stated], folder: Path, limits: PictureLimits, *, progress: Progress = silent
) -> list[Finding]:
    """Everything that is wrong with the pictures of one or more COCO files, each picture looked at once.

    Of alike findings a thousand are kept, and a last one says how many there were.
    """
    names = list(dict.fromkeys(image.name for image in stated))
    paths = {name: path for name in names if (path := path_inside(folder, name)) is not None}
    there = [name for name, path in paths.items() if _is_file(path)]
    first = {image.name: image.where for image in reversed(stated)}
    looks = look_at(
        [paths[name] for name in there],
        limits,
        where=[f"{first[name]}/file_name" for name in there],
        fingerprint=True,
        progress=progress,
    )
    looked = dict(zip(there, looks, strict=True))
    near = nearest_names(folder, [name for name in names if name not in looked])
    clusters = find_twins([paths[name] for name in there], looks, near=NEAR_BITS)
    return list(
        _bounded(
            [
                *_each(stated, looked, near, folder, paths),
                *_in_several(stated),
                *_alike(clusters, there, stated),
            ]
        )
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or none of this system
        return False


def _error(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint)


def _warning(code: str, where: str, message: str, hint: str) -> Finding:
    return replace(_error(code, where, message, hint), severity=Severity.WARNING)


def _each(
    stated: Sequence[Stated], looked: dict[str, Look], near: dict[str, str], folder: Path, paths: dict[str, Path]
) -> Iterator[Finding]:
    told: set[str] = set()
    for image in stated:
        where = f"{image.where}/file_name"
        if image.name not in paths:
            message = f"{image.name!r} leads out of the pictures' folder, or is no file name"
            yield _error("picture-outside", where, message, "name the picture from its folder on, without '..'")
        elif image.name not in looked:
            hint = "put it there, or take it out of the COCO file"
            if image.name in near:
                hint = f"{near[image.name]!r} is there: correct the name or the file"
            yield _error("missing-picture", where, f"the picture {image.name!r} is not in {folder}", hint)
        else:
            look = looked[image.name]
            if image.name not in told:
                told.add(image.name)
                yield from (_named(finding, image.name) for finding in look.findings)
            yield from _size(image, look)


def _named(finding: Finding, name: str) -> Finding:
    return replace(finding, message=f"{name!r}: {finding.message}")


def _size(image: Stated, look: Look) -> Iterator[Finding]:
    if look.stored is None or look.shown is None or not (image.width > 0 and image.height > 0):
        return
    said = (image.width, image.height)
    if said == look.shown:
        return
    width, height = look.shown
    if said == look.stored:
        message = (
            f"{image.name!r} is {said[0]:g} x {said[1]:g} before the camera's turn, and shown as {width} x {height}"
        )
        hint = "save the picture turned, without the EXIF tag, or label it as it is shown"
        yield _error("size-before-turning", image.where, message, hint)
    else:
        message = f"{image.name!r} is {said[0]:g} x {said[1]:g} here, and {width} x {height} in truth"
        hint = "correct width and height; if the picture was scaled after labeling, boxes in pixels are wrong too"
        yield _error("wrong-size", image.where, message, hint)


def _in_several(stated: Sequence[Stated]) -> Iterator[Finding]:
    """One file name in two COCO files."""
    first: dict[str, Stated] = {}
    for image in stated:
        other = first.setdefault(image.name, image)
        if other.file != image.file:
            yield _leak(image, other, "the same picture")


def _alike(clusters: Sequence[Cluster], names: Sequence[str], stated: Sequence[Stated]) -> Iterator[Finding]:
    first = {image.name: image for image in reversed(stated)}
    for cluster in clusters:
        for twin in cluster.twins:
            image, other = first[names[twin.row]], first[names[twin.like]]
            like = "byte by byte the same picture" if twin.exact else "almost the same picture"
            if image.file != other.file:
                yield _leak(image, other, like)
                continue
            code = "picture-duplicate" if twin.exact else "picture-near-duplicate"
            message = f"{image.name!r} is {like} as {other.name!r}"
            hint = "keep one of them; `visionlab dataset duplicates` lists all"
            yield _warning(code, f"{image.where}/file_name", message, hint)


def _leak(image: Stated, other: Stated, like: str) -> Finding:
    message = f"{image.name!r} of {image.file} is {like} as {other.name!r} of {other.file}"
    hint = "take it out of one of the files: a model must not be judged by what it learnt from"
    return _warning("picture-in-both", f"{image.where}/file_name", message, hint)


def _bounded(findings: Iterable[Finding]) -> Iterator[Finding]:
    counted: Counter[tuple[str, Severity]] = Counter()
    for finding in findings:
        kind = (finding.code, finding.severity)
        counted[kind] += 1
        if counted[kind] <= MOST_PER_CODE:
            yield finding
    for (code, severity), count in counted.items():
        if count > MOST_PER_CODE:
            message = f"{count - MOST_PER_CODE:,} more pictures like the {MOST_PER_CODE:,} that are listed"
            yield Finding(code=code, severity=severity, where="/images", message=message)
