"""The meter: what is counted is written soon, once, and stays; resources have beginnings and ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localazure.costs.kinds import CALLS, METERS, STORED, TRAINING, Resource, standing
from localazure.costs.meter import COUNTS, LIVES, Meter
from localazure.costs.usage import Usage
from localazure.store import Store

SUB = "/subscriptions/22222222-2222-4222-8222-222222222222"
GROUP = f"{SUB}/resourceGroups/rg"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
VISION = Resource(
    id=f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/CV1",
    type="Microsoft.CognitiveServices/accounts",
    location="eastus",
    sku="S1",
    tags={"visionlab:course": "botany"},
)
REGISTRY = replace(
    VISION,
    id=f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr1",
    type="Microsoft.ContainerRegistry/registries",
    sku="Basic",
)
STORAGE = replace(
    VISION,
    id=f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st1",
    type="Microsoft.Storage/storageAccounts",
    sku="Standard_LRS",
)


class World:
    """A clock, resources and blobs that tests move."""

    def __init__(self) -> None:
        self.time = NOON
        self.resources: list[Resource] = []
        self.held: int | None = 0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def stored(self, _: Resource) -> int | None:
        return self.held


@pytest.fixture
def world() -> World:
    return World()


def meter_of(world: World, store: Store) -> Meter:
    return Meter(store, world, inventory=lambda: world.resources, stored=world.stored)


def full(*_: object) -> None:
    raise OSError("full")


def used(world: World, store: Store, meter: Meter, days: int = 1) -> dict[tuple[str, str], float]:
    rows = Usage(store, meter).rows(GROUP, NOON - timedelta(days=days), world.time)
    return {(row.day, row.dimensions["meter"]): row.quantity for row in rows}


def test_what_is_counted_is_summed_by_day_in_the_units_of_azure(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    for _ in range(250):
        meter.count(VISION.id, CALLS)
    meter.count(VISION.id.upper(), TRAINING, 1800.0)
    world.time += timedelta(days=1)
    meter.count(VISION.id, CALLS, 500)
    assert used(world, store, meter, days=2) == {
        ("2026-06-01", CALLS): 0.25,
        ("2026-06-01", TRAINING): 0.5,
        ("2026-06-02", CALLS): 0.5,
    }


def test_counts_survive_a_restart_and_are_never_counted_twice(world: World, tmp_path: Path) -> None:
    path = tmp_path / "azure.sqlite3"
    store = Store(path)
    meter = meter_of(world, store)
    meter.count(VISION.id, CALLS, 1000)
    meter.flush()
    meter.flush()
    store.close()
    store = Store(path)
    again = meter_of(world, store)
    again.count(VISION.id, CALLS, 1000)
    again.close()
    assert used(world, store, again) == {("2026-06-01", CALLS): 2.0}
    store.close()


def test_a_count_that_could_not_be_written_is_written_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    meter.count(VISION.id, CALLS, 7)
    with monkeypatch.context() as patch:
        patch.setattr(store, "put", full)
        with pytest.raises(OSError, match="full"):
            meter.flush()
    meter.count(VISION.id, CALLS, 3)
    assert used(world, store, meter) == {("2026-06-01", CALLS): 0.01}


def test_a_registry_is_counted_from_its_beginning_to_its_end(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    world.resources = [REGISTRY]
    meter.changed()
    meter.flush()
    world.time += timedelta(days=2)
    assert used(world, store, meter, days=1) == {
        ("2026-06-01", "Basic Registry Unit"): 0.5,
        ("2026-06-02", "Basic Registry Unit"): 1.0,
        ("2026-06-03", "Basic Registry Unit"): 0.5,
    }
    world.resources = []
    meter.changed()
    meter.flush()
    world.time += timedelta(days=5)
    assert sum(used(world, store, meter).values()) == 2.0, "it is gone since"
    world.resources = [REGISTRY]
    meter.changed()
    meter.flush()
    assert len(store.list(LIVES)) == 2, "a namesake has a life of its own"


def test_storage_is_counted_by_what_it_held_until_the_next_look(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    world.resources, world.held = [STORAGE], 10**9
    meter.sample()
    world.time += timedelta(hours=73)
    world.held = None
    meter.sample()
    world.time += timedelta(hours=73)
    found = used(world, store, meter)
    assert sum(found.values()) == pytest.approx(0.2), "a gigabyte for 146 of 730 hours, the second half unseen"
    assert {meter for _, meter in found} == {STORED}


def test_a_namesake_of_a_deleted_account_holds_nothing_of_it(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    world.resources, world.held = [STORAGE], 10**9
    meter.sample()
    world.time += timedelta(hours=73)
    world.resources = []
    meter.changed()
    meter.flush()
    world.time += timedelta(hours=730)
    world.resources, world.held = [STORAGE], 0
    meter.changed()
    world.time += timedelta(hours=1)
    assert sum(used(world, store, meter).values()) == pytest.approx(0.1)


def test_many_accounts_are_left_to_the_look_of_every_hour(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    world.held = 10**9
    world.resources = [replace(STORAGE, id=f"{STORAGE.id}{number}") for number in range(9)]
    used(world, store, meter)
    world.time += timedelta(hours=1)
    assert used(world, store, meter) == {}, "nobody who asks waits for nine listings"
    meter.sample()
    world.time += timedelta(seconds=30)
    world.resources = world.resources[:1]
    assert used(world, store, meter) == {}, "looked at half a minute ago"
    world.time += timedelta(hours=73)
    assert sum(used(world, store, meter).values()) == pytest.approx(0.1, rel=1e-3)


def test_tags_are_those_that_the_resource_has_now(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    world.resources = [VISION]
    meter.count(VISION.id, CALLS)
    meter.flush()
    world.resources = [replace(VISION, tags={"visionlab:course": "zoology"})]
    meter.changed()
    (row,) = Usage(store, meter).rows(SUB, NOON, world.time)
    assert row.tags == {"visionlab:course": "zoology"}
    assert row.dimensions["resourcegroupname"] == "rg"


def test_a_scope_is_no_prefix_of_a_longer_name(world: World) -> None:
    store = Store(None)
    meter = meter_of(world, store)
    meter.count(VISION.id.replace("/rg/", "/rg2/"), CALLS)
    assert used(world, store, meter) == {}
    assert len(store.list(COUNTS)) == 1


def test_standing_meters_are_known() -> None:
    assert standing(REGISTRY) == "Basic Registry Unit"
    assert standing(replace(REGISTRY, sku="Imagined")) is None
    assert standing(VISION) is None
    assert METERS["Basic Registry Unit"].per == 24.0
