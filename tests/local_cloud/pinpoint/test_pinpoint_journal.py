from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from local_cloud.pinpoint import Pinpoint, Request
from local_cloud.service.journal import Entry, Journal
from tests.local_cloud.pinpoint.conftest import ACCOUNT, REGION, App, batch_of, client_of, new_app, status_of


def entry(number: int, size: int = 10) -> Entry:
    return Entry(
        "PutEvents",
        {"application_id": "app"},
        ACCOUNT,
        REGION,
        202,
        True,
        None,
        "now",
        json.dumps(number).encode(),
        b" " * size,
    )


def test_calls_of_the_data_plane_are_noted_in_order(app: App) -> None:
    start = app.server.pinpoint.journal.next_number
    batch = batch_of(2, Attributes={"city": "Zürich \U0001f600"})
    app.put_events(batch)
    app.client.get_app(ApplicationId=app.id)
    app.update("ada", Attributes={"a": ["1"]})
    assert status_of(lambda: app.get("nobody"))[0] == 404

    answer = app.server.pinpoint.journal.since(start)

    assert [call["operation"] for call in answer["requests"]] == ["PutEvents", "UpdateEndpoint", "GetEndpoint"]
    assert [call["status"] for call in answer["requests"]] == [202, 202, 404]
    assert [call["processed"] for call in answer["requests"]] == [True, True, False]
    assert [call["number"] for call in answer["requests"]] == [start, start + 1, start + 2]
    assert answer["next"] == start + 3
    first = answer["requests"][0]
    assert first["request"] == {"BatchItem": batch}
    assert first["response"]["Results"]["ada"]["EventsItemResponse"]["event-1"]["StatusCode"] == 202
    assert (first["application_id"], first["account"], first["region"]) == (app.id, ACCOUNT, REGION)
    json.dumps(answer)


def test_a_reader_goes_on_where_it_stopped() -> None:
    journal = Journal()
    read: list[int] = []
    following = 0
    for number in range(10):
        journal.append(entry(number))
        if number % 3 == 0:
            answer = journal.since(following)
            following = answer["next"]
            read += [call["request"] for call in answer["requests"]]

    assert read == list(range(10))
    assert journal.since(following) == {"next": 10, "forgotten": 0, "requests": []}
    assert journal.since(99)["requests"] == []


def test_memory_is_bounded_and_the_gap_is_told() -> None:
    journal = Journal(memory_bytes=1000)
    for number in range(100, 200):
        journal.append(entry(number, size=97))

    answer = journal.since(5)
    assert [call["number"] for call in answer["requests"]] == list(range(90, 100))
    assert [call["request"] for call in answer["requests"]] == list(range(190, 200))
    assert (answer["next"], answer["forgotten"]) == (100, 85)
    journal.append(entry(1, size=5000))
    assert [call["number"] for call in journal.since()["requests"]] == [100]


def test_a_body_that_is_no_json_is_noted_as_text() -> None:
    pinpoint = Pinpoint()
    pinpoint.handle(Request("POST", "/v1/apps/a/events", body=b"{\xff"))

    assert pinpoint.journal.since()["requests"][0]["request"] == "{\ufffd"


# State across a restart


def test_a_restored_emulator_goes_on_where_the_old_one_stopped(app: App) -> None:
    old = app.server.pinpoint
    app.update("Ada", Address="x", User={"UserId": "u1", "UserAttributes": {"plan": ["gold"]}})
    app.put_event(EventType="seen", Attributes={"a": "1"}, Metrics={"m": 1})
    app.client.update_sms_channel(ApplicationId=app.id, SMSChannelRequest={"SenderId": "ACME"})
    app.client.tag_resource(
        ResourceArn=app.client.get_app(ApplicationId=app.id)["ApplicationResponse"]["Arn"],
        TagsModel={"tags": {"team": "growth"}},
    )
    written = json.loads(json.dumps(old.snapshot()))

    new = Pinpoint()
    new.restore(written)

    assert new.snapshot() == old.snapshot()
    assert new.endpoints(app.id) == old.endpoints(app.id)
    assert new.journal.since(written["next_number"]) == {
        "next": old.journal.next_number,
        "forgotten": 0,
        "requests": [],
    }

    def call(method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        content = b"" if body is None else json.dumps(body).encode()
        answer = new.handle(Request(method, f"/v1/apps/{app.id}{path}", "", content, ACCOUNT, REGION))
        return answer.status, json.loads(answer.body)

    assert call("GET", "")[1]["tags"] == {"team": "growth"}
    assert call("GET", "/channels/sms")[1]["SenderId"] == "ACME"
    assert call("PUT", "/endpoints/bob", {"Address": "x", "User": {"UserId": "u1"}})[0] == 202
    assert call("GET", "/endpoints/ada")[1]["EndpointStatus"] == "INACTIVE"
    assert call("GET", "/endpoints/bob")[1]["User"] == {"UserId": "u1", "UserAttributes": {"plan": ["gold"]}}


@pytest.mark.parametrize("member", ["types", "attributes", "metrics"])
def test_used_up_names_stay_used_up_after_a_restart(app: App, member: str) -> None:
    written = app.server.pinpoint.snapshot()
    mine = next(one for one in written["applications"] if one["summary"]["Id"] == app.id)
    mine["event_names"][member] = [f"n{number}" for number in range(1500 if member == "types" else 500)]
    new = Pinpoint()
    new.restore(written)
    batch = batch_of(1, Attributes={"fresh": "v"}, Metrics={"fresh": 1})

    answer = new.handle(
        Request(
            "POST",
            f"/v1/apps/{app.id}/events",
            body=json.dumps({"BatchItem": batch}).encode(),
            account=ACCOUNT,
            region=REGION,
        )
    )

    assert json.loads(answer.body)["Results"]["ada"]["EventsItemResponse"]["event-0"]["StatusCode"] == 400


def test_restoring_forgets_what_was_there(app: App) -> None:
    pinpoint = Pinpoint()
    empty = pinpoint.snapshot()
    pinpoint.restore(app.server.pinpoint.snapshot())
    assert pinpoint.endpoints(app.id) is not None

    pinpoint.restore(empty)

    assert pinpoint.snapshot() == empty


def test_two_clients_at_once_lose_nothing(app: App) -> None:
    sibling = new_app(client_of(app.server), app.server)

    def work(number: int) -> None:
        owner = app if number % 2 else sibling
        owner.update(f"e{number % 5}", Attributes={f"n{number}": ["v"]}, User={"UserId": "u"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))

    for owner, odd in ((app, 1), (sibling, 0)):
        names = {
            name for one in (owner.server.pinpoint.endpoints(owner.id) or {}).values() for name in one["Attributes"]
        }
        assert names == {f"n{number}" for number in range(80) if number % 2 == odd}
