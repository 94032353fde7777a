from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engagement.domain import limits
from engagement.domain.destinations import DestinationName
from engagement.domain.draft import UNSET
from engagement.domain.event import Event
from engagement.domain.interpretation import AHEAD_MS, OLDEST_MS, Interpretation, interpret
from engagement.domain.reasons import DropReason, RejectReason
from engagement.domain.rules import Rules
from engagement.domain.trust import Privacy, Trust
from tests import gateway
from tests.unit.builders import PINPOINT

OPEN = Rules.of(anonymous=["*"])
NOBODY = Trust(audience="shop", max_age_seconds=86_400)
CALL = {"event": "page.view", "endpoint_id": "e-1"}
SCALAR = st.characters(exclude_categories=["Cs"])


def read(parameters: dict[str, str], rules: Rules = OPEN, **message: Any) -> Interpretation:
    return interpret([("m-1", gateway.body(parameters, **message))], rules, NOBODY, PINPOINT)


def only_event(parameters: dict[str, str], rules: Rules = OPEN) -> Event:
    (event,) = read({**CALL, **parameters}, rules).events
    return event


def dropped(parameters: dict[str, str], rules: Rules = OPEN) -> Counter[DropReason]:
    result = read({**CALL, **parameters}, rules)
    assert len(result.events) == 1, "the event itself is always sent"
    return result.dropped


def test_a_call_becomes_an_event_with_every_part() -> None:
    event = only_event(
        {"evat_page": "/x", "evme_value": "1.5", "usat_plan": "gold", "event_id": "abc-1", "ts": "1789999999000"}
    )

    assert event == Event(
        message_id="m-1",
        event_id="abc-1",
        endpoint_id="e-1",
        event_type="page.view",
        timestamp=1_789_999_999_000,
        attributes={"page": "/x", "event_id": "abc-1"},
        metrics={"value": 1.5},
        user_attributes={"plan": "gold"},
        weight=event.weight,
        timestamp_given=True,
    )


@pytest.mark.parametrize("value", ["undefined", "null", "", "  ", "NaN", "[object Object]", " undefined "])
@pytest.mark.parametrize(
    ("name", "reason"),
    [("event", RejectReason.MISSING_EVENT), ("endpoint_id", RejectReason.MISSING_ENDPOINT_ID)],
)
def test_an_unset_event_or_endpoint_id_is_rejected(name: str, reason: RejectReason, value: str) -> None:
    (rejection,) = read({**CALL, name: value}).rejections

    assert rejection.reason is reason
    assert name in rejection.detail


@pytest.mark.parametrize("name", ["event", "endpoint_id"])
def test_an_absent_event_or_endpoint_id_is_rejected(name: str) -> None:
    result = read({key: value for key, value in CALL.items() if key != name})

    assert len(result.rejections) == 1
    assert not result.events


@pytest.mark.parametrize("value", sorted(UNSET))
@pytest.mark.parametrize("prefix", ["evat_", "evme_", "usat_"])
def test_an_unset_value_is_left_out_and_counted(prefix: str, value: str) -> None:
    assert dropped({f"{prefix}x": value}) == {DropReason.UNSET_VALUE: 1}


def test_reserved_names_win_over_allowed_ones() -> None:
    rules = Rules.of(
        events=["*"],
        anonymous=["*"],
        reserved_events=["_*"],
        reserved_endpoint_ids=["company-*"],
        reserved_user_attributes=["engagement_*"],
    )

    assert read({**CALL, "event": "_email.open"}, rules).rejections[0].reason is RejectReason.EVENT_RESERVED
    assert read({**CALL, "endpoint_id": "company-1"}, rules).rejections[0].reason is RejectReason.ENDPOINT_ID_RESERVED
    assert dropped({"usat_engagement_role": "company"}, rules) == {DropReason.USER_ATTRIBUTE_RESERVED: 1}


@pytest.mark.parametrize("endpoint_id", ["COMPANY-1", "Company-run", "company-É"])
def test_a_reserved_endpoint_id_is_reserved_in_every_spelling(endpoint_id: str) -> None:
    # GIVEN a destination to which upper and lower case are the same endpoint
    rules = Rules.of(reserved_endpoint_ids=["Company-*"])

    (rejection,) = read({**CALL, "endpoint_id": endpoint_id}, rules).rejections
    assert rejection.reason is RejectReason.ENDPOINT_ID_RESERVED


@pytest.mark.parametrize("character", ["$", "{", "}"])
def test_an_endpoint_id_that_pinpoint_cannot_have_is_rejected_before_it_spoils_a_request(character: str) -> None:
    (rejection,) = read({**CALL, "endpoint_id": f"a{character}b"}).rejections

    assert rejection.reason is RejectReason.ENDPOINT_ID_NOT_ALLOWED


def test_names_that_no_list_allows_are_refused_each_in_its_own_way() -> None:
    rules = Rules.of(
        events=["page.*"],
        event_attributes=["page"],
        event_metrics=["value"],
        anonymous=["plan"],
        endpoint_id_pattern="e-[0-9]+",
    )

    assert read({**CALL, "event": "buy"}, rules).rejections[0].reason is RejectReason.EVENT_NOT_ALLOWED
    assert read({**CALL, "endpoint_id": "e-1\n"}, rules).rejections[0].reason is RejectReason.ENDPOINT_ID_NOT_ALLOWED
    assert dropped({"evat_x": "1", "evme_x": "1", "usat_x": "1", "evat_page": "1"}, rules) == {
        DropReason.ATTRIBUTE_NOT_ALLOWED: 1,
        DropReason.METRIC_NOT_ALLOWED: 1,
        DropReason.USER_ATTRIBUTE_NOT_ALLOWED: 1,
    }


def test_without_a_list_nobody_writes_user_attributes() -> None:
    event = only_event({"usat_plan": "gold"}, Rules.of())

    assert event.user_attributes == {}


@given(st.text(SCALAR, min_size=1).filter(lambda value: value not in UNSET))
def test_an_attribute_arrives_unchanged_or_cut_to_the_limit(value: str) -> None:
    event = only_event({"evat_x": value})

    assert event.attributes["x"] == limits.cut(value, limits.EVENT_VALUE_LENGTH)


@given(st.integers(90, 110))
def test_a_user_attribute_is_written_whole_or_not_at_all(size: int) -> None:
    event = only_event({"usat_x": "y" * size})

    assert event.user_attributes == ({"x": "y" * size} if size <= limits.USER_VALUE_LENGTH else {})


@given(st.dictionaries(st.text(SCALAR, min_size=1, max_size=60), st.sampled_from(["evat_", "evme_"]), max_size=90))
@example({"event_id": "evme_"})
def test_an_event_keeps_the_first_names_and_its_event_id(names: dict[str, str]) -> None:
    result = read({**CALL, **{prefix + name: "1" for name, prefix in names.items()}})
    (event,) = result.events

    usable = sorted(name for name in names if limits.length(name) <= limits.NAME_LENGTH and name != "event_id")
    kept = sorted([*event.attributes, *event.metrics])
    assert kept == sorted(["event_id", *usable[: limits.NAMES_PER_EVENT - 1]])
    assert sum(result.dropped.values()) == len(names) + 1 - len(kept)


@pytest.mark.parametrize("text", ["1", "-1.5", "+.5", "2.", "1e3", "0"])
def test_a_decimal_number_is_a_metric(text: str) -> None:
    assert only_event({"evme_x": text}).metrics == {"x": float(text)}


@pytest.mark.parametrize("text", ["1,5", "1_000", "inf", "nan", "0x10", "1e999", "٣", " 1", "one"])
def test_anything_else_is_not_a_metric(text: str) -> None:
    assert dropped({"evme_x": text}) == {DropReason.METRIC_NOT_A_NUMBER: 1}


@given(st.integers(-2 * OLDEST_MS, 2 * AHEAD_MS))
def test_a_timestamp_counts_inside_its_window_only(offset: int) -> None:
    event = only_event({"ts": str(gateway.REQUEST_TIME + offset)})

    inside = -OLDEST_MS <= offset <= AHEAD_MS
    assert event.timestamp == gateway.REQUEST_TIME + (offset if inside else 0)


@pytest.mark.parametrize("text", ["soon", "-5", "1.5", "9" * 30, "١٧٩"])
def test_a_timestamp_that_is_none_is_counted(text: str) -> None:
    assert dropped({"ts": text}) == {DropReason.TIMESTAMP_INVALID: 1}


@pytest.mark.parametrize("event_id", ["a b", "a" * 65, "a\n", "ü"])
def test_an_event_id_of_the_wrong_form_is_replaced_by_the_gateways(event_id: str) -> None:
    assert only_event({"event_id": event_id}).event_id == gateway.REQUEST_ID
    assert dropped({"event_id": event_id}) == {DropReason.EVENT_ID_INVALID: 1}


def test_an_event_without_any_id_is_named_by_its_message() -> None:
    (event,) = read(CALL, request_id="").events

    assert event.event_id == "m-1"


def test_nobody_can_write_another_event_id_into_the_attributes() -> None:
    assert only_event({"evat_event_id": "forged"}).attributes == {"event_id": gateway.REQUEST_ID}


def test_parameters_that_mean_nothing_are_counted() -> None:
    assert dropped({"gtmcb": "1", "email": "a", "token": "t", "evat_": "1", "evat": "2", "usatxtier": "3"}) == {
        DropReason.CACHE_BUSTER: 1,
        DropReason.UNKNOWN_PARAMETER: 3,
        DropReason.TOKEN_IGNORED: 1,
        DropReason.NAME_EMPTY: 1,
    }


@given(st.lists(st.text(), max_size=5), st.lists(st.dictionaries(st.text(SCALAR), st.text(SCALAR)), max_size=5))
def test_each_message_is_one_event_or_one_rejection(texts: list[str], calls: list[dict[str, str]]) -> None:
    bodies = texts + [gateway.body(call) for call in calls] + [gateway.body({**CALL, **call}) for call in calls]
    result = interpret(((f"m-{number}", text) for number, text in enumerate(bodies)), OPEN, NOBODY, PINPOINT)

    ids = [event.message_id for event in result.events] + [rejection.reference[0] for rejection in result.rejections]
    assert result.received(DestinationName.PINPOINT) == len(bodies)
    assert sorted(ids) == sorted(f"m-{number}" for number in range(len(bodies)))


def test_each_element_of_an_array_is_an_event_of_its_own() -> None:
    body = gateway.post([CALL, CALL | {"event_id": "mine"}, {"event": "page.view"}, CALL | {"evat_a": ["x"]}])

    result = interpret([("m-1", body)], OPEN, NOBODY, PINPOINT)

    assert [(event.index, event.event_id) for event in result.events] == [
        (0, f"{gateway.REQUEST_ID}-0"),
        (1, "mine"),
        (3, f"{gateway.REQUEST_ID}-3"),
    ]
    assert [rejection.reference for rejection in result.rejections] == [("m-1", 2)]
    assert result.dropped == {DropReason.NOT_FLAT: 1}
    assert result.received(DestinationName.PINPOINT) == 4


def test_a_privacy_signal_keeps_customer_data_or_drops_the_event() -> None:
    call = CALL | {"usat_plan": "gold", "evat_page": "/x"}

    def under(policy: Privacy) -> Interpretation:
        return interpret([("m-1", gateway.body(call, privacy="1"))], OPEN, replace(NOBODY, privacy=policy), PINPOINT)

    assert under(Privacy.IGNORE).events[0].user_attributes == {"plan": "gold"}
    assert under(Privacy.NO_UPDATES).events[0].user_attributes == {}
    assert under(Privacy.NO_UPDATES).events[0].attributes["page"] == "/x"
    assert under(Privacy.NO_UPDATES).dropped == {DropReason.PRIVACY_SIGNAL: 1}
    assert [rejection.reason for rejection in under(Privacy.DROP).rejections] == [RejectReason.PRIVACY_SIGNAL]


@given(st.dictionaries(st.text(SCALAR), st.text(SCALAR, min_size=1, max_size=30)))
def test_a_rejection_never_repeats_what_the_caller_sent(call: dict[str, str]) -> None:
    secret = "jane@example.com"
    for rejection in read({**call, "event": "undefined", "evat_mail": secret}).rejections:
        assert secret not in rejection.detail
