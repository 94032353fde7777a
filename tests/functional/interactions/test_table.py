"""The recorder and the filter on the real table: any order, doubles and splits of records; failures; large calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement.domain.interactions.conditions import ConditionError
from engagement.domain.interactions.recording import UnavailableError
from engagement.domain.plans.names import FILTER_TAG, INDEX_TAG, RUN_TAG
from tests.emf import totals
from tests.functional import ministack
from tests.functional.functions import Context
from tests.functional.interactions.recording import Event, Recording, said
from tests.functional.ministack import Body

if TYPE_CHECKING:
    from collections.abc import Callable

RUN = "f" * 40
ENDPOINTS = ("a", "b", "c", "d")
KINDS = ("_email.delivered", "_email.open", "_email.click", "_email.hardbounce", "_email.unsubscribe")
RECORDS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(ENDPOINTS)), max_size=8)


def campaign(recorded: Recording, **tags: str) -> str:
    """A campaign of the run."""
    pinpoint = recorded.cloud._own
    segment = pinpoint.create_segment(
        ApplicationId=recorded.cloud.application_id, WriteSegmentRequest={"Name": "all", "Dimensions": {}}
    )
    answer = pinpoint.create_campaign(
        ApplicationId=recorded.cloud.application_id,
        WriteCampaignRequest={
            "Name": "c",
            "SegmentId": segment["SegmentResponse"]["Id"],
            "Schedule": {"StartTime": "2099-01-01T00:00:00Z", "Frequency": "ONCE"},
            "MessageConfiguration": {"EmailMessage": {"Title": "News", "Body": "News"}},
            "tags": tags,
        },
    )
    return answer["CampaignResponse"]["Id"]


def asked(recorded: Recording, campaign_id: str, *endpoint_ids: str) -> dict[str, Any]:
    """What the filter answers."""
    endpoints = {name: {"ChannelType": "EMAIL", "Address": f"{name}@example.com"} for name in endpoint_ids}
    event = {"ApplicationId": recorded.cloud.application_id, "CampaignId": campaign_id, "Endpoints": endpoints}
    answer: dict[str, Any] = recorded.filter.handler(event, Context(14))
    assert all(answer[name] == endpoints[name] for name in answer), "endpoints must come back unchanged"
    return answer


@pytest.fixture
def of_step(recorded: Recording) -> str:
    return campaign(recorded, **{RUN_TAG: RUN, INDEX_TAG: "1"})


@pytest.fixture
def reminder(recorded: Recording) -> str:
    return campaign(recorded, **{RUN_TAG: RUN, INDEX_TAG: "3", FILTER_TAG: "only:1:delivered unless:1:opened"})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_doubling_and_splitting_of_the_records_gives_the_same(
    recorded: Recording, of_step: str, reminder: str, data: st.DataObject
) -> None:
    records = [said(*one, of_step) for one in data.draw(RECORDS)]
    recorded.forget()
    assert recorded.record(*records) == []
    items, answer = recorded.items(), asked(recorded, reminder, *ENDPOINTS)

    recorded.forget()
    twice = data.draw(st.lists(st.sampled_from(records), max_size=5)) if records else []
    shuffled = data.draw(st.permutations([*records, *twice]))
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        assert recorded.record(*shuffled[:size]) == []
        shuffled = shuffled[size:]

    assert recorded.items() == items
    assert asked(recorded, reminder, *ENDPOINTS) == answer


def test_a_run_is_spread_over_partitions_and_forgotten_in_time(recorded: Recording, of_step: str) -> None:
    recorded.record(*(said("_email.open", f"reader-{number}", of_step) for number in range(60)))

    items = recorded.cloud.dynamodb.scan(TableName=recorded.table)["Items"]

    assert len(items) == 60
    assert {item["pk"]["S"].partition(".")[0] for item in items} == {RUN}
    assert len({item["pk"]["S"] for item in items}) > 8
    assert all(set(item) == {"pk", "sk", "did", "expires"} for item in items)


def test_campaigns_of_others_and_stamps_are_skipped_and_asked_for_once(
    recorded: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = campaign(recorded)
    stamp = campaign(recorded, **{RUN_TAG: RUN})
    for _ in range(3):
        assert recorded.record(*(said("_email.open", "a", one) for one in (theirs, stamp, "0" * 32))) == []

    assert recorded.items() == {}
    assert len(recorded.cloud.created("GetCampaign")) == 3
    assert totals(capsys.readouterr().out)["RecordsSkipped"] == 9


def test_records_that_cannot_be_written_come_again_and_nothing_is_lost(
    recorded: Recording, of_step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = {"b"}
    add = recorded.recorder.TABLE.add

    def sometimes(run: str, endpoint_id: str, entries: set[str]) -> None:
        if endpoint_id in failing:
            raise UnavailableError
        add(run, endpoint_id, entries)

    monkeypatch.setattr(recorded.recorder.TABLE, "add", sometimes)
    batch = [said("_email.open", name, of_step) for name in ("a", "b", "c")]

    assert recorded.record(*batch) == ["1"]
    failing.clear()
    assert recorded.record(*batch[1:]) == []

    assert sorted(key.split()[1] for key in recorded.items()) == ["a", "b", "c"]
    out = capsys.readouterr().out
    assert totals(out)["InteractionsRecorded"] == 3
    assert "@" not in out


@pytest.mark.parametrize("kind", ["throttle", "error"])
def test_a_campaign_that_pinpoint_does_not_tell_of_comes_again(recorded: Recording, of_step: str, kind: str) -> None:
    recorded.cloud.faults.put([{"target": "pinpoint.GetCampaign", "kind": kind}])

    assert recorded.record(said("_email.open", "a", of_step)) == ["0"]
    recorded.cloud.faults.put([])

    assert recorded.record(said("_email.open", "a", of_step)) == []
    assert list(recorded.items().values()) == [{"1.opened"}]


def test_fifty_endpoints_of_which_dynamodb_reads_a_few_at_a_time(
    recorded: Recording, of_step: str, reminder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded.filter, "time", recorded.cloud.clock)
    names = [f"Reader-{number}" for number in range(50)]
    recorded.record(
        *(said("_email.delivered", name, of_step) for name in names),
        *(said("_email.open", name, of_step) for name in names[:20]),
        *(said("_email.complaint", name, of_step) for name in names[40:]),
    )
    calls = read_only(recorded, 7)

    assert list(asked(recorded, reminder, *names)) == names[20:40]
    assert len(calls) > 6


def test_a_table_that_leaves_keys_unread_is_an_error_in_time(
    recorded: Recording, of_step: str, reminder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.record(said("_email.delivered", "a", of_step))
    read_only(recorded, 0)
    monkeypatch.setattr(recorded.filter, "time", recorded.cloud.clock)
    began = recorded.cloud.clock.time()

    with pytest.raises(UnavailableError):
        asked(recorded, reminder, "a", "b")

    assert recorded.cloud.clock.time() - began <= 14


@pytest.mark.parametrize("fault", ["dynamodb", "pinpoint"])
def test_whoever_cannot_be_known_hears_nothing(recorded: Recording, reminder: str, fault: str) -> None:
    if fault == "dynamodb":
        recorded.cloud.dynamodb.delete_table(TableName=recorded.table)
    else:
        recorded.cloud.faults.put([{"target": "pinpoint.GetCampaign", "kind": "error"}])

    with pytest.raises(UnavailableError):
        asked(recorded, reminder, "a")


def test_a_campaign_that_no_run_has_made_is_refused(recorded: Recording) -> None:
    with pytest.raises(ConditionError, match="engagement:filter"):
        asked(recorded, campaign(recorded), "a")
    with pytest.raises(ConditionError, match="only campaigns"):
        recorded.filter.handler({"Endpoints": {}}, Context(14))


def read_only(recorded: Recording, most: int) -> list[int]:
    """Let DynamoDB read so many keys of each call of the filter; returns how many keys each call asked for."""
    calls: list[int] = []
    answer: Callable[..., AWSResponse] = ministack._answer

    def partly(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        document: Event = json.loads(request.body)
        keys = document["RequestItems"][recorded.table]["Keys"]
        calls.append(len(keys))
        document["RequestItems"][recorded.table]["Keys"] = keys[:most] or keys[:1]
        request.body = json.dumps(document).encode()
        response = answer(request)
        result = json.loads(response.content)
        result["UnprocessedKeys"] = {recorded.table: {"Keys": keys[most:]}} if keys[most:] else {}
        result["Responses"] = result["Responses"] if most else {}
        return AWSResponse(response.url, 200, {}, Body(json.dumps(result).encode()))

    recorded.filter.RECORDED._dynamodb.meta.events.register_first("before-send.dynamodb.BatchGetItem", partly)
    return calls
