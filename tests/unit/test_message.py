from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.message import Authorizer, Message, MessageError, Route, without_token
from engagement.domain.reasons import RejectReason
from engagement.domain.token import Verdict
from tests import gateway

SCALARS = st.characters(exclude_categories=["Cs"])
TEXT = st.text(SCALARS, max_size=40)
NAME = TEXT.filter(lambda name: name != "token")


def parse(body: str, most_calls: int = 100) -> Message:
    return Message.parse(body, most_calls)


def said(body: str) -> list[dict[str, str | None]]:
    return [call.parameters for call in parse(body).calls]


@given(st.lists(st.tuples(NAME, TEXT), max_size=8), TEXT)
def test_every_name_and_value_of_a_query_is_read_as_the_caller_sent_it(
    pairs: list[tuple[str, str]], request_id: str
) -> None:
    message = parse(gateway.body(pairs, request_id=request_id))

    (call,) = message.calls
    assert (message.request_id, message.request_time, message.route) == (request_id, gateway.REQUEST_TIME, Route.PUBLIC)
    assert (call.index, call.parameters) == (None, dict(pairs))


@given(st.dictionaries(NAME, TEXT, min_size=1, max_size=6), st.sampled_from(["json", "text"]))
def test_a_json_object_says_the_same_as_a_query(parameters: dict[str, str], kind: str) -> None:
    assert said(gateway.post(parameters, kind)) == said(gateway.body(parameters)) == [parameters]


@given(st.lists(st.dictionaries(NAME, TEXT, max_size=4), min_size=1, max_size=6))
def test_an_array_is_as_many_calls_in_order(elements: list[dict[str, str]]) -> None:
    message = parse(gateway.post(elements))

    assert [(call.index, call.parameters) for call in message.calls] == list(enumerate(elements))


@given(st.lists(st.tuples(NAME, TEXT), max_size=6))
def test_a_form_is_read_as_a_query_is(pairs: list[tuple[str, str]]) -> None:
    assert said(gateway.post(gateway.query(pairs), "form")) == said(gateway.body(pairs))


def test_values_that_are_no_text_are_read_as_a_query_would_hold_them() -> None:
    (values,) = said(gateway.post({"a": 1.5, "b": True, "c": None, "d": ["x"], "e": {"x": 1}, "f": 10**20}))

    assert values == {"a": "1.5", "b": "true", "c": "null", "d": None, "e": None, "f": "1" + "0" * 20}


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert said(gateway.post('{"a":"x\\ud800y","b":"\\ud83d\\ude00"}')) == [{"a": "x\ufffdy", "b": "😀"}]


def test_a_query_that_was_cut_in_the_middle_of_the_loop_keeps_its_pairs() -> None:
    # GIVEN a gateway that stopped after 1,000 rounds of its loop: the trailing separator stays, the JSON is whole
    pairs = {f"evat_{number}": "x" for number in range(1_000)}

    assert said(gateway.body(pairs)) == [pairs]


def test_the_trusted_route_says_who_the_caller_is() -> None:
    message = parse(gateway.trusted({"event": "e"}, "cognito", "Jürgen/1"))

    assert (message.route, message.authorizer, message.identity) == (Route.TRUSTED, Authorizer.COGNITO, "Jürgen/1")


def test_an_identity_on_the_public_route_means_nothing() -> None:
    document = json.loads(gateway.body({"event": "e"})) | {"authorizer": "iam", "identity": "x"}

    message = parse(json.dumps(document))

    assert (message.authorizer, message.identity) == (None, "")


@pytest.mark.parametrize(("value", "signal"), [("1", True), ("01", True), ("", False), ("0", False)])
def test_the_privacy_signal_is_read(value: str, signal: bool) -> None:
    assert parse(gateway.body({"event": "e"}, privacy=value)).privacy_signal is signal


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"version": 2}, "version"),
        ({"route": "private"}, "route"),
        ({"route": "trusted"}, "authorizer"),
        ({"route": "trusted", "authorizer": "me"}, "authorizer"),
        ({"request_time": "soon"}, "request_time"),
        ({"request_time": 12}, "request_time"),
        ({"request_time": "9" * 15}, "request_time"),
        ({"request_id": None}, "request_id"),
        ({"query": ["a=b"]}, "query"),
        ({"events": []}, "body"),
        ({"events": [{"index": 0}]}, "events"),
        ({"events": [{"index": "0", "token": "valid", "parameters": {}}]}, "events"),
        ({"events": [{"index": 0, "token": "guessed", "parameters": {}}]}, "token"),
        ({"events": [{"index": 0, "token": "valid", "parameters": {}}] * 2}, "events"),
    ],
)
def test_a_foreign_message_is_refused_by_the_name_of_its_part(change: dict[str, object], part: str) -> None:
    document = json.loads(gateway.body({"event": "e"})) | change

    with pytest.raises(MessageError, match=part):
        parse(json.dumps(document))


@pytest.mark.parametrize("content", ["", "x", "[]", "1", "null", '["a"]', "[[]]", "{", '[{"a":1},2]', "9" * 5_000])
@pytest.mark.parametrize("kind", ["json", "text"])
def test_a_body_that_is_no_event_and_no_array_of_events_is_refused(content: str, kind: str) -> None:
    with pytest.raises(MessageError):
        parse(gateway.post(content, kind))


def test_an_unknown_content_type_is_refused() -> None:
    with pytest.raises(MessageError, match="content_type"):
        parse(gateway.post({"event": "e"}, "xml"))


