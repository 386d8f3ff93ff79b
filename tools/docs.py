"""The generated pages of docs/reference: written, or with --check compared with what is there."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coco_rules
import yaml

from automation import errors

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"


def said_by(*module: str) -> Callable[[], str]:
    """A page that a module of ours prints itself."""

    def page() -> str:
        done = subprocess.run([sys.executable, "-m", *module], capture_output=True, text=True, check=True, cwd=ROOT)
        return done.stdout

    return page


def settings() -> str:
    schema: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))["config"]
    rows = [
        f"| `{key}` | {entry.get('type', 'string')} | {entry.get('default', '')} | {entry.get('description', '')} |"
        for key, entry in schema.items()
    ]
    return "\n".join(
        [
            "# Settings of a stack",
            "",
            "Keys of `stacks/Pulumi.<stack>.yaml`, and of `settings:` in lab.yaml (there without `visionlab:`).",
            "All mistakes are reported at once, each with the nearest valid value.",
            "",
            "| key | type | default | what |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def error_tree() -> str:
    def rows(kind: type[errors.LabError], depth: int) -> list[str]:
        what = (inspect.getdoc(kind) or "").splitlines()[0]
        mine = f"| {'· ' * depth}`{kind.__name__}` | {kind.exit_code} | {what} |"
        return [mine, *(row for child in kind.__subclasses__() for row in rows(child, depth + 1))]

    return "\n".join(
        [
            "# Errors and exit codes",
            "",
            "Every error says what, why and what to do next; with `--json` it is one object.",
            "A bug of ours exits with 70.",
            "Problems in your data are findings: all of them at once, each with its place.",
            "",
            "| error | exit code | when |",
            "|---|---|---|",
            *rows(errors.LabError, 0),
            "",
        ]
    )


PAGES: dict[str, Callable[[], str]] = {
    "coco-rules.md": coco_rules.page,
    "cli.md": said_by("automation.cli.reference"),
    "errors.md": error_tree,
    "local-azure-coverage.md": said_by("localazure", "coverage"),
    "settings.md": settings,
}


def main(arguments: list[str]) -> int:
    stale: list[str] = []
    for name, page in PAGES.items():
        path = REFERENCE / name
        text = page().strip() + "\n"
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    if stale:
        print(f"{'stale' if '--check' in arguments else 'written'}: {', '.join(stale)}", file=sys.stderr)
    if stale and "--check" in arguments:
        print("write them anew: make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
