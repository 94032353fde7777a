from __future__ import annotations

from engagement.domain.destinations import DestinationName
from engagement.domain.disposal import LONGEST_TEXT, kept_text
from engagement.domain.event import Rejection
from engagement.domain.interpretation import interpret
from engagement.domain.message import Message
from engagement.domain.reasons import RejectReason
from engagement.domain.rules import Rules
from engagement.domain.trust import Trust
from tests import gateway
from tests.unit.builders import BOTH, PINPOINT


def test_a_refused_element_is_kept_without_its_neighbors() -> None:
    body = gateway.post(
        [{"event": "a", "endpoint_id": "e"}, {"event": "undefined", "endpoint_id": "e", "token": "s3cr3t"}]
    )
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60), PINPOINT)
    (rejection,) = asked.rejections

    text = kept_text(asked, rejection, body)

    (kept,) = Message.parse(text, 1).calls
    assert (kept.index, dict(kept.parameters)) == (1, {"event": "undefined", "endpoint_id": "e"})
    assert "s3cr3t" not in text


def test_json_that_came_as_a_form_is_kept_without_its_token() -> None:
    # GIVEN what `curl --data` sends unless it is told the content type
    token = f"kid.1790000000.s3cr3t{'x' * 37}"
    body = gateway.post(f'{{"event": "a", "endpoint_id": "e", "token": "{token}"}}', "form")
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60), PINPOINT)
    (rejection,) = asked.rejections

    text = kept_text(asked, rejection, body)

    assert "s3cr3t" not in text
    assert len(Message.parse(text, 1).calls) == 1


def test_a_form_that_grows_beyond_the_rejects_queue_is_kept_as_it_came() -> None:
    # GIVEN 64 KiB of control characters, which are three bytes each in the message and six in JSON
    said = {"event": "undefined", "evat_x": "\x01" * 65_000}
    body = gateway.post("&".join(f"{name}={value}" for name, value in (said | {"token": "s3cr3t"}).items()), "form")
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60), PINPOINT)
    (rejection,) = asked.rejections

    text = kept_text(asked, rejection, body)

    assert len(text) <= LONGEST_TEXT
    assert "s3cr3t" not in text
    (kept,) = Message.parse(text, 1).calls
    assert dict(kept.parameters) == said


def test_what_one_destination_refuses_is_kept_for_that_one_alone() -> None:
    body = gateway.body({"event": "a", "endpoint_id": "e"})
    asked = interpret([("m-1", body)], Rules.of(), Trust("shop", 60), BOTH)

    texts = {
        name: kept_text(asked, Rejection(("m-1", None), RejectReason.REFUSED_BY_DESTINATION, "", name), body)
        for name in (*DestinationName, None)
    }

    destinations = {name: Message.parse(text, 1).calls[0].destinations for name, text in texts.items()}
    assert destinations == {DestinationName.PINPOINT: ("pinpoint",), DestinationName.CONNECT: ("connect",), None: None}
