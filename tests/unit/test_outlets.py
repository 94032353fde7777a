from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.destination import Call, Item
from engagement.domain.destinations import DestinationName
from engagement.domain.disposal import dispose, to_be_kept
from engagement.domain.event import Event
from engagement.domain.interpretation import Interpretation, interpret
from engagement.domain.message import Call as MessageCall
from engagement.domain.message import Message
from engagement.domain.outlets import REST_SECONDS, Outlet, deliver_to_all
from engagement.domain.pacing import Pace
from engagement.domain.reasons import DropReason
from engagement.domain.rules import Matcher, Rules
from engagement.domain.token import Verdict
from engagement.domain.trust import Trust
from tests import gateway
from tests.unit.builders import BOTH, PINPOINT, Crew, ManualClock, Service

SECONDS = 60.0


def read(bodies: Mapping[str, str], destinations: Mapping[DestinationName, Matcher]) -> Interpretation:
    return interpret(bodies.items(), Rules.of(anonymous=["*"]), Trust("shop", 60), destinations)


@dataclass
class Consumer:
    """What the handler does with a queue, in the time of a clock."""

    services: list[Service]
    clock: ManualClock
    bodies: dict[str, str]
    rate: float = 100.0
    rejected: list[tuple[str | None, str, int | None]] = field(default_factory=list)
    outlets: list[Outlet] = field(init=False)

    def __post_init__(self) -> None:
        self.outlets = [Outlet(service, Pace(self.rate, self.clock.now)) for service in self.services]

    def receive(self, seconds: float = SECONDS, *, rejects_are_down: bool = False) -> None:
        """One invocation with everything in the queue; `bodies` is then what lies in the queue."""
        asked = read(self.bodies, {name: BOTH[name] for name in (service.name for service in self.services)})
        deliveries = deliver_to_all(asked, self.outlets, Crew(self.clock), self.clock, self.clock.now + seconds)
        kept = list(to_be_kept(asked, deliveries))
        disposal = dispose(asked, deliveries, kept if rejects_are_down else (), dict.fromkeys(self.bodies, 1))
        if not rejects_are_down:
            self.rejected += [(rejection.destination, *rejection.reference) for rejection in kept]
        back = {f"{name}+": message.text() for name, message in disposal.put_back.items()}
        self.bodies = back | {name: self.bodies[name] for name in disposal.returned}


def services(clock: ManualClock) -> tuple[Service, Service]:
    return Service(clock), Service(clock, name=DestinationName.CONNECT, most_events=10)


def call(number: int) -> dict[str, str]:
    return {"event": "page.view", "endpoint_id": f"e-{number}", "event_id": f"id-{number}"}


def calls(count: int) -> dict[str, str]:
    """Messages of one call each."""
    return {f"m-{number}": gateway.body(call(number)) for number in range(count)}


def number_of(event_id: str) -> int:
    return int(event_id.removeprefix("id-"))


ANSWERS = st.lists(st.sampled_from([call for call in Call if call is not Call.REFUSED]), max_size=25)
WRONG = st.dictionaries(st.integers(0, 40), st.sampled_from([*Item, Call.REFUSED]), max_size=6)


