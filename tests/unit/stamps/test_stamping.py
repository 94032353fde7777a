from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.adapters.crew import side_by_side
from engagement.domain.destination import Call
from engagement.domain.pacing import Pace
from engagement.domain.stamps.batches import Batch, BatchKey
from engagement.domain.stamps.messages import Messages
from engagement.domain.stamps.places import metrics
from engagement.domain.stamps.stamping import Order, Stamper, Stamping, stamp
from engagement.domain.turns import GIVE_UP_AFTER
from tests.unit.builders import ManualClock
from tests.unit.stamps.builders import ORDER, RUN, Service, at_first, batch, named

OTHER_RUN = RUN[::-1]


def stamper(service: Service) -> Stamper:
    return Stamper(service, Pace(0.95, service.clock.now), side_by_side)


def run(
    batches: list[Batch], seconds: float = 110.0, order: Order = ORDER, **behaviour: Any
) -> tuple[Stamping, Service]:
    clock = ManualClock()
    service = Service(clock, **behaviour)
    orders = {one.key.step: order for one in batches}
    return stamp(batches, orders, stamper(service), clock, clock.now + seconds), service


PASSING = st.sampled_from([Call.THROTTLED, Call.UNKNOWN, Call.UNUSABLE])


@given(
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=12),
    overlap=st.booleans(),
    script=st.lists(PASSING, max_size=25),
    poison=st.sets(st.integers(0, 600), max_size=3),
    processed=st.booleans(),
    seconds=st.sampled_from([3.0, 20.0, 110.0]),
    data=st.data(),
)
def test_whatever_is_delivered_repeated_and_lost_every_endpoint_is_stamped_in_the_end(
    sizes: list[int],
    overlap: bool,
    script: list[Call],
    poison: set[int],
    processed: bool,
    seconds: float,
    data: st.DataObject,
) -> None:
    # GIVEN batches in the ledger with a message each, of two campaigns that may share endpoints
    batches, first = [], 0
    for number, size in enumerate(sizes):
        batches.append(batch(range(first, first + size), f"campaign-{number}"))
        first += size if not overlap else size // 2 + 1
    ledger = {one.key: one for one in batches}
    queue = [one.key for one in batches]
    clock = ManualClock()
    service = Service(clock, script, {f"e-{number}" for number in poison}, processed)
    by = stamper(service)
    refused = 0

    # WHEN messages arrive in any order, some twice, and Pinpoint calls again for batches that were taken already
    while queue:
        deliveries = data.draw(st.lists(st.sampled_from(queue), min_size=1, max_size=10), label="deliveries")
        if data.draw(st.booleans(), label="the hook is called again"):
            again = data.draw(st.sampled_from(batches), label="batch")
            if again.key in ledger:
                ledger[again.key] = again
        found = [ledger[key] for key in dict.fromkeys(deliveries) if key in ledger]
        result = stamp(found, {(RUN, 0): ORDER}, by, clock, clock.now + seconds)
        for key in result.done:
            del ledger[key]
        for shrunk in result.shrunk:
            ledger[shrunk.key] = shrunk
        refused += result.refused.total()
        for key in deliveries:
            if key not in result.left and key in queue:
                queue.remove(key)
        clock.now += 30

    # THEN nothing is open, and every endpoint has the values and the state that it had
    assert not ledger
    everybody = {name for one in batches for name in one.endpoints}
    good = everybody - service.poison
    assert service.stamped == {name: {"plan": ["gold"]} for name in good}
    assert service.states == {name: at_first(name) for name in good}
    assert refused >= len(everybody & service.poison)


def test_batches_of_a_step_share_requests_of_a_hundred() -> None:
    result, service = run([batch(range(start, start + 50), f"c-{start}") for start in range(0, 1_000, 50)])

    assert [len(endpoints) for _, endpoints in service.requests] == [100] * 10
    assert result.stamped == 1_000
    assert len(result.done) == 20


def test_requests_keep_their_distance() -> None:
    _, service = run([batch(range(start, start + 100), f"c-{start}") for start in range(0, 2_000, 100)])

    moments = [moment for moment, _ in service.requests]
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 1 / 0.95 - 1e-9


