from pathlib import Path

from localazure import coverage
from localazure.arm.paths import PATHS
from localazure.arm.table import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "local-azure-coverage.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == coverage.coverage_page(), "run: python -m localazure coverage > " + str(PAGE)


def test_whatever_is_said_to_be_driven_is_an_operation_of_the_tables() -> None:
    page = coverage.coverage_page()
    driven = coverage._DRIVEN  # pyright: ignore[reportPrivateUsage] the list under test
    assert [operation for operation in driven if f"`{operation}`" not in page] == []


def test_every_type_and_path_has_a_row() -> None:
    page = coverage.coverage_page()
    assert [row.name for row in TABLE.values() if f"`PUT {row.name}`" not in page] == []
    assert [e.template for e in PATHS if e.template.replace("{scope:path}", "{scope}") not in page] == []
