"""What a campaign may hold, and its life."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local_cloud.service.messages import Request
from tests.local_cloud.outbound.people import DOMAIN, SEGMENT
from tests.local_cloud.outbound.shop import Shop, error_of

Change = Callable[[Shop], dict[str, Any]]
INVALID = (400, "ValidationException")
MISSING = (404, "ResourceNotFoundException")
WRONG_STATE = (409, "InvalidCampaignStateException")


def changed(config: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a configuration with one member changed."""
    copied = copy.deepcopy(config)
    *parents, last = path.split(".")
    inner = copied
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    return copied


def test_a_campaign_reads_back_as_it_was_made(shop: Shop) -> None:
    request = shop.request(tags={"team": "crm"})

    made = shop.campaigns.create_campaign(**request)

    assert made["arn"] == f"arn:aws:connect-campaigns:eu-west-1:123456789012:campaign/{made['id']}"
    assert made["tags"] == {"team": "crm"}
    read = shop.campaigns.describe_campaign(id=made["id"])["campaign"]
    assert {name: read[name] for name in request} == request
    assert read["type"] == "MANAGED"
    assert shop.state(made["id"]) == "Initialized"


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda _: {"name": "x" * 128}, INVALID, "name"),
        (lambda _: {"name": None}, INVALID, "name"),
        (lambda _: {"connectInstanceId": "other"}, MISSING, "instance"),
        (lambda _: {"type": "JOURNEY"}, INVALID, "JOURNEY is not emulated"),
        (lambda _: {"source": None}, INVALID, "source must have"),
        (lambda shop: {"source": {"customerProfilesSegmentArn": SEGMENT, **shop.on_event()}}, INVALID, "exactly one"),
        (lambda _: {"source": {"customerProfilesSegmentArn": f"{SEGMENT}-gone"}}, MISSING, "segment"),
        (lambda _: {"source": {"eventTrigger": {}}}, INVALID, "customerProfilesDomainArn"),
        (lambda _: {"source": {"eventTrigger": {"customerProfilesDomainArn": f"{DOMAIN}x"}}}, MISSING, "domain"),
        (lambda _: {"source": {"eventTrigger": {"customerProfilesDomainArn": SEGMENT}}}, MISSING, "domain"),
        (lambda _: {"source": {"customerProfilesSegmentArn": DOMAIN}}, MISSING, "segment"),
        (lambda _: {"connectCampaignFlowArn": None}, INVALID, "connectCampaignFlowArn"),
        (lambda shop: {"connectCampaignFlowArn": shop.instance.campaign_flow_arn[:-2]}, INVALID, "version"),
        (lambda shop: {"connectCampaignFlowArn": shop.instance.campaign_flow_arn + "7"}, MISSING, "flow"),
        (lambda _: {"schedule": None}, INVALID, "schedule must be given"),
        (lambda shop: {"schedule": shop.schedule(-1)}, INVALID, "must not be in the past"),
        (lambda shop: {"schedule": shop.schedule(1, 0)}, INVALID, "later than"),
        (lambda shop: {"schedule": shop.schedule(refreshFrequency="PT0S")}, INVALID, "refreshFrequency"),
        (
            lambda shop: {"schedule": shop.schedule(refreshFrequency="PT1H"), "source": shop.on_event()},
            INVALID,
            "source is a segment",
        ),
        (lambda _: {"entryLimitsConfig": {"maxEntryCount": 1}}, INVALID, "minEntryInterval"),
        (lambda _: {"entryLimitsConfig": {"maxEntryCount": -1, "minEntryInterval": "PT0S"}}, INVALID, "maxEntryCount"),
        (lambda _: {"entryLimitsConfig": {"maxEntryCount": 1, "minEntryInterval": "P"}}, INVALID, "duration"),
        (lambda _: {"channelSubtypeConfig": None}, INVALID, "exactly one channel"),
        (lambda shop: {"channelSubtypeConfig": shop.by_email() | shop.by_sms()}, INVALID, "exactly one channel"),
        (
            lambda shop: {"channelSubtypeConfig": {"whatsApp": shop.by_sms()["sms"]}},
            INVALID,
            "only email and sms",
        ),
        (
            lambda shop: {"channelSubtypeConfig": changed(shop.by_email(), "email.outboundMode", {})},
            INVALID,
            "agentless",
        ),
        (
            lambda shop: {"channelSubtypeConfig": changed(shop.by_email(), "email.capacity", 2)},
            INVALID,
            "capacity",
        ),
        (lambda shop: {"channelSubtypeConfig": shop.by_email(shop.sms)}, INVALID, "not for email"),
        (
            lambda shop: {"channelSubtypeConfig": shop.by_email(shop.email.rpartition(":")[0] + ":$LATEST")},
            INVALID,
            "draft",
        ),
        (lambda shop: {"channelSubtypeConfig": shop.by_email(f"{shop.email}9")}, MISSING, "version 19"),
        (lambda _: {"tags": {f"tag{number}": "" for number in range(51)}}, INVALID, "50 tags"),
        (lambda _: {"tags": {"aws:x": ""}}, INVALID, "tag"),
        (
            lambda _: {"communicationTimeConfig": {"localTimeZoneConfig": {"localTimeZoneDetection": ["ZIP_CODE"]}}},
            INVALID,
            "defaultTimeZone",
        ),
        (
            lambda _: {"communicationTimeConfig": {"localTimeZoneConfig": {"defaultTimeZone": "Mars/Base"}}},
            INVALID,
            "Mars/Base",
        ),
    ],
)
def test_a_campaign_that_breaks_a_rule_is_refused(
    shop: Shop, change: Change, error: tuple[int, str], said: str
) -> None:
    status, name, message = shop.refused(**change(shop))

    assert (status, name) == error
    assert said in message
    assert shop.campaigns.list_campaigns()["campaignSummaryList"] == []


