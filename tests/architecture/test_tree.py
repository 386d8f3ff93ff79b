"""The tree itself: every test is collected, every door says what is public, names say something."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}


def sources() -> list[Path]:
    return [
        path
        for package in ("infra", "automation", "localazure")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    ]


def test_test_files_have_names_of_their_own() -> None:
    """With importlib import mode two files of one name would be a trap for whoever selects tests by name."""
    counted = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in counted.items() if times > 1] == []


def test_every_file_in_tests_is_collected_or_known() -> None:
    strangers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_") and "def test_" in path.read_text("utf-8")
    ]
    assert strangers == []


def test_module_names_say_something() -> None:
    assert [str(p.relative_to(ROOT)) for p in sources() if {p.stem, p.parent.name} & EMPTY_NAMES] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(p.relative_to(ROOT)) for p in sources() if not p.read_text("utf-8").lstrip().startswith(('"""', "#!"))
    ]
    assert silent == []


def test_no_module_is_too_long_to_read() -> None:
    assert [str(p.relative_to(ROOT)) for p in sources() if len(p.read_text("utf-8").splitlines()) > 400] == []


def test_unfinished_work_has_no_place_in_the_tree() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "raise Not" + "ImplementedError")
    found = [f"{p.relative_to(ROOT)}: {mark}" for p in sources() for mark in marks if mark in p.read_text("utf-8")]
    assert found == []
