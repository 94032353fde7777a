"""The event stream: records in the documented shapes, late and doubled to order, and what people do."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.pinpoint import NeighbourError
from local_cloud.pinpoint.interactions import InteractionError
from local_cloud.pinpoint.stream_sender import _batches, _Waiting
from local_cloud.service.outbox import Message
from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.project import START, STREAM, STREAM_ROLE, Project
from tests.local_cloud.sdk import ACCOUNT

NOW = round(START.timestamp() * 1000)
# Developer guide, samples of event-streams-data-campaign, -journey, -email, -sms.
ENVELOPE = {
    "event_type",
    "event_timestamp",
    "arrival_timestamp",
    "event_version",
    "application",
    "client",
    "device",
    "session",
    "attributes",
    "awsAccountId",
}
JOURNEY = {"journey_id": "j1", "journey_run_id": "r1", "journey_activity_id": "a1"}


@pytest.fixture
def project() -> Project:
    made = Project()
    made.stream()
    return made


def kinds(project: Project) -> list[str]:
    return [record["event_type"] for record in project.streamed()]


def of(project: Project, kind: str) -> Any:
    """The only record of a kind."""
    [record] = [record for record in project.streamed() if record["event_type"] == kind]
    return record


def put_event(project: Project, **members: Any) -> None:
    event = {"EventType": "page.view", "Timestamp": START.isoformat(), **members}
    batch: Any = {"ada": {"Endpoint": {}, "Events": {"1": event}}}
    project.client.put_events(ApplicationId=project.id, EventsRequest={"BatchItem": batch})


def journey_message(project: Project, channel: str, **members: Any) -> None:
    """What a journey's send activity adds."""
    message = Message(
        message_id="m1",
        time="2026-03-04T05:06:07.000Z",
        application_id=project.id,
        account=ACCOUNT,
        region="eu-west-1",
        channel=channel,
        address="ada@example.com",
        endpoint_id="ada",
        sender="shop@example.com",
        title="Hi",
        **JOURNEY,
        **members,
    )
    project.pinpoint.outbox.add(message)


def test_a_campaign_tells_each_send_with_its_endpoint(project: Project) -> None:
    project.endpoint("ada", User={"UserId": "u1", "UserAttributes": {"plan": ["gold"]}})

    campaign = project.campaign()
    project.later()

    record = of(project, "_campaign.send")
    assert set(record) == ENVELOPE | {"client_context"}
    assert record["attributes"] == {
        "campaign_id": campaign,
        "campaign_activity_id": project.activities(campaign)[0]["Id"],
        "treatment_id": "0",
        "delivery_type": "EMAIL",
        "campaign_send_status": "SUCCESS",
    }
    assert record["client"] == {"client_id": "ada"}
    assert record["application"] == {"app_id": project.id, "sdk": {}}
    assert (record["event_timestamp"], record["event_version"], record["awsAccountId"]) == (NOW, "3.1", ACCOUNT)
    endpoint = json.loads(record["client_context"]["custom"]["endpoint"])
    assert endpoint["User"] == {"UserId": "u1", "UserAttributes": {"plan": ["gold"]}}
    assert (endpoint["ChannelType"], endpoint["OptOut"]) == ("EMAIL", "NONE")
    assert not {"Address", "Id"} & set(endpoint)


def test_each_record_goes_with_its_endpoint_as_key_and_with_the_role(project: Project) -> None:
    project.endpoint("ada")
    project.endpoint("bob")

    project.campaign()
    project.later()

    [(stream, role, records, source)] = project.streams.written
    assert (stream, role) == (STREAM, STREAM_ROLE)
    assert source.arn.endswith(f":apps/{project.id}")
    assert [(key, json.loads(data)["client"]["client_id"]) for key, data in records] == [
        (key, key) for key in ("ada", "ada", "ada", "bob", "bob", "bob")
    ]


def test_an_e_mail_is_told_as_sent_and_delivered(project: Project) -> None:
    project.endpoint("ada")

    campaign = project.campaign()
    project.later()

    assert kinds(project) == ["_campaign.send", "_email.send", "_email.delivered"]
    sent, delivered = of(project, "_email.send"), of(project, "_email.delivered")
    assert set(sent) == ENVELOPE | {"client_context", "facets"}
    assert set(sent["attributes"]) == {"feedback", "campaign_id", "campaign_activity_id", "treatment_id"}
    assert (sent["attributes"]["feedback"], delivered["attributes"]["feedback"]) == ("received", "delivered")
    assert sent["attributes"]["campaign_id"] == campaign
    assert sent["client_context"] == {"custom": {"legacy_identifier": project.id}}
    events = [record["facets"]["email_channel"]["mail_event"] for record in (sent, delivered)]
    assert [set(event) for event in events] == [{"mail", "send"}, {"mail", "delivery"}]
    assert events[0]["mail"] == events[1]["mail"]
    assert events[0]["mail"]["common_headers"] == {
        "from": "shop@example.com",
        "to": ["ada@example.com"],
        "subject": "Hi",
    }


