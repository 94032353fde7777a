from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.delivery import Delivery, deliver
from engagement.domain.destination import Answer, Call, Item
from engagement.domain.event import Event
from engagement.domain.pacing import Pace
from engagement.domain.reasons import RejectReason
from engagement.domain.request import Request
from engagement.domain.turns import GIVE_UP_AFTER
from tests.unit.builders import ManualClock, Service, event


def run(events: list[Event], seconds: float = 110.0, **behaviour: Any) -> tuple[Delivery, Service]:
    clock = ManualClock()
    service = Service(clock, **behaviour)
    return deliver(events, service, Pace(7.125, clock.now), clock, clock.now + seconds), service


def ids(events: list[Event]) -> list[str]:
    return sorted(event.message_id for event in events)


def assert_books_are_closed(delivery: Delivery, events: list[Event]) -> None:
    assert delivery.received == len(events)
    outcomes = ids(delivery.sent) + ids(delivery.returned) + [rejection.reference[0] for rejection in delivery.rejected]
    assert len(outcomes) + delivery.deduplicated == len(events)
    assert len(set(outcomes)) == len(outcomes), "an event stands in one column only"


@given(
    count=st.integers(0, 260),
    script=st.lists(st.sampled_from(Call), max_size=12),
    never=st.sets(st.integers(0, 260), max_size=4),
    again=st.sets(st.integers(0, 260), max_size=4),
    poison=st.sets(st.integers(0, 260), max_size=3),
    seconds=st.floats(0, 60),
    processed=st.booleans(),
)
def test_under_any_faults_every_event_is_accounted_for_once(
    count: int, script: list[Call], never: set[int], again: set[int], poison: set[int], seconds: float, processed: bool
) -> None:
    # GIVEN a service with faults of every kind
    events = [event(number) for number in range(count)]
    lost_answers = script.count(Call.UNKNOWN) and processed
    retry = {f"m-{number}" for number in again}

    def item(candidate: Event) -> Item:
        if candidate.message_id in retry:
            retry.discard(candidate.message_id)
            return Item.AGAIN
        return Item.NEVER if candidate.message_id in {f"m-{number}" for number in never} else Item.DONE

    # WHEN
    delivery, service = run(
        events,
        seconds=seconds,
        script=list(script),
        item=item,
        refuses=lambda candidate: candidate.message_id in {f"m-{number}" for number in poison},
        taken_before_failing=processed,
    )

    # THEN
    assert_books_are_closed(delivery, events)
    sent = {event.key for event in delivery.sent}
    assert sent <= service.taken.keys(), "what counts as sent was taken"
    if not lost_answers:
        assert set(service.taken) == sent, "what was taken counts as sent"
        assert set(service.taken.values()) <= {1}, "nothing is repeated while every outcome is known"


def test_a_full_queue_needs_one_request_per_hundred_events() -> None:
    delivery, service = run([event(number) for number in range(1_000)])

    assert len(delivery.sent) == 1_000
    assert len(service.requests) == 10


def test_requests_keep_to_the_pace() -> None:
    _, service = run([event(number) for number in range(5_000)])

    seconds = service.calls[-1] - service.calls[0]
    assert len(service.calls) == 50
    assert (len(service.calls) - 1) / seconds <= 7.125 + 7.125 / seconds


def test_one_failing_item_is_repeated_alone() -> None:
    failures = iter([Item.AGAIN])

    delivery, service = run(
        [event(number) for number in range(100)],
        item=lambda candidate: next(failures, Item.DONE) if candidate.message_id == "m-7" else Item.DONE,
    )

    assert len(delivery.sent) == 100
    assert [len(request.events) for request in service.requests] == [100, 1]


def test_an_item_that_can_never_succeed_is_rejected_alone() -> None:
    delivery, _ = run(
        [event(number) for number in range(100)],
        item=lambda candidate: Item.NEVER if candidate.message_id == "m-7" else Item.DONE,
    )

    assert len(delivery.sent) == 99
    assert [(r.reference[0], r.reason) for r in delivery.rejected] == [("m-7", RejectReason.REFUSED_BY_DESTINATION)]


@pytest.mark.parametrize("poison", [{0}, {99}, {3, 50, 51}])
def test_a_request_that_is_refused_whole_costs_only_the_events_at_fault(poison: set[int]) -> None:
    delivery, service = run(
        [event(number) for number in range(100)],
        refuses=lambda candidate: candidate.message_id in {f"m-{number}" for number in poison},
    )

    assert {rejection.reference[0] for rejection in delivery.rejected} == {f"m-{number}" for number in poison}
    assert len(delivery.sent) == 100 - len(poison)
    assert set(service.taken.values()) == {1}


def test_an_update_that_makes_the_service_refuse_leaves_the_event() -> None:
    delivery, service = run(
        [event(1, user_attributes={"plan": "gold"})], refuses=lambda candidate: bool(candidate.user_attributes)
    )

    assert ids(delivery.sent) == ["m-1"]
    assert [r.reason for r in delivery.refused_updates] == [RejectReason.UPDATE_REFUSED]
    assert service.user_attributes == {"e-1": {}}


@pytest.mark.parametrize("outcome", [Item.NEVER, Item.AGAIN])
def test_an_update_that_is_refused_beside_its_event_is_told_apart(outcome: Item) -> None:
    events = [event(1, user_attributes={"plan": "gold"}), event(2)]

    delivery, _ = run(events, update=lambda _: outcome)

    assert ids(delivery.sent) == ["m-1", "m-2"]
    assert [r.reference[0] for r in delivery.refused_updates] == ["m-1"]


def test_throttling_is_waited_out_inside_the_invocation() -> None:
    delivery, service = run([event(1)], script=[Call.THROTTLED] * 10)

    assert ids(delivery.sent) == ["m-1"]
    assert delivery.throttled == 10
    gaps = [round(later - earlier, 6) for earlier, later in zip(service.calls, service.calls[1:], strict=False)]
    assert gaps == sorted(gaps), "each wait is at least as long as the one before"


def test_nothing_is_started_after_the_deadline() -> None:
    delivery, service = run([event(number) for number in range(1_000)], seconds=0.5)

    assert service.calls[-1] < 0.5
    assert len(delivery.sent) == 100 * len(service.requests)
    assert_books_are_closed(delivery, [event(number) for number in range(1_000)])


def test_a_service_that_is_down_is_left_alone_after_some_tries() -> None:
    delivery, service = run([event(number) for number in range(300)], script=[Call.UNKNOWN] * 99)

    assert len(service.requests) == GIVE_UP_AFTER
    assert len(delivery.returned) == 300


def test_an_unusable_application_costs_one_request_and_no_event() -> None:
    delivery, service = run([event(number) for number in range(300)], script=[Call.UNUSABLE])

    assert len(service.requests) == 1
    assert len(delivery.returned) == 300


def test_an_item_without_a_result_is_not_taken_for_sent() -> None:
    class Silent(Service):
        def put(self, request: Request) -> Answer:
            super().put(request)
            return Answer(Call.ANSWERED)

    clock = ManualClock()
    delivery = deliver([event(1)], Silent(clock), Pace(7.125, 0.0), clock, 5.0)

    assert ids(delivery.returned) == ["m-1"]