def test_steps_and_runs_do_not_mix() -> None:
    # GIVEN one endpoint in three batches
    batches = [named(["e-1"]), named(["e-1"], index=1), named(["e-1"], run=OTHER_RUN)]
    orders = {one.key.step: Order({name: ["x"]}, stopping=False) for one, name in zip(batches, "abc", strict=True)}
    clock = ManualClock()
    service = Service(clock)

    # WHEN
    result = stamp(batches, orders, stamper(service), clock, 60)

    # THEN it gets the values of each
    assert service.stamped == {"e-1": {"a": ["x"], "b": ["x"], "c": ["x"]}}
    assert len(result.done) == len(service.requests) == 3


def test_two_spellings_of_an_endpoint_never_share_a_request() -> None:
    result, service = run([named(["E-1", "e-2"], "a"), named(["e-1"], "b")])

    assert [sorted(endpoints) for _, endpoints in service.requests] == [["E-1", "e-2"]]
    assert len(result.done) == 2


def test_an_endpoint_that_any_batch_saw_inactive_stays_inactive() -> None:
    seen = [
        Batch(BatchKey.of(RUN, 0, name, {"e": {}}), {"e": keep})
        for name, keep in [("a", {"EndpointStatus": "INACTIVE"}), ("b", {})]
    ]

    _, service = run(seen)

    assert service.states == {"e": {"EndpointStatus": "INACTIVE"}}


@pytest.mark.parametrize("poison", [{"e-0"}, {"e-99"}, {"e-17", "e-18", "e-64"}])
def test_an_endpoint_at_fault_is_given_up_alone(poison: set[str]) -> None:
    result, service = run([batch(range(50), "a"), batch(range(50, 100), "b")], poison=poison)

    assert result.refused == {(RUN, 0): len(poison)}
    assert result.stamped == len(service.stamped) == 100 - len(poison)
    assert len(result.done) == 2
    assert not result.left


def test_what_was_settled_before_the_time_was_up_is_not_done_again() -> None:
    # GIVEN a batch that needs more requests than there is time for
    whole = batch(range(50))
    poison = {f"e-{number}" for number in range(50)}
    clock = ManualClock()
    service = Service(clock, poison=poison)

    # WHEN it comes again and again, each time with what is left of it
    left, invocations = whole, 0
    while left.endpoints:
        result = stamp([left], {(RUN, 0): ORDER}, stamper(service), clock, clock.now + 20)
        invocations += 1
        assert result.done or result.shrunk, "every invocation gets somewhere"
        left = result.shrunk[0] if result.shrunk else Batch(whole.key, {})

    # THEN it ends
    assert invocations > 1


def test_a_service_that_is_down_is_left_alone() -> None:
    result, service = run([batch(range(100))], script=[Call.UNKNOWN] * 50)

    assert len(service.requests) == GIVE_UP_AFTER
    assert result.left
    assert not result.shrunk


def test_a_project_that_refuses_the_function_is_asked_once() -> None:
    result, service = run([batch(range(100), "a"), batch(range(100, 200), "b")], script=[Call.UNUSABLE])

    assert len(service.requests) == 1
    assert len(result.left) == 2


def test_throttled_requests_are_repeated_and_counted() -> None:
    result, service = run([batch(range(100))], script=[Call.THROTTLED, Call.THROTTLED])

    assert metrics({"pinpoint": result}) == {
        "EndpointsStamped": 100,
        "EndpointsRefused": 0,
        "EndpointsDropped": 0,
        "UpdateEndpointsBatchRequests": 3,
        "UpdateEndpointsBatchThrottled": 2,
    }
    assert len(service.stamped) == 100


@pytest.mark.parametrize(
    ("order", "name"),
    [(Order({"plan": ["gold"]}, stopping=True), "EndpointsDropped"), (Order({}, stopping=False), "EndpointsRefused")],
)
def test_batches_of_a_stopping_run_and_of_no_run_are_settled_without_a_request(order: Order, name: str) -> None:
    result, service = run([batch(range(50))], order=order)

    assert not service.requests
    assert metrics({"pinpoint": result})[name] == 50
    assert len(result.done) == 1


def test_messages_that_announce_one_batch_are_returned_together() -> None:
    one, other = batch(range(5)), batch(range(5, 9))
    messages = Messages.parse([("a", one.key.text()), ("b", other.key.text()), ("c", one.key.text()), ("d", "{}")])

    assert messages.batches() == [one.key, other.key]
    assert messages.about({one.key}) == ["a", "c"]
    assert list(messages.faults) == ["d"]
