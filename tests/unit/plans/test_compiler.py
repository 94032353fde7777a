"""From a plan and an event to requests: valid for the service, the same for the same run, safe whatever comes in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.domain.limits import length
from engagement.domain.plans import words
from engagement.domain.plans.compiler import PlannedStep, Run, compile_plan
from engagement.domain.plans.endpoints import ENDPOINT_TYPES
from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans import strategies
from tests.unit.plans.builders import (
    NOW,
    SETTINGS,
    body,
    changed,
    compiled,
    email,
    faults,
    plan,
    reminding,
    sending,
    stamping,
    with_audience,
)

PINPOINT = botocore.session.get_session().get_service_model("pinpoint")
FEWER = settings(max_examples=60)
"""A whole plan takes long to make up, and holds many things to try."""
EVENT = {"feature": "Dark mode", "slug": "dark-mode"}


def requests(steps: tuple[PlannedStep, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Operation and request of everything that a plan makes, in order."""
    ids: dict[str, str] = {}
    for step in steps:
        for segment in step.segments:
            if segment.name not in ids:
                yield "CreateSegment", {"WriteSegmentRequest": segment.request(ids)}
                ids[segment.name] = f"segment-{len(ids)}"
        for campaign in step.campaigns:
            yield "CreateCampaign", {"WriteCampaignRequest": campaign.request(ids[campaign.segment])}


def enum_errors(shape: Any, value: Any) -> list[str]:
    """Values that the model's enums do not have, which botocore lets pass."""
    if shape.type_name == "structure":
        return [error for key, member in value.items() for error in enum_errors(shape.members[key], member)]
    if shape.type_name == "list":
        return [error for member in value for error in enum_errors(shape.member, member)]
    if shape.type_name == "map":
        return [error for member in value.values() for error in enum_errors(shape.value, member)]
    return [str(value)] if getattr(shape, "enum", None) and value not in shape.enum else []


def texts(value: Any) -> Iterator[str]:
    """Every text in a request, JSON in a text included."""
    if isinstance(value, str):
        yield value
    for below in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(below)


@FEWER
@given(strategies.plans(), st.text())
def test_every_valid_plan_compiles_to_requests_that_the_service_model_takes(document: Any, key: str) -> None:
    assert faults(document) == ()
    made = list(requests(compile_plan(parse(document, SETTINGS), Run(key, EVENT), SETTINGS, NOW)))

    assert made
    for operation, request in made:
        shape = PINPOINT.operation_model(operation).input_shape
        report = ParamValidator().validate({"ApplicationId": "a"} | request, shape)
        assert not report.has_errors(), report.generate_report()
        assert enum_errors(shape, request) == []


@FEWER
@given(strategies.plans(), st.text(), st.text())
def test_names_tell_runs_apart_and_are_the_same_for_the_same_run(document: Any, key: str, other: str) -> None:
    read = parse(document, SETTINGS)

    def names(run_key: str, later: timedelta = timedelta(0)) -> list[str]:
        made = requests(compile_plan(read, Run(run_key, EVENT), SETTINGS, NOW + later))
        return [next(iter(request.values()))["Name"] for _, request in made]

    mine = names(key)

    assert mine == names(key, timedelta(days=1))
    assert len(set(mine)) == len(mine)
    assert key == other or not set(mine) & set(names(other))
    for name in mine:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)


@FEWER
@given(strategies.plans())
def test_what_is_sent_does_not_depend_on_what_walks_the_steps(document: Any) -> None:
    journey = document | {"orchestrator": "journey"}
    if faults(journey):
        assert {fault.rule for fault in faults(journey)} == {"a journey waits 1 hour or longer"}
        assert compiled(journey | {"otherwise": "state_machine"}, **EVENT) == compiled(document, **EVENT)
    else:
        assert compiled(journey, **EVENT) == compiled(document, **EVENT)


@FEWER
@given(strategies.plans())
def test_each_send_and_each_stamped_audience_is_one_campaign(document: Any) -> None:
    steps = compile_plan(parse(document, SETTINGS), Run("run-1", EVENT), SETTINGS, NOW)

    for step, planned in zip(document["steps"], steps, strict=True):
        stamp = step.get("stamp", {"audiences": [], "via": "custom"})
        stamped = planned.exports if stamp["via"] == "export" else planned.campaigns
        sends = [(send["audience"], send["channel"]) for send in step.get("send", [])]
        if sends:
            assert [(campaign.audience, campaign.channel) for campaign in planned.campaigns] == sends
        else:
            assert [one.audience for one in stamped] == stamp["audiences"]