@pytest.mark.parametrize(
    ("address", "became"),
    [
        ("bounce@simulator.amazonses.com", ["hardbounce"]),
        ("bounce+label@simulator.amazonses.com", ["hardbounce"]),
        ("complaint@simulator.amazonses.com", ["delivered", "complaint"]),
        ("success@simulator.amazonses.com", ["delivered"]),
        ("bounce@example.com", ["delivered"]),
    ],
)
def test_the_mailbox_simulator_does_what_its_address_says(project: Project, address: str, became: list[str]) -> None:
    project.endpoint("ada", Address=address)

    project.campaign()
    project.later()

    assert kinds(project)[2:] == [f"_email.{kind}" for kind in became]


def test_an_sms_is_told_with_its_number_and_price(project: Project) -> None:
    project.endpoint("ada", "SMS", Address="+12065550100")

    campaign = project.campaign(MessageConfiguration={"SMSMessage": {"Body": "Hello"}})
    project.later()

    assert kinds(project) == ["_campaign.send", "_SMS.BUFFERED", "_SMS.SUCCESS"]
    record = of(project, "_SMS.SUCCESS")
    assert set(record) == ENVELOPE | {"metrics"}
    assert record["metrics"] == {"price_in_millicents_usd": 645.0}
    assert "metrics" not in of(project, "_SMS.BUFFERED")
    attributes = record["attributes"]
    assert (attributes["record_status"], attributes["campaign_id"]) == ("DELIVERED", campaign)
    assert attributes["destination_phone_number"] == "+12065550100"
    assert isinstance(json.loads(attributes["customer_context"]), dict)


def test_a_push_notification_is_told_as_sent_only(project: Project) -> None:
    project.endpoint("ada", "GCM", Address="token")

    project.campaign(MessageConfiguration={"GCMMessage": {"Title": "t", "Body": "b", "Action": "OPEN_APP"}})
    project.later()

    assert kinds(project) == ["_campaign.send"]
    assert project.streamed()[0]["attributes"]["delivery_type"] == "GCM"


@pytest.mark.parametrize("works", [True, False])
def test_the_custom_channel_is_told_for_each_endpoint(project: Project, works: bool) -> None:
    project.endpoint("ada")
    project.endpoint("bob", "CUSTOM", Address="bob")

    def deliver(_: dict[str, Any]) -> None:
        if not works:
            raise NeighbourError("no")

    project.custom(deliver)
    project.later()

    found = [(record["client"]["client_id"], record["attributes"]) for record in project.streamed()]
    assert [client for client, _ in found] == ["ada", "bob"]
    status = "SUCCESS" if works else "CUSTOM_DELIVERY_FAILURE"
    assert {(told["delivery_type"], told["campaign_send_status"]) for _, told in found} == {("CUSTOM", status)}
    assert project.sent() == []


@pytest.mark.parametrize(
    ("channel", "kind", "more"),
    [
        ("EMAIL", "EMAIL", ["_email.send", "_email.delivered"]),
        ("SMS", "SMS", ["_SMS.BUFFERED", "_SMS.SUCCESS"]),
        ("GCM", "PUSH", []),
    ],
)
def test_messages_of_a_journey_are_told_as_such(project: Project, channel: str, kind: str, more: list[str]) -> None:
    journey_message(project, channel)
    project.later()

    assert kinds(project) == ["_journey.send", *more]
    assert of(project, "_journey.send")["attributes"] == {
        **JOURNEY,
        "journey_activity_type": kind,
        "journey_send_status": "SUCCESS",
        "journey_send_status_code": "200",
        "journey_send_status_message": "200",
    }
    assert all(JOURNEY.items() <= record["attributes"].items() for record in project.streamed())
    # The endpoint is gone: what the message itself says is told.
    endpoint = of(project, "_journey.send")["client_context"]["custom"]["endpoint"]
    assert json.loads(endpoint) == {"ChannelType": channel}


def test_an_event_goes_on_as_it_came(project: Project) -> None:
    put_event(
        project,
        Attributes={"page": "home"},
        Metrics={"price": 1.5},
        AppTitle="shop",
        SdkName="js",
        Session={"Id": "s1", "StartTimestamp": "2026-03-04T05:06:07Z"},
    )
    project.later()

    record = of(project, "page.view")
    assert (record["attributes"], record["metrics"]) == ({"page": "home"}, {"price": 1.5})
    assert record["client"] == {"client_id": "ada"}
    assert record["application"] == {"app_id": project.id, "sdk": {"name": "js"}, "title": "shop"}
    assert record["session"] == {"session_id": "s1", "start_timestamp": NOW}


