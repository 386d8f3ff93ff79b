"""Findings as SARIF 2.1.0, which editors and code hosts show beside the file.

Owns: the field names of SARIF. Leaves: what was found to `rules`, its order to `grouping.py`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from automation.coco.grouping import Example, Group
from automation.errors import Severity

__all__ = ["SCHEMA", "sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LINES = 1 << 20


def sarif(
    found: Mapping[Path, Sequence[Group]], *, named: Mapping[Path, str] | None = None, strict: bool = False
) -> dict[str, object]:
    """One run over all files.

    Args:
        found: The groups of each file, which is read again for the numbers of lines.
        named: The address of a file that is a copy of what is there.
        strict: Whether warnings are errors.
    """
    codes = sorted({group.code for groups in found.values() for group in groups})
    rule_of = {code: index for index, code in enumerate(codes)}
    hints = {group.code: group.hint for groups in found.values() for group in groups if group.hint}
    results = [
        _result(uri, group, example, rule_of[group.code], lines, strict=strict)
        for path, groups in found.items()
        for lines, uri in ((_lines(path, groups), _uri((named or {}).get(path, path.as_posix()))),)
        for group in groups
        for example in group.examples
    ]
    driver = {"name": "visionlab", "rules": [_rule(code, hints.get(code)) for code in codes]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _uri(name: str) -> str:
    return quote(name.replace("\\", "/"), safe="/:" if name.startswith(("https://", "http://")) else "/")


def _rule(code: str, hint: str | None) -> dict[str, object]:
    rule: dict[str, object] = {"id": code, "shortDescription": {"text": code.replace("-", " ")}}
    return rule | ({"help": {"text": hint}} if hint else {})


def _result(
    uri: str, group: Group, example: Example, rule: int, lines: Mapping[int, int], *, strict: bool
) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": uri}}
    if example.offset is not None:
        region = {"startLine": lines[example.offset], "byteOffset": example.offset}
        place["region"] = region | ({"byteLength": example.size} if example.size else {})
    location: dict[str, object] = {"physicalLocation": place}
    if example.where:
        location["logicalLocations"] = [{"fullyQualifiedName": example.where}]
    level = "error" if strict or group.severity is Severity.ERROR else "warning"
    return {
        "ruleId": group.code,
        "ruleIndex": rule,
        "level": level,
        "message": {"text": example.message},
        "locations": [location],
        "properties": {"foundInAll": group.count},
    }


def _lines(path: Path, groups: Sequence[Group]) -> dict[int, int]:
    """The line, from 1, of each offset."""
    wanted = sorted({e.offset for group in groups for e in group.examples if e.offset is not None})
    found: dict[int, int] = {}
    line, at = 1, 0
    with path.open("rb") as file:
        for offset in wanted:
            while at < offset and (part := file.read(min(_LINES, offset - at))):
                line += part.count(b"\n")
                at += len(part)
            found[offset] = line
    return found
