from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_cloud.pinpoint.event_rules import EVENT_BYTES
from local_cloud.pinpoint.events import REQUEST_BYTES
from local_cloud.service.text import size
from tests.local_cloud.pinpoint.conftest import ACCOUNT, NOW, REGION, App, batch_of, event, status_of

EMOJI = "\U0001f600"


def put_raw(app: App, body: bytes) -> tuple[int, dict[str, Any]]:
    """Send a body as it is, signed as the SDK would."""
    request = AWSRequest("POST", f"{app.server.url}/v1/apps/{app.id}/events", data=body)
    SigV4Auth(Credentials(ACCOUNT, "secret"), "mobiletargeting", REGION).add_auth(request)
    connection = http.client.HTTPConnection(app.server.url.removeprefix("http://"))
    connection.request("POST", f"/v1/apps/{app.id}/events", body, dict(request.headers))
    answer = connection.getresponse()
    document = json.load(answer)
    connection.close()
    return answer.status, document


def test_each_event_and_each_endpoint_has_its_own_status(app: App) -> None:
    results = app.put_events(
        {
            "good": {"Endpoint": {}, "Events": {"a": event(), "b": event(Attributes={"n": "v" * 201})}},
            "bad": {"Endpoint": {"OptOut": "SOME"}, "Events": {"a": event()}},
        }
    )

    assert results["good"]["EndpointItemResponse"] == {"StatusCode": 202, "Message": "Accepted"}
    assert results["good"]["EventsItemResponse"]["a"] == {"StatusCode": 202, "Message": "Accepted"}
    assert results["good"]["EventsItemResponse"]["b"]["StatusCode"] == 400
    assert results["bad"]["EndpointItemResponse"]["StatusCode"] == 400
    assert results["bad"]["EventsItemResponse"]["a"]["StatusCode"] == 202


def test_the_call_itself_is_accepted(app: App) -> None:
    answer = app.client.put_events(ApplicationId=app.id, EventsRequest={"BatchItem": batch_of(1)})

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202


def test_events_of_an_endpoint_that_cannot_exist_are_refused(app: App) -> None:
    results = app.put_events({"$id": {"Endpoint": {}, "Events": {"a": event()}}})

    assert results["$id"]["EndpointItemResponse"]["StatusCode"] == 400
    assert results["$id"]["EventsItemResponse"]["a"]["StatusCode"] == 400


@pytest.mark.parametrize(
    ("count", "endpoints", "accepted"), [(0, 0, False), (1, 1, True), (100, 1, True), (101, 1, False)]
)
def test_a_request_has_1_to_100_events(app: App, count: int, endpoints: int, accepted: bool) -> None:
    batch = batch_of(count) if endpoints else {}

    if accepted:
        results = app.put_events(batch)
        assert len(results["ada"]["EventsItemResponse"]) == count
    else:
        assert status_of(lambda: app.put_events(batch)) == (400, "BadRequestException")


def test_events_are_counted_over_all_endpoints(app: App) -> None:
    batch = {f"e{number}": {"Endpoint": {}, "Events": {"a": event(), "b": event()}} for number in range(50)}
    assert len(app.put_events(batch)) == 50

    batch["one-more"] = {"Endpoint": {}, "Events": {"a": event()}}
    assert status_of(lambda: app.put_events(batch)) == (400, "BadRequestException")


def test_an_endpoint_may_come_without_events_beside_one_that_has_some(app: App) -> None:
    results = app.put_events({"a": {"Endpoint": {"Address": "x"}, "Events": {}}, **batch_of(1)})

    assert results["a"]["EndpointItemResponse"]["StatusCode"] == 202
    assert status_of(lambda: app.put_events({"a": {"Endpoint": {}, "Events": {}}}))[0] == 400