def test_a_source_outside_the_domain_of_the_instance_is_refused(shop: Shop) -> None:
    other = f"{DOMAIN}-two"
    shop.people.domains.add(other)

    status, name, message = shop.refused(source={"eventTrigger": {"customerProfilesDomainArn": other}})

    assert (status, name) == INVALID
    assert "another Customer Profiles domain" in message


def test_two_campaigns_of_one_name_are_both_made(shop: Shop) -> None:
    assert shop.create() != shop.create()
    assert [one["name"] for one in shop.campaigns.list_campaigns()["campaignSummaryList"]] == ["sale", "sale"]


def test_a_list_has_pages_of_50_and_can_be_of_one_instance(shop: Shop) -> None:
    made = [shop.create(name=f"sale-{number}") for number in range(51)]
    wanted = {"instanceIdFilter": {"value": shop.instance.instance_id, "operator": "Eq"}}

    first = shop.campaigns.list_campaigns(filters=wanted)
    second = shop.campaigns.list_campaigns(filters=wanted, nextToken=first["nextToken"])

    assert [one["id"] for page in (first, second) for one in page["campaignSummaryList"]] == made
    assert "nextToken" not in second
    assert first["campaignSummaryList"][0]["channelSubtypes"] == ["EMAIL"]
    nobody = {"instanceIdFilter": {"value": "other", "operator": "Eq"}}
    assert shop.campaigns.list_campaigns(filters=nobody)["campaignSummaryList"] == []


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ([], "start_campaign", "Running"),
        (["start_campaign"], "pause_campaign", "Paused"),
        (["start_campaign", "pause_campaign"], "resume_campaign", "Running"),
        (["start_campaign"], "stop_campaign", "Stopped"),
        (["start_campaign", "pause_campaign"], "stop_campaign", "Stopped"),
    ],
)
def test_a_campaign_goes_from_state_to_state(shop: Shop, before: list[str], operation: str, after: str) -> None:
    identifier = shop.create()
    for earlier in before:
        getattr(shop.campaigns, earlier)(id=identifier)

    getattr(shop.campaigns, operation)(id=identifier)

    assert shop.state(identifier) == after


@pytest.mark.parametrize(
    ("before", "operation"),
    [
        ([], "pause_campaign"),
        ([], "resume_campaign"),
        ([], "stop_campaign"),
        (["start_campaign"], "start_campaign"),
        (["start_campaign"], "resume_campaign"),
        (["start_campaign", "pause_campaign"], "pause_campaign"),
        (["start_campaign", "stop_campaign"], "start_campaign"),
        (["start_campaign", "stop_campaign"], "stop_campaign"),
    ],
)
def test_a_state_forbids_what_does_not_follow_it(shop: Shop, before: list[str], operation: str) -> None:
    identifier = shop.create()
    for earlier in before:
        getattr(shop.campaigns, earlier)(id=identifier)
    state = shop.state(identifier)

    assert error_of(lambda: getattr(shop.campaigns, operation)(id=identifier))[:2] == WRONG_STATE
    assert shop.state(identifier) == state


def test_a_campaign_under_way_cannot_be_deleted(shop: Shop) -> None:
    identifier = shop.started()

    assert error_of(lambda: shop.campaigns.delete_campaign(id=identifier))[:2] == INVALID
    shop.campaigns.stop_campaign(id=identifier)
    shop.campaigns.delete_campaign(id=identifier)

    assert error_of(lambda: shop.state(identifier))[:2] == MISSING
    states = shop.campaigns.get_campaign_state_batch(campaignIds=[identifier])
    assert states["failedRequests"] == [{"campaignId": identifier, "failureCode": "ResourceNotFound"}]


