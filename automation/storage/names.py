"""Rules of blob names and files, and the URL and content type that follow from a name.

Owns: what Azure would refuse or silently change, said before anything is sent.
Leaves: whether a picture can be read to the checks of the data set.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from automation.errors import Finding, Severity
from automation.storage.types import Upload

__all__ = ["blob_url", "check_uploads", "content_type", "name_problem"]

LONGEST_NAME = 1024
MOST_SEGMENTS = 254

_TYPES = {
    ".bmp": "image/bmp",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".html": "text/html",
    ".jfif": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".md": "text/markdown",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".webp": "image/webp",
}


def content_type(name: str) -> str:
    """The content type that a name's ending means. Own table: the machine's differs from machine to machine."""
    return _TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def blob_url(endpoint: str, container: str, name: str) -> str:
    """The blob's address, with everything escaped that means something else in a URL."""
    return f"{endpoint.rstrip('/')}/{container}/{quote(name, safe='/')}"


def name_problem(name: str) -> str | None:
    """Why a blob must not be called so, or None. Azure would refuse these names or change them silently."""
    segments = name.split("/")
    problems = (
        (not name, "a blob needs a name"),
        (len(name) > LONGEST_NAME, f"it has {len(name)} characters, and {LONGEST_NAME} is the most"),
        (len(segments) > MOST_SEGMENTS, f"it has {len(segments)} folders, and {MOST_SEGMENTS} is the most"),
        ("\\" in name, "Azure turns a backslash into a slash"),
        ("" in segments, 'it starts or ends with "/", or has two in a row'),
        (any(segment in {".", ".."} for segment in segments), '"." and ".." are not names'),
        (any(segment.endswith(".") for segment in segments), "Azure drops a dot at the end"),
        (not name.isprintable(), "it holds a control character"),
    )
    return next((said for wrong, said in problems if wrong), None)


def check_uploads(uploads: Sequence[Upload]) -> list[Finding]:
    """Everything that is wrong with these files and names, all at once."""
    return [finding for check in (_files, _names, _twice) for finding in check(uploads)]


def _files(uploads: Sequence[Upload]) -> Iterator[Finding]:
    for upload in uploads:
        if not upload.path.is_file():
            said = "is a folder" if upload.path.is_dir() else "is not there"
            yield _finding("file-missing", upload, f"{upload.path} {said}", hint="check the path in lab.yaml")
        elif upload.path.stat().st_size == 0:
            yield _finding("file-empty", upload, f"{upload.path} is empty", hint="remove or replace it")


def _names(uploads: Sequence[Upload]) -> Iterator[Finding]:
    for upload in uploads:
        if said := name_problem(upload.name):
            yield _finding("blob-name", upload, f"the name {upload.name!r} does not work: {said}", hint="rename it")


def _twice(uploads: Sequence[Upload]) -> Iterator[Finding]:
    first: dict[str, Upload] = {}
    for upload in uploads:
        other = first.setdefault(upload.name, upload)
        if other is not upload:
            said = f"{upload.path} and {other.path} would both become {upload.name!r}"
            yield _finding("blob-name-twice", upload, said, hint="rename one of them")


def _finding(code: str, upload: Upload, message: str, *, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=str(upload.path), message=message, hint=hint)
