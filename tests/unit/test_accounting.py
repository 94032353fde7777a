from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.accounting import by_destination, close, metrics, refusals
from engagement.domain.destination import Call, Item
from engagement.domain.destinations import DestinationName
from engagement.domain.disposal import Disposal, dispose, to_be_kept
from engagement.domain.event import Event, Reference
from engagement.domain.interpretation import Interpretation, interpret
from engagement.domain.outlets import Outlet, deliver_to_all
from engagement.domain.pacing import Pace
from engagement.domain.rules import Matcher, Rules
from engagement.domain.token import KeysUnavailableError
from engagement.domain.trust import Trust
from tests import gateway
from tests.unit.builders import BOTH, PINPOINT, Crew, ManualClock, Service

ITEMS = {"again": Item.AGAIN, "never": Item.NEVER, "large": Item.TOO_LARGE}
FATES = st.sampled_from(["done", "bad", "same", *ITEMS])
OF_EACH = st.tuples(FATES, FATES)
"""What becomes of a call at each of two destinations."""


def unavailable(_kid: str) -> bytes | None:
    raise KeysUnavailableError


def call(name: str, fates: tuple[str, str]) -> dict[str, str]:
    parameters = {"event": "-".join(fates), "endpoint_id": name, "event_id": name}
    if "bad" in fates:
        parameters["event"] = "undefined"
    if "same" in fates:
        parameters |= {"endpoint_id": "same", "event_id": "same"}
    return parameters


def service(name: DestinationName, clock: ManualClock, script: list[Call]) -> Service:
    place = list(DestinationName).index(name)

    def item(event: Event) -> Item:
        return ITEMS.get(event.event_type.split("-")[place], Item.DONE)

    return Service(clock, script=script, item=item, name=name, most_events=(100, 10)[place])


@given(
    batch=st.lists(st.one_of(OF_EACH, st.lists(OF_EACH, min_size=1, max_size=6), st.just("unreadable")), max_size=8),
    destinations=st.sampled_from([PINPOINT, BOTH]),
    scripts=st.tuples(*[st.lists(st.sampled_from([*Call]), max_size=8)] * 2),
    unwritten_every=st.integers(1, 5),
    failing=st.booleans(),
    undecided=st.booleans(),
)
def test_at_each_destination_every_event_stands_in_one_column_and_every_open_one_lives_on(
    batch: list[str | tuple[str, str] | list[tuple[str, str]]],
    destinations: Mapping[DestinationName, Matcher],
    scripts: tuple[list[Call], list[Call]],
    unwritten_every: int,
    failing: bool,
    undecided: bool,
) -> None:
    # GIVEN single calls and arrays whose events have every fate, and perhaps a token that nobody can judge now
    bodies: dict[str, str] = {}
    for number, fates in enumerate(batch):
        name = f"m-{number}"
        if isinstance(fates, str):
            bodies[name] = "?"
        elif isinstance(fates, tuple):
            bodies[name] = gateway.body(call(name, fates))
        else:
            bodies[name] = gateway.post([call(f"{name}-{place}", fate) for place, fate in enumerate(fates)])
    if undecided:
        bodies["m-token"] = gateway.post([{"event": "done", "endpoint_id": "e", "token": f"k.1.{'x' * 43}"}] * 2)

    # WHEN they are sent and disposed of, some rejections cannot be written, and perhaps nothing can be put back
    asked = interpret(bodies.items(), Rules.of(), Trust("shop", 60, unavailable), destinations)
    clock = ManualClock()
    services = [service(name, clock, list(script)) for name, script in zip(destinations, scripts, strict=False)]
    outlets = [Outlet(service, Pace(10, 0.0)) for service in services]
    deliveries = deliver_to_all(asked, outlets, Crew(clock), clock, 20.0)
    kept = list(to_be_kept(asked, deliveries))
    unwritten = set(kept[::unwritten_every])
    disposal = dispose(asked, deliveries, unwritten, dict.fromkeys(bodies, 1))
    failed = set(disposal.put_back) if failing else set()
    accounts = close(asked, deliveries, disposal, failed)

    # THEN the books of each destination are closed
    for account in accounts.values():
        columns = (account.sent, account.deduplicated, account.rejected, account.requeued, account.returned)
        assert account.received == sum(columns) == _events(asked)
    sums = metrics(accounts)
    assert sums["EventsReceived"] == _events(asked) * len(destinations)
    assert by_destination(accounts).keys() == (accounts.keys() if len(accounts) > 1 else set())
    assert sum(refusals(asked, deliveries).values()) == sum(
        len(asked.rejections) + len(delivery.rejected) + len(delivery.refused_updates)
        for delivery in deliveries.values()
    )

    # AND whatever is not settled at a destination is in a message that comes back for it, and nothing settled is
    assert not disposal.put_back.keys() & disposal.returned
    coming_back = _coming_back(asked, disposal)
    for name, delivery in deliveries.items():
        settled = {event.reference for event in delivery.sent}
        settled |= {rejection.reference for rejection in kept if rejection.destination in (name, None)}
        settled -= {rejection.reference for rejection in unwritten if rejection.destination in (name, None)}
        assert not coming_back[name] & settled
        assert {event.reference for event in delivery.returned} <= coming_back[name]
        assert disposal.open_at(name) == coming_back[name]
    for message in disposal.put_back.values():
        assert message.attempt == 1


def _coming_back(asked: Interpretation, disposal: Disposal) -> dict[DestinationName, set[Reference]]:
    """What each destination will be asked for again."""
    found: dict[DestinationName, set[Reference]] = {name: set() for name in asked.configured}
    messages = disposal.put_back | {name: asked.messages[name] for name in disposal.returned if name in asked.messages}
    for message_id, message in messages.items():
        for place in message.calls:
            for name in place.destinations or asked.configured:
                found[DestinationName(name)].add((message_id, place.index))
    for message_id in disposal.returned - asked.messages.keys():
        for references in found.values():
            references.add((message_id, None))
    return found


def _events(asked: Interpretation) -> int:
    return sum(len(asked.messages[name].calls) if name in asked.messages else 1 for name in _names(asked))


def _names(asked: Interpretation) -> set[str]:
    return asked.messages.keys() | {rejection.reference[0] for rejection in asked.rejections}