def test_states_of_several_campaigns_are_told_at_once(shop: Shop) -> None:
    first, second = shop.create(), shop.started()

    told = shop.campaigns.get_campaign_state_batch(campaignIds=[first, second])["successfulRequests"]

    assert {one["campaignId"]: one["state"] for one in told} == {first: "Initialized", second: "Running"}


def test_a_campaign_that_is_over_cannot_be_started(shop: Shop) -> None:
    identifier = shop.create(schedule=shop.schedule(1, 1))
    shop.wait(hours=2)

    assert error_of(lambda: shop.campaigns.start_campaign(id=identifier))[:2] == INVALID


def test_only_50_campaigns_can_be_active(shop: Shop) -> None:
    last = [shop.started(name=f"sale-{number}") for number in range(50)][-1]
    one_more = shop.create()

    assert error_of(lambda: shop.campaigns.start_campaign(id=one_more))[:2] == (409, "ConflictException")
    shop.campaigns.pause_campaign(id=last)
    assert error_of(lambda: shop.campaigns.start_campaign(id=one_more))[:2] == (409, "ConflictException")
    shop.campaigns.stop_campaign(id=last)
    shop.campaigns.start_campaign(id=one_more)


def test_an_instance_has_a_quota_of_campaigns(shop: Shop) -> None:
    shop.outbound.configure({"campaigns": 1})
    identifier = shop.create()

    assert shop.refused()[:2] == (402, "ServiceQuotaExceededException")
    shop.campaigns.delete_campaign(id=identifier)
    shop.create()


def test_a_campaign_can_be_changed_until_it_is_started(shop: Shop) -> None:
    identifier = shop.create()
    changes: dict[str, dict[str, Any]] = {
        "update_campaign_name": {"name": "new"},
        "update_campaign_channel_subtype_config": {"channelSubtypeConfig": shop.by_sms()},
        "update_campaign_schedule": {"schedule": shop.schedule(2)},
        "update_campaign_entry_limits": {"entryLimitsConfig": {"maxEntryCount": 2, "minEntryInterval": "PT1H"}},
        "update_campaign_source": {"source": {"customerProfilesSegmentArn": SEGMENT}},
        "update_campaign_flow_association": {"connectCampaignFlowArn": shop.instance.campaign_flow_arn},
        "update_campaign_communication_limits": {"communicationLimitsOverride": {"instanceLimitsHandling": "OPT_OUT"}},
        "update_campaign_communication_time": {
            "communicationTimeConfig": {"localTimeZoneConfig": {"defaultTimeZone": "Europe/Berlin"}}
        },
    }
    for operation, change in changes.items():
        getattr(shop.campaigns, operation)(id=identifier, **change)
        read = shop.campaigns.describe_campaign(id=identifier)["campaign"]
        assert {name: read[name] for name in change} == change

    shop.campaigns.start_campaign(id=identifier)

    for operation, change in list(changes.items())[2:]:
        call = getattr(shop.campaigns, operation)
        assert error_of(lambda call=call, change=change: call(id=identifier, **change))[:2] == WRONG_STATE  # type: ignore[misc]


def test_a_source_cannot_become_one_of_another_kind(shop: Shop) -> None:
    identifier = shop.create()

    call = shop.campaigns.update_campaign_source
    assert error_of(lambda: call(id=identifier, source=shop.on_event()))[:2] == INVALID


def test_tags_of_a_campaign_change(shop: Shop) -> None:
    arn = shop.campaigns.create_campaign(**shop.request(tags={"a": "1"}))["arn"]

    shop.campaigns.tag_resource(arn=arn, tags={"b": "2"})
    shop.campaigns.untag_resource(arn=arn, tagKeys=["a"])

    assert shop.campaigns.list_tags_for_resource(arn=arn)["tags"] == {"b": "2"}
    gone = f"{arn}0"
    assert error_of(lambda: shop.campaigns.list_tags_for_resource(arn=gone))[:2] == MISSING


def test_nobody_but_customer_profiles_puts_profiles_into_a_campaign(shop: Shop) -> None:
    identifier = shop.started(source=shop.on_event())

    call = shop.campaigns.put_profile_outbound_request_batch
    requests = [{"clientToken": "1", "profileId": "0" * 32, "expirationTime": shop.clock.now + timedelta(hours=1)}]
    error = error_of(lambda: call(id=identifier, profileOutboundRequests=requests))
    assert error[:2] == (403, "AccessDeniedException")


def test_an_account_sees_its_own_campaigns_only(shop: Shop) -> None:
    shop.create()
    front = shop.outbound.fronts[0]
    request = Request("POST", "/v2/campaigns-summary", body=b"{}", account="210987654321", region="eu-west-1")

    answer = front.handle(request)

    assert answer.body == b'{"campaignSummaryList":[]}'
