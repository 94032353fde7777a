from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.accounting import LONGEST_TEXT, close, dispose, kept_text, to_be_kept
from engagement.domain.delivery import deliver
from engagement.domain.destination import Item
from engagement.domain.event import Reference
from engagement.domain.interpretation import Interpretation, interpret
from engagement.domain.message import Message
from engagement.domain.pacing import Pace
from engagement.domain.rules import Rules
from engagement.domain.token import KeysUnavailableError
from engagement.domain.trust import Trust
from tests import gateway
from tests.unit.builders import ManualClock, Service

FATES = st.sampled_from(["done", "again", "never", "bad", "same"])


def unavailable(_kid: str) -> bytes | None:
    raise KeysUnavailableError


def call(name: str, fate: str) -> dict[str, str]:
    parameters = {"event": fate, "endpoint_id": name, "event_id": name}
    if fate == "bad":
        parameters["event"] = "undefined"
    if fate == "same":
        parameters |= {"endpoint_id": "same", "event_id": "same"}
    return parameters


def outcome(fate: str) -> Item:
    return {"again": Item.AGAIN, "never": Item.NEVER}.get(fate, Item.DONE)


@given(
    batch=st.lists(st.one_of(FATES, st.lists(FATES, min_size=1, max_size=6), st.just("unreadable")), max_size=8),
    unwritten_every=st.integers(1, 5),
    failing=st.booleans(),
    undecided=st.booleans(),
)
def test_every_event_stands_in_one_column_and_every_open_one_lives_on(
    batch: list[str | list[str]], unwritten_every: int, failing: bool, undecided: bool
) -> None:
    # GIVEN single calls and arrays whose events have every fate, and perhaps a token that nobody can judge now
    bodies: dict[str, str] = {}
    for number, fates in enumerate(batch):
        name = f"m-{number}"
        if fates == "unreadable":
            bodies[name] = "?"
        elif isinstance(fates, str):
            bodies[name] = gateway.body(call(name, fates))
        else:
            bodies[name] = gateway.post([call(f"{name}-{place}", fate) for place, fate in enumerate(fates)])
    if undecided:
        bodies["m-token"] = gateway.post([{"event": "done", "endpoint_id": "e", "token": f"k.1.{'x' * 43}"}] * 2)

    # WHEN they are sent and disposed of, some rejections cannot be written, and perhaps nothing can be put back
    asked = interpret(bodies.items(), Rules.of(), Trust("shop", 60, unavailable))
    clock = ManualClock()
    service = Service(clock, item=lambda event: outcome(event.event_type))
    delivery = deliver(asked.events, service, Pace(10, 0.0), clock, 20.0)
    unwritten = {rejection.reference for rejection in to_be_kept(asked, delivery)[::unwritten_every]}
    disposal = dispose(asked, delivery, unwritten, dict.fromkeys(bodies, 1))
    failed = set(disposal.put_back) if failing else set()
    account = close(asked, delivery, disposal, failed)

    # THEN the books are closed
    columns = (account.sent, account.deduplicated, account.rejected, account.requeued, account.returned)
    assert account.received == sum(columns) == _events(asked)

    # AND whatever is not settled is in a message that comes back, and nothing settled is
    settled = {event.reference for event in delivery.sent} | {r.reference for r in to_be_kept(asked, delivery)}
    settled -= unwritten
    assert not disposal.put_back.keys() & disposal.returned
    coming_back: set[Reference] = {
        (name, place.index) for name, message in disposal.put_back.items() for place in message.calls
    }
    assert not coming_back & settled
    assert {reference for reference in disposal.open_events if reference[0] in disposal.put_back} == coming_back
    for message in disposal.put_back.values():
        assert message.attempt == 1


def _events(asked: Interpretation) -> int:
    return sum(len(asked.messages[name].calls) if name in asked.messages else 1 for name in _names(asked))


def _names(asked: Interpretation) -> set[str]:
    return asked.messages.keys() | {rejection.reference[0] for rejection in asked.rejections}


def test_a_refused_element_is_kept_without_its_neighbors() -> None:
    body = gateway.post(
        [{"event": "a", "endpoint_id": "e"}, {"event": "undefined", "endpoint_id": "e", "token": "s3cr3t"}]
    )
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60))
    (rejection,) = asked.rejections

    text = kept_text(asked, rejection.reference, body)

    (kept,) = Message.parse(text, 1).calls
    assert (kept.index, dict(kept.parameters)) == (1, {"event": "undefined", "endpoint_id": "e"})
    assert "s3cr3t" not in text


def test_json_that_came_as_a_form_is_kept_without_its_token() -> None:
    # GIVEN what `curl --data` sends unless it is told the content type
    token = f"kid.1790000000.s3cr3t{'x' * 37}"
    body = gateway.post(f'{{"event": "a", "endpoint_id": "e", "token": "{token}"}}', "form")
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60))
    (rejection,) = asked.rejections

    text = kept_text(asked, rejection.reference, body)

    assert "s3cr3t" not in text
    assert len(Message.parse(text, 1).calls) == 1


def test_a_form_that_grows_beyond_the_rejects_queue_is_kept_as_it_came() -> None:
    # GIVEN 64 KiB of control characters, which are three bytes each in the message and six in JSON
    said = {"event": "undefined", "evat_x": "\x01" * 65_000}
    body = gateway.post("&".join(f"{name}={value}" for name, value in (said | {"token": "s3cr3t"}).items()), "form")
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60))
    (rejection,) = asked.rejections

    text = kept_text(asked, rejection.reference, body)

    assert len(text) <= LONGEST_TEXT
    assert "s3cr3t" not in text
    (kept,) = Message.parse(text, 1).calls
    assert dict(kept.parameters) == said
