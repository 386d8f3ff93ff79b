"""`visionlab cost`: the estimate as people and programs read it, and the sentence before something is made."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from automation.cli.app import main
from automation.cli.given import Given
from automation.clock import SystemClock
from automation.course import Course, Exercise, Person, Seat
from automation.course.costing import course_sentence
from automation.workflow.lab_types import Lab
from automation.workflow.workbench import Workbench
from tests.automation.cli.cli_fakes import LAB


@pytest.fixture
def lab_file(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"x" * 500_000)
    (tmp_path / "labels.json").write_text("{}")
    (tmp_path / "lab.yaml").write_text(LAB)
    return tmp_path / "lab.yaml"


def test_an_estimate_is_a_table_of_months_and_runs(lab_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "estimate", str(lab_file), "--stack", "course"]) == 0
    told = capsys.readouterr()
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert lines[0] == "fruit on course, westeurope"
    assert "compute cluster Standard_NC4as_T4_v3 USD 10.04" in lines
    assert "key vault standard none" in lines
    assert "training finder: 1 h of budget, custom-vision USD 10.00" in lines
    assert "a run USD 10.00" in lines
    assert "list prices: taxes and discounts are not in them" in told.err


def test_an_estimate_as_json_has_amounts_as_text_and_null_for_the_unknown(
    lab_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab_file.write_text(LAB + "settings: {computeCluster: {name: c, vmSize: Standard_Imagined, maxNodes: 1}}\n")
    assert main(["cost", "estimate", str(lab_file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["notes"][0].startswith("the stack is local and costs nothing")
    training = next(line for line in found["run"]["lines"] if line["step"] == "training")
    assert training["money"] is None
    assert found["run"]["total"]["unknown"] == 1
    storage = found["idle"]["lines"][0]
    assert storage["money"] == {
        "amount": "0.0000184",
        "currency": "USD",
        "dated": "2023-07-01",
        "priceOfRegion": None,
    }


def test_what_is_no_lab_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "estimate", str(tmp_path / "photo.jpg")]) == 2
    assert "name a lab.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["lab", "up", "-f"], ["run"]])
def test_what_it_costs_is_said_before_a_lab_is_made_on_azure(
    words: list[str], lab_file: Path, capsys: pytest.CaptureFixture[str], nobody: None
) -> None:
    lab_file.write_text(LAB + "stack: azure\n")
    assert main([*words, str(lab_file)]) == 2, "nobody is signed in"
    said = capsys.readouterr().err
    assert "cost: in westeurope: USD 0.000018 a month idle, USD " in said
    assert said.index("cost:") < said.index("nobody is signed in")


ROSTER = "email,size\nanna@example.org,\nben@example.org,small\ncara@example.org,\n"


def test_a_roster_costs_its_seats_by_size_and_the_shared_parts_once(
    lab_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "botany.csv"
    roster.write_text(ROSTER)
    assert main(["cost", "estimate", str(roster), "--exercise", str(lab_file), "--registry"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "botany on course, westeurope"
    assert "shared: container registry Basic USD 5.08" in lines
    assert "standard seat: ML workspace 2 times Basic none" in lines
    assert not any("compute cluster" in line for line in lines), "seats get one only where the course asks for it"
    assert "small seat: vision account S1 none" in lines
    assert not any(line.startswith("small seat: ML workspace") for line in lines), "it shares the course's"
    assert "standard seat: training 2 times finder: 1 h of budget, custom-vision USD 20.00" in lines
    assert "standard seat 2 USD 0.0014 USD 10.00" in lines
    assert "small seat 1 USD 0.0014 USD 10.00" in lines, "each, not all of them"


def test_a_roster_without_an_exercise_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = tmp_path / "botany.csv"
    roster.write_text(ROSTER)
    assert main(["cost", "estimate", str(roster), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["run"]["lines"] == []
    assert "no exercise is known" in found["notes"][-1]
    assert main(["cost", "estimate", str(roster), "--stack", "azure"]) == 2
    assert main(["cost", "estimate", str(tmp_path / "lab.yaml"), "--registry"]) == 2


def test_before_a_course_is_made_on_azure_there_is_a_sentence(lab_file: Path, tmp_path: Path) -> None:
    seat = Seat(id="anna-k3x7qa", person=Person(email="anna@example.org"))
    course = Course(name="botany", folder=tmp_path, stack="course", seats=(seat,), exercise=Exercise(lab_file=lab_file))
    said = course_sentence(course)
    assert said is not None
    assert said.startswith("in westeurope: USD 0.0014 a month idle, USD 10.00 a run; list prices")
    assert course_sentence(replace(course, stack="local")) is None


GROUP = "/subscriptions/s/resourceGroups/rg"
ROWS = [
    ["Cost", "UsageQuantity", "ResourceId", "Meter", "Currency"],
    [0, 0.5, f"{GROUP}/providers/microsoft.x/accounts/cv", "Custom Image Classification Training", "USD"],
    [0, 2, f"{GROUP}/providers/microsoft.x/things/t", "Something New", "USD"],
]


class SpendingBench:
    """A lab that is provisioned, and a Cost Management that remembers what it was asked."""

    def __init__(self, lab: Lab, home: Path, *, local: bool, rows: list[list[Any]]) -> None:
        self.lab, self.home, self.clock = lab, home, SystemClock()
        self.cloud = SimpleNamespace(is_local=local, subscription_id="s")
        self.asked: list[tuple[str, dict[str, Any]]] = []
        columns = [{"name": name} for name in rows[0]]
        self._page = {"columns": columns, "rows": rows[1:]}
        self.arm = SimpleNamespace(query=self._query)

    def _query(self, path: str, body: dict[str, Any], **_: object) -> list[dict[str, Any]]:
        self.asked.append((path, body))
        return [self._page]

    def outputs(self) -> Any:
        return SimpleNamespace(resource_group_id=GROUP)

    def watch_start(self, progress: object) -> None: ...

    def close(self) -> None: ...


def run_actual(lab_file: Path, *words: str, local: bool = True, rows: list[list[Any]] = ROWS) -> SpendingBench:
    made: list[SpendingBench] = []

    def bench(lab: Lab, home: Path) -> Workbench:
        made.append(SpendingBench(lab, home, local=local, rows=rows))
        return cast("Workbench", made[-1])

    assert main(["cost", "actual", "-f", str(lab_file), *words], given=Given(bench=bench)) == 0
    return made[-1]


def test_on_local_nothing_is_spent_and_the_list_price_stands_beside_it(
    lab_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = run_actual(lab_file, "--from", "2026-11-01", "--to", "2026-11-20")
    ((path, body),) = bench.asked
    assert path == f"{GROUP}/providers/Microsoft.CostManagement/query"
    assert body["timePeriod"] == {"from": "2026-11-01T00:00:00Z", "to": "2026-11-20T23:59:59Z"}
    told = capsys.readouterr()
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert "accounts/cv rg Custom Image Classification Training 0.5 hours USD 1.50" in lines
    assert "things/t rg Something New 2 unknown" in lines
    assert "by list price at least USD 1.50, 1 price unknown" in lines
    assert "spent nothing" in lines
    assert "the local Azure costs nothing" in told.err


def test_on_azure_it_is_what_cost_management_says(lab_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [ROWS[0], [12.345, 3, f"{GROUP}/providers/microsoft.x/accounts/cv", "S1 Transactions", "EUR"]]
    bench = run_actual(lab_file, "--subscription", "--json", local=False, rows=rows)
    assert bench.asked[0][0] == "/subscriptions/s/providers/Microsoft.CostManagement/query"
    found = json.loads(capsys.readouterr().out)
    assert found["spent"] == [{"amount": "12.345", "currency": "EUR"}]
    assert found["rows"][0]["listPrice"] is None
    assert found["listPrice"] is None
    run_actual(lab_file, "--group", "rg2", local=False, rows=rows)
    told = capsys.readouterr()
    assert "spent  EUR 12.35" in told.out
    assert "8 to 24 hours" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--group", "a", "--subscription"], "exclude each other"),
        (["--from", "2026-12-01", "--to", "2026-11-01"], "is after --to"),
        (["--from", "2024-12-01", "--to", "2026-11-01"], "more than a year"),
    ],
)
def test_what_cannot_be_asked_is_said(
    words: list[str], said: str, lab_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def bench(lab: Lab, home: Path) -> Workbench:
        return cast("Workbench", SpendingBench(lab, home, local=True, rows=ROWS))

    assert main(["cost", "actual", "-f", str(lab_file), *words], given=Given(bench=bench)) == 2
    assert said in capsys.readouterr().err


def test_what_it_costs_is_said_before_somebody_says_yes_to_a_course(
    lab_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "botany.csv"
    roster.write_text("email,objectId\nanna@example.org,5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10\n")

    def bench(lab: Lab, home: Path) -> Workbench:
        return cast("Workbench", SpendingBench(lab, home, local=False, rows=ROWS))

    words = ["course", "up", str(roster), "--stack", "course", "--no-directory", "--exercise", str(lab_file)]
    assert main(words, given=Given(bench=bench)) == 1, "nobody is there to say yes"
    said = capsys.readouterr().err
    assert "cost: in westeurope: USD " in said
    assert said.index("cost:") < said.index("nobody is here to say yes")


def test_the_price_table_shows_sources_days_and_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "prices", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    basic = next(row for row in rows if (row["meter"], row["sku"]) == ("registry/day", "Basic"))
    assert (basic["amount"], basic["currency"], basic["dated"], basic["old"]) == ("0.167", "USD", "2023-10-31", True)
    assert basic["source"].startswith("https://learn.microsoft.com/")
    premium = next(row for row in rows if (row["meter"], row["sku"]) == ("registry/day", "Premium"))
    assert (premium["amount"], premium["source"]) == (None, None)
    assert main(["cost", "prices"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "registry/day Premium unknown 1 day" in lines
    assert "custom-vision/training S0 USD 10 1 compute hour 2023-03-01 old" in lines