def test_an_event_that_is_refused_is_not_told(project: Project) -> None:
    put_event(project, EventType="")
    project.later()

    assert project.streamed() == []


def test_a_direct_message_has_an_id_of_its_own(project: Project) -> None:
    project.client.send_messages(
        ApplicationId=project.id,
        MessageRequest={
            "Addresses": {"eve@example.com": {"ChannelType": "EMAIL"}},
            "MessageConfiguration": {
                "EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "TextPart": {"Data": "x"}}}
            },
        },
    )
    project.later()

    assert kinds(project) == ["_email.send", "_email.delivered"]
    record = of(project, "_email.send")
    assert record["attributes"] == {"feedback": "received"}
    assert record["client"]["client_id"] == project.sent()[0].message_id


def test_without_a_stream_nothing_is_told() -> None:
    project = Project()
    project.endpoint("ada")
    project.campaign()
    put_event(project)
    project.later()
    project.stream()

    project.later(seconds=60)

    assert project.streamed() == []


def test_a_stream_that_cannot_be_described_is_not_taken() -> None:
    project = Project()
    project.streams.refusal = "no"

    assert status_of(project.stream) == (400, "BadRequestException")


def test_what_could_not_be_written_is_logged_and_the_rest_goes_on(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.endpoint("ada")
    project.streams.refusal = "the role may not"
    project.campaign()
    project.later()
    project.streams.refusal = ""
    put_event(project)
    project.later()

    assert kinds(project) == ["page.view"]
    assert f"3 records of {project.id} were lost: the role may not" in caplog.text


def test_calls_go_on_while_records_are_written(project: Project) -> None:
    done = threading.Event()

    def call_elsewhere() -> None:
        caller = threading.Thread(target=lambda: (project.client.get_apps(), done.set()))
        caller.start()
        caller.join(timeout=120)

    project.streams.before_write = call_elsewhere
    put_event(project)
    project.later()

    assert done.is_set()


def test_records_come_as_late_as_the_setting_says(project: Project) -> None:
    project.pinpoint.configure({"stream_delay_seconds": 30})
    put_event(project)

    project.later(seconds=1)
    project.later(seconds=28)
    assert project.streamed() == []
    project.later(seconds=2)

    record = of(project, "page.view")
    assert record["arrival_timestamp"] == NOW + 1000


def test_what_waits_outlasts_a_restart(project: Project) -> None:
    project.pinpoint.configure({"stream_delay_seconds": 30})
    put_event(project)
    saved = json.loads(json.dumps(project.pinpoint.snapshot()))

    again = Project()
    again.pinpoint.restore(saved)
    again.later(seconds=31)

    assert kinds(again) == ["page.view"]


def test_faults_double_records_and_let_others_overtake_them(project: Project) -> None:
    project.endpoint("ada")
    project.pinpoint.faults.put(
        [
            {"target": "pinpoint.stream", "kind": "late", "seconds": 5, "match": {"event_type": "_email.send"}},
            {"target": "pinpoint.stream", "kind": "double", "match": {"event_type": "_email.*"}},
        ]
    )

    project.campaign()
    project.later()
    project.later(seconds=6)

    assert kinds(project) == ["_campaign.send", *["_email.delivered"] * 2, *["_email.send"] * 2]


def test_a_disorder_by_chance_is_the_same_each_time() -> None:
    def order() -> list[str]:
        project = Project()
        project.stream()
        rule = {"target": "pinpoint.stream", "kind": "late", "seconds": 1, "probability": 0.5}
        project.pinpoint.faults.put([rule])
        for number in range(20):
            put_event(project, EventType=f"e{number}")
        project.later()
        project.later(seconds=2)
        return kinds(project)

    first = order()
    assert first == order()
    assert first != sorted(first, key=lambda kind: int(kind[1:]))
    assert len(first) == 20


INTERACTIONS = [
    ("EMAIL", "open", "_email.open", "open"),
    ("EMAIL", "click", "_email.click", "click"),
    ("EMAIL", "hardbounce", "_email.hardbounce", "bounce"),
    ("EMAIL", "softbounce", "_email.softbounce", "bounce"),
    ("EMAIL", "complaint", "_email.complaint", "complaint"),
    ("EMAIL", "unsubscribe", "_email.unsubscribe", "unsubscribe"),
    ("EMAIL", "reject", "_email.rejected", "reject"),
    ("SMS", "optout", "_SMS.OPTOUT", ""),
    ("SMS", "failure", "_SMS.FAILURE", ""),
    ("GCM", "open", "_journey.opened_notification", ""),
]


@pytest.mark.parametrize(("channel", "did", "kind", "detail"), INTERACTIONS)
def test_what_a_person_does_is_told(project: Project, channel: str, did: str, kind: str, detail: str) -> None:
    journey_message(project, channel)

    answer = project.pinpoint.interact({"message": 0, "did": did})
    project.later()

    assert answer == {"event_type": kind}
    record = of(project, kind)
    assert JOURNEY.items() <= record["attributes"].items()
    assert record["client"] == {"client_id": "ada"}
    if detail:
        assert set(record["facets"]["email_channel"]["mail_event"]) == {"mail", detail}


def test_an_opened_notification_of_a_campaign_names_it(project: Project) -> None:
    project.endpoint("ada", "GCM", Address="token")
    campaign = project.campaign(MessageConfiguration={"GCMMessage": {"Title": "t", "Body": "b", "Action": "OPEN_APP"}})
    project.later()

    project.pinpoint.interact({"message": 0, "did": "open"})
    project.later()

    record = of(project, "_campaign.opened_notification")
    assert record["attributes"]["campaign_id"] == campaign


def test_a_click_tells_its_link(project: Project) -> None:
    journey_message(project, "EMAIL")

    project.pinpoint.interact({"message": 0, "did": "click", "url": "https://shop.example/sale"})
    project.later()

    record = of(project, "_email.click")
    assert record["attributes"]["feedback"] == "https://shop.example/sale"
    assert record["facets"]["email_channel"]["mail_event"]["click"]["link"] == "https://shop.example/sale"


def test_a_bounce_does_not_change_the_endpoint(project: Project) -> None:
    project.endpoint("ada")
    project.campaign()
    project.later()
    before = project.pinpoint.endpoints(project.id)

    for did in ("hardbounce", "complaint", "unsubscribe"):
        project.pinpoint.interact({"message": 0, "did": did})
    project.later()

    assert project.pinpoint.endpoints(project.id) == before


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "the body must be an object: send"),
        ({"message": 0, "did": "open", "when": 1}, "when is not known here: send"),
        ({"did": "open"}, "message must be a whole number: take"),
        ({"message": "0", "did": "open"}, "message must be a whole number: take"),
        ({"message": True, "did": "open"}, "message must be a whole number: take"),
        ({"message": 7, "did": "open"}, "message must be in the outbox, 7 is not: take"),
        ({"message": 0}, "did must be what EMAIL knows: take one of open, click"),
        ({"message": 0, "did": "optout"}, "did must be what EMAIL knows: take one of open, click"),
        ({"message": 0, "did": ["open"]}, "did must be what EMAIL knows: take one of open, click"),
        ({"message": 0, "did": "open", "url": "https://a.example"}, "url belongs to a click only: leave it out"),
        ({"message": 0, "did": "click", "url": "javascript:x"}, "url must begin with https:// or http://: send"),
        ({"message": 0, "did": "click", "url": 1}, "url must begin with https:// or http://: send"),
    ],
)
def test_what_nobody_can_have_done_is_refused(project: Project, document: object, message: str) -> None:
    journey_message(project, "EMAIL")

    with pytest.raises(InteractionError) as refused:
        project.pinpoint.interact(document)

    assert str(refused.value).startswith(message)