def test_more_events_than_allowed_are_refused_as_a_whole() -> None:
    with pytest.raises(MessageError) as caught:
        parse(gateway.post([{"event": "e"}] * 6), most_calls=5)

    assert caught.value.reason is RejectReason.TOO_MANY_EVENTS


@given(st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_any_other_text_is_a_message_error_and_nothing_else(text: str) -> None:
    with pytest.raises(MessageError):
        parse(text)


def test_deeply_nested_json_is_a_message_error() -> None:
    for text in ("[" * 100_000, gateway.post("[" * 30_000)):
        with pytest.raises(MessageError):
            parse(text)


@given(st.lists(st.dictionaries(NAME, TEXT | st.integers() | st.lists(st.none(), max_size=1)), min_size=1, max_size=5))
def test_a_message_that_was_put_back_says_the_same(elements: list[dict[str, Any]]) -> None:
    # GIVEN a message of a server, and some of its events still open
    original = parse(gateway.trusted(elements, "lambda", "*"))
    open_calls: dict[int | None, Verdict] = {call.index: Verdict.ABSENT for call in original.calls[::2]}

    # WHEN they travel through the queue again
    again = parse(original.only(open_calls, attempt=3).text())

    # THEN nothing but the attempt has changed, and their places in the array are the same
    assert (again.request_id, again.request_time, again.route, again.authorizer, again.identity) == (
        original.request_id,
        original.request_time,
        original.route,
        original.authorizer,
        original.identity,
    )
    assert again.attempt == 3
    assert [(call.index, call.parameters) for call in again.calls] == [
        (call.index, call.parameters) for call in original.calls[::2]
    ]


def test_a_message_that_was_put_back_names_what_is_open_of_a_call_that_is_done_in_part() -> None:
    message = parse(gateway.post([{"event": "e"}] * 3))
    verdicts: dict[int | None, Verdict] = dict.fromkeys(range(3), Verdict.ABSENT)

    once = parse(message.only(verdicts, 1, {1: ("connect",), 2: ("pinpoint", "connect")}).text())
    twice = parse(once.only(verdicts, 2, {2: ("pinpoint",)}).text())

    assert [call.destinations for call in once.calls] == [None, ("connect",), ("pinpoint", "connect")]
    assert [call.destinations for call in twice.calls] == [None, ("connect",), ("pinpoint",)]


@pytest.mark.parametrize("names", ["connect", [], [1], {}, [["connect"]]])
def test_destinations_that_are_no_names_are_an_error_and_not_a_reason_to_send_everywhere(names: Any) -> None:
    message = parse(gateway.post([{"event": "e"}]))
    document = json.loads(message.only({0: Verdict.ABSENT}, 1).text())
    document["events"][0]["destinations"] = names

    with pytest.raises(MessageError, match="destinations"):
        parse(json.dumps(document))


def test_a_message_that_was_put_back_fits_wherever_the_original_fitted() -> None:
    # GIVEN the characters that grow most on their way
    for character in ("寿", "😀", "\x01", "é", '"'):
        original = gateway.post([{"event": "e", "endpoint_id": "e", "evat_a": character * 600} for _ in range(30)])

        message = parse(original)

        assert len(message.only(dict.fromkeys(range(30), Verdict.ABSENT), 1).text()) <= len(original) + 4_096


TOKEN = "kid.1790000000.s3cr3t"
WHOLE_TOKEN = f"kid.1790000000.s3cr3t{'x' * 37}"


@pytest.mark.parametrize("body", [gateway.body, gateway.post, lambda call: gateway.post([call, call])])
def test_a_token_is_taken_apart_and_does_not_travel_on(body: Any) -> None:
    message = parse(body({"event": "e", "token": TOKEN}))

    assert {call.token for call in message.calls} == {TOKEN}
    assert all("token" not in call.parameters for call in message.calls)
    verdicts = {call.index: Verdict.FORGED for call in message.calls}
    text = message.only(verdicts, 1).text()
    assert "s3cr3t" not in text
    assert {(call.token, call.verdict) for call in parse(text).calls} == {("", "token_forged")}


@pytest.mark.parametrize(
    "text",
    [
        f'{{"query":"token={TOKEN}&a=b"',
        f"token={TOKEN}",
        f'{{"query":"token={TOKEN}&token={TOKEN}"',
        gateway.post(f'[{{"event":"e","token":"{TOKEN}","x":1}},2]'),
        gateway.post(f'{{"event":"e", "token" : "{TOKEN}'),
        gateway.post(f'{{"event":"e",\n\t"token"\r\n:\t"{TOKEN}'),
        # A beacon with a form as a text, which browsers send as text/plain.
        gateway.post(f"event=e&token={TOKEN}&endpoint_id=e", "text"),
        gateway.post(f"token={TOKEN}", "text"),
    ],
)
def test_a_token_is_removed_from_a_text_that_cannot_be_read(text: str) -> None:
    cleaned = without_token(text)

    assert "s3cr3t" not in cleaned
    assert without_token(text.replace(TOKEN, "")) == without_token(cleaned)


@pytest.mark.parametrize(
    "content",
    [f"{{'token': '{WHOLE_TOKEN}'}}", f"{{token: '{WHOLE_TOKEN}'}}", f'["token", "{WHOLE_TOKEN}"]', WHOLE_TOKEN],
)
def test_what_has_the_form_of_a_signature_is_removed_from_a_text_that_cannot_be_read(content: str) -> None:
    assert "s3cr3t" not in without_token(gateway.post(content, "text"))
