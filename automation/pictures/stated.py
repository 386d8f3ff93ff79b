"""Pictures against what COCO files say about them.

Owns: findings about files that are missing, broken, of another size, or there twice.
Leaves: reading COCO to whoever asks, one file to `looking`, likeness to `twins`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from automation.errors import Finding, Severity
from automation.pictures.folder import nearest_names, path_inside
from automation.pictures.limits import PictureLimits
from automation.pictures.looking import Look
from automation.pictures.many import look_at
from automation.pictures.twins import Cluster, find_twins
from automation.progress import Progress, silent

__all__ = ["MOST_PER_CODE", "NEAR_BITS", "PictureFindings", "Stated", "check_stated"]

_Found = tuple[str, Finding]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFindings:
    """What is wrong with the pictures of one COCO file.

    Attributes:
        findings: Of alike ones the first thousand.
        counts: How many there were, by code and severity.
    """

    findings: tuple[Finding, ...]
    counts: Mapping[tuple[str, Severity], int]


def check_stated(
    stated: Sequence[Stated], folder: Path, limits: PictureLimits, *, progress: Progress = silent
) -> dict[str, PictureFindings]:
    """What is wrong with the pictures of one or more COCO files, by file; each picture is looked at once."""
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
    prints = [look.print64 for look in looks]
    clusters = find_twins([paths[name] for name in there], prints, near=NEAR_BITS)
    return _bounded(
        [
            *_each(stated, looked, near, folder, paths),
            *_in_several(stated),
            *_alike(clusters, there, stated),
        ],
        [image.file for image in stated],
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
) -> Iterator[_Found]:
    told: set[str] = set()
    for image in stated:
        where = f"{image.where}/file_name"
        if image.name not in paths:
            message = f"{image.name!r} leads out of the pictures' folder, or is no file name"
            yield (
                image.file,
                _error("picture-outside", where, message, "name the picture from its folder on, without '..'"),
            )
        elif image.name not in looked:
            message = f"the picture {image.name!r} is not in {folder}"
            if image.name in near:
                message += f", {near[image.name]!r} is"
            hint = "put it there, correct its name, or take it out of the COCO file"
            yield image.file, _error("missing-picture", where, message, hint)
        else:
            look = looked[image.name]
            if image.name not in told:
                told.add(image.name)
                yield from ((image.file, _named(finding, image.name)) for finding in look.findings)
            yield from _size(image, look)


def _named(finding: Finding, name: str) -> Finding:
    return replace(finding, message=f"{name!r}: {finding.message}")


def _size(image: Stated, look: Look) -> Iterator[_Found]:
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
        yield image.file, _error("size-before-turning", image.where, message, hint)
    else:
        message = f"{image.name!r} is {said[0]:g} x {said[1]:g} here, and {width} x {height} in truth"
        hint = "correct width and height; if the picture was scaled after labeling, boxes in pixels are wrong too"
        yield image.file, _error("wrong-size", image.where, message, hint)


def _in_several(stated: Sequence[Stated]) -> Iterator[_Found]:
    """One file name in two COCO files."""
    first: dict[str, Stated] = {}
    for image in stated:
        other = first.setdefault(image.name, image)
        if other.file != image.file:
            yield image.file, _leak(image, other, "the same picture")


def _alike(clusters: Sequence[Cluster], names: Sequence[str], stated: Sequence[Stated]) -> Iterator[_Found]:
    first = {image.name: image for image in reversed(stated)}
    for cluster in clusters:
        for twin in cluster.twins:
            image, other = first[names[twin.row]], first[names[twin.like]]
            like = "byte by byte the same picture" if twin.exact else "almost the same picture"
            if image.file != other.file:
                yield image.file, _leak(image, other, like)
                continue
            code = "picture-duplicate" if twin.exact else "picture-near-duplicate"
            message = f"{image.name!r} is {like} as {other.name!r}"
            hint = "keep one of them; `visionlab dataset duplicates` lists all"
            yield image.file, _warning(code, f"{image.where}/file_name", message, hint)


def _leak(image: Stated, other: Stated, like: str) -> Finding:
    message = f"{image.name!r} of {image.file} is {like} as {other.name!r} of {other.file}"
    hint = "take it out of one of the files: a model must not be judged by what it learnt from"
    return _warning("picture-in-both", f"{image.where}/file_name", message, hint)


def _bounded(found: Iterable[_Found], files: Iterable[str]) -> dict[str, PictureFindings]:
    kept: dict[str, list[Finding]] = {file: [] for file in files}
    counts: dict[str, Counter[tuple[str, Severity]]] = {file: Counter() for file in kept}
    for file, finding in found:
        kind = (finding.code, finding.severity)
        counts[file][kind] += 1
        if counts[file][kind] <= MOST_PER_CODE:
            kept[file].append(finding)
    return {file: PictureFindings(findings=tuple(kept[file]), counts=counts[file]) for file in kept}