@FEWER
@given(strategies.plans(), st.data())
def test_a_plan_that_tells_more_people_never_makes_fewer_campaigns(document: Any, data: st.DataObject) -> None:
    def campaigns(its: Any) -> set[str]:
        steps = compile_plan(parse(its, SETTINGS), Run("run-1", EVENT), SETTINGS, NOW)
        return {campaign.name for step in steps for campaign in step.campaigns}

    name = data.draw(st.sampled_from(sorted(document["audiences"])))
    wider = {"any": [document["audiences"][name], data.draw(strategies.audience(()))]}

    assert campaigns(document) <= campaigns(changed(document, "audiences", name, to=wider))


@FEWER
@given(strategies.plans(), strategies.HOSTILE, strategies.HOSTILE)
def test_hostile_values_never_come_out_as_a_template_or_as_code(document: Any, feature: str, slug: str) -> None:
    try:
        steps = compile_plan(parse(document, SETTINGS), Run("r", {"feature": feature, "slug": slug}), SETTINGS, NOW)
        refused = ""
    except PlanError as error:
        steps, refused = (), str(error)
    assert all("with the event's values" in line for line in refused.splitlines())
    for step in steps:
        assert all(safe(value) for values in (step.stamp or {}).values() for value in values)
        for campaign in step.campaigns:
            request = campaign.request("s")
            assert all(safe(text) for text in texts(request))
            for message in messages(request):
                assert elements(message.get("HtmlBody", "")) <= {"p", "a", "b"}
                assert "\n" not in message.get("Title", "")
                assert "\r" not in message.get("Title", "")


def safe(text: str) -> bool:
    """Whether a text holds no template but the author's own, and can be sent at all."""
    return text.replace("{{User.UserId}}", "").count("{{") == 0 and text.encode() is not None


