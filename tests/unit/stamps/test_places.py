"""Stamps at several destinations: each has requests, a pace and failures of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engagement.adapters.crew import side_by_side
from engagement.domain.destination import Call
from engagement.domain.pacing import Pace
from engagement.domain.stamps.batches import Batch, BatchKey, StampError
from engagement.domain.stamps.places import metrics, stamp_each
from engagement.domain.stamps.stamping import Stamper, Stamping
from engagement.domain.turns import GIVE_UP_AFTER
from tests.unit.builders import ManualClock
from tests.unit.stamps.builders import ORDER, RUN, Service, named

STEP = (RUN, 0)


def at(batch: Batch, destination: str) -> Batch:
    return replace(batch, key=batch.key.at(destination))


def stampers(pinpoint: Service, connect: Service) -> dict[str, Stamper]:
    return {
        "pinpoint": Stamper(pinpoint, Pace(1.9, pinpoint.clock.now), side_by_side),
        "connect": Stamper(connect, Pace(47.5, connect.clock.now), side_by_side),
    }


def both(ids: list[str]) -> list[Batch]:
    return [at(named(ids), destination) for destination in ("pinpoint", "connect")]


@pytest.mark.parametrize("dead", ["pinpoint", "connect"])
def test_a_dead_destination_does_not_hold_the_other_up(dead: str) -> None:
    # GIVEN
    clock = ManualClock()
    ids = [f"e-{number}" for number in range(20)]
    services = {
        "pinpoint": Service(clock),
        "connect": Service(clock, most=1, together=4),
    }
    services[dead].script = [Call.UNKNOWN] * 100
    [alive] = services.keys() - {dead}

    # WHEN
    results = stamp_each(both(ids), {STEP: ORDER}, stampers(**services), side_by_side, clock, clock.now + 100)

    # THEN
    assert services[alive].stamped.keys() == set(ids)
    assert results[alive].done == [at(named(ids), alive).key]
    assert results[dead].left == {at(named(ids), dead).key}
    assert len(services[dead].requests) <= GIVE_UP_AFTER + 3


def test_requests_for_one_profile_each_go_out_side_by_side_at_the_pace() -> None:
    clock = ManualClock()
    connect = Service(clock, most=1, together=8)
    by = Stamper(connect, Pace(47.5, clock.now), side_by_side)
    ids = [f"e-{number}" for number in range(200)]
    began = clock.now

    results = stamp_each([at(named(ids), "connect")], {STEP: ORDER}, {"connect": by}, side_by_side, clock, began + 100)

    assert results["connect"].stamped == results["connect"].requests == 200
    assert {len(endpoints) for _, endpoints in connect.requests} == {1}
    assert connect.requests[-1][0] - began >= (200 - 47.5) / 47.5


def test_spellings_are_told_apart_where_the_destination_does_so() -> None:
    class Exact(Service):
        def same(self, endpoint_id: str) -> str:
            return endpoint_id

    clock = ManualClock()
    by = {"connect": Stamper(Exact(clock, most=1), Pace(47.5, clock.now), side_by_side)}

    results = stamp_each(
        [at(named(["E-1", "e-1"]), "connect")], {STEP: ORDER}, by, side_by_side, clock, clock.now + 100
    )

    assert results["connect"].stamped == 2


def test_batches_of_a_destination_that_is_gone_are_dropped_and_counted() -> None:
    clock = ManualClock()
    pinpoint = Service(clock)
    by = {"pinpoint": Stamper(pinpoint, Pace(1.9, clock.now), side_by_side)}

    results = stamp_each(both(["e-1", "e-2"]), {STEP: ORDER}, by, side_by_side, clock, clock.now + 100)

    assert metrics(results)["ProfilesDropped"] == 2
    assert metrics(results)["EndpointsStamped"] == 2
    assert [key.destination for key in results["connect"].done] == ["connect"]


def test_every_destination_that_is_configured_is_counted_with_or_without_batches() -> None:
    clock = ManualClock()
    by = stampers(Service(clock), Service(clock))

    assert len(metrics(stamp_each([], {}, by, side_by_side, clock, 1))) == 10
    assert metrics({"connect": Stamping(stamped=3)})["ProfilesStamped"] == 3


def test_a_batch_of_an_earlier_release_is_one_of_pinpoint() -> None:
    key = BatchKey.of(RUN, 0, "c", {"e": {}})

    assert key.destination == "pinpoint"
    assert "destination" not in key.text(), "an earlier release must be able to read it"
    assert BatchKey.parse(key.at("connect").text()) == key.at("connect")
    with pytest.raises(StampError, match=r"destination must be one of pinpoint, connect"):
        key.at("elsewhere")


def test_what_nobody_has_looked_at_comes_in_small_requests() -> None:
    clock = ManualClock()
    service = Service(clock)
    key = BatchKey.of(RUN, 0, "export", {"e": {}})
    batch = Batch(key, {**{f"e-{number}": {} for number in range(60)}, **{f"u-{number}": None for number in range(25)}})

    stamp_each([batch], {STEP: ORDER}, stampers(service, service), side_by_side, clock, clock.now + 100)

    assert [len(endpoints) for _, endpoints in service.requests] == [60, 10, 10, 5]
