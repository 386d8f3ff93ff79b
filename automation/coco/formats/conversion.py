"""From one format to another: read, made fit, and written; what is lost on the way is said.

Owns: the steps and their order. Leaves: formats to their modules, COCO files of any size to
`automation.coco.rewriting`, which keeps them as they are but for their numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from automation.coco.formats import FORMATS
from automation.coco.formats.detection import HEAD_BYTES, LOOKED_AT, detected
from automation.coco.formats.disk import read_files, write_files
from automation.coco.formats.format import Dumped, Format
from automation.coco.formats.losses import tell_losses, tell_obstacles
from automation.coco.formats.measures import measured
from automation.coco.formats.names import url_under
from automation.coco.formats.sizes import with_true_sizes
from automation.coco.formats.told import Lost, Told
from automation.coco.places import url_kind
from automation.coco.rules import check
from automation.coco.types import Dataset, Image, Unit
from automation.coco.units import unit_of
from automation.errors import ConfigError, DatasetError, Finding, Severity
from automation.progress import Progress, silent

__all__ = ["Conversion", "convert_dataset", "find_format"]

# What makes a dataset unfit for every format.
_FATAL = frozenset(
    ("dangling-image", "dangling-category", "size-negative", "box-negative", "box-outside-image", "units-mixed")
)
_BESIDE = ("", "images", "JPEGImages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was written, and what is not in it.

    Attributes:
        source: Name of the format that was read.
        target: Name of the format that was written.
        files: How many files it is.
        lost: What the new dataset does not hold, or not as it was.
        findings: The same as warnings.
    """

    source: str
    target: str
    images: int
    annotations: int
    categories: int
    files: int
    lost: tuple[Lost, ...]
    findings: tuple[Finding, ...]


def find_format(source: Path) -> str:
    """The name of the format that a file or folder is in; for COCO always "coco".

    Raises:
        ConfigError: It looks like none, or like several.
    """
    found = detected(read_files(source, LOOKED_AT, head_bytes=HEAD_BYTES))
    if len(found) == 1:
        return found.pop()
    seen = f"like {' and '.join(sorted(found))}" if found else "like no format that is known"
    raise ConfigError(f"{source} looks {seen}", hint="say what it is with --from, or name one file")


def convert_dataset(
    source: Path,
    out: Path,
    *,
    to: str,
    written_in: str | None = None,
    unit: Unit | None = None,
    images: Path | None = None,
    url_base: str | None = None,
    progress: Progress = silent,
) -> Conversion:
    """Write a dataset in another format.

    Args:
        source: A file or a folder.
        out: Where the new one goes: a file, or a folder that is new or empty.
        to: Name of a format.
        written_in: The format of the source, where it is not to be found out.
        unit: The unit of its boxes, where a COCO file does not show it.
        images: The folder with the pictures: they give names and sizes that the source lacks.
        url_base: Address below which the pictures lie; it replaces every other.
        progress: Is told files and pictures.

    Raises:
        ConfigError: There is no such file, or its format is not clear.
        Refused: Something would be overwritten, or is too large to be read.
        DatasetError: Something is wrong with it, or the target cannot hold it at all.
    """
    name = written_in or find_format(source)
    reader, writer = FORMATS["pixels" if name == "coco" else name], FORMATS[to]
    told = Told()
    dataset, found_unit = _read(source, reader, told, images=images, progress=progress)
    if unit is not None and found_unit not in (None, unit):
        raise ConfigError(f"boxes of {name} are {found_unit}", hint="leave out --unit")
    folders = [images] if images is not None else [source / part for part in _BESIDE] if source.is_dir() else []
    dataset = with_true_sizes(dataset, folders, told, progress=progress)
    told.refuse(source.name)
    dataset = _addressed(dataset, url_base)
    unit = unit_of(dataset, found_unit or unit)
    _refuse_what_is_unfit(dataset, unit, source.name, writer)
    tell_losses(dataset, writer, told)
    tell_obstacles(dataset, writer, told)
    told.refuse(source.name)
    dumped: Dumped = {}
    try:
        dumped = writer.dump(measured(dataset, unit, writer.unit), told)
    except UnicodeEncodeError as wrong:
        told.wrong("not-utf8", source.name, f"{wrong.object[:40]!r} has a character that no file can hold")
    told.refuse(source.name)
    write_files(dumped, out, source=source, progress=progress)
    return Conversion(
        source=name,
        target=to,
        images=len(dataset.images),
        annotations=len(dataset.annotations),
        categories=len(dataset.categories),
        files=len(dumped),
        lost=told.losses,
        findings=tuple(told.warnings(to)),
    )


def _read(
    source: Path, reader: Format, told: Told, *, images: Path | None, progress: Progress
) -> tuple[Dataset, Unit | None]:
    if source.suffix.lower() in (".yaml", ".yml") or source.name == "MLTable":
        source = source.parent
    files = read_files(source, reader.suffixes, pictures=images, progress=progress)
    if not reader.folder and len(files.texts) != 1:
        found = f"{len(files.texts)} files that may be one" if files.texts else "none"
        raise ConfigError(f"{source} has {found} of format {reader.name}", hint="name the file")
    read = reader.parse(files, told)
    told.refuse(source.name)
    return read.dataset, read.unit


def _addressed(dataset: Dataset, base: str | None) -> Dataset:
    if base is None:
        return dataset
    http = url_kind(base).value in ("http", "https")

    def addressed(image: Image) -> Image:
        url = url_under(base, image.file_name) if http else f"{base.rstrip('/')}/{image.file_name}"
        return replace(image, absolute_url=url if http else None, coco_url=None if http else url)

    return replace(dataset, images=tuple(addressed(image) for image in dataset.images))


def _refuse_what_is_unfit(dataset: Dataset, unit: Unit, name: str, writer: Format) -> None:
    fatal = _FATAL | ({"size-missing"} if unit not in (writer.unit, Unit.ABSENT) else frozenset[str]())
    findings: Sequence[Finding] = [
        replace(finding, severity=Severity.ERROR)
        for finding in check(dataset, unit=unit)
        if finding.code in fatal or (finding.code == "id-duplicate" and "/annotations" not in finding.where)
    ]
    if findings:
        hint = "give the folder with the pictures as --images" if findings[0].code == "size-missing" else None
        errors = len(findings)
        message = f"{name} cannot be converted: {errors:,} error{'s' * (errors != 1)}"
        raise DatasetError(message, findings=findings, hint=hint or findings[0].hint)
