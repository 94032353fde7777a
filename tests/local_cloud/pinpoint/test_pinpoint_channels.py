from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.pinpoint.conftest import ACCOUNT, App, status_of

IDENTITY = f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/example.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/engagement"
STREAM = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/events"
DELIVERY = f"arn:aws:firehose:eu-west-1:{ACCOUNT}:deliverystream/events"

CHANNELS: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("sms", "SMSChannel", "SMS", {"SenderId": "ACME", "ShortCode": "123"}, {"SenderId": "ACME", "ShortCode": "123"}),
    (
        "email",
        "EmailChannel",
        "EMAIL",
        {"FromAddress": "a@example.com", "Identity": IDENTITY, "RoleArn": ROLE, "ConfigurationSet": "set"},
        {"FromAddress": "a@example.com", "Identity": IDENTITY, "RoleArn": ROLE, "ConfigurationSet": "set"},
    ),
    ("voice", "VoiceChannel", "VOICE", {}, {}),
    ("adm", "ADMChannel", "ADM", {"ClientId": "id", "ClientSecret": "hidden"}, {}),
    ("baidu", "BaiduChannel", "BAIDU", {"ApiKey": "key", "SecretKey": "hidden"}, {"Credential": "key"}),
    ("gcm", "GCMChannel", "GCM", {"ApiKey": "key"}, {"Credential": "key", "DefaultAuthenticationMethod": "KEY"}),
    (
        "gcm",
        "GCMChannel",
        "GCM",
        {"ServiceJson": "hidden", "DefaultAuthenticationMethod": "TOKEN"},
        {"HasFcmServiceCredentials": True, "DefaultAuthenticationMethod": "TOKEN"},
    ),
    *[
        (
            name,
            f"{prefix}Channel",
            name.upper(),
            {"TokenKey": "hidden", "TokenKeyId": "id", "DefaultAuthenticationMethod": "TOKEN"},
            {"HasTokenKey": True, "DefaultAuthenticationMethod": "TOKEN"},
        )
        for name, prefix in [
            ("apns", "APNS"),
            ("apns_sandbox", "APNSSandbox"),
            ("apns_voip", "APNSVoip"),
            ("apns_voip_sandbox", "APNSVoipSandbox"),
        ]
    ],
]


@pytest.mark.parametrize(("name", "shape", "platform", "request_", "read_back"), CHANNELS)
def test_a_channel_is_written_read_back_and_deleted(
    app: App, name: str, shape: str, platform: str, request_: dict[str, Any], read_back: dict[str, Any]
) -> None:
    def call(verb: str, **parameters: Any) -> dict[str, Any]:
        answer = getattr(app.client, f"{verb}_{name}_channel")(ApplicationId=app.id, **parameters)
        return dict(answer[f"{shape}Response"])

    assert status_of(lambda: call("get")) == (404, "NotFoundException")
    first = call("update", **{f"{shape}Request": {**request_, "Enabled": True}})
    second = call("update", **{f"{shape}Request": {**request_, "Enabled": False}})

    assert call("get") == second
    assert {name: second[name] for name in read_back} == read_back
    assert (second["Platform"], second["ApplicationId"], second["Enabled"]) == (platform, app.id, False)
    assert (first["Version"], second["Version"]) == (1, 2)
    assert second["CreationDate"] == first["CreationDate"]
    assert "hidden" not in second.values()
    assert call("delete") == second
    assert status_of(lambda: call("delete")) == (404, "NotFoundException")


def test_what_an_update_leaves_out_is_gone(app: App) -> None:
    app.client.update_sms_channel(ApplicationId=app.id, SMSChannelRequest={"SenderId": "ACME", "Enabled": True})
    app.client.update_sms_channel(ApplicationId=app.id, SMSChannelRequest={"Enabled": True})

    assert "SenderId" not in app.client.get_sms_channel(ApplicationId=app.id)["SMSChannelResponse"]


