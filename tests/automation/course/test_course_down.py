"""Ending seats: only what is proved to be gone is forgotten; what stays is named, and the next run goes on with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from automation.azure import Arm
from automation.cleanup import read_receipt
from automation.course.course_file import read_course, write_course
from automation.course.down import DownReport, EndClients, end_seats, plan_end
from automation.course.types import Course, SeatState
from automation.errors import ServiceError
from automation.provision import StackResource
from tests.automation.azure.fakes import FakeClock, a_cloud, an_arm
from tests.automation.cleanup.small_azure import ACCOUNT, ML, ROLES, STORAGE, KilledError, SmallAzure
from tests.automation.course.course_builders import a_course, a_seat

SEATS = ("ann-aaaaaa", "ben-bbbbbb")


class CourseAzure(SmallAzure):
    """With a course in it: the shared parts, two seats, and somebody else's group."""

    def __init__(self) -> None:
        super().__init__()
        self.add(self.group("rg-finance"), STORAGE, "ledger")
        self.part("zoology", SEATS[0])
        for seat in (*SEATS, "shared"):
            self.part("botany", seat)

    def part(self, course: str, seat: str) -> str:
        tags = {"course": course, "seat": seat, "lab": f"{course}-{seat}", "stack": f"{course}.{seat}"}
        group = self.group(f"rg-{course}-{seat}", **tags)
        for kind, short in ((STORAGE, "st"), (ACCOUNT, "cv"), (ML, "mlw")):
            self.add(group, kind, f"{short}-{course}-{seat}", **tags)
        return group

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(path=request.url.path.replace("/resourcegroups", "/resourceGroups"))
        return super().__call__(request)

    def _read(self, path: str) -> httpx.Response:
        return httpx.Response(200, json={"value": []}) if path.endswith("/datastores") else super()._read(path)

    @property
    def names(self) -> set[str]:
        return {str(group["name"]) for group in self.groups.values()}


@dataclass
class Stacks:
    """Stacks whose state holds a workspace until it is forgotten."""

    forgotten: list[str] = field(default_factory=list[str])

    def open_stack(self, name: str, config: Mapping[str, object], *, settings: str | None = None) -> Any:
        assert (config, settings) == ({}, "local")
        return EndingStack(self, name)


@dataclass
class EndingStack:
    stacks: Stacks
    name: str

    def exists(self) -> bool:
        return self.name not in self.stacks.forgotten

    def resources(self) -> tuple[StackResource, ...]:
        return ()

    def forget(self) -> None:
        self.stacks.forgotten.append(self.name)


@pytest.fixture
def azure() -> CourseAzure:
    return CourseAzure()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    found = a_course(tmp_path, *(a_seat(seat) for seat in SEATS))
    write_course(found)
    return found


def end(azure: CourseAzure, stacks: Stacks, course: Course, *seats: str, arm: Arm | None = None) -> DownReport:
    clients = EndClients(
        arm=arm or an_arm(azure), cloud=a_cloud(), clock=FakeClock(), open_stack=cast("Any", stacks.open_stack)
    )
    plan = plan_end(course, seats or None, clients)
    return end_seats(plan, course, seats or None, clients)


def states(course: Course) -> dict[str, str]:
    return {"shared": course.shared.state.value} | {seat.id: seat.state.value for seat in course.seats}


def test_one_seat_goes_and_nothing_else(azure: CourseAzure, course: Course) -> None:
    stacks = Stacks()
    report = end(azure, stacks, course, SEATS[0])
    assert (report.gone, report.stayed, report.proof.left_behind) == ((SEATS[0],), {}, ())
    assert azure.names == {"rg-finance", "rg-zoology-ann-aaaaaa", "rg-botany-ben-bbbbbb", "rg-botany-shared"}
    assert stacks.forgotten == ["botany.ann-aaaaaa"]
    assert report.course == read_course(course.home, "botany")
    assert states(report.course) == {"shared": "up", SEATS[0]: "gone", SEATS[1]: "up"}
    receipt = read_receipt(report.receipts[0])
    assert (receipt.is_proved, receipt.plan.target.values) == (True, (SEATS[0],))


def test_the_whole_course_goes_with_its_shared_parts(azure: CourseAzure, course: Course) -> None:
    stacks = Stacks()
    report = end(azure, stacks, course)
    assert report.gone == (*SEATS, "shared")
    assert azure.names == {"rg-finance", "rg-zoology-ann-aaaaaa"}
    assert azure.deleted == {}
    assert set(states(report.course).values()) == {"gone"}
    again = end(azure, stacks, report.course)
    assert (again.gone, again.stayed) == ((), {})


def test_a_seat_that_is_locked_by_somebody_stays_and_is_not_forgotten(azure: CourseAzure, course: Course) -> None:
    group = next(at for at in azure.groups if at.endswith(f"rg-botany-{SEATS[1]}"))
    azure.lock(group, notes="keep for the exam")
    stacks = Stacks()
    report = end(azure, stacks, course)
    assert SEATS[0] in report.gone
    assert "locked by keep" in report.stayed[SEATS[1]]
    assert f"botany.{SEATS[1]}" not in stacks.forgotten
    assert states(report.course)[SEATS[1]] == "failed"
    assert report.course.seats[1].failure == report.stayed[SEATS[1]]
    azure.locks.clear()
    assert SEATS[1] in end(azure, stacks, report.course).gone
    assert azure.names == {"rg-finance", "rg-zoology-ann-aaaaaa"}


def test_what_fails_keeps_its_seat_alone(azure: CourseAzure, course: Course) -> None:
    azure.refuse = {f"cv-botany-{SEATS[0]}": "AuthorizationFailed"}
    stacks = Stacks()
    report = end(azure, stacks, course)
    assert SEATS[1] in report.gone
    assert "cv-botany-ann-aaaaaa" in report.stayed[SEATS[0]]
    assert f"botany.{SEATS[0]}" not in stacks.forgotten
    azure.refuse = {}
    assert SEATS[0] in end(azure, stacks, report.course).gone
    assert azure.deleted == {}


def test_not_being_able_to_look_forgets_nothing(azure: CourseAzure, course: Course) -> None:
    azure.unreadable = {ROLES}
    stacks = Stacks()
    with pytest.raises(ServiceError):
        end(azure, stacks, course)
    assert (stacks.forgotten, states(read_course(course.home, "botany"))["shared"]) == ([], "up")
    assert azure.writes == []


@pytest.mark.parametrize("kill_at", [12, 15, 18, 21, 24, 27, 30, 35, 40, 45])
def test_killed_anywhere_a_rerun_ends_all_of_it_and_touches_nobody_else(
    azure: CourseAzure, course: Course, kill_at: int
) -> None:
    azure.kill_at, stacks = kill_at, Stacks()
    try:
        end(azure, stacks, course)
    except KilledError:
        azure.settle()
    azure.kill_at = 0
    report = end(azure, stacks, read_course(course.home, "botany"))
    assert set(states(report.course).values()) == {"gone"}
    assert (azure.names, azure.deleted) == ({"rg-finance", "rg-zoology-ann-aaaaaa"}, {})
    assert {f"botany.{seat}" for seat in (*SEATS, "shared")} == set(stacks.forgotten)


def test_seats_that_were_never_up_are_forgotten_too(azure: CourseAzure, tmp_path: Path) -> None:
    course = a_course(tmp_path, a_seat("cem-cccccc", state=SeatState.PLANNED))
    report = end(azure, Stacks(), course, "cem-cccccc")
    assert (report.gone, azure.writes) == (("cem-cccccc",), [])