@pytest.mark.parametrize(
    ("members", "broken"),
    [
        (
            {"Attributes": {f"a{n}": "v" for n in range(30)}, "Metrics": {f"m{n}": n for n in range(10)}},
            {"Attributes": {f"a{n}": "v" for n in range(30)}, "Metrics": {f"m{n}": n for n in range(11)}},
        ),
        ({"Attributes": {f"a{n}": "v" for n in range(40)}}, {"Attributes": {f"a{n}": "v" for n in range(41)}}),
        ({"Attributes": {"n" * 50: "v"}}, {"Attributes": {"n" * 51: "v"}}),
        ({"Attributes": {"日" * 50: "v"}}, {"Attributes": {"日" * 51: "v"}}),
        ({"Attributes": {EMOJI * 25: "v"}}, {"Attributes": {EMOJI * 25 + "n": "v"}}),
        ({"Metrics": {"n" * 50: 1}}, {"Metrics": {"n" * 51: 1}}),
        ({"Attributes": {"n": ""}}, {"Attributes": {"": "v"}}),
        ({"Attributes": {"n": "v" * 200}}, {"Attributes": {"n": "v" * 201}}),
        ({"Attributes": {"n": "日" * 200}}, {"Attributes": {"n": "日" * 201}}),
        ({"Attributes": {"n": EMOJI * 100}}, {"Attributes": {"n": EMOJI * 100 + "v"}}),
        ({"EventType": "e"}, {"EventType": ""}),
        ({"Timestamp": "2019-02-10T19:48:57+00:00"}, {"Timestamp": "1549828137000"}),
        ({"Timestamp": "2019-02-10T19:48:57"}, {"Timestamp": "2019-02-10"}),
        ({"Timestamp": "2019-02-10T19:48:57.123Z"}, {"Timestamp": "2019-02-30T19:48:57.123Z"}),
        (
            {"Session": {"Id": "s", "StartTimestamp": NOW, "StopTimestamp": NOW, "Duration": 5}},
            {"Session": {"Id": "s", "StartTimestamp": "now"}},
        ),
    ],
)
def test_limits_of_an_event_hold_exactly(app: App, members: dict[str, Any], broken: dict[str, Any]) -> None:
    assert app.put_event(**members) == 202
    assert app.put_event(**broken) == 400


@pytest.mark.parametrize(
    "item",
    [
        {"Events": {"a": event()}},
        {"Endpoint": {}},
        {"Endpoint": {"Id": "ada"}, "Events": {"a": event()}},
        {"Endpoint": {"ChannelType": "FAX"}, "Events": {"a": event()}},
        {"Endpoint": {"Attributes": {"n": "v"}}, "Events": {"a": event()}},
        {"Endpoint": {}, "Events": {"a": {"EventType": "e"}}},
        {"Endpoint": {}, "Events": {"a": {"Timestamp": NOW}}},
        {"Endpoint": {}, "Events": {"a": event(Attributes={"n": ["v"]})}},
        {"Endpoint": {}, "Events": {"a": event(Attributes={"n": 1})}},
        {"Endpoint": {}, "Events": {"a": event(Attributes={"n": None})}},
        {"Endpoint": {}, "Events": {"a": event(Metrics={"n": "1"})}},
        {"Endpoint": {}, "Events": {"a": event(Metrics={"n": True})}},
        {"Endpoint": {}, "Events": {"a": event(Session={"Id": "s"})}},
        {"Endpoint": {}, "Events": {"a": event(Session={"Id": "s", "StartTimestamp": NOW, "Duration": 1.5})}},
        {"Endpoint": {}, "Events": {"a": event(Typo="x")}},
        {"Endpoint": {}, "Events": [event()]},
    ],
)
def test_one_item_without_the_right_shape_fails_the_whole_request(app: App, item: dict[str, Any]) -> None:
    body = json.dumps({"BatchItem": {**batch_of(1), "wrong": item}}).encode()

    status, answer = put_raw(app, body)

    assert status == 400
    assert "wrong" in answer["Message"]
    assert app.server.pinpoint.endpoints(app.id) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"BatchItem":{},"More":1}',
        b'{"BatchItem":NaN}',
        b'{"EventsRequest":{"BatchItem":{}}}',
        b"\xff",
        b"[" * 100_000,
        b'{"BatchItem":{"a":{"Endpoint":{"Metrics":{"n":1e999}},"Events":{}}}}',
        b'{"BatchItem":{"a":{"Endpoint":{"Metrics":{"n":-Infinity}},"Events":{}}}}',
    ],
)
def test_a_body_that_is_not_an_events_request_is_refused(app: App, body: bytes) -> None:
    assert put_raw(app, body)[0] == 400


def test_half_a_surrogate_pair_is_only_a_character(app: App) -> None:
    body = json.dumps(
        {"BatchItem": {"\ud83d": {"Endpoint": {}, "Events": {"a": event(Attributes={"\ude00": "\ud83d"})}}}}
    )

    assert put_raw(app, body.encode())[0] == 202