def messages(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The e-mails of a campaign and of its treatments."""
    for part in [request, *request.get("AdditionalTreatments", [])]:
        yield part.get("MessageConfiguration", {}).get("EmailMessage", {})


def elements(document: str) -> set[str]:
    """Elements that a reader of HTML finds."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            for name, value in attrs:
                assert name == "href"
                assert (value or "").startswith("https://www.example.com/")

    Reader().feed(document)
    return found


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_html_shows_a_value_as_it_is(value: str) -> None:
    shown: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            shown.append(data)

    message = body(email(html="<p>{{event.feature}}</p>"), feature=value)["MessageConfiguration"]["EmailMessage"]
    reader = Reader()
    reader.feed(message["HtmlBody"])
    reader.close()

    assert "".join(shown) == value


@pytest.mark.parametrize(
    ("document", "way", "value", "expected"),
    [
        (
            sending(channel="SMS", message={"body": "{{event.x}}"}),
            ("SMSMessage", "Body"),
            'Tom & "Jerry" <3 {{x}}',
            'Tom & "Jerry" <3 ((x))',
        ),
        (
            email(text="x", html="<p>{{event.x}}</p>"),
            ("EmailMessage", "HtmlBody"),
            "<b>\"'&{{x}}",
            "<p>&lt;b&gt;&quot;&#x27;&amp;&#123;&#123;x&#125;&#125;</p>",
        ),
        (
            email(text="x", html='<a href="https://h.example/{{event.x}}">{{event.x}}</a>'),
            ("EmailMessage", "HtmlBody"),
            'a/b"c',
            '<a href="https://h.example/a%2Fb%22c">a/b&quot;c</a>',
        ),
        (
            sending(channel="PUSH", message={"body": "x", "url": "https://h.example/{{event.x}}"}),
            ("GCMMessage", "Url"),
            "../?a=b",
            "https://h.example/..%2F%3Fa%3Db",
        ),
        (
            sending(channel="CUSTOM", custom_channel="letter", message={"data": {"a": ["{{event.x}}"], "b": 1}}),
            ("CustomMessage", "Data"),
            '", "c": "{{x}}',
            '{"a":["\\", \\"c\\": \\"((x))"],"b":1}',
        ),
        (
            {
                **email(text="x"),
                **changed(email(text="x"), "steps", 0, "send", 0, "message", "subject", to="{{event.x}}"),
            },
            ("EmailMessage", "Title"),
            "a\r\nBcc: b@example.com",
            "a Bcc: b@example.com",
        ),
    ],
    ids=["sms", "html", "address in html", "address", "data", "subject"],
)
def test_a_value_is_escaped_for_its_place(document: Any, way: tuple[str, ...], value: str, expected: str) -> None:
    found: Any = body(document, x=value)["MessageConfiguration"]
    for part in way:
        found = found[part]

    assert found == expected


def test_a_stamp_holds_nothing_that_a_template_could_read_as_code() -> None:
    (step,) = compiled(stamping(seen="{{event.x}}", fixed=["a", "b"]), x="<i>\"'`{{x}}")

    assert step.stamp == {"seen": ("\u2039i\u203a\u201d\u2019\u2019((x))",), "fixed": ("a", "b")}


@pytest.mark.parametrize(
    "html",
    [
        "<a href={{event.x}}>",
        '<a href="{{event.x}}">',
        '<a href="http://h.example/{{event.x}}">',
        '<a href="https://{{event.x}}/">',
        '<a href="https://h.example{{event.x}}">',
        '<p {{event.x}}="">',
        '<p style="color: {{event.x}}">',
        "<{{event.x}}>",
        "<a title='>' onclick='{{event.x}}'>",
        "<script>var a = '{{event.x}}'</script>",
        "<STYLE>{{event.x}}</STYLE >",
        "<title>{{event.x}}</title>",
        "<!-- {{event.x}} -->",
        "<!-- never closed {{event.x}}",
        "<script>never closed {{event.x}}",
        '<a href="https://h.example/"{{event.x}}>',
    ],
)
def test_where_no_escaping_helps_a_placeholder_is_refused(html: str) -> None:
    assert [fault.path for fault in faults(email(html=f"<p>x</p>{html}"))] == ["$.steps[0].send[0].message.html"]


@pytest.mark.parametrize(
    "html",
    [
        "<style>p { color: red }</style><p>{{event.x}}</p>",
        "<p>1 < 2, {{event.x}}</p>",
        "<a href='https://h.example/a?b={{event.x}}&c={{event.y}}'>x</a>",
        '<!-- note --><p class="a > b">{{event.x}}',
    ],
)
def test_where_escaping_helps_a_placeholder_is_taken(html: str) -> None:
    assert faults(email(html=html)) == ()


def test_an_event_without_an_attribute_is_refused_with_every_place_that_needs_it() -> None:
    with pytest.raises(PlanError) as error:
        compiled(plan())

    assert [fault.path for fault in error.value.faults] == [
        "$.steps[0].stamp.set.seen",
        "$.steps[1].send[1].message.body",
    ]
    assert "detail.feature" in error.value.faults[0].remedy


def test_a_value_that_is_too_long_for_its_place_is_refused() -> None:
    with pytest.raises(PlanError) as error:
        compiled(plan(), feature="x" * 101)

    (fault,) = error.value.faults
    assert fault.path == "$.steps[0].stamp.set.seen"
    assert fault.rule == "101 characters, with the event's values, where 100 is the most"


def test_data_that_the_event_makes_too_large_is_refused() -> None:
    document = sending(channel="CUSTOM", custom_channel="letter", message={"data": {"x": "{{event.x}}"}})

    with pytest.raises(PlanError, match="5008 bytes"):
        compiled(document, x="y" * 5_000)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("now", "2027-01-01T09:03:00Z"),
        ("PT1M", "2027-01-01T09:03:00Z"),
        ("PT2H", "2027-01-01T11:00:00Z"),
        ("2027-01-01T09:01:00Z", "2027-01-01T09:03:00Z"),
        ("2027-03-01T08:00Z", "2027-03-01T08:00:00Z"),
    ],
)
def test_a_start_leaves_time_to_find_what_was_made_twice(start: str, expected: str) -> None:
    schedule = body(sending(channel="EMAIL", template="t", start=start))["Schedule"]

    assert schedule == {"StartTime": expected, "Frequency": "ONCE", "IsLocalTime": False, "Timezone": "UTC"}


def test_a_start_that_has_passed_is_refused() -> None:
    with pytest.raises(PlanError) as error:
        compiled(sending(channel="EMAIL", template="t", start="2027-01-01T09:00:00Z"))

    assert [fault.path for fault in error.value.faults] == ["$.steps[0].send[0].start"]


