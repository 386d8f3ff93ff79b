"""docs/reference/coco-rules.md: every rule with what it says of its bad sample, under each profile.

Owns: the page. Leaves: the samples to tests/automation/coco/samples, which the test suite runs too.
"""

import json
import tempfile
from pathlib import Path
from typing import Any, cast

import yaml

from automation.coco.checking import check_file
from automation.coco.mending import DROPS, can_fix
from automation.coco.profiles import PROFILES
from automation.coco.types import Unit
from automation.errors import Finding

__all__ = ["page"]

_FOLDER = Path(__file__).resolve().parent.parent / "tests" / "automation" / "coco" / "samples"
SAMPLES, PICTURES = _FOLDER / "rules.yaml", _FOLDER / "pictures.yaml"
_MOST = 420  # characters of a sample
_OTHER = {
    "lab.yaml": "datasets of lab.yaml, whose model says the purpose",
    "size": "files larger than a sample",
}


def page() -> str:
    """The page as Markdown."""
    samples = cast("dict[str, Any]", yaml.safe_load(SAMPLES.read_text("utf-8")))
    good, rules = samples["good"], cast("dict[str, dict[str, Any]]", samples["rules"])
    told = {code: _told(code, rule, good) for code, rule in rules.items()}
    head = [
        "# Rules for COCO files",
        "",
        "What `visionlab dataset check FILE` looks for, all at once. Severities are those of the bad samples below;",
        "for a profile that is not named it is no fault. `--fix` mends what is marked.",
        "",
        "| code | what | severity | `--fix` |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| `{code}` | {rule['what']} | {_severities(told[code]) or _OTHER[rule['of']]} | {_fix(code, told[code])} |"
        for code, rule in rules.items()
    ]
    lines = ["", "## Samples", "", "A good file; each bad one has other values for the keys that are shown.", ""]
    lines += ["```text", *_json_lines(good), "```"]
    for code, rule in rules.items():
        if "of" not in rule:
            lines += _sample(code, rule, told[code])
    return "\n".join([*head, *rows, *_pictures(), *lines]) + "\n"


def _pictures() -> list[str]:
    samples = cast("dict[str, dict[str, Any]]", yaml.safe_load(PICTURES.read_text("utf-8"))["pictures"])
    return [
        "",
        "With `--images DIR` or `--probe` the pictures are looked at too:",
        "",
        "| code | what | severity |",
        "|---|---|---|",
        *(f"| `{code}` | {sample['what']} | {_of_picture(sample)} |" for code, sample in samples.items()),
    ]


def _of_picture(sample: dict[str, Any]) -> str:
    return f"{sample['severity']} for {sample['profile']}" if "profile" in sample else str(sample["severity"])


def _told(code: str, rule: dict[str, Any], good: dict[str, Any]) -> dict[str, Finding]:
    """The first finding of a code in its bad sample, by profile."""
    if "of" in rule:
        return {}
    tree = {key: value for key, value in (good | rule.get("bad", {})).items() if value is not None}
    text = rule.get("bytes") or json.dumps(tree)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.json"
        path.write_text(text, "utf-8")
        unit = Unit(rule["unit"]) if "unit" in rule else None
        found = {
            name: [f for f in check_file(path, unit=unit, profile=profile).findings if f.code == code]
            for name, profile in PROFILES.items()
        }
    return {name: findings[0] for name, findings in found.items() if findings}


def _severities(told: dict[str, Finding]) -> str:
    by_severity: dict[str, list[str]] = {}
    for name, finding in told.items():
        by_severity.setdefault(finding.severity.value, []).append(name)
    if len(by_severity) == 1 and len(told) == len(PROFILES):
        return next(iter(by_severity))
    return "; ".join(f"{severity} for {', '.join(names)}" for severity, names in by_severity.items())


def _fix(code: str, told: dict[str, Finding]) -> str:
    mending = [name for name, finding in told.items() if can_fix(code, finding.where, PROFILES[name])]
    if not mending:
        return ""
    drop = " with `--drop`" if code in DROPS else ""
    return f"yes{drop}" if len(mending) == len(told) else f"for {', '.join(mending)}"


def _sample(code: str, rule: dict[str, Any], told: dict[str, Finding]) -> list[str]:
    finding = next(iter(told.values()))
    where = f"`{finding.where}`" if finding.where else "the file"
    lines = ["", f"### `{code}`", ""]
    if "bytes" in rule:
        lines += ["```text", rule["bytes"], "```", ""]
    elif rule["bad"]:
        lines += ["```text", *_json_lines(rule["bad"]), "```", ""]
    else:
        lines += [f"The good file, under `--profile {rule['profile']}`.", ""]
    lines.append(f"{where}: {finding.message}.")
    if finding.hint:
        lines += ["", f"What to do: {finding.hint}."]
    return lines


def _json_lines(tree: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, value in tree.items():
        if value is None:
            lines.append(f'"{key}" is not there')
            continue
        text = json.dumps(value)
        if isinstance(value, list) and len(text) > 80:
            entries = [json.dumps(entry) for entry in cast("list[object]", value)]
            shown = entries if len(text) <= _MOST else [*entries[:2], "..."]
            lines += [f'"{key}": [', *(f"  {entry}," for entry in shown[:-1]), f"  {shown[-1]}", "]"]
        else:
            lines.append(f'"{key}": {text}')
    return lines