def test_a_request_has_at_most_4_megabytes(app: App) -> None:
    def body(padding: int) -> bytes:
        return json.dumps({"BatchItem": batch_of(1)}).encode() + b" " * padding

    room = REQUEST_BYTES - len(body(0))

    assert put_raw(app, body(room))[0] == 202
    status, answer = put_raw(app, body(room + 1))
    assert (status, "4000000" in answer["Message"]) == (413, True)


def test_the_sdk_names_the_error_of_a_large_request(app: App) -> None:
    batch = {"ada": {"Endpoint": {}, "Events": {f"e{n}": event(AppTitle="x" * 45_000) for n in range(90)}}}

    assert status_of(lambda: app.put_events(batch)) == (413, "PayloadTooLargeException")


def test_an_event_has_at_most_1000_kilobytes(app: App) -> None:
    room = EVENT_BYTES - size(event(AppTitle=""))

    assert app.put_event(AppTitle="x" * room) == 202
    assert app.put_event(AppTitle="x" * (room + 1)) == 400
    assert app.put_event(AppTitle="日" * (room // 3)) == 202


def test_no_call_has_more_than_7_megabytes(app: App) -> None:
    assert put_raw(app, b" " * 7_000_001)[0] == 413


@pytest.mark.parametrize(
    ("most", "build"),
    [
        (1500, lambda number: {"EventType": f"type{number}"}),
        (500, lambda number: {"Attributes": {f"name{number}": "v"}}),
        (500, lambda number: {"Metrics": {f"name{number}": 1}}),
    ],
)
def test_names_of_an_application_are_used_up(app: App, most: int, build: Any) -> None:
    for start in range(0, most, 100):
        events = {str(number): event(**build(number)) for number in range(start, start + 100)}
        answer = app.put_events({"ada": {"Endpoint": {}, "Events": events}})["ada"]["EventsItemResponse"]
        assert all(item["StatusCode"] == 202 for item in answer.values())

    assert app.put_event(**build(most)) == 400
    assert app.put_event(**build(most - 1)) == 202


def test_a_refused_event_uses_up_no_names(app: App) -> None:
    for start in range(0, 600, 40):
        names = {f"n{number}": "v" for number in range(start, start + 40)}
        assert app.put_event(Attributes={**names, "n0": "v" * 201}) == 400

    assert app.put_event(Attributes={"fresh": "v"}) == 202


STATUSES = st.sampled_from([400, 429, 500])
BATCHES = st.dictionaries(
    st.text("abcXYZ$", min_size=1, max_size=2),
    st.fixed_dictionaries(
        {
            "Endpoint": st.sampled_from([{}, {"OptOut": "ALL"}, {"OptOut": "SOME"}]),
            "Events": st.dictionaries(
                st.sampled_from([f"id{number}" for number in range(8)]),
                st.sampled_from([event(), event(Attributes={"n": "v" * 201}), event(EventType="other")]),
            ),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=BATCHES, status=STATUSES, part=st.sampled_from(["event", "endpoint"]), times=st.integers(0, 5))
def test_every_item_is_answered_once_under_faults(
    app: App, batch: dict[str, Any], status: int, part: str, times: int
) -> None:
    app.server.pinpoint.faults.put(
        [{"target": "pinpoint.PutEvents", "kind": "item", "status": status, "part": part, "times": times}]
    )
    if not any(item["Events"] for item in batch.values()):
        assert status_of(lambda: app.put_events(batch))[0] == 400
        return

    results = app.put_events(batch)

    assert results.keys() == batch.keys()
    failed = 0
    for endpoint_id, item in batch.items():
        answer = results[endpoint_id]
        assert answer["EventsItemResponse"].keys() == item["Events"].keys()
        codes = [one["StatusCode"] for one in answer["EventsItemResponse"].values()]
        codes = codes if part == "event" else [answer["EndpointItemResponse"]["StatusCode"]]
        failed += sum(one["Message"] == "injected" for one in _items(answer))
        assert all(code in {202, 400, status} for code in codes)
    items = len(batch) if part == "endpoint" else sum(len(item["Events"]) for item in batch.values())
    assert failed == min(times, items)


def _items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer["EndpointItemResponse"], *answer["EventsItemResponse"].values()]
