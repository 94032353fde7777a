"""SendMessages: what is refused, what a recipient's result says, and what lies in the outbox."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

import pytest

from local_cloud.service.outbox import Message, Outbox
from tests.local_cloud.pinpoint.conftest import ACCOUNT, NOW, REGION, App, status_of

IDENTITY = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com"
HELLO = {"DefaultMessage": {"Body": "Hello"}}


def send(app: App, configuration: dict[str, Any], **request: Any) -> dict[str, Any]:
    answer = app.client.send_messages(
        ApplicationId=app.id,
        MessageRequest={"MessageConfiguration": configuration, **request},  # type: ignore[typeddict-item]
    )
    response = answer["MessageResponse"]
    return {**response["Result"], **response["EndpointResult"]}


def to(channel: str, *addresses: str, **given: Any) -> dict[str, Any]:
    return {address: {"ChannelType": channel, **given} for address in addresses}


def sent(app: App) -> list[Message]:
    return [message for _, message in app.server.pinpoint.outbox.since() if message.application_id == app.id]


@pytest.fixture
def ready(app: App) -> App:
    """An application with channels."""
    app.client.update_email_channel(
        ApplicationId=app.id, EmailChannelRequest={"FromAddress": "shop@example.com", "Identity": IDENTITY}
    )
    app.client.update_sms_channel(ApplicationId=app.id, SMSChannelRequest={"SenderId": "Shop"})
    app.client.update_gcm_channel(ApplicationId=app.id, GCMChannelRequest={"ApiKey": "k"})
    return app


def test_an_email_goes_into_the_outbox(ready: App) -> None:
    email = {
        "Subject": {"Data": "Hi {{name}}"},
        "HtmlPart": {"Data": "<p>Hi {{ name }} {{other}}</p>"},
        "TextPart": {"Data": "Hi"},
    }
    addresses = to("EMAIL", "ada@example.com", Substitutions={"name": ["Ada"]})

    result = send(
        ready, {"EmailMessage": {"SimpleEmail": email, "Substitutions": {"name": ["you"]}}}, Addresses=addresses
    )

    (message,) = sent(ready)
    assert result["ada@example.com"] == {
        "DeliveryStatus": "SUCCESSFUL",
        "StatusCode": 200,
        "MessageId": message.message_id,
    }
    assert (message.channel, message.address, message.endpoint_id) == ("EMAIL", "ada@example.com", "")
    assert (message.sender, message.title, message.body) == ("shop@example.com", "Hi Ada", "Hi")
    assert message.html == "<p>Hi Ada </p>"
    assert (message.account, message.region) == (ACCOUNT, REGION)


def test_a_raw_email_is_read(ready: App) -> None:
    raw = EmailMessage()
    raw["Subject"], raw["From"] = "Grüße", "boss@example.com"
    raw.set_content("text\n")
    raw.add_alternative("<b>html</b>\n", subtype="html")

    send(ready, {"EmailMessage": {"RawEmail": {"Data": raw.as_bytes()}}}, Addresses=to("EMAIL", "ada@example.com"))

    (message,) = sent(ready)
    assert (message.title, message.body, message.html) == ("Grüße", "text\n", "<b>html</b>\n")
    assert message.sender == "boss@example.com"


@pytest.mark.parametrize(
    ("configuration", "given", "title", "body"),
    [
        (HELLO, {}, "", "Hello"),
        ({**HELLO, "DefaultPushNotificationMessage": {"Title": "T", "Body": "B"}}, {}, "T", "B"),
        ({**HELLO, "GCMMessage": {"Title": "G", "Body": "own"}}, {}, "G", "own"),
        (HELLO, {"TitleOverride": "O", "BodyOverride": "other"}, "O", "other"),
        (HELLO, {"RawContent": '{"notification": {}}'}, "", '{"notification": {}}'),
        ({"GCMMessage": {"RawContent": '{"data": 1}'}}, {}, "", '{"data": 1}'),
    ],
)
def test_the_most_particular_content_wins(
    ready: App, configuration: dict[str, Any], given: dict[str, Any], title: str, body: str
) -> None:
    send(ready, configuration, Addresses=to("GCM", "token", **given))

    (message,) = sent(ready)
    assert (message.channel, message.title, message.body) == ("GCM", title, body)


def test_an_endpoint_is_reached_at_its_address(ready: App) -> None:
    ready.update("Ada", ChannelType="SMS", Address="+491701")

    result = send(ready, HELLO, Endpoints={"ada": {}})

    assert (result["ada"]["DeliveryStatus"], result["ada"]["Address"]) == ("SUCCESSFUL", "+491701")
    (message,) = sent(ready)
    assert (message.endpoint_id, message.address, message.sender) == ("Ada", "+491701", "Shop")


@pytest.mark.parametrize(
    ("endpoint", "status", "code"),
    [
        ({"ChannelType": "SMS", "Address": "1", "OptOut": "ALL"}, "OPT_OUT", 200),
        ({"ChannelType": "SMS", "Address": "1", "EndpointStatus": "INACTIVE"}, "PERMANENT_FAILURE", 410),
        ({"ChannelType": "SMS"}, "PERMANENT_FAILURE", 400),
        ({"Address": "1"}, "PERMANENT_FAILURE", 400),
        ({"ChannelType": "CUSTOM", "Address": "1"}, "PERMANENT_FAILURE", 400),
        ({"ChannelType": "BAIDU", "Address": "1"}, "PERMANENT_FAILURE", 400),
        ({"ChannelType": "EMAIL", "Address": "nobody"}, "PERMANENT_FAILURE", 400),
        (None, "PERMANENT_FAILURE", 404),
    ],
)
def test_who_gets_nothing_fails_alone(ready: App, endpoint: dict[str, Any] | None, status: str, code: int) -> None:
    if endpoint is not None:
        ready.update("ada", **endpoint)

    result = send(ready, HELLO, Endpoints={"ada": {}}, Addresses=to("SMS", "2"))

    assert (result["ada"]["DeliveryStatus"], result["ada"]["StatusCode"]) == (status, code)
    assert [message.address for message in sent(ready)] == ["2"]


def test_an_address_gets_a_message_once(ready: App) -> None:
    ready.update("ada", ChannelType="SMS", Address="1")

    result = send(ready, HELLO, Endpoints={"ada": {}}, Addresses=to("SMS", "1"))

    assert result["ada"]["DeliveryStatus"] == "DUPLICATE"
    assert len(sent(ready)) == 1


def test_a_channel_that_is_off_sends_nothing(ready: App) -> None:
    ready.client.update_sms_channel(ApplicationId=ready.id, SMSChannelRequest={"Enabled": False})

    assert send(ready, HELLO, Addresses=to("SMS", "1"))["1"]["DeliveryStatus"] == "PERMANENT_FAILURE"
    assert sent(ready) == []


def test_without_content_nothing_is_sent(ready: App) -> None:
    result = send(ready, {"EmailMessage": {}}, Addresses=to("SMS", "1"))

    assert result["1"]["DeliveryStatus"] == "PERMANENT_FAILURE"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"Addresses": {}},
        {"Addresses": {str(number): {"ChannelType": "SMS"} for number in range(101)}},
        {"Addresses": to("SMS", "1"), "TemplateConfiguration": {"SMSTemplate": {"Name": "t"}}},
        {"Addresses": to("CARRIER_PIGEON", "1")},
    ],
)
def test_a_faulty_request_is_refused_as_a_whole(ready: App, request_: dict[str, Any]) -> None:
    assert status_of(lambda: send(ready, HELLO, **request_)) == (400, "BadRequestException")
    assert sent(ready) == []


def test_an_email_has_at_most_15_headers(ready: App) -> None:
    headers = [{"Name": f"X-{number}", "Value": "v"} for number in range(16)]
    email = {"SimpleEmail": {"Subject": {"Data": "s"}, "Headers": headers}}

    assert status_of(lambda: send(ready, {"EmailMessage": email}, Addresses=to("EMAIL", "a@b.c")))[0] == 400


def test_raw_data_must_be_base64(ready: App) -> None:
    check = ready.server.pinpoint.front._routes.match("POST", f"/v1/apps/{ready.id}/messages")[0].check_body
    assert check is not None

    def fault(data: object) -> str | None:
        return check({"MessageConfiguration": {"EmailMessage": {"RawEmail": {"Data": data}}}})

    assert fault(base64.b64encode(b"mail").decode()) is None
    assert (
        fault("no base64!")
        == fault(7)
        == ".MessageConfiguration.EmailMessage.RawEmail.Data: must be a string in Base64"
    )


def filled(kept: int, sent: int) -> Outbox:
    """An outbox with messages whose ids are their numbers."""
    outbox = Outbox(kept=kept)
    for number in range(sent):
        outbox.add(Message(str(number), NOW, "app", ACCOUNT, REGION, "SMS", "1"))
    return outbox


def test_the_outbox_keeps_the_last_messages() -> None:
    outbox = filled(500, 600)

    assert [number for number, _ in outbox.since(597)] == [597, 598, 599]
    assert len(outbox.since()) == 500
    assert outbox.find(99) is None
    found = outbox.find(100)
    assert found is not None
    assert found.message_id == "100"


def test_the_outbox_tells_what_is_new_and_what_a_record_has_changed() -> None:
    outbox = filled(2, 3)
    known = outbox.changed()
    assert [(kept.number, kept.records) for kept in known] == [(1, ()), (2, ())]
    seen = max(kept.revision for kept in known)

    for record in ("_SMS.SUCCESS", "_SMS.OPTOUT", "_SMS.OPTOUT"):
        outbox.note("1", record)
    outbox.note("0", "forgotten")
    outbox.note("never sent", "unknown")

    [changed] = outbox.changed(seen)
    assert (changed.number, changed.records) == (1, ("_SMS.SUCCESS", "_SMS.OPTOUT"))
    assert outbox.changed(changed.revision) == []
    assert [number for number, _ in outbox.since()] == [1, 2]
