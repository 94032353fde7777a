"""Rates, faults and permissions."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local_cloud.outbound import Outbound, Settings
from local_cloud.service.messages import Request
from tests.local_cloud.outbound.people import People
from tests.local_cloud.outbound.shop import ACCOUNT, REGION, UNLIMITED, Shop, error_of

THROTTLED = (429, "ThrottlingException")


class Seconds:
    """What paces the rates; a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def paced(people: People, seconds: Seconds) -> Iterator[Shop]:
    """A shop that is set up, and from then on has the real rates."""
    with Shop(people, clock=seconds) as shop:
        shop.outbound.configure({name: value for name, value in vars(Settings()).items() if name.endswith("_rate")})
        yield shop


def test_campaigns_are_made_and_started_one_per_second_with_a_burst_of_two(paced: Shop, seconds: Seconds) -> None:
    first, second = paced.create(), paced.create()
    assert paced.refused()[:2] == THROTTLED
    seconds.now += 1
    third = paced.create()

    paced.campaigns.start_campaign(id=first)
    paced.campaigns.start_campaign(id=second)
    assert error_of(lambda: paced.campaigns.start_campaign(id=third))[:2] == THROTTLED
    seconds.now += 1
    paced.campaigns.start_campaign(id=third)


def test_states_are_told_five_times_per_second(paced: Shop) -> None:
    identifier = paced.create()

    for _ in range(5):
        paced.state(identifier)

    assert error_of(lambda: paced.state(identifier))[:2] == THROTTLED
    paced.campaigns.describe_campaign(id=identifier)


def test_q_in_connect_throttles_with_a_status_of_its_own(paced: Shop) -> None:
    wisdom = paced.client("qconnect")
    for _ in range(3):
        wisdom.list_knowledge_bases()

    assert error_of(wisdom.list_knowledge_bases)[:2] == (400, "ThrottlingException")


def test_a_fault_can_make_a_call_fail_although_it_took_effect(shop: Shop) -> None:
    shop.faults.put(
        [{"target": "outbound.CreateCampaign", "kind": "error", "status": 500, "processed": True, "times": 1}]
    )

    assert shop.refused()[:2] == (500, "InternalServerException")
    assert [one["name"] for one in shop.campaigns.list_campaigns()["campaignSummaryList"]] == ["sale"]


def test_a_fault_can_be_about_one_campaign(shop: Shop) -> None:
    first, second = shop.create(), shop.create()
    shop.faults.put([{"target": "outbound.StartCampaign", "kind": "throttle", "match": {"id": second}}])

    shop.campaigns.start_campaign(id=first)

    assert error_of(lambda: shop.campaigns.start_campaign(id=second))[:2] == THROTTLED
    assert shop.state(second) == "Initialized"


def test_a_fault_can_hide_young_campaigns_from_a_list(shop: Shop) -> None:
    shop.create(name="old")
    shop.wait(seconds=30)
    shop.create(name="young")
    shop.faults.put([{"target": "outbound.ListCampaigns", "kind": "lag", "seconds": 10, "times": 1}])

    def names() -> list[str]:
        return [one["name"] for one in shop.campaigns.list_campaigns()["campaignSummaryList"]]

    assert names() == ["old"]
    assert names() == ["old", "young"]


def test_the_journal_tells_what_was_called(shop: Shop) -> None:
    identifier = shop.started()

    calls = shop.outbound.journal.since(0)["requests"]

    told = [(call["operation"], call["status"], call["id"]) for call in calls][-2:]
    assert told == [("CreateCampaign", 200, ""), ("StartCampaign", 200, identifier)]


def permission(outbound: Outbound, number: int, method: str, path: str, body: object = None) -> tuple[str, str]:
    request = Request(method, path, "", json.dumps(body).encode(), ACCOUNT, REGION)
    own = outbound.fronts[number].permissions(request)[0]
    return own.action, own.resource


def test_permissions_are_asked_for_on_the_campaign(shop: Shop) -> None:
    identifier = shop.create()
    arn = f"arn:aws:connect-campaigns:{REGION}:{ACCOUNT}:campaign/{identifier}"
    ask = shop.outbound

    assert permission(ask, 0, "PUT", "/v2/campaigns") == ("connect-campaigns:CreateCampaign", "*")
    assert permission(ask, 0, "POST", "/v2/campaigns-summary") == ("connect-campaigns:ListCampaigns", "*")
    assert permission(ask, 0, "POST", f"/v2/campaigns/{identifier}/start") == ("connect-campaigns:StartCampaign", arn)
    assert permission(ask, 0, "GET", f"/v2/tags/{arn}") == ("connect-campaigns:ListTagsForResource", arn)


def test_permissions_of_connect_and_templates_name_what_they_are_about(shop: Shop) -> None:
    ask, instance, base = shop.outbound, shop.instance.instance_id, shop.instance.knowledge_base_id

    assert permission(ask, 1, "PUT", f"/contact-flows/{instance}") == (
        "connect:CreateContactFlow",
        f"{shop.instance.instance_arn}/contact-flow/*",
    )
    assert permission(ask, 2, "POST", f"/knowledgeBases/{base}/messageTemplates") == (
        "wisdom:CreateMessageTemplate",
        f"arn:aws:wisdom:{REGION}:{ACCOUNT}:knowledge-base/{base}",
    )


def test_conditions_see_the_tags_of_a_request_and_of_a_campaign(shop: Shop) -> None:
    made = shop.campaigns.create_campaign(**shop.request(tags={"Team:Name": "crm"}))
    front = shop.outbound.fronts[0]

    def context(method: str, path: str, body: object = None) -> object:
        return front.permissions(Request(method, path, "", json.dumps(body).encode(), ACCOUNT, REGION))[0].context

    assert context("PUT", "/v2/campaigns", {"tags": {"Team:Name": "x"}}) == {
        "aws:requesttag/team:name": "x",
        "aws:tagkeys": ["Team:Name"],
    }
    assert context("POST", f"/v2/campaigns/{made['id']}/stop") == {"aws:resourcetag/team:name": "crm"}
    assert context("POST", f"/v2/tags/{made['arn']}", {"tags": {"a": "b"}}) == {
        "aws:requesttag/a": "b",
        "aws:resourcetag/team:name": "crm",
        "aws:tagkeys": ["a"],
    }
    assert context("PUT", "/v2/campaigns", ["no object"]) == {}


def test_settings_of_rates_can_be_changed() -> None:
    outbound = Outbound(settings=UNLIMITED)

    assert outbound.configure({"campaigns": 7})["campaigns"] == 7
    assert outbound.settings["campaign_change_rate"] == 0
