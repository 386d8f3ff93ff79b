"""The rules of docs/architecture.md: who may import whom, and who may use which library."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("infra", "automation", "localazure")

# What a part of `automation` may import of `automation`; the order of the lines is the direction.
AUTOMATION = {
    "errors": set[str](),
    "clock": set[str](),
    "progress": set[str](),
    "nearest": set[str](),
    "printable": set[str](),
    "whole_file": set[str](),
    "lab_tags": set[str](),
    "azure": {"errors", "clock", "progress"},
    "splicing": set[str](),
    "coco": {"errors", "nearest", "progress", "splicing"},
    "drawing": {"errors", "progress"},
    "pictures": {"errors", "progress"},
    "provision": {"azure", "errors", "clock", "progress", "whole_file"},
    "storage": {"azure", "errors", "clock", "progress"},
    "labeling": {"azure", "errors", "clock", "progress"},
    "training": {"azure", "errors", "clock", "progress"},
    "local": {"azure", "errors", "clock", "nearest", "progress"},
    "cost": {"errors"},
    "report": {"coco", "errors"},
    "cleanup": {"azure", "cost", "report", "errors", "clock", "lab_tags", "progress", "whole_file"},
}
AUTOMATION["workflow"] = set(AUTOMATION)
AUTOMATION["doctor"] = {"azure", "local", "provision", "errors", "clock", "lab_tags", "progress"}
AUTOMATION["course"] = set(AUTOMATION) - {"doctor"}
AUTOMATION["cli"] = set(AUTOMATION)

# The parts of `localazure`: services stand on the ground and never import each other.
# What is in neither list (app.py, server.py ...) composes them.
GROUND = {
    "admin_token",
    "blobs",
    "bodies",
    "certificates",
    "clock",
    "errors",
    "faults",
    "few_at_once",
    "identity",
    "job_folders",
    "lane",
    "operations",
    "sas",
    "settings",
    "store",
    "worker_process",
    "worker_side",
}
SERVICES = {"arm", "blob", "costs", "entra", "graph", "labeling", "ml", "telemetry", "vault", "vision"}
TRAINING_IS_USED_BY = {"vision", "labeling"}

FENCES = {
    "pulumi": ("infra/", "automation/provision/"),
    "pulumi_azure_native": ("infra/",),
    "grpc": ("automation/provision/",),
    "httpx": ("automation/azure/", "localazure/blob/"),
    "obstore": ("automation/storage/",),
    "click": ("automation/cli/",),
    "rich": ("automation/cli/",),
    "azure": ("automation/azure/",),
    "cv2": ("automation/drawing/", "localazure/training/"),
    "hotcoco": ("automation/coco/", "localazure/training/"),
    "sqlite3": ("localazure/",),
}


# Who speaks to a terminal, beside the `__main__.py` files.
COMMANDS = ("automation/cli/", "localazure/blob/install.py")


def modules(package: str) -> list[Path]:
    return [p for p in sorted((ROOT / package).rglob("*.py")) if "node_modules" not in p.parts]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Each absolute module name that a file imports, with its line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                module = ".".join([*package, *([module] if module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def part_of(path: Path) -> str:
    """The part a file belongs to: its folder below the package, or its own name."""
    inside = path.relative_to(ROOT).parts[1:]
    return inside[0].removesuffix(".py")


def violations(package: str, allowed: dict[str, set[str]]) -> list[str]:
    found: list[str] = []
    for path in modules(package):
        part = part_of(path)
        if part not in allowed:
            continue
        for line, name in imported(path):
            steps = name.split(".")
            if steps[0] == package and len(steps) > 1 and steps[1] not in {part, *allowed[part]}:
                found.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    return found


def test_packages_never_import_each_other() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for package in PACKAGES
        for path in modules(package)
        for line, name in imported(path)
        if name.split(".")[0] in PACKAGES and name.split(".")[0] != package
    ]
    assert found == []


def test_automation_imports_downward_only() -> None:
    assert violations("automation", AUTOMATION) == []


def test_every_part_of_automation_has_its_place() -> None:
    parts = {part_of(path) for path in modules("automation")} - {"__init__"}
    assert parts <= set(AUTOMATION)


def test_services_of_the_local_azure_never_import_each_other() -> None:
    training = {"training"}
    allowed = {service: GROUND | training if service in TRAINING_IS_USED_BY else GROUND for service in SERVICES}
    assert violations("localazure", allowed) == []


def test_the_ground_of_the_local_azure_knows_no_service() -> None:
    assert violations("localazure", dict.fromkeys(GROUND, GROUND)) == []


def test_training_knows_images_and_labels_only() -> None:
    assert violations("localazure", {"training": set()}) == []


@pytest.mark.parametrize("library", FENCES)
def test_libraries_stay_behind_their_fences(library: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for package in PACKAGES
        for path in modules(package)
        for line, name in imported(path)
        if name.split(".")[0] == library and not str(path.relative_to(ROOT)).startswith(FENCES[library])
    ]
    assert found == []


def test_only_commands_print() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for path in modules(package)
        if not str(path.relative_to(ROOT)).startswith(COMMANDS) and path.name != "__main__.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []
