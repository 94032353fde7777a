from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.interactions.kinds import Did
from engagement.domain.interactions.records import Interaction, Marker, read
from tests.unit.interactions.builders import APPLICATION_ID, CAMPAIGN_ID, record, sent

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SAID = {
    "_email.delivered": {"delivered"},
    "_email.open": {"opened"},
    "_email.click": {"opened", "clicked"},
    "_email.hardbounce": {"bounced"},
    "_email.complaint": {"complained"},
    "_email.unsubscribe": {"unsubscribed"},
    "_SMS.SUCCESS": {"delivered"},
    "_SMS.FAILURE": {"bounced"},
    "_SMS.OPTOUT": {"opted_out"},
    "_campaign.opened_notification": {"opened"},
    "_email.send": set(),
    "_email.softbounce": set(),
    "_SMS.BUFFERED": set(),
    "_campaign.received_foreground": set(),
    "purchase": set(),
}


def did(document: object) -> set[Did] | None:
    found = read(json.dumps(document), APPLICATION_ID)
    assert not isinstance(found, Marker)
    return set(found.did) if found else None


@pytest.mark.parametrize(("kind", "said"), SAID.items(), ids=SAID.keys())
def test_a_record_says_what_its_type_means(kind: str, said: set[str]) -> None:
    assert did(record(kind)) == (said or None)


@pytest.mark.parametrize(
    ("document", "delivered"),
    [
        (sent("CUSTOM", delivery_type="CUSTOM"), True),
        (sent("EMAIL", delivery_type="CUSTOM"), True),
        (sent("GCM"), True),
        (sent("APNS"), True),
        (sent("GCM", status="FAILURE"), False),
        (sent("EMAIL"), False),
        (sent("SMS"), False),
        (sent("CUSTOM", status="", delivery_type="CUSTOM"), False),
        (record("_campaign.send", campaign_send_status="SUCCESS"), False),
    ],
)
def test_a_send_is_a_delivery_where_nothing_more_is_said(document: dict[str, Any], delivered: bool) -> None:
    assert did(document) == ({Did.DELIVERED} if delivered else None)


def test_the_endpoint_is_the_same_in_every_spelling() -> None:
    assert read(json.dumps(record("_email.open", "Ada-1")), APPLICATION_ID) == Interaction(
        CAMPAIGN_ID, "ada-1", frozenset({Did.OPENED})
    )


def test_what_another_project_streams_is_not_ours() -> None:
    assert read(json.dumps(record("_email.open")), "another") is None


@pytest.mark.parametrize("endpoint_id", ["", "x" * 1_025, "\ud800"])
def test_an_endpoint_that_the_table_cannot_hold_is_skipped(endpoint_id: str) -> None:
    assert did(record("_email.open", endpoint_id)) is None


def test_a_marker_is_read_as_it_was_written() -> None:
    marker = Marker("0123.3.1769850000", "shardId-000000000001")

    assert read(marker.text(), APPLICATION_ID) == marker


def test_a_customer_s_event_of_that_name_is_no_marker() -> None:
    document = {**record("engagement.marker"), "attributes": {"marker": "0123.3.1", "shard": "shardId-0"}}

    assert read(json.dumps(document), APPLICATION_ID) is None


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"null", b'"text"', b"{" * 100_000])
def test_what_is_no_record_is_skipped(data: bytes) -> None:
    assert read(data, APPLICATION_ID) is None


@given(st.sampled_from([*SAID, "_campaign.send", "engagement.marker"]), st.data())
def test_every_key_may_be_missing_and_every_value_be_something_else(kind: str, data: st.DataObject) -> None:
    document: dict[str, Any] = {**sent("GCM"), "event_type": kind, "marker": "m", "shard": "s"}
    key = data.draw(st.sampled_from(sorted(document)))
    inner = (
        document[key] if isinstance(document[key], dict) and document[key] and data.draw(st.booleans()) else document
    )
    key = data.draw(st.sampled_from(sorted(inner)))
    if data.draw(st.booleans()):
        del inner[key]
    else:
        inner[key] = data.draw(JSON)

    read(json.dumps(document), APPLICATION_ID)