def test_the_outbox_knows_which_records_tell_of_a_message(project: Project) -> None:
    project.endpoint("ada")
    project.campaign()
    project.later()
    project.pinpoint.interact({"message": 0, "did": "open"})
    put_event(project)
    project.later()

    [kept] = project.pinpoint.outbox.changed()
    assert kept.records == ("_campaign.send", "_email.send", "_email.delivered", "_email.open")


def test_without_a_stream_no_record_tells_of_a_message() -> None:
    project = Project()
    project.endpoint("ada")
    project.campaign()
    project.later()
    project.pinpoint.interact({"message": 0, "did": "open"})
    project.later()

    [kept] = project.pinpoint.outbox.changed()
    assert kept.records == ()


def test_a_call_of_a_function_cannot_be_opened(project: Project) -> None:
    journey_message(project, "CUSTOM")

    with pytest.raises(InteractionError, match="the stream tells nothing of CUSTOM: take another one"):
        project.pinpoint.interact({"message": 0, "did": "open"})


@given(st.lists(st.integers(1, 1_100_000), max_size=12).map(lambda sizes: sizes + [1] * 600))
def test_each_call_carries_what_put_records_takes(sizes: list[int]) -> None:
    waiting = [_Waiting("", "app", str(number), {"x": "x" * (min(size, 900_000))}) for number, size in enumerate(sizes)]

    batches = list(_batches(waiting))

    assert [key for batch in batches for key, _ in batch] == [one.partition_key for one in waiting]
    assert all(len(batch) <= 500 for batch in batches)
    assert all(sum(len(data) for _, data in batch) <= 5_000_000 for batch in batches)