@given(
    single=st.integers(0, 25),
    arrays=st.integers(0, 3),
    scripts=st.tuples(ANSWERS, ANSWERS),
    wrong=st.tuples(WRONG, WRONG),
    rounds=st.lists(st.tuples(st.floats(0.1, 20), st.booleans()), max_size=4),
)
def test_under_any_faults_each_destination_gets_every_event_and_none_twice_whose_outcome_was_known(
    single: int,
    arrays: int,
    scripts: tuple[list[Call], list[Call]],
    wrong: tuple[dict[int, Item | Call], dict[int, Item | Call]],
    rounds: list[tuple[float, bool]],
) -> None:
    # GIVEN two destinations with faults of their own, and events that fail for a while or for good
    clock = ManualClock()
    both = services(clock)
    for service, script, fates in zip(both, scripts, wrong, strict=True):
        service.script = list(script)
        service.item = _item(fates)
        service.refuses = lambda event, fates=fates: fates.get(number_of(event.event_id)) is Call.REFUSED
    bodies = calls(single)
    for place in range(single, single + 5 * arrays, 5):
        bodies[f"a-{place}"] = gateway.post([call(number) for number in range(place, place + 5)])
    consumer = Consumer(list(both), clock, bodies)

    # WHEN the queue is worked off, at first with little time, and perhaps without a rejects queue
    for seconds, rejects_are_down in rounds:
        consumer.receive(seconds, rejects_are_down=rejects_are_down)
        clock.now += REST_SECONDS
    for _ in range(30):
        consumer.receive()
        clock.now += REST_SECONDS

    # THEN each destination has taken or refused everything, whatever became of the other
    assert consumer.bodies == {}, "nothing comes back for ever"
    everything = set(range(single + 5 * arrays))
    for service, fates in zip(both, wrong, strict=True):
        never = {number for number, fate in fates.items() if fate in (Item.NEVER, Item.TOO_LARGE, Call.REFUSED)}
        assert {number_of(event_id) for _, event_id in service.taken} == everything - never
        assert set(service.taken.values()) <= {1}, "nothing is repeated while every outcome is known"
        refused = [reference for destination, *reference in consumer.rejected if destination == service.name]
        assert len(refused) == len(never & everything)


def _item(fates: Mapping[int, Item | Call]) -> Callable[[Event], Item]:
    """What becomes of the items; AGAIN passes after a while."""
    left = {number: 3 for number, fate in fates.items() if fate is Item.AGAIN}

    def item(event: Event) -> Item:
        number = number_of(event.event_id)
        if left.get(number):
            left[number] -= 1
            return Item.AGAIN
        fate = fates.get(number)
        return fate if fate in (Item.NEVER, Item.TOO_LARGE) else Item.DONE

    return item


@pytest.mark.parametrize("dead", list(DestinationName))
@pytest.mark.parametrize("how", [Call.UNKNOWN, Call.UNUSABLE, Call.THROTTLED, Call.ANSWERED])
def test_a_dead_destination_neither_delays_nor_repeats_the_other(dead: DestinationName, how: Call) -> None:
    # GIVEN one destination that takes nothing; an answer says so of each item
    clock = ManualClock()
    both = services(clock)
    (bad,) = [service for service in both if service.name is dead]
    (good,) = [service for service in both if service.name is not dead]
    bad.script = [how] * 10_000
    bad.item = lambda _: Item.AGAIN
    consumer = Consumer(list(both), clock, calls(30))

    # WHEN
    consumer.receive()
    consumer.receive()

    # THEN the batches were soon over, the other had everything once, and all still waits for the dead one alone
    assert clock.now < 10
    assert set(good.taken.values()) == {1}
    assert len(good.taken) == 30
    assert good.calls[-1] < 1
    assert bad.taken == {}
    assert len(consumer.bodies) == 30
    assert {place.destinations for place in _places(consumer)} == {(dead,)}

    # AND when it is well again it gets what it has not
    bad.script.clear()
    bad.item = lambda _: Item.DONE
    clock.now += REST_SECONDS
    consumer.receive()
    assert consumer.bodies == {}
    assert set(bad.taken.values()) == set(good.taken.values()) == {1}


def _places(consumer: Consumer) -> list[MessageCall]:
    return [place for body in consumer.bodies.values() for place in Message.parse(body, 100).calls]


def test_a_destination_that_is_down_rests_while_another_one_works() -> None:
    clock = ManualClock()
    pinpoint, connect = services(clock)
    connect.script = [Call.UNKNOWN] * 99
    consumer = Consumer([pinpoint, connect], clock, calls(3))
    consumer.receive()
    tried = len(connect.calls)

    for number in range(10):
        consumer.bodies[f"n-{number}"] = gateway.body(call(100 + number))
        consumer.receive()

    assert len(connect.calls) == tried
    assert len(pinpoint.taken) == 13
    clock.now += REST_SECONDS
    consumer.receive()
    assert len(connect.calls) == tried + 1, "one request tells that it is still down"


