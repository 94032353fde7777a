"""What Amazon Connect cannot do is refused, all of it at once, each time with the way round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from engagement.domain.plans import rules
from engagement.domain.plans.connect.settings import ConnectSettings, Template
from engagement.domain.plans.model import Orchestrator
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans import strategies as common
from tests.unit.plans.builders import SETTINGS as PINPOINT
from tests.unit.plans.builders import changed, faults, plan, reminding, sending, stamping, with_audience
from tests.unit.plans.connect import strategies
from tests.unit.plans.connect.builders import CONNECT, SEGMENT, SETTINGS, compiled

BOTH = replace(PINPOINT, connect=CONNECT)
SEND = "$.steps[0].send[0]"
FEWER = settings(max_examples=60)


def paths(document: object, its: PlanSettings = SETTINGS) -> list[str]:
    return [fault.path for fault in faults(document, its)]


def only(document: object, its: PlanSettings = SETTINGS) -> tuple[str, str, str]:
    """Path, rule and remedy of the only fault."""
    (fault,) = faults(document, its)
    return fault.path, fault.rule, fault.remedy


@FEWER
@given(strategies.plans())
def test_what_connect_can_do_has_no_faults(document: dict[str, Any]) -> None:
    assert faults(document, SETTINGS) == ()


@FEWER
@given(common.plans())
def test_whatever_the_check_lets_pass_compiles(document: dict[str, Any]) -> None:
    if found := faults(document, SETTINGS):
        assert all(fault.rule and fault.remedy for fault in found)
    else:
        compiled(document, feature="x", slug="y")


@pytest.mark.parametrize(
    ("keys", "path", "remedy"),
    [
        ({"holdout_percent": 10}, f"{SEND}.holdout_percent", "DistributeByPercentage"),
        (
            {"treatments": [{"name": "b", "percent": 10, "template": "t"}]},
            f"{SEND}.treatments",
            "DistributeByPercentage",
        ),
        ({"template_version": "2"}, f"{SEND}.template_version", "stands for the version"),
        ({"template": "unknown"}, f"{SEND}.template", "or use one of release, reminder, stored, t"),
        ({"sender": "other@example.com"}, f"{SEND}.sender", "write news@example.com"),
        ({"limits": {"messages_per_second": 5}}, f"{SEND}.limits.messages_per_second", "shares its capacity"),
        (
            {"quiet_time": {"from": "00:00", "to": "23:59", "action": "skip"}},
            f"{SEND}.quiet_time",
            "Shorten it",
        ),
    ],
)
def test_what_a_managed_campaign_does_not_have(keys: dict[str, Any], path: str, remedy: str) -> None:
    document = sending(**({"channel": "EMAIL", "template": "t"} | keys))

    found = only(document)

    assert found[0] == path
    assert remedy in found[2]


def test_wording_has_to_be_a_template() -> None:
    document = sending(channel="SMS", message={"body": "New: {{event.feature}}"})

    path, rule, remedy = only(document)

    assert (path, rule) == (f"{SEND}.message", "a campaign of Amazon Connect has no wording of its own")
    assert "{{event.x}} reaches a template only as a stamped attribute" in remedy


def test_the_phone_number_decides_what_kind_of_sms_it_is() -> None:
    assert paths(sending(channel="SMS", template="t", message_type="TRANSACTIONAL")) == [f"{SEND}.message_type"]


@pytest.mark.parametrize(
    "send",
    [
        {"channel": "PUSH", "message": {"body": "x"}},
        {"channel": "PUSH", "template": "t"},
    ],
)
def test_a_channel_that_plans_cannot_use(send: dict[str, Any]) -> None:
    path, rule, remedy = only(sending(**send))

    assert (path, rule) == (f"{SEND}.channel", "plans cannot send PUSH by Amazon Connect")
    assert remedy.startswith("Send by EMAIL or SMS, or draw")


def test_custom_channels_do_not_exist() -> None:
    document = sending(channel="CUSTOM", custom_channel="x", endpoint_types=["EMAIL"], message={"data": {}})

    assert sorted(paths(document)) == sorted(f"{SEND}.{key}" for key in ("channel", "custom_channel", "endpoint_types"))


@pytest.mark.parametrize(
    ("connect", "path", "remedy"),
    [
        (replace(CONNECT, senders={}), f"{SEND}.sender", "destination.connect.senders.email"),
        (
            replace(CONNECT, templates={"t": Template("arn")}),
            f"{SEND}.template",
            "destination.connect.campaign_flow_arn",
        ),
        (replace(CONNECT, templates={}), f"{SEND}.template", "add it to destination.connect.templates"),
    ],
)
def test_what_the_platform_team_has_not_set(connect: ConnectSettings, path: str, remedy: str) -> None:
    found = only(sending(channel="EMAIL", template="t"), replace(SETTINGS, connect=connect))

    assert found[0] == path
    assert remedy in found[2]


@pytest.mark.parametrize("word", ["only", "unless"])
def test_what_recipients_did_is_not_known(word: str) -> None:
    document = reminding(**{word: {"step": "announce", "did": "opened"}})

    path, rule, _ = only(document)

    assert path == f"$.steps[2].send[0].{word}"
    assert "no hooks" in rule


@pytest.mark.parametrize(
    ("subject", "test", "way_round"),
    [
        ("endpoint.tier", ["x"], "Select by an attribute of the user"),
        ("metric.orders", {"above": 1}, "Stamp a user attribute"),
        ("recency", {"active": "P7D"}, "Select by a moment"),
        ("channel", ["EMAIL"], "Leave it out"),
    ],
)
def test_criteria_that_profiles_cannot_answer(subject: str, test: Any, way_round: str) -> None:
    (fault,) = faults(with_audience(where={subject: test}), SETTINGS)

    assert fault.where[:4] == ("audiences", "a", "where", subject)
    assert fault.remedy.startswith(way_round)


def test_a_dimension_has_fifty_values() -> None:
    fifty = [str(number) for number in range(50)]

    assert paths(with_audience(where={"user.plan": fifty})) == []
    assert paths(with_audience(where={"user.plan": [*fifty, "x"]})) == ['$.audiences.a.where["user.plan"]']


def test_attributes_of_named_audiences_count_too() -> None:
    def document(number: int) -> dict[str, Any]:
        wheres = {f"user.a{place}": ["x"] for place in range(number)}
        first, second = dict(list(wheres.items())[:30]), dict(list(wheres.items())[30:])
        send = {"audience": "b", "channel": "EMAIL", "template": "t"}
        audiences = {"a": {"where": first}, "b": {"where": second, "audience": "a"}}
        return plan(audiences=audiences, steps=[{"id": "tell", "send": [send]}])

    assert paths(document(59)) == []
    assert paths(document(60)) == ["$.audiences.b"]


@pytest.mark.parametrize("segment_id", ["gold_1", SEGMENT, SEGMENT.replace("segment-definitions", "segments")])
def test_a_definition_has_a_name_or_an_arn(segment_id: str) -> None:
    assert paths(with_audience(segment_id=segment_id)) == []


def test_anything_else_is_no_definition() -> None:
    assert paths(with_audience(segment_id="arn:aws:s3:::bucket")) == ["$.audiences.a.segment_id"]


@pytest.mark.parametrize("segment_id", ["gold_1", SEGMENT])
def test_a_definition_is_no_segment_of_pinpoint(segment_id: str) -> None:
    assert paths(with_audience(segment_id=segment_id), PINPOINT) == ["$.audiences.a.segment_id"]


def test_a_stamp_is_one_text_for_an_attribute_that_profiles_have() -> None:
    document = stamping(seen="x", other="y", plan=["a", "b"])

    found = {fault.path: fault.rule for fault in faults(document, SETTINGS)}

    assert found == {
        "$.steps[0].stamp.set.other": 'profiles have no attribute "other"',
        "$.steps[0].stamp.set.plan": "an attribute of a profile is one text",
    }


def test_a_stamp_needs_no_hook() -> None:
    document = changed(stamping(seen="x"), "steps", 0, "stamp", "via", to="hook")

    assert paths(document) == ["$.steps[0].stamp.via"]
    assert paths(document, BOTH) == []


def test_with_both_destinations_stamps_are_checked_for_both_and_sends_for_the_one_that_sends() -> None:
    document = plan(
        audiences={
            "sent": {"where": {"metric.orders": {"above": 1}}},
            "stamped": {"all": [{"audience": "named"}]},
            "named": {"where": {"recency": {"active": "P7D"}}},
        },
        steps=[
            {"id": "mark", "stamp": {"audiences": ["stamped"], "set": {"other": "x"}}},
            {"id": "tell", "send": [{"audience": "sent", "channel": "PUSH", "message": {"body": "x"}}]},
        ],
    )

    assert paths(document, PINPOINT) == []
    assert paths(document, BOTH) == ["$.audiences.named.where.recency.active", "$.steps[0].stamp.set.other"]


def test_a_stamp_of_an_audience_that_does_not_exist_is_one_fault() -> None:
    assert paths(changed(stamping(seen="x"), "steps", 0, "stamp", "audiences", to=["nobody"])) == [
        "$.steps[0].stamp.audiences[0]"
    ]


def test_a_journey_is_walked_by_the_state_machine_if_the_plan_allows_it() -> None:
    document = sending(channel="EMAIL", template="t") | {"orchestrator": "journey"}

    assert only(document)[:2] == ("$.orchestrator", "Amazon Connect has no journeys that are made from plans")
    allowed = parse(document | {"otherwise": "state_machine"}, SETTINGS)
    assert rules.orchestrator(allowed, SETTINGS) is Orchestrator.STATE_MACHINE


def test_fifty_campaigns_may_be_active() -> None:
    def document(number: int) -> dict[str, Any]:
        audiences = {f"a{place}": {"everyone": True} for place in range(number)}
        sends = [{"audience": name, "channel": "EMAIL", "template": "t"} for name in audiences]
        return plan(audiences=audiences, steps=[{"id": "tell", "send": sends}])

    assert paths(document(50)) == []
    assert paths(document(51)) == ["$.steps[0]"]
    assert paths(document(41), replace(SETTINGS, reserved_active_campaigns=10)) == ["$.steps[0]"]
    assert paths(document(51), BOTH) == []


def test_stamps_make_no_campaigns() -> None:
    audiences = {f"a{place}": {"everyone": True} for place in range(30)}
    stamp = {"audiences": list(audiences), "set": {"seen": "x"}}
    sends = [{"audience": name, "channel": "EMAIL", "template": "t"} for name in audiences]
    document = plan(audiences=audiences, steps=[{"id": "mark", "stamp": stamp}, {"id": "tell", "send": sends}])

    assert paths(document) == []


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    document = plan(
        audiences={"a": {"where": {"channel": ["SMS"]}}},
        steps=[
            {"id": "mark", "stamp": {"audiences": ["a"], "set": {"x": "1"}, "via": "hook"}},
            {
                "id": "tell",
                "send": [{"audience": "a", "channel": "SMS", "message": {"body": "x"}, "holdout_percent": 5}],
            },
        ],
    )

    assert paths(document) == [
        "$.audiences.a.where.channel",
        "$.steps[0].stamp.set.x",
        "$.steps[0].stamp.via",
        "$.steps[1].send[0].message",
        "$.steps[1].send[0].holdout_percent",
    ]
