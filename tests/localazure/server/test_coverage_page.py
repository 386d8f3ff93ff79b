from pathlib import Path

from localazure import coverage
from localazure.arm.paths import PATHS
from localazure.arm.table import TABLE
from localazure.driven import DRIVEN

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "local-azure-coverage.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == coverage.coverage_page(), "run: python -m localazure coverage > " + str(PAGE)


def test_whatever_is_said_to_be_driven_is_an_operation_of_the_tables() -> None:
    page = coverage.coverage_page()
    assert [operation for operation in DRIVEN if f"`{operation}`" not in page] == []


def test_every_type_and_path_has_a_row() -> None:
    page = coverage.coverage_page()
    assert [row.name for row in TABLE.values() if f"`PUT {row.name}`" not in page] == []
    assert [e.template for e in PATHS if e.template.replace("{scope:path}", "{scope}") not in page] == []
