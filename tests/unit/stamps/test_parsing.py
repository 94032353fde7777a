from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.stamps.batches import BatchKey, StampError, kept
from engagement.domain.stamps.calls import called_for
from tests.unit.stamps.builders import RUN

DATA = {"plan": "release", "run": RUN, "step": "stamp", "index": 3}
IDS = st.lists(st.text(min_size=1, max_size=8), unique=True, min_size=1, max_size=50)


def endpoint(**changes: Any) -> dict[str, Any]:
    return {
        "ChannelType": "EMAIL",
        "Address": "jane@example.com",
        "EndpointStatus": "ACTIVE",
        "OptOut": "NONE",
        "Attributes": {"cohort": ["42"]},
        "User": {"UserId": "jane", "UserAttributes": {"plan": ["free"]}},
        **changes,
    }


def call(data: object = DATA, *, hook: bool = False, **changes: Any) -> dict[str, Any]:
    text = data if isinstance(data, str) else json.dumps(data)
    message = {"MessageConfiguration": {"CustomMessage": {"Data": text}}} if hook else {"Message": {}, "Data": text}
    return {**message, "ApplicationId": "app", "CampaignId": "c", "Endpoints": {"e": endpoint()}, **changes}


@pytest.mark.parametrize("hook", [False, True])
def test_a_custom_channel_and_a_hook_hand_over_the_same_batch(hook: bool) -> None:
    batch = called_for(call(hook=hook))

    assert batch.key == called_for(call()).key
    assert (batch.key.run, batch.key.index) == (RUN, 3)
    assert batch.endpoints == {"e": {}}


def test_of_an_endpoint_only_what_an_update_would_change_is_kept() -> None:
    assert kept(endpoint()) == {}
    assert kept(endpoint(EndpointStatus="INACTIVE", OptOut="ALL")) == {"EndpointStatus": "INACTIVE", "OptOut": "ALL"}
    assert kept({}) == {}


@given(ids=IDS, seed=st.randoms())
def test_a_call_repeated_is_the_same_batch_and_any_other_is_not(ids: list[str], seed: Any) -> None:
    shuffled = ids.copy()
    seed.shuffle(shuffled)

    def key(names: list[str], campaign: str = "c") -> BatchKey:
        return called_for(call(CampaignId=campaign, Endpoints={name: endpoint() for name in names})).key

    assert key(shuffled) == key(ids)
    assert key(ids, "other") != key(ids)
    assert key([*ids, "another-one"]) != key(ids)


@given(ids=IDS, index=st.integers(0, 999))
def test_a_message_says_what_it_was_made_of(ids: list[str], index: int) -> None:
    key = BatchKey.of(RUN, index, "c", {name: {} for name in ids})

    assert BatchKey.parse(key.text()) == key


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (call("not JSON"), "Data"),
        (call("[" * 5_000), "Data"),
        (call([]), "Data"),
        (call({**DATA, "run": "release"}), "run"),
        (call({**DATA, "run": RUN.upper()}), "run"),
        (call({**DATA, "run": None}), "run"),
        (call({**DATA, "index": -1}), "index"),
        (call({**DATA, "index": 1_000}), "index"),
        (call({**DATA, "index": True}), "index"),
        (call({**DATA, "index": "3"}), "index"),
        ({**call(), "Data": None}, "Data"),
        (call(CampaignId=None), "CampaignId"),
        (call(CampaignId=""), "CampaignId"),
        (call(Endpoints=None), "Endpoints"),
        (call(Endpoints={"e": None}), "Endpoints"),
        (call(hook=True, MessageConfiguration={"EmailMessage": {}}), "Data"),
        ({"Endpoints": {}}, "Data"),
    ],
)
def test_a_campaign_of_somebody_else_is_refused(event: dict[str, Any], named: str) -> None:
    with pytest.raises(StampError, match=f"^{named} must be"):
        called_for(event)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        "[]",
        "{}",
        json.dumps({"version": 2, "run": RUN, "index": 0, "batch": RUN}),
        json.dumps({"version": 1, "run": RUN, "index": 0}),
        json.dumps({"version": 1, "run": RUN, "index": 0, "batch": RUN, "more": 1}),
        json.dumps({"version": 1, "run": RUN, "index": 0, "batch": "b"}),
        json.dumps({"version": 1, "run": RUN, "index": 0, "batch": 1}),
        json.dumps({"version": 1, "run": "r", "index": 0, "batch": RUN}),
    ],
)
def test_a_message_that_announces_no_batch_is_refused(text: str) -> None:
    with pytest.raises(StampError):
        BatchKey.parse(text)
