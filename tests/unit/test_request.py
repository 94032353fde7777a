from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain import limits
from engagement.domain.event import Event
from engagement.domain.request import Request, distinct, merged_update
from engagement.domain.request import pack as pack_within
from tests.unit.builders import event

SMALL = st.integers(0, 3)


def pack(events: Iterable[Event]) -> list[Request]:
    return pack_within(events, limits.EVENTS_PER_REQUEST, limits.REQUEST_BYTES)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Batches in which keys and contents repeat."""
    drawn = draw(st.lists(st.tuples(SMALL, SMALL, SMALL, st.integers(1, 3_000_000)), max_size=30))
    return [
        event(
            number,
            endpoint_id=f"e-{endpoint}",
            event_id=f"id-{event_id}",
            event_type=f"type-{content}",
            attributes={"event_id": f"id-{event_id}"},
            weight=weight,
        )
        for number, (endpoint, event_id, content, weight) in enumerate(drawn)
    ]


@given(events())
def test_packing_loses_nothing_and_keeps_every_limit(batch: list[Event]) -> None:
    requests = pack(batch)

    packed = [event for request in requests for event in request.events.values()]
    assert sorted(event.message_id for event in packed) == sorted(event.message_id for event in batch)
    for request in requests:
        assert 1 <= len(request.events) <= limits.EVENTS_PER_REQUEST
        assert len(request.events) == 1 or request.weight <= limits.REQUEST_BYTES
        assert request.weight == sum(event.weight for event in request.events.values())
        assert all(key == event.key for key, event in request.events.items())


@given(st.integers(0, 1_000))
def test_events_of_different_keys_need_as_few_requests_as_possible(count: int) -> None:
    assert len(pack(event(number) for number in range(count))) == -(-count // limits.EVENTS_PER_REQUEST)


def test_a_hundred_events_of_one_endpoint_share_one_item() -> None:
    (request,) = pack(event(number, endpoint_id="e") for number in range(100))

    assert {endpoint_id: len(events) for endpoint_id, events in request.by_endpoint().items()} == {"e": 100}


def test_two_spellings_of_an_endpoint_id_are_one_endpoint() -> None:
    (request,) = pack([event(1, endpoint_id="Anna"), event(2, endpoint_id="ANNA")])

    assert [len(events) for events in request.by_endpoint().values()] == [2]
    assert len(pack([event(1, endpoint_id="Anna"), event(1, endpoint_id="ANNA", event_type="other")])) == 2


def test_other_content_under_the_same_key_goes_into_another_request() -> None:
    requests = pack([event(1, event_id="x", endpoint_id="e"), event(2, event_id="x", endpoint_id="e")])

    assert [next(iter(request.events.values())).message_id for request in requests] == ["m-1", "m-2"]


@given(events())
def test_only_repeats_of_key_and_content_are_left_out(batch: list[Event]) -> None:
    kept, repeats = distinct(batch)

    assert len(kept) + repeats == len(batch)
    assert {(event.key, event.event_type) for event in kept} == {(event.key, event.event_type) for event in batch}
    assert len({(event.key, event.event_type) for event in kept}) == len(kept)
    assert [event.timestamp for event in kept] == sorted(event.timestamp for event in kept)


def test_the_same_call_twice_is_a_repeat_though_the_gateway_saw_it_at_two_times() -> None:
    first, second = event(1), event(1, timestamp=1_790_000_009_999)
    chosen = event(1, timestamp=1_790_000_009_999, timestamp_given=True)

    assert distinct([first, second]) == ([first], 1)
    assert distinct([first, chosen]) == ([first, chosen], 0)


def test_of_two_updates_the_later_value_of_a_name_holds() -> None:
    first, second = (
        event(1, user_attributes={"plan": "free", "city": "Köln"}),
        event(2, user_attributes={"plan": "gold"}),
    )

    assert merged_update([first, second]) == {"plan": "gold", "city": "Köln"}


def test_halves_hold_the_same_events() -> None:
    (request,) = pack(event(number) for number in range(5))

    first, second = request.halves()

    assert [*first, *second] == list(request.events.values())
    assert (len(first), len(second)) == (2, 3)