def test_one_event_that_fails_on_and_on_makes_no_other_wait() -> None:
    clock = ManualClock()
    pinpoint, connect = services(clock)
    connect.item = lambda event: Item.AGAIN if event.event_id == "id-2" else Item.DONE
    consumer = Consumer([pinpoint, connect], clock, calls(5))
    consumer.receive()

    consumer.bodies["n"] = gateway.body(call(100))
    consumer.receive()

    assert len(connect.taken) == 5
    assert [place.destinations for place in _places(consumer)] == [("connect",)]


def test_a_destination_that_stands_alone_is_asked_with_every_batch() -> None:
    clock = ManualClock()
    _, connect = services(clock)
    connect.script = [Call.UNUSABLE] * 2
    consumer = Consumer([connect], clock, calls(3))

    consumer.receive()
    consumer.receive()
    assert len(consumer.bodies) == 3
    assert {place.destinations for place in _places(consumer)} == {None}, "nothing is done, so nothing is said"
    consumer.receive()

    assert consumer.bodies == {}


def test_an_event_that_one_refuses_is_rejected_for_that_one_and_taken_by_the_other() -> None:
    clock = ManualClock()
    pinpoint, connect = services(clock)
    pinpoint.item = lambda _: Item.NEVER
    consumer = Consumer([pinpoint, connect], clock, calls(1))

    consumer.receive()

    assert consumer.bodies == {}
    assert consumer.rejected == [("pinpoint", "m-0", None)]
    assert connect.taken == {("e-0", "id-0"): 1}


def test_a_reject_that_cannot_be_written_comes_back_for_the_one_that_refuses() -> None:
    clock = ManualClock()
    pinpoint, connect = services(clock)
    pinpoint.item = lambda _: Item.NEVER
    consumer = Consumer([pinpoint, connect], clock, calls(1))

    consumer.receive(rejects_are_down=True)

    assert [place.destinations for place in _places(consumer)] == [("pinpoint",)]
    consumer.receive()
    assert (consumer.bodies, consumer.rejected) == ({}, [("pinpoint", "m-0+", None)])
    assert connect.taken == {("e-0", "id-0"): 1}


@pytest.mark.parametrize(
    ("said", "configured", "takes"),
    [
        (["pinpoint", "connect"], PINPOINT, ["pinpoint"]),
        (["connect", "gone"], BOTH, ["connect"]),
        (["gone"], BOTH, []),
        (["connect"], PINPOINT, []),
    ],
)
def test_what_waits_for_a_destination_that_was_removed_is_settled_and_counted(
    said: list[str], configured: Mapping[DestinationName, Matcher], takes: list[str]
) -> None:
    # GIVEN an envelope of a time when there were other destinations
    message = Message.parse(gateway.body(call(1)), 1)
    body = message.only({None: Verdict.ABSENT}, 1, {None: tuple(said)}).text()
    clock = ManualClock()
    there = [service for service in services(clock) if service.name in configured]

    # WHEN
    asked = read({"m-1": body}, configured)
    consumer = Consumer(there, clock, {"m-1": body})
    consumer.receive()

    # THEN
    assert consumer.bodies == {}
    assert [service.name for service in there if service.taken] == takes
    assert asked.dropped[DropReason.DESTINATION_NOT_CONFIGURED] == len(set(said) - set(takes))
    assert {name: asked.received(name) for name in configured} == {name: int(name in takes) for name in configured}


def test_user_attributes_that_a_destination_cannot_hold_are_counted_for_it_alone() -> None:
    body = gateway.body(call(1) | {"usat_plan": "gold", "usat_city": "Bonn"})
    message = Message.parse(body, 1)
    sent = message.only({None: Verdict.ABSENT}, 1, {None: ("pinpoint",)}).text()

    counts = [
        read({"m-1": text}, configured).dropped[DropReason.USER_ATTRIBUTE_NOT_MAPPED]
        for text, configured in ((body, BOTH), (body, PINPOINT), (sent, BOTH))
    ]

    assert counts == [1, 0, 0]
    (event,) = read({"m-1": body}, BOTH).events
    assert event.user_attributes == {"plan": "gold", "city": "Bonn"}


def test_only_the_trusted_route_makes_a_trusted_event() -> None:
    bodies = {"m-1": gateway.body(call(1)), "m-2": gateway.trusted(call(2), "iam", "server")}

    assert [event.trusted for event in read(bodies, BOTH).events] == [False, True]
