"""Campaigns under way: who is reached, when, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local_cloud.outbound import Handover, NoCustomerProfiles
from local_cloud.pinpoint import Pinpoint
from local_cloud.pinpoint.interactions import InteractionError
from local_cloud.service.outbox import CONNECT, Message
from tests.local_cloud.outbound.people import DOMAIN, SEGMENT, People
from tests.local_cloud.outbound.shop import ACCOUNT, NUMBER, REGION, Shop


def limits(count: int, days: int = 1, **more: Any) -> dict[str, Any]:
    limit = {"maxCountPerRecipient": count, "frequency": days, "unit": "DAY"}
    return {"allChannelSubtypes": {"communicationLimitsList": [limit]}, **more}


def test_a_started_campaign_sends_once_to_each_member_at_its_start(shop: Shop) -> None:
    shop.people.add("ada", FirstName="Ada")
    identifier = shop.started()
    shop.wait(minutes=59)
    assert shop.reached() == []
    shop.people.add("bob", FirstName="Bob")

    shop.wait(minutes=1)
    shop.people.add("too-late")
    shop.wait(hours=1)

    [(_, first), (_, second)] = shop.outbound.outbox.since()
    assert (first.destination, first.channel, first.address) == ("connect", "EMAIL", "ada@shop.example")
    assert (first.title, first.body, first.sender) == ("Hi Ada", "Hello", "shop@shop.example")
    assert (first.application_id, first.campaign_id) == (shop.instance.instance_id, identifier)
    assert (first.account, first.region) == (ACCOUNT, REGION)
    assert second.endpoint_id == "bob"
    assert shop.state(identifier) == "Completed"


def test_a_campaign_that_is_not_started_sends_nothing(shop: Shop) -> None:
    shop.people.add("ada")
    identifier = shop.create()

    shop.wait(hours=2)

    assert shop.reached() == []
    assert shop.state(identifier) == "Initialized"


def test_a_campaign_that_is_started_late_sends_at_once(shop: Shop) -> None:
    shop.people.add("ada")
    identifier = shop.create()
    shop.wait(hours=2)

    shop.campaigns.start_campaign(id=identifier)
    shop.wait()

    assert shop.reached() == ["ada"]


def test_an_sms_goes_to_the_first_number(shop: Shop) -> None:
    shop.people.add("ada", HomePhoneNumber="+491", MobilePhoneNumber="+492", Attributes={"plan": "gold"})
    shop.started(channelSubtypeConfig=shop.by_sms())

    shop.wait(hours=1)

    [(_, message)] = shop.outbound.outbox.since()
    assert (message.channel, message.address, message.sender) == ("SMS", "+492", NUMBER)
    assert message.body == "Hi gold"


def test_who_cannot_be_reached_is_counted(shop: Shop) -> None:
    shop.people.add("ada", EmailAddress="")
    shop.people.add("bob", EmailAddress="", BusinessEmailAddress="bob@work.example")
    identifier = shop.started()

    shop.wait(hours=1)

    assert shop.reached() == ["bob"]
    assert shop.skipped(identifier) == {"no_address": 1}


def test_a_template_that_cannot_be_filled_in_sends_nothing(shop: Shop) -> None:
    shop.people.add("ada")
    broken = shop.template("broken", "EMAIL", subject="{{#unless x}}", text="Hello")
    identifier = shop.started(channelSubtypeConfig=shop.by_email(broken))

    shop.wait(hours=1)

    assert shop.reached() == []
    assert shop.skipped(identifier) == {"rendering_failed": 1}


def test_a_campaign_whose_segment_is_gone_fails(shop: Shop) -> None:
    identifier = shop.started()
    shop.people.segments.clear()

    shop.wait(hours=1)

    assert shop.state(identifier) == "Failed"
    shop.campaigns.delete_campaign(id=identifier)


def test_a_refresh_takes_members_who_are_new(shop: Shop) -> None:
    shop.people.add("ada")
    identifier = shop.started(schedule=shop.schedule(1, 3, refreshFrequency="PT1H"))
    shop.wait(hours=1)
    shop.people.add("bob")

    shop.wait(minutes=59)
    assert shop.reached() == ["ada"]
    shop.wait(minutes=1)
    assert shop.reached() == ["ada", "bob"]
    assert shop.state(identifier) == "Running"

    shop.wait(hours=2)
    assert shop.state(identifier) == "Completed"


def test_a_paused_campaign_waits_until_it_is_resumed(shop: Shop) -> None:
    shop.people.add("ada")
    identifier = shop.started()
    shop.campaigns.pause_campaign(id=identifier)
    shop.wait(hours=2)
    assert shop.reached() == []

    shop.campaigns.resume_campaign(id=identifier)
    shop.wait()

    assert shop.reached() == ["ada"]


def test_a_stopped_campaign_sends_nothing_more(shop: Shop) -> None:
    shop.people.add("ada")
    identifier = shop.started()
    shop.campaigns.stop_campaign(id=identifier)

    shop.wait(hours=2)

    assert shop.reached() == []


def test_an_event_campaign_takes_profiles_while_it_runs(shop: Shop) -> None:
    ada = shop.people.add("ada")
    made = shop.campaigns.create_campaign(**shop.request(source=shop.on_event(), schedule=shop.schedule(1, 2)))
    shop.handover.take(made["arn"], ada)
    shop.wait(minutes=1)
    shop.campaigns.start_campaign(id=made["id"])
    shop.handover.take(made["arn"], ada)
    shop.wait(minutes=1)
    assert shop.reached() == []

    shop.wait(hours=1)
    shop.handover.take(made["arn"], ada)
    shop.handover.take(made["arn"], ada)
    shop.wait()

    assert shop.reached() == ["ada"]
    assert shop.skipped(made["id"]) == {"not_running": 2, "entry_limit": 1}
    assert shop.state(made["id"]) == "Running"
    shop.wait(hours=2)
    assert shop.state(made["id"]) == "Completed"


def test_a_profile_enters_again_after_the_interval(shop: Shop) -> None:
    ada = shop.people.add("ada")
    entry = {"maxEntryCount": 0, "minEntryInterval": "PT1H"}
    made = shop.campaigns.create_campaign(**shop.request(source=shop.on_event(), entryLimitsConfig=entry))
    shop.campaigns.start_campaign(id=made["id"])
    shop.wait(hours=1)
    for minutes in (0, 59, 1):
        shop.wait(minutes=minutes)
        shop.handover.take(made["arn"], ada)
        shop.wait()

    assert shop.reached() == ["ada", "ada"]


def test_a_profile_for_a_campaign_that_takes_none_is_lost(shop: Shop) -> None:
    ada = shop.people.add("ada")
    segment = shop.campaigns.create_campaign(**shop.request(schedule=shop.schedule(2)))
    shop.campaigns.start_campaign(id=segment["id"])

    shop.handover.take(segment["arn"], ada)
    shop.handover.take(f"{segment['arn']}0", ada)
    shop.wait(hours=1)

    assert shop.reached() == []


@pytest.mark.parametrize(
    ("window", "opens_after_hours"),
    [
        ({"openHours": {"dailyHours": {"MONDAY": [{"startTime": "T16:00", "endTime": "T18:00"}]}}}, 2),
        ({"openHours": {"dailyHours": {"TUESDAY": [{"startTime": "T00:00", "endTime": "T23:59"}]}}}, 10),
        (
            {
                "openHours": {},
                "restrictedPeriods": {"restrictedPeriodList": [{"startDate": "2026-01-05", "endDate": "2026-01-05"}]},
            },
            10,
        ),
    ],
)
def test_people_are_reached_in_open_hours_of_their_time_zone(
    shop: Shop, window: dict[str, Any], opens_after_hours: int
) -> None:
    """It is Monday, 13:00 in UTC and 14:00 in Berlin, when the campaign begins."""
    shop.people.add("ada")
    zone = {"localTimeZoneConfig": {"defaultTimeZone": "Europe/Berlin"}}
    shop.started(communicationTimeConfig={**zone, "email": window})
    shop.wait(hours=1)

    shop.wait(hours=opens_after_hours - 0.02)
    assert shop.reached() == []
    shop.wait(hours=0.02)

    assert shop.reached() == ["ada"]


def test_who_still_waits_at_the_end_gets_nothing(shop: Shop) -> None:
    shop.people.add("ada")
    zone = {"localTimeZoneConfig": {"defaultTimeZone": "UTC"}}
    window = {"openHours": {"dailyHours": {"SUNDAY": [{"startTime": "T08:00", "endTime": "T20:00"}]}}}
    identifier = shop.started(communicationTimeConfig={**zone, "email": window})

    shop.wait(hours=2)
    shop.wait(hours=24)

    assert shop.state(identifier) == "Completed"
    assert shop.skipped(identifier) == {"expired": 1}


def test_limits_count_what_every_campaign_of_the_instance_sent(shop: Shop) -> None:
    shop.people.add("ada")
    shop.started(name="first")
    shop.wait(hours=1)

    limited = shop.started(name="second", communicationLimitsOverride=limits(1))
    shop.wait(hours=1)
    assert shop.reached() == ["ada"]
    assert shop.skipped(limited) == {"communication_limit": 1}

    shop.started(name="third", schedule=shop.schedule(23), communicationLimitsOverride=limits(1))
    shop.wait(hours=23)
    assert shop.reached() == ["ada", "ada"]


def test_limits_of_the_instance_hold_unless_a_campaign_opts_out(shop: Shop) -> None:
    shop.campaigns.put_instance_communication_limits(
        connectInstanceId=shop.instance.instance_id, communicationLimitsConfig=limits(1, 30)
    )
    shop.people.add("ada")
    for handling in (None, "OPT_IN", "OPT_OUT"):
        override = {"instanceLimitsHandling": handling} if handling else None
        shop.started(name=f"sale-{handling}", communicationLimitsOverride=override)
        shop.wait(hours=1)

    assert shop.reached() == ["ada", "ada"]


def test_more_members_than_go_out_at_once_all_get_their_message(shop: Shop) -> None:
    names = [shop.people.profiles[shop.people.add(f"p{number}")]["AccountNumber"] for number in range(450)]
    identifier = shop.started()

    shop.wait(hours=1)
    while shop.state(identifier) == "Running":
        shop.wait()

    assert shop.reached() == names


@pytest.fixture
def hurried(people: People) -> Iterator[Shop]:
    """A shop whose time passes 60 times faster."""
    with Shop(people, time_factor=lambda: 60.0) as shop:
        yield shop


def test_starts_refreshes_ends_and_intervals_come_sooner_with_a_factor(hurried: Shop) -> None:
    hurried.people.add("ada")
    identifier = hurried.started(schedule=hurried.schedule(1, 3, refreshFrequency="PT1H"))

    hurried.wait(minutes=1)
    hurried.people.add("bob")
    hurried.wait(seconds=59)
    assert hurried.reached() == ["ada"]
    hurried.wait(seconds=1)
    assert hurried.reached() == ["ada", "bob"]
    hurried.wait(minutes=2)
    assert hurried.state(identifier) == "Completed"


def test_what_was_saved_goes_on_where_it_stopped(shop: Shop) -> None:
    """A new emulator, as after a restart, with the same people."""
    ada = shop.people.add("ada")
    zone = {"localTimeZoneConfig": {"defaultTimeZone": "UTC"}}
    window = {"openHours": {"dailyHours": {"MONDAY": [{"startTime": "T14:00", "endTime": "T20:00"}]}}}
    waits = shop.started(name="waits", communicationTimeConfig={**zone, "email": window})
    listens = shop.campaigns.create_campaign(**shop.request(source=shop.on_event()))
    shop.campaigns.start_campaign(id=listens["id"])
    shop.wait(hours=1)
    shop.handover.take(listens["arn"], ada)
    saved = json.loads(json.dumps(shop.outbound.snapshot()))

    restored = shop.emulator(handover=Handover())
    restored.restore(saved)
    shop.clock.now = shop.clock.now.replace(hour=14)
    restored.work.do()

    assert [message.campaign_id for _, message in restored.outbox.since()] == [waits, listens["id"]]
    assert {one["id"]: one["state"] for one in restored.campaigns()} == {waits: "Completed", listens["id"]: "Running"}


def test_without_customer_profiles_there_is_nobody_to_reach() -> None:
    nobody = NoCustomerProfiles()

    assert not nobody.exists(DOMAIN)
    assert nobody.members(SEGMENT) == ()
    assert nobody.profile(DOMAIN, "0" * 32) is None


def test_pinpoint_hears_nothing_of_what_connect_sends() -> None:
    pinpoint = Pinpoint()
    message = Message("m1", "2026-01-05T12:00:00.000Z", "instance", ACCOUNT, REGION, "EMAIL", "a@b.example")

    pinpoint.outbox.add(replace(message, destination=CONNECT))

    assert pinpoint.snapshot()["stream"] == Pinpoint().snapshot()["stream"]
    with pytest.raises(InteractionError, match="not sent by Pinpoint"):
        pinpoint.interact({"message": 0, "did": "open"})