@pytest.mark.parametrize(
    ("method", "member", "request_"),
    [
        ("update_email_channel", "EmailChannelRequest", {"FromAddress": "a@example.com"}),
        ("update_email_channel", "EmailChannelRequest", {"FromAddress": "a@example.com", "Identity": "example.com"}),
        ("update_email_channel", "EmailChannelRequest", {"FromAddress": "nobody", "Identity": IDENTITY}),
        ("update_gcm_channel", "GCMChannelRequest", {"ServiceJson": "{}"}),
        ("update_gcm_channel", "GCMChannelRequest", {"ApiKey": "k", "DefaultAuthenticationMethod": "TOKEN"}),
        ("update_gcm_channel", "GCMChannelRequest", {"ApiKey": "k", "DefaultAuthenticationMethod": "OTHER"}),
        ("put_event_stream", "WriteEventStream", {"RoleArn": ROLE, "DestinationStreamArn": "events"}),
        ("put_event_stream", "WriteEventStream", {"RoleArn": "engagement", "DestinationStreamArn": STREAM}),
        ("update_application_settings", "WriteApplicationSettingsRequest", {"Limits": {"Daily": 101}}),
        ("update_application_settings", "WriteApplicationSettingsRequest", {"Limits": {"MaximumDuration": 59}}),
        ("update_application_settings", "WriteApplicationSettingsRequest", {"Limits": {"MessagesPerSecond": 20001}}),
        ("update_application_settings", "WriteApplicationSettingsRequest", {"QuietTime": {"Start": "24:00"}}),
        ("update_application_settings", "WriteApplicationSettingsRequest", {"CampaignHook": {"Mode": "OTHER"}}),
        (
            "update_application_settings",
            "WriteApplicationSettingsRequest",
            {"JourneyLimits": {"TimeframeCap": {"Days": 31}}},
        ),
    ],
)
def test_a_request_against_the_rules_is_refused(app: App, method: str, member: str, request_: dict[str, Any]) -> None:
    before = app.server.pinpoint.snapshot()

    assert status_of(lambda: getattr(app.client, method)(ApplicationId=app.id, **{member: request_})) == (
        400,
        "BadRequestException",
    )
    assert app.server.pinpoint.snapshot() == before


@pytest.mark.parametrize("stream", [STREAM, DELIVERY])
def test_an_event_stream_is_written_read_back_and_deleted(app: App, stream: str) -> None:
    assert status_of(lambda: app.client.get_event_stream(ApplicationId=app.id)) == (404, "NotFoundException")

    app.client.put_event_stream(
        ApplicationId=app.id, WriteEventStream={"DestinationStreamArn": stream, "RoleArn": ROLE}
    )

    read = app.client.get_event_stream(ApplicationId=app.id)["EventStream"]
    assert (read["ApplicationId"], read["DestinationStreamArn"], read["RoleArn"]) == (app.id, stream, ROLE)
    app.client.delete_event_stream(ApplicationId=app.id)
    assert status_of(lambda: app.client.get_event_stream(ApplicationId=app.id))[0] == 404
    assert status_of(lambda: app.client.delete_event_stream(ApplicationId=app.id))[0] == 404


def test_settings_begin_with_every_block_empty(app: App) -> None:
    settings = app.client.get_application_settings(ApplicationId=app.id)["ApplicationSettingsResource"]

    assert (settings["CampaignHook"], settings["Limits"], settings["QuietTime"]) == ({}, {}, {})


def test_settings_keep_the_blocks_that_an_update_does_not_name(app: App) -> None:
    def update(**blocks: Any) -> dict[str, Any]:
        answer = app.client.update_application_settings(ApplicationId=app.id, WriteApplicationSettingsRequest=blocks)
        return dict(answer["ApplicationSettingsResource"])

    update(Limits={"Daily": 100, "Total": 0}, QuietTime={"Start": "22:00", "End": "06:30"}, EventTaggingEnabled=True)
    answered = update(Limits={"Total": 5}, JourneyLimits={"DailyCap": 2, "TimeframeCap": {"Cap": 1, "Days": 30}})

    read = app.client.get_application_settings(ApplicationId=app.id)["ApplicationSettingsResource"]
    assert read == answered
    assert read["Limits"] == {"Total": 5}
    assert read["QuietTime"] == {"Start": "22:00", "End": "06:30"}
    assert read["JourneyLimits"]["TimeframeCap"] == {"Cap": 1, "Days": 30}
