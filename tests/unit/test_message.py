from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.message import Message, MessageError, without_token
from tests import gateway

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8), TEXT)
def test_every_name_and_value_is_read_as_the_caller_sent_it(pairs: list[tuple[str, str]], request_id: str) -> None:
    message = Message.parse(gateway.body(pairs, request_id=request_id))

    assert message == Message(request_id, gateway.REQUEST_TIME, tuple(pairs))


def test_a_query_that_was_cut_in_the_middle_of_the_loop_keeps_its_pairs() -> None:
    # GIVEN a gateway that stopped after 1,000 rounds of its loop: the trailing separator stays, the JSON is whole
    pairs = [(f"evat_{number}", "x") for number in range(1_000)]

    # WHEN / THEN
    assert Message.parse(gateway.body(pairs)).parameters == tuple(pairs)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"version": 2}, "version"),
        ({"route": "private"}, "route"),
        ({"request_time": "soon"}, "request_time"),
        ({"request_time": 12}, "request_time"),
        ({"request_id": None}, "request_id"),
        ({"query": ["a=b"]}, "query"),
    ],
)
def test_a_foreign_message_is_refused_by_the_name_of_its_part(change: dict[str, object], part: str) -> None:
    document = json.loads(gateway.body({"event": "e"})) | change

    with pytest.raises(MessageError, match=part):
        Message.parse(json.dumps(document))


@given(st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_any_other_text_is_a_message_error_and_nothing_else(text: str) -> None:
    with pytest.raises(MessageError):
        Message.parse(text)


def test_deeply_nested_json_is_a_message_error() -> None:
    with pytest.raises(MessageError):
        Message.parse("[" * 100_000)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4), st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_removing_a_token_leaves_everything_else(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    # GIVEN names that are not the token's own
    others = [pair for pair in before + after if pair[0] != "token"]

    # WHEN
    cleaned = without_token(gateway.body([*before, ("token", "kid.1790000000.s3cr3t"), *after]))

    # THEN
    assert "s3cr3t" not in cleaned
    assert Message.parse(cleaned).parameters == tuple(others)


def test_a_token_is_removed_from_a_text_that_is_no_message() -> None:
    assert without_token('{"query":"token=s3cr3t&token=other&a=b"') == '{"query":"a=b"'
    assert without_token("token=s3cr3t") == ""
