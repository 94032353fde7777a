"""Faulty plans: each is refused at the right place, with the rule that it breaks and what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.reading import load, parse
from engagement.domain.plans.rules import shared_stamps
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans.builders import (
    SETTINGS,
    changed,
    email,
    faults,
    plan,
    reminding,
    sending,
    stamping,
    with_audience,
)

MANY = [str(number) for number in range(100)]
DEEP: dict[str, Any] = {"where": {"user.a": ["1"]}}
for joint in ("any", "none", "any", "none", "any"):
    DEEP = {joint: [DEEP, {"everyone": True}]}

CASES: dict[str, tuple[object, str, str, str]] = {
    # What the schema refuses.
    "no object": ([], "$", "must be an object", "One JSON object"),
    "no event": ({key: value for key, value in plan().items() if key != "event"}, "$.event", "missing", "a letter"),
    "event with a space": (plan(event="a b"), "$.event", "expected form", "digits, _ . or -"),
    "event of the service": (plan(event="_session"), "$.event", "expected form", "a letter"),
    "event with a line end": (plan(event="release\n"), "$.event", "expected form", "a letter"),
    "unknown key": (plan(audience={}), "$.audience", "unknown key", 'Write "audiences"'),
    "unknown orchestrator": (
        plan(orchestrator="cron"),
        "$.orchestrator",
        "possible values",
        "state_machine (default), journey or schedule",
    ),
    "no audiences": (plan(audiences={}), "$.audiences", "fewer than 1", "by name"),
    "audience with a dot": (
        changed(plan(), "audiences", "a.b", to={"everyone": True}),
        '$.audiences["a.b"]',
        "unknown",
        "a letter",
    ),
    "audience as a list": (changed(plan(), "audiences", "x", to=[]), "$.audiences.x", "must be an object", "where"),
    "everyone false": (with_audience(everyone=False), "$.audiences.a.everyone", "only value", "Write true"),
    "value that is a number": (
        with_audience(where={"user.age": [5]}),
        '$.audiences.a.where["user.age"][0]',
        "must be a text",
        "in quotation marks also if it is a number",
    ),
    "value that is too long": (
        with_audience(where={"user.a": ["x" * 101]}),
        '$.audiences.a.where["user.a"][0]',
        "longer than 100",
        "1 to 100",
    ),
    "unknown criterion": (with_audience(where={"age": ["5"]}), "$.audiences.a.where.age", "unknown", "user.NAME"),
    "unknown operator": (
        with_audience(where={"user.a": {"like": ["x"]}}),
        '$.audiences.a.where["user.a"].like',
        "unknown key",
        "is_not, contains",
    ),
    "two operators": (
        with_audience(where={"user.a": {"is": ["x"], "contains": ["y"]}}),
        '$.audiences.a.where["user.a"]',
        "more than 1",
        "one of is",
    ),
    "metric as a text": (
        with_audience(where={"metric.orders": {"above": "3"}}),
        '$.audiences.a.where["metric.orders"].above',
        "must be a number",
        "without quotation marks",
    ),
    "country in small letters": (
        with_audience(where={"country": ["gb"]}),
        "$.audiences.a.where.country[0]",
        "expected form",
        "two capital letters",
    ),
    "unknown span": (
        with_audience(where={"recency": {"active": "P8D"}}),
        "$.audiences.a.where.recency.active",
        "possible values",
        "P1D, P7D, P14D or P30D",
    ),
    "day that does not exist": (
        with_audience(where={"user.since": {"before": "2027-02-29T00:00:00Z"}}),
        '$.audiences.a.where["user.since"].before',
        "no such day",
        "in UTC",
    ),
    "no steps": (plan(steps=[]), "$.steps", "fewer than 1", "at least one step"),
    "step without an id": (changed(plan(), "steps", 2, to={"wait": "P1D"}), "$.steps[2].id", "missing", "a letter"),
    "step that does nothing": (
        changed(plan(), "steps", 2, to={"id": "x"}),
        "$.steps[2]",
        "exactly one of stamp, send, wait",
        "Add stamp or send or wait",
    ),
    "step that does two things": (
        changed(plan(), "steps", 3, "wait", to="P1D"),
        "$.steps[3]",
        "exactly one of",
        "Keep one of send, wait",
    ),
    "months": (changed(plan(), "steps", 2, "wait", to="P1M"), "$.steps[2].wait", "expected form", "PT90M"),
    "bare P": (changed(plan(), "steps", 2, "wait", to="P"), "$.steps[2].wait", "expected form", "ISO 8601"),
    "no channel": (sending(template="t"), "$.steps[0].send[0].channel", "missing", "EMAIL, SMS, PUSH or CUSTOM"),
    "in-app": (
        sending(channel="IN_APP", template="t"),
        "$.steps[0].send[0].channel",
        "possible values",
        "waits in the app for an event",
    ),
    "voice": (sending(channel="VOICE", template="t"), "$.steps[0].send[0].channel", "possible", "no campaign can send"),
    "neither template nor message": (
        sending(channel="EMAIL"),
        "$.steps[0].send[0]",
        "exactly one of template, message",
        "Add template or message",
    ),
    "template and message": (
        sending(channel="SMS", template="t", message={"body": "x"}),
        "$.steps[0].send[0]",
        "exactly one of",
        "Keep one of template, message",
    ),
    "template that no name is": (
        sending(channel="EMAIL", template="{{event.x}}"),
        "$.steps[0].send[0].template",
        "expected form",
        "at most 128",
    ),
    "e-mail without a body": (
        email(),
        "$.steps[0].send[0].message",
        "at least one of html, text",
        "Add html or text",
    ),
    "e-mail without a subject": (
        sending(channel="EMAIL", message={"text": "x"}),
        "$.steps[0].send[0].message.subject",
        "missing",
        "One line",
    ),
    "subject of two lines": (
        email(subject="a\nBcc: x@example.com", text="x"),
        "$.steps[0].send[0].message.subject",
        "expected form",
        "One line",
    ),
    "SMS with a subject": (
        sending(channel="SMS", message={"subject": "x", "body": "x"}),
        "$.steps[0].send[0].message.subject",
        "unknown key",
        "An object with body",
    ),
    "push to a place that is no https": (
        sending(channel="PUSH", message={"body": "x", "url": "javascript:alert(1)"}),
        "$.steps[0].send[0].message.url",
        "expected form",
        "begins with https://",
    ),
    "push to a host of the event": (
        sending(channel="PUSH", message={"body": "x", "url": "https://{{event.host}}/"}),
        "$.steps[0].send[0].message.url",
        "expected form",
        "and a host",
    ),
    "treatment of another channel": (
        sending(
            channel="SMS",
            template="t",
            treatments=[{"name": "b", "percent": 10, "message": {"subject": "x", "body": "z"}}],
        ),
        "$.steps[0].send[0].treatments[0].message.subject",
        "unknown key",
        "An object with body",
    ),
    "quiet time that does not say skip": (
        sending(channel="EMAIL", template="t", quiet_time={"from": "22:00", "to": "07:00"}),
        "$.steps[0].send[0].quiet_time.action",
        "missing",
        "gets nothing, now or later",
    ),
    "quiet time that holds": (
        sending(channel="EMAIL", template="t", quiet_time={"from": "22:00", "to": "07:00", "action": "hold"}),
        "$.steps[0].send[0].quiet_time.action",
        "only value",
        "Write skip",
    ),
    "25 o'clock": (
        sending(channel="EMAIL", template="t", quiet_time={"from": "25:00", "to": "07:00", "action": "skip"}),
        "$.steps[0].send[0].quiet_time.from",
        "expected form",
        "00:00 to 23:59",
    ),
    "start in words": (
        sending(channel="EMAIL", template="t", start="tomorrow"),
        "$.steps[0].send[0].start",
        "expected form",
        "a delay such as PT2H",
    ),
    "too fast": (
        sending(channel="EMAIL", template="t", limits={"messages_per_second": 20_001}),
        "$.steps[0].send[0].limits.messages_per_second",
        "more than 20000",
        "1 to 20,000",
    ),
    "nobody left out": (
        sending(channel="EMAIL", template="t", holdout_percent=0),
        "$.steps[0].send[0].holdout_percent",
        "less than 1",
        "from 1 to 99",
    ),
    "stamp of nothing": (stamping(), "$.steps[0].stamp.set", "fewer than 1", "User attributes by name"),
    "attribute that the console cannot show": (
        stamping(**{"a:b": "x"}),
        '$.steps[0].stamp.set["a:b"]',
        "unknown key",
        "none of # : ? \\ /",
    ),
    # What the own rules refuse.
    "audience of a note": (with_audience(description="x"), "$.audiences.a", "selects nobody", "Add everyone"),
    "audience that is not there": (
        changed(plan(), "steps", 3, "send", 0, "audience", to="golden"),
        "$.steps[3].send[0].audience",
        'no audience "golden"',
        "Use one of gold, others",
    ),
    "reference to nobody": (
        changed(plan(), "audiences", "others", "none", 0, "audience", to="x"),
        "$.audiences.others.none[0].audience",
        'no audience "x"',
        "Use one of",
    ),
    "stamp for nobody": (
        changed(plan(), "steps", 0, "stamp", "audiences", 0, to="x"),
        "$.steps[0].stamp.audiences[0]",
        'no audience "x"',
        "Use one of",
    ),
    "audience of itself": (with_audience(none=[{"audience": "a"}]), "$.audiences.a", "refers to itself", "circle"),
    "nested too deep": (with_audience(**DEEP), "$.audiences.a", "more than 4 deep", "names in audiences"),
    "too many values": (with_audience(where={"user.a": MANY}), "$.audiences.a", "more than 99 values", "Split it"),
    "reserved attribute in an audience": (
        with_audience(where={"endpoint.engagement_role": ["company"]}),
        '$.audiences.a.where["endpoint.engagement_role"]',
        "reserved",
        "another attribute",
    ),
    "placeholder in an audience": (
        with_audience(where={"user.a": {"is": ["{{event.x}}"]}}),
        '$.audiences.a.where["user.a"].is',
        "no place in an audience",
        "stamp an attribute",
    ),
    "late before early": (
        with_audience(where={"user.a": {"between": ["2027-01-02T00:00Z", "2027-01-01T00:00Z"]}}),
        '$.audiences.a.where["user.a"].between',
        "comes second",
        "earlier moment first",
    ),
    "one id twice": (changed(plan(), "steps", 3, "id", to="tell"), "$.steps[3].id", "earlier step", "its own id"),
    "wait of a second": (
        changed(plan(), "steps", 2, "wait", to="PT1S"),
        "$.steps[2].wait",
        "shorter than a minute",
        "PT1M",
    ),
    "wait of two years": (
        changed(plan(), "steps", 2, "wait", to="P730D"),
        "$.steps[2].wait",
        "longer than 365 days",
        "a second plan",
    ),
    "wait for nothing": (plan(steps=plan()["steps"][:3]), "$.steps[2]", "nothing comes after", "leave the wait out"),
    "short wait in a journey": (
        changed(plan(orchestrator="journey"), "steps", 2, "wait", to="PT59M"),
        "$.steps[2].wait",
        "1 hour or longer",
        "otherwise: state_machine",
    ),
    "long journey": (
        plan(orchestrator="journey", steps=[{**plan()["steps"][1], "id": f"s{number}"} for number in range(41)]),
        "$.orchestrator",
        "at most 40 activities",
        "fewer steps",
    ),
    "otherwise without a journey": (
        plan(otherwise="state_machine"),
        "$.otherwise",
        "can carry every plan",
        "use the orchestrator journey",
    ),
    "otherwise a schedule": (
        plan(orchestrator="journey", otherwise="schedule"),
        "$.otherwise",
        "not one of the possible values",
        "state_machine",
    ),
    "schedule without a time": (
        sending(channel="EMAIL", template="t") | {"orchestrator": "schedule"},
        "$.schedule",
        "missing",
        "Write now, or a moment",
    ),
    "time without a schedule": (plan(schedule="now"), "$.schedule", "starts by its event", "use schedule"),
    "event value in a schedule": (
        stamping(a="{{event.x}}") | {"orchestrator": "schedule", "schedule": "now"},
        "$.steps[0].stamp.set.a",
        "no {{event.x}}",
        "let an event start the plan",
    ),
    "reserved stamp": (stamping(engagement_x="1"), "$.steps[0].stamp.set.engagement_x", "reserved", "another name"),
    "stamp that is too long": (stamping(a="x" * 101), "$.steps[0].stamp.set.a", "where 100 is the most", "Shorten it"),
    "fixed part that is too long": (
        stamping(a="x" * 101 + "{{event.a}}"),
        "$.steps[0].stamp.set.a",
        "101 characters",
        "Shorten it",
    ),
    "push that is too long": (
        sending(channel="PUSH", message={"body": "x" * 201}),
        "$.steps[0].send[0].message.body",
        "where 200 is the most",
        "Shorten it",
    ),
    "data that is too large": (
        sending(channel="CUSTOM", custom_channel="letter", message={"data": {"x": "y" * 5_000}}),
        "$.steps[0].send[0].message.data",
        "where 5000 are the most",
        "look up the rest",
    ),
    "placeholder of another form": (
        email(text="{{event}}"),
        "$.steps[0].send[0].message.text",
        "not in the form",
        "Write {{event.name}}",
    ),
    "placeholder in a template's braces": (
        email(text="{{#if {{event.x}} }}hello{{/if}}"),
        "$.steps[0].send[0].message.text",
        "not in the form",
        "Write {{event.name}}",
    ),
    "placeholder in a tag": (
        email(html='<a href="{{event.url}}">x</a>'),
        "$.steps[0].send[0].message.html",
        "could be code",
        "behind an address",
    ),
    "one send twice": (
        changed(plan(), "steps", 1, "send", 1, to={"audience": "gold", "channel": "EMAIL", "template": "x"}),
        "$.steps[1].send[1]",
        "in this step already",
        "Use treatments",
    ),
    "condition on an unknown step": (
        reminding(unless={"step": "anounce", "did": "opened"}),
        "$.steps[2].send[0].unless.step",
        'no step "anounce"',
        "Use one of announce",
    ),
    "condition on the step itself": (
        reminding(unless={"step": "remind", "did": "opened"}),
        "$.steps[2].send[0].unless.step",
        "does not come before this one",
        "Use one of announce",
    ),
    "condition on a later step": (
        changed(reminding(), "steps", 0, "send", 0, "only", to={"step": "remind", "did": "opened"}),
        "$.steps[0].send[0].only.step",
        "does not come before this one",
        "Remove it: no step that sends comes before",
    ),
    "condition on a step that sends nothing": (
        reminding(only={"step": "pause", "did": "delivered"}),
        "$.steps[2].send[0].only.step",
        'step "pause" sends nothing',
        "Use one of announce",
    ),
    "condition on another channel": (
        reminding(channel="SMS", only={"step": "announce", "did": "delivered"}),
        "$.steps[2].send[0].only",
        "tells of these recipients whether they received it",
        "the same channel",
    ),
    "condition that the channel does not tell of": (
        reminding(announced={"channel": "SMS"}, channel="SMS", unless={"step": "announce", "did": "opened"}),
        "$.steps[2].send[0].unless",
        "whether they opened it",
        "opened is known of EMAIL and PUSH",
    ),
    "condition on what nobody can do": (
        reminding(unless={"step": "announce", "did": "liked"}),
        "$.steps[2].send[0].unless.did",
        "not one of the possible values",
        "delivered, opened or clicked",
    ),
    "condition without what was done": (
        reminding(only={"step": "announce"}),
        "$.steps[2].send[0].only.did",
        "missing",
        "delivered, opened or clicked",
    ),
    "sender that is not allowed": (
        sending(channel="EMAIL", template="t", sender="ceo@example.com"),
        "$.steps[0].send[0].sender",
        "no allowed sender",
        "Use one of +441632960000, EXAMPLE, news@example.com",
    ),
    "sender of a push": (
        sending(channel="PUSH", template="t", sender="EXAMPLE"),
        "$.steps[0].send[0].sender",
        "PUSH has no sender",
        "for EMAIL and SMS",
    ),
    "message type of an e-mail": (
        sending(channel="EMAIL", template="t", message_type="TRANSACTIONAL"),
        "$.steps[0].send[0].message_type",
        "EMAIL has no message_type",
        "for SMS",
    ),
    "custom without a channel": (
        sending(channel="CUSTOM", message={"data": {}}),
        "$.steps[0].send[0].custom_channel",
        "missing",
        "Use one of letter",
    ),
    "custom channel that is not there": (
        sending(channel="CUSTOM", custom_channel="fax", message={"data": {}}),
        "$.steps[0].send[0].custom_channel",
        'no custom channel "fax"',
        "Use one of letter",
    ),
    "function instead of a custom channel": (
        sending(channel="CUSTOM", custom_channel="arn:aws:lambda:x:1:function:f", message={"data": {}}),
        "$.steps[0].send[0].custom_channel",
        "no custom channel",
        "Use one of letter",
    ),
    "template of a custom channel": (
        sending(channel="CUSTOM", custom_channel="letter", template="t"),
        "$.steps[0].send[0].template",
        "no stored templates",
        "message with data",
    ),
    "version of nothing": (
        sending(channel="SMS", message={"body": "x"}, template_version="2"),
        "$.steps[0].send[0].template_version",
        "without a template",
        "Name the template",
    ),
    "more than all": (
        sending(
            channel="EMAIL",
            template="t",
            holdout_percent=50,
            treatments=[{"name": "b", "percent": 50, "template": "u"}],
        ),
        "$.steps[0].send[0].treatments",
        "100 percent together",
        "99 percent",
    ),
    "two treatments of one name": (
        sending(channel="EMAIL", template="t", treatments=[{"name": "b", "percent": 9, "template": "u"}] * 2),
        "$.steps[0].send[0].treatments[0].name",
        "used twice",
        "its own name",
    ),
    "empty quiet time": (
        sending(channel="EMAIL", template="t", quiet_time={"from": "07:00", "to": "07:00", "action": "skip"}),
        "$.steps[0].send[0].quiet_time",
        "begins when it ends",
        "another time",
    ),
    "no time to send": (
        sending(channel="EMAIL", template="t", limits={"maximum_duration": "PT59S"}),
        "$.steps[0].send[0].limits.maximum_duration",
        "shorter than a minute",
        "PT1M",
    ),
    "start in two years": (
        sending(channel="EMAIL", template="t", start="P730D"),
        "$.steps[0].send[0].start",
        "later than 365 days",
        "within a year",
    ),
}


@pytest.mark.parametrize(("document", "path", "rule", "remedy"), CASES.values(), ids=CASES.keys())
def test_a_faulty_plan_is_refused_at_the_right_place(document: object, path: str, rule: str, remedy: str) -> None:
    found = [fault for fault in faults(document) if fault.path == path]

    assert found, [str(fault) for fault in faults(document)]
    assert rule in found[0].rule
    assert remedy in found[0].remedy


# A fault that makes others: without audiences there is nobody to send to, and each of two names is used twice.
SEVERAL = {"no object", "no audiences", "two treatments of one name"}


@pytest.mark.parametrize("name", sorted(CASES.keys() - SEVERAL))
def test_one_fault_is_told_once(name: str) -> None:
    document, path, *_ = CASES[name]

    assert [fault.path for fault in faults(document)] == [path]


def test_a_plan_without_faults_has_none() -> None:
    assert faults(plan()) == ()


def test_all_faults_come_at_once_in_the_order_of_the_document() -> None:
    document = plan(event="a b", orchestrator="journey")
    document = changed(document, "steps", 0, "stamp", "set", "engagement_x", to="1")
    document = changed(document, "steps", 1, "send", 0, "sender", to="ceo@example.com")
    document = changed(document, "steps", 1, "send", 1, "holdout_percent", to="5")
    document = changed(document, "steps", 2, "wait", to="PT5M")
    document = changed(document, "steps", 3, "sned", to=[])

    assert [fault.path for fault in faults(document)] == [
        "$.event",
        "$.steps[0].stamp.set.engagement_x",
        "$.steps[1].send[0].sender",
        "$.steps[1].send[1].holdout_percent",
        "$.steps[2].wait",
        "$.steps[3].sned",
    ]


def test_a_circle_of_audiences_is_told_for_each_of_them() -> None:
    circle = {"a": "b", "b": "c", "c": "a", "d": "a"}
    document = plan(
        audiences={name: {"none": [{"audience": other}]} for name, other in circle.items()},
        steps=[{"id": "tell", "send": [{"audience": "d", "channel": "EMAIL", "template": "t"}]}],
    )

    assert [fault.path for fault in faults(document)] == ["$.audiences.a", "$.audiences.b", "$.audiences.c"]


def test_a_fault_beside_an_own_fault_does_not_hide_it() -> None:
    document = changed(
        sending(channel="EMAIL", template="t", sender="ceo@example.com"), "steps", 0, "send", 0, "x", to=1
    )

    assert [fault.path for fault in faults(document)] == ["$.steps[0].send[0].sender", "$.steps[0].send[0].x"]


def test_an_audience_at_fault_is_still_an_audience() -> None:
    document = changed(plan(), "audiences", "gold", "where", "user.plan", to=[5])

    assert [fault.path for fault in faults(document)] == ['$.audiences.gold.where["user.plan"][0]']


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"event": }', "not JSON"),
        ('{"event": "a", "event": "b"}', 'the key "event" is given twice'),
        ('{"metric": NaN}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        (" " * 500_001, "500,001 characters"),
    ],
)
def test_text_that_is_no_plan(text: str, rule: str) -> None:
    with pytest.raises(PlanError) as error:
        load(text)

    assert rule in error.value.faults[0].rule


def test_nesting_without_end_is_a_fault_and_no_crash() -> None:
    deep: dict[str, Any] = {"everyone": True}
    for _ in range(5_000):
        deep = {"any": [deep]}

    assert [fault.rule for fault in faults(with_audience(**deep))] == ["nested too deeply"]


def steps_of(count: int, *, wait_after: int | None = None) -> dict[str, Any]:
    audiences = {f"a{number}": {"where": {"user.a": [str(number)]}} for number in range(50)}
    channels = ("EMAIL", "SMS", "PUSH")
    sends = [
        {"audience": f"a{place % 50}", "channel": channels[place // 50 % 3], "template": "t"} for place in range(count)
    ]
    steps: list[dict[str, Any]] = [
        {"id": f"s{start}", "send": sends[start : start + 50]} for start in range(0, count, 50)
    ]
    if wait_after is not None:
        steps.insert(wait_after, {"id": "pause", "wait": "P1D"})
    return plan(audiences=audiences, steps=steps)


def test_the_head_room_of_active_campaigns() -> None:
    assert faults(steps_of(200)) == ()
    assert [fault.path for fault in faults(steps_of(250))] == ["$.steps[4]"]
    assert faults(steps_of(250, wait_after=2)) == ()
    assert [fault.path for fault in faults(steps_of(200), PlanSettings(reserved_active_campaigns=60))] == ["$.steps[2]"]


def test_two_plans_that_stamp_one_attribute() -> None:
    mine, shared = stamping(seen="1"), stamping(seen="2")
    shared["steps"][0]["stamp"]["allow_shared"] = True
    plans = {"a": parse(mine, SETTINGS), "b": parse(shared, SETTINGS), "c": parse(stamping(other="3"), SETTINGS)}

    found = shared_stamps(plans)

    assert {name: [fault.path for fault in its] for name, its in found.items()} == {
        "a": ["$.steps[0].stamp.set.seen"],
        "b": [],
        "c": [],
    }
    assert "b stamps this attribute too" in found["a"][0].rule


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "$"),
        ({"allowed_sender": []}, "$.allowed_sender"),
        ({"custom_channels": {"a": 1}}, "$.custom_channels"),
        ({"allowed_senders": "x"}, "$.allowed_senders"),
        ({"start_lead_seconds": 59}, "$.start_lead_seconds"),
        ({"reserved_active_campaigns": True}, "$.reserved_active_campaigns"),
    ],
)
def test_faulty_settings(document: object, path: str) -> None:
    with pytest.raises(PlanError) as error:
        PlanSettings.parse(document)

    assert [fault.path for fault in error.value.faults] == [path]