def test_a_step_after_a_wait_begins_when_it_is_over() -> None:
    starts = [
        campaign.body["Schedule"]["StartTime"] for step in compiled(plan(), **EVENT) for campaign in step.campaigns
    ]

    assert starts == ["2027-01-01T09:03:00Z"] * 3 + ["2027-01-02T09:03:00Z"]


def test_no_campaign_may_start_at_once() -> None:
    with pytest.raises(ValueError, match="at least 60"):
        PlanSettings(start_lead_seconds=59)


def test_everything_that_a_send_can_say() -> None:
    request = body(
        sending(
            channel="EMAIL",
            name="Release of {{event.x}}",
            sender="news@example.com",
            template="release",
            template_version="3",
            treatments=[{"name": "b", "percent": 30, "message": {"subject": "S", "text": "T"}}],
            holdout_percent=10,
            quiet_time={"from": "22:00", "to": "07:00", "action": "skip"},
            limits={"daily": 1, "messages_per_second": 100, "maximum_duration": "PT1H"},
        ),
        x="<Dark>",
    )
    name = request.pop("Name")
    tags = request.pop("tags")

    assert name.startswith("release-tell-Release-of-Dark-")
    assert tags["engagement:step"] == "tell"
    assert tags["engagement:index"] == "0"
    assert "engagement:filter" not in tags
    assert request == {
        "SegmentId": "segment-1",
        "Schedule": {
            "StartTime": "2027-01-01T09:03:00Z",
            "Frequency": "ONCE",
            "IsLocalTime": False,
            "Timezone": "UTC",
            "QuietTime": {"Start": "22:00", "End": "07:00"},
        },
        "MessageConfiguration": {"EmailMessage": {"FromAddress": "news@example.com"}},
        "TemplateConfiguration": {"EmailTemplate": {"Name": "release", "Version": "3"}},
        "HoldoutPercent": 10,
        "Limits": {"Daily": 1, "MessagesPerSecond": 100, "MaximumDuration": 3_600},
        "AdditionalTreatments": [
            {
                "TreatmentName": "b",
                "SizePercent": 30,
                "MessageConfiguration": {
                    "EmailMessage": {"Title": "S", "Body": "T", "FromAddress": "news@example.com"},
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("EXAMPLE", {"SenderId": "EXAMPLE"}), ("+441632960000", {"OriginationNumber": "+441632960000"})],
)
def test_the_sender_of_an_sms(sender: str, expected: dict[str, str]) -> None:
    request = body(sending(channel="SMS", template="t", sender=sender, message_type="TRANSACTIONAL"))

    assert request["MessageConfiguration"] == {"SMSMessage": {"MessageType": "TRANSACTIONAL"} | expected}


def test_a_push_goes_to_push_services_only() -> None:
    configuration = body(sending(channel="PUSH", message={"title": "T", "body": "B"}))["MessageConfiguration"]

    assert configuration.keys() == {"APNSMessage", "GCMMessage", "ADMMessage", "BaiduMessage"}
    assert configuration["APNSMessage"] == {"Title": "T", "Body": "B", "Action": "OPEN_APP"}


def test_a_custom_channel_is_the_function_of_the_settings() -> None:
    document = sending(channel="CUSTOM", custom_channel="letter", message={"data": {}}, endpoint_types=["EMAIL"])

    assert body(document)["CustomDeliveryConfiguration"] == {
        "DeliveryUri": SETTINGS.custom_channels["letter"],
        "EndpointTypes": ["EMAIL"],
    }


@pytest.mark.parametrize("via", ["custom", "hook"])
def test_a_stamp_reaches_endpoints_of_every_type_and_sends_nothing(via: str) -> None:
    request = body(changed(stamping(seen="{{event.x}}"), "steps", 0, "stamp", "via", to=via), x="1")

    assert request["CustomDeliveryConfiguration"]["DeliveryUri"] == SETTINGS.stamp_function
    assert set(request["CustomDeliveryConfiguration"]["EndpointTypes"]) == set(
        PINPOINT.shape_for("__EndpointTypesElement").enum
    )
    assert set(ENDPOINT_TYPES) == set(PINPOINT.shape_for("ChannelType").enum)
    assert request["MessageConfiguration"].keys() == {"CustomMessage"}
    assert json.loads(request["MessageConfiguration"]["CustomMessage"]["Data"]).keys() == {
        "plan",
        "run",
        "step",
        "index",
    }
    assert ("Hook" in request) == (via == "hook")
    assert request["Limits"] == {"Daily": 100, "Total": 100}


@given(st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 (hypothesis wants naive bounds)
def test_nobody_is_in_the_quiet_time_of_a_stamp_for_ten_minutes(now: datetime) -> None:
    (step,) = compile_plan(parse(stamping(a="1"), SETTINGS), Run("r", {}), SETTINGS, now)
    schedule = step.campaigns[0].body["Schedule"]
    start = datetime.fromisoformat(schedule["StartTime"])
    quiet = {schedule["QuietTime"]["Start"], schedule["QuietTime"]["End"]}

    for offset in range(-12 * 60, 14 * 60 + 1, 15):
        for minute in range(10):
            assert f"{start + timedelta(minutes=offset + minute):%H:%M}" not in quiet


def test_an_export_finds_the_endpoints_of_a_stamp_without_a_campaign() -> None:
    (step,) = compiled(changed(stamping(seen="1"), "steps", 0, "stamp", "via", to="export"))

    assert step.campaigns == ()
    assert [(export.audience, export.segment) for export in step.exports] == [("all", step.segments[0].name)]


def test_details_of_an_event_that_are_no_texts() -> None:
    run = Run.of("r", {"a": "x", "b": 1, "c": 1.5, "d": True, "e": None, "f": {"g": 1}, "h": [1]})

    assert run.values == {"a": "x", "b": "1", "c": "1.5", "d": "true"}


def test_lengths_count_as_the_service_counts() -> None:
    (step,) = compiled(stamping(seen="{{event.x}}"), x="\U0001f600" * 50)

    assert step.stamp is not None
    assert length(step.stamp["seen"][0]) == 100
    with pytest.raises(PlanError):
        compiled(stamping(seen="{{event.x}}"), x="\U0001f600" * 51)


def test_steps_share_the_segment_of_an_audience() -> None:
    steps = compiled(plan(), **EVENT)

    assert steps[0].segments[0] == steps[1].segments[0] == steps[3].segments[0]


def test_audiences_of_a_plan_are_not_limited_by_their_names() -> None:
    document = with_audience(everyone=True) | {"event": "e" * 64}
    (step,) = compiled(document)

    assert all(len(name) <= 64 for name in (step.segments[0].name, step.campaigns[0].name))


@pytest.mark.parametrize(
    ("conditions", "tag"),
    [
        ({"unless": {"step": "announce", "did": "opened"}}, "unless:0:opened"),
        ({"only": {"step": "announce", "did": "clicked"}}, "only:0:clicked"),
        (
            {"unless": {"step": "announce", "did": "clicked"}, "only": {"step": "announce", "did": "delivered"}},
            "only:0:delivered unless:0:clicked",
        ),
    ],
)
def test_a_send_by_what_recipients_did_calls_the_filter_and_tells_it_what_to_ask(
    conditions: dict[str, Any], tag: str
) -> None:
    *_, last = compiled(reminding(**conditions))
    request = last.campaigns[0].request("segment-1")

    assert request["Hook"] == {"LambdaFunctionName": SETTINGS.filter_function, "Mode": "FILTER"}
    assert request["tags"]["engagement:filter"] == tag
    assert request["tags"]["engagement:index"] == "2"


def test_a_stamp_s_campaign_is_no_send_that_somebody_could_answer() -> None:
    (step,) = compiled(stamping(seen="yes"))

    assert "engagement:index" not in step.campaigns[0].body["tags"]


def test_conditions_are_said_in_plain_english() -> None:
    document = reminding(only={"step": "announce", "did": "delivered"}, unless={"step": "announce", "did": "clicked"})

    (line,) = words.step(parse(document, SETTINGS).steps[2])

    assert line.endswith("; only who received announce; not who clicked a link of announce")


def test_without_a_filter_conditions_are_refused() -> None:
    document = reminding(unless={"step": "announce", "did": "opened"})

    (fault,) = faults(document, replace(SETTINGS, filter_function=""))

    assert fault.path == "$.steps[2].send[0].unless"
    assert "switched off" in fault.rule
    assert "set company_events.interactions" in fault.remedy
