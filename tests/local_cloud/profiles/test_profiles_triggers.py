"""Event triggers: their rules, when they come, and what they drive."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.profiles import Neighbours, Profiles
from tests.local_cloud.profiles.place import BAD, EVENTS, MISSING, Place, Taken, refused
from tests.local_cloud.sdk import ACCOUNT, REGION, Client

CAMPAIGN = f"arn:aws:connect-campaigns:{REGION}:{ACCOUNT}:campaign/c1"
OTHER = f"{CAMPAIGN}2"


def attribute(name: str = "eventType", kind: str = "INCLUSIVE", *values: str) -> dict[str, Any]:
    place = {"Source": name} if name.startswith("_source") else {"FieldName": name}
    return {**place, "ComparisonOperator": kind, "Values": list(values or ("buy",))}


def condition(*dimensions: list[dict[str, Any]], how: str = "ALL") -> dict[str, Any]:
    return {"LogicalOperator": how, "EventTriggerDimensions": [{"ObjectAttributes": one} for one in dimensions]}


def trigger(place: Place, name: str = "bought", **members: Any) -> Any:
    parameters = {"ObjectTypeName": EVENTS, "EventTriggerConditions": [condition([attribute()])], **members}
    return place.create_event_trigger(EventTriggerName=name, **parameters)


def connect(place: Place, name: str = "bought", uri: str = CAMPAIGN) -> None:
    place.put_integration(Uri=uri, EventTriggerNames=[name])


def armed(place: Place, **members: Any) -> str:
    """A trigger with its campaign, and a profile; its id."""
    trigger(place, **members)
    connect(place)
    return place.profile("ada", Attributes={"tier": "gold"})


def test_an_event_that_fulfils_a_trigger_hands_its_profile_to_the_campaign(place: Place) -> None:
    ada = armed(place)

    place.put("ada", "e1", eventType="view")
    place.put("ada", "e2", eventType="buy")
    place.put("nobody", "e3", eventType="buy")

    assert place.campaigns.people == [(CAMPAIGN, ada)]


def test_an_overwritten_event_counts_again(place: Place) -> None:
    armed(place)

    place.put("ada", "e1", eventType="buy")
    place.put("ada", "e1", eventType="buy")

    assert len(place.campaigns.people) == 2


def test_a_trigger_without_integration_drives_nothing(place: Place) -> None:
    armed(place)
    place.delete_integration(Uri=CAMPAIGN)

    place.put("ada", "e1", eventType="buy")

    assert place.campaigns.people == []


@pytest.mark.parametrize(
    ("conditions", "comes"),
    [
        ([condition([attribute(), attribute("_source.attributes.colour", "INCLUSIVE", "red")])], True),
        ([condition([attribute(), attribute("_source.attributes.colour", "INCLUSIVE", "blue")])], False),
        ([condition([attribute()], [attribute("eventId", "EXCLUSIVE", "e1")], how="ALL")], False),
        ([condition([attribute()], [attribute("eventId", "EXCLUSIVE", "e1")], how="ANY")], True),
        ([condition([attribute("eventId", "EXCLUSIVE", "e1")], how="NONE")], True),
        ([condition([attribute("eventId", "CONTAINS", "x")]), condition([attribute()])], True),
        ([condition([attribute("_source.metrics.price", "GREATER_THAN", "9.5")])], True),
        ([condition([attribute("_source.metrics.price", "LESS_THAN", "9.5")])], False),
        ([condition([attribute("_source.occurredAt", "AFTER", "2026-01-01")])], True),
        ([condition([attribute("_source.nothing", "INCLUSIVE", "x")])], False),
    ],
)
def test_conditions(place: Place, conditions: list[dict[str, Any]], comes: bool) -> None:
    armed(place, EventTriggerConditions=conditions)

    place.put(
        "ada",
        "e1",
        eventType="buy",
        attributes={"colour": "red"},
        metrics={"price": 10},
        occurredAt="2026-01-02T03:04:05.000Z",
    )

    assert bool(place.campaigns.people) == comes


def test_a_filter_looks_at_the_profile_as_the_event_has_made_it(place: Place) -> None:
    gold = {"ProfileAttributes": {"Attributes": {"tier": {"DimensionType": "INCLUSIVE", "Values": ["gold"]}}}}
    place.create_segment_definition(
        SegmentDefinitionName="gold", DisplayName="gold", SegmentGroups={"Groups": [{"Dimensions": [gold]}]}
    )
    armed(place, SegmentFilter="gold")
    place.profile("bob", Attributes={"tier": "silver"})

    place.put("bob", "e1", eventType="buy")
    assert place.campaigns.people == []
    place.put("bob", "e2", eventType="buy", userAttributes={"tier": "gold"})
    place.put("ada", "e3", eventType="buy", userAttributes={"tier": "silver"})

    assert len(place.campaigns.people) == 1
    assert refused(place.delete_segment_definition, SegmentDefinitionName="gold") == BAD


def test_ten_times_a_day_for_each_profile_without_a_word(place: Place) -> None:
    ada = armed(place)
    bob = place.profile("bob")
    for number in range(11):
        place.put("ada", f"e{number}", eventType="buy")
    place.put("bob", "e", eventType="buy")
    assert [one for _, one in place.campaigns.people] == [ada] * 10 + [bob]

    place.later(days=1)
    place.put("ada", "later", eventType="buy")

    assert len(place.campaigns.people) == 12


@pytest.mark.parametrize("factor", [1, 60])
def test_every_period_has_room_of_its_own(place: Place, factor: float) -> None:
    place.factor = factor
    periods = [
        {"Unit": "HOURS", "Value": 1, "MaxInvocationsPerProfile": 1},
        {"Unit": "DAYS", "Value": 1, "MaxInvocationsPerProfile": 2},
    ]
    armed(place, EventTriggerLimits={"Periods": periods})

    counts = []
    for hour in range(4):
        for number in range(2):
            place.put("ada", f"e{hour}.{number}", eventType="buy")
        counts.append(len(place.campaigns.people))
        place.later(hours=1 / factor)

    assert counts == [1, 2, 2, 2]


def test_an_unlimited_period_has_no_end(place: Place) -> None:
    armed(place, EventTriggerLimits={"Periods": [{"Unit": "DAYS", "Value": 1, "Unlimited": True}]})

    for number in range(15):
        place.put("ada", f"e{number}", eventType="buy")

    assert len(place.campaigns.people) == 15


@pytest.mark.parametrize(
    ("limits", "seconds", "comes"),
    [({}, 899, True), ({}, 901, False), ({"EventExpiration": 5000}, 4, True), ({"EventExpiration": 5000}, 6, False)],
)
def test_an_event_that_waited_too_long_triggers_nothing(
    place: Place, limits: dict[str, int], seconds: int, comes: bool
) -> None:
    armed(place, EventTriggerLimits=limits)
    text = json.dumps({"customerId": "ada", "eventId": "e1", "eventType": "buy"})
    place.put_profile_object(ObjectTypeName=EVENTS, Object=text)

    place.later(seconds=seconds)

    assert bool(place.campaigns.people) == comes


def test_limits_outlast_a_restart(place: Place) -> None:
    armed(place)
    for number in range(10):
        place.put("ada", f"e{number}", eventType="buy")
    taken = Taken()
    again = Profiles(wall_clock=lambda: place.now, neighbours=Neighbours(campaigns=taken))
    again.restore(json.loads(json.dumps(place.emulator.snapshot())))
    Client(again.handle, "customer-profiles").put_profile_object(
        DomainName="shop",
        ObjectTypeName=EVENTS,
        Object=json.dumps({"customerId": "ada", "eventId": "more", "eventType": "buy"}),
    )
    again.work.do()

    assert taken.people == []


@pytest.mark.parametrize(
    "members",
    [
        {"EventTriggerConditions": []},
        {"EventTriggerConditions": [condition([attribute()])] * 6},
        {"EventTriggerConditions": [condition()]},
        {"EventTriggerConditions": [condition([])]},
        {"EventTriggerConditions": [condition([attribute("unknown")])]},
        {"EventTriggerConditions": [condition([attribute("_source")])]},
        {"EventTriggerConditions": [condition([{**attribute(), "Source": "_source.a"}])]},
        {"EventTriggerConditions": [condition([{"ComparisonOperator": "INCLUSIVE", "Values": ["x"]}])]},
        {"EventTriggerConditions": [condition([attribute("eventType", "EQUAL", "buy")])]},
        {"EventTriggerConditions": [condition([attribute("eventType", "INCLUSIVE", *["x"] * 11)])]},
        {"EventTriggerLimits": {"EventExpiration": -1}},
        {"EventTriggerLimits": {"Periods": []}},
        {"EventTriggerLimits": {"Periods": [{"Unit": "DAYS", "Value": 1}]}},
        {"EventTriggerLimits": {"Periods": [{"Unit": "DAYS", "Value": 0, "Unlimited": True}]}},
        {"EventTriggerLimits": {"Periods": [{"Unit": "YEARS", "Value": 1, "Unlimited": True}]}},
        {
            "EventTriggerLimits": {
                "Periods": [{"Unit": "DAYS", "Value": 1, "Unlimited": True, "MaxInvocationsPerProfile": 1}]
            }
        },
    ],
)
def test_triggers_that_break_a_rule_are_refused(place: Place, members: dict[str, Any]) -> None:
    assert refused(trigger, place=place, **members) == BAD


@pytest.mark.parametrize("members", [{"ObjectTypeName": "none"}, {"SegmentFilter": "none"}])
def test_what_a_trigger_names_must_exist(place: Place, members: dict[str, Any]) -> None:
    assert refused(trigger, place=place, **members) == MISSING


def test_a_domain_has_twenty_triggers_with_names_of_their_own(place: Place) -> None:
    for number in range(19):
        trigger(place, f"t{number}")
    assert refused(trigger, place=place, name="t0") == BAD
    trigger(place, "last")

    assert refused(trigger, place=place, name="one-more") == BAD
    assert len(place.list_event_triggers()["Items"]) == 20


def test_an_update_changes_what_it_names_and_is_checked_as_a_whole(place: Place) -> None:
    armed(place, Description="d")
    place.update_event_trigger(
        EventTriggerName="bought", EventTriggerConditions=[condition([attribute("eventType", "INCLUSIVE", "view")])]
    )

    place.put("ada", "e1", eventType="buy")
    place.put("ada", "e2", eventType="view")

    assert len(place.campaigns.people) == 1
    assert place.get_event_trigger(EventTriggerName="bought")["Description"] == "d"
    wrong = {"EventTriggerName": "bought", "EventTriggerConditions": [condition([attribute("unknown")])]}
    assert refused(place.update_event_trigger, **wrong) == BAD


def test_a_trigger_stays_while_an_integration_uses_it_and_its_type_while_the_trigger_does(place: Place) -> None:
    armed(place)

    assert refused(place.delete_event_trigger, EventTriggerName="bought") == BAD
    assert refused(place.delete_profile_object_type, ObjectTypeName=EVENTS) == BAD
    place.delete_integration(Uri=CAMPAIGN)
    place.delete_event_trigger(EventTriggerName="bought")

    assert refused(place.get_event_trigger, EventTriggerName="bought") == MISSING
    place.delete_profile_object_type(ObjectTypeName=EVENTS)


def test_an_integration_says_what_it_was_made_with(place: Place) -> None:
    armed(place)

    found = place.get_integration(Uri=CAMPAIGN)

    assert (found["Uri"], found["EventTriggerNames"], found["DomainName"]) == (CAMPAIGN, ["bought"], "shop")
    assert [one["Uri"] for one in place.list_integrations()["Items"]] == [CAMPAIGN]


@pytest.mark.parametrize(
    "members",
    [
        {"Uri": OTHER},
        {"Uri": "s3://bucket"},
        {"Uri": CAMPAIGN, "EventTriggerNames": ["bought", "sold"]},
        {"Uri": CAMPAIGN, "ObjectTypeName": EVENTS},
        {},
        {"Uri": "s3://bucket", "EventTriggerNames": None},
        {"Uri": "s3://bucket", "EventTriggerNames": None, "ObjectTypeName": EVENTS, "ObjectTypeNames": {"a": EVENTS}},
    ],
)
def test_integrations_that_break_a_rule_are_refused(place: Place, members: dict[str, Any]) -> None:
    armed(place)
    given = {"EventTriggerNames": ["bought"], **members}

    assert refused(place.put_integration, **{name: value for name, value in given.items() if value is not None}) == BAD


def test_an_integration_of_a_source_names_a_type_that_exists(place: Place) -> None:
    place.put_integration(Uri="s3://bucket", ObjectTypeName=EVENTS)
    place.put_integration(Uri="s3://other", ObjectTypeNames={"order": EVENTS})

    assert refused(place.put_integration, Uri="s3://bucket", ObjectTypeName="none") == MISSING
    assert refused(place.put_integration, Uri=CAMPAIGN, EventTriggerNames=["none"]) == MISSING
    assert refused(place.delete_integration, Uri="s3://third") == MISSING
