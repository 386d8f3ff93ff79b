"""Which format files are in, by their names and how they begin.

Owns: the decision. Leaves: reading them to the formats.
"""

import re
from pathlib import PurePosixPath

from automation.coco.formats.format import Files

__all__ = ["HEAD_BYTES", "LOOKED_AT", "detected"]

HEAD_BYTES = 1 << 14
LOOKED_AT = (".json", ".jsonl", ".xml", ".csv", ".yaml", ".txt", "mltable")

_ROOT = re.compile(rb"<\s*(annotations?)[\s>/]")


def detected(heads: Files) -> set[str]:
    """Names of formats that the files may be in; empty when they look like none."""
    names = list(heads.texts)
    if any(PurePosixPath(name).name.lower() in ("data.yaml", "dataset.yaml") for name in names):
        return {"yolo"}
    if any(name.endswith(".txt") and "labels" in PurePosixPath(name).parts[:-1] for name in names):
        return {"yolo"}
    return {found for name in names if (found := _of(name, heads.texts[name])) is not None}


def _of(name: str, head: bytes) -> str | None:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".jsonl":
        return "automl"
    if suffix == ".csv":
        return "csv"
    if suffix == ".xml":
        root = _ROOT.search(head)
        return None if root is None else {b"annotations": "cvat", b"annotation": "voc"}[root.group(1)]
    return _of_json(head) if suffix == ".json" else None


def _of_json(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"["):
        return "coco"
    return "custom-vision" if b'"originalImageUri"' in text or b'"imageUri"' in text else "label-studio"
