"""Functions that campaigns call: the custom channel and the hook that filters."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from local_cloud.pinpoint import NeighbourError
from tests.local_cloud.aws import wait_for
from tests.local_cloud.pinpoint.project import START, Project
from tests.local_cloud.sdk import ACCOUNT, REGION

Function = Callable[[dict[str, Any]], object]


def fail(_: dict[str, Any]) -> object:
    raise NeighbourError("the function failed")


def hooked(project: Project, function: Function, **members: Any) -> str:
    project.functions.known["hook"] = function
    return project.campaign(Hook={"LambdaFunctionName": "hook", "Mode": "FILTER"}, **members)


def errors(project: Project) -> list[str]:
    [campaign] = project.pinpoint.campaigns(project.id) or []
    return list(campaign["errors"])


def test_the_custom_channel_calls_the_function_with_the_documented_event(project: Project) -> None:
    project.endpoint("ada", Attributes={"a": ["1"]}, User={"UserId": "u"})
    campaign = project.custom(lambda _: None)

    project.later(seconds=1)

    [(name, event, source)] = project.functions.calls
    [activity] = project.activities(campaign)
    endpoint = event["Endpoints"].pop("ada")
    assert event == {
        "Message": {},
        "Data": "data",
        "ApplicationId": project.id,
        "CampaignId": campaign,
        "TreatmentId": "0",
        "ActivityId": activity["Id"],
        "ScheduledTime": "2026-03-04T05:06:07.000Z",
        "Endpoints": {},
    }
    assert endpoint == {
        "ChannelType": "EMAIL",
        "Address": "ada@example.com",
        "EndpointStatus": "ACTIVE",
        "OptOut": "NONE",
        "Attributes": {"a": ["1"]},
        "User": {"UserId": "u"},
        "CreationDate": "2026-03-04T05:06:07.000Z",
        "EffectiveDate": "2026-03-04T05:06:07.000Z",
    }
    assert name == "deliver"
    assert source.arn == f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{project.id}/campaigns/{campaign}"
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (1, 1)
    assert project.sent() == []


def test_50_endpoints_of_the_types_that_are_named_go_into_a_call(project: Project) -> None:
    for number in range(120):
        project.endpoint(f"e{number}", "SMS")
    for number in range(5):
        project.endpoint(f"p{number}", "GCM")
    project.endpoint("ivr", "VOICE")
    campaign = project.custom(lambda _: None)

    project.later()

    counts = sorted(len(event["Endpoints"]) for _, event, _ in project.functions.calls)
    seen = Counter(known for _, event, _ in project.functions.calls for known in event["Endpoints"])
    assert counts == [25, 50, 50]
    assert (len(seen), set(seen.values())) == (125, {1})
    assert project.skipped(campaign) == {"other_channel": 1}


@pytest.mark.parametrize(("concurrency", "reached"), [(1, 1), (4, 4)])
def test_calls_run_at_once_as_far_as_the_setting_says(project: Project, concurrency: int, reached: int) -> None:
    for number in range(400):
        project.endpoint(f"e{number}")
    project.pinpoint.configure({"function_concurrency": concurrency})
    together = threading.Barrier(concurrency)
    project.custom(lambda _: together.wait(timeout=120) and None)

    project.later()

    assert len(project.functions.calls) == 8
    assert project.functions.most_at_once == reached


def test_a_function_that_fails_is_called_three_times_and_its_batch_fails_alone(project: Project) -> None:
    for number in range(60):
        project.endpoint(f"e{number}")
    campaign = project.custom(lambda event: fail(event) if len(event["Endpoints"]) == 10 else None)

    project.later()

    assert Counter(len(event["Endpoints"]) for _, event, _ in project.functions.calls) == {50: 1, 10: 3}
    [activity] = project.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (60, 50)
    assert (activity["Result"], project.skipped(campaign)) == ("SUCCESS", {"delivery_failed": 10})
    assert (project.status(campaign), errors(project)) == ("COMPLETED", ["the function failed"])


def test_a_function_that_works_at_the_third_attempt_was_called_three_times(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.custom(lambda event: fail(event) if len(project.functions.calls) < 3 else None)

    project.later()

    assert len(project.functions.calls) == 3
    assert project.activities(campaign)[0]["SuccessfulEndpointCount"] == 1


def test_a_function_that_takes_too_long_is_called_again_while_it_runs_on(project: Project) -> None:
    project.endpoint("ada")
    project.pinpoint.configure({"function_timeout_seconds": 0.05})
    go_on = threading.Event()
    campaign = project.custom(lambda _: go_on.wait(timeout=120) and None)

    project.later()
    wait_for("three calls at once", lambda: project.functions.most_at_once == 3)
    go_on.set()

    assert len(project.functions.calls) == 3
    assert project.activities(campaign)[0]["Result"] == "FAIL"
    assert errors(project) == ["deliver did not answer within 0.05 s"]


def test_a_hook_gets_the_message_and_chooses_who_gets_it(project: Project) -> None:
    project.endpoint("ada")
    project.endpoint("bob")
    campaign = hooked(project, lambda event: {"bob": event["Endpoints"]["bob"], "eve": {"ChannelType": "EMAIL"}})

    project.later()

    [(_, event, _)] = project.functions.calls
    assert set(event["Endpoints"]) == {"ada", "bob"}
    assert event["MessageConfiguration"] == {"EmailMessage": {"Title": "Hi", "Body": "Hello"}}
    assert "Data" not in event
    assert (project.reached(), project.skipped(campaign)) == (["bob"], {"filtered": 1})


def test_an_empty_map_means_nobody(project: Project) -> None:
    project.endpoint("ada")
    campaign = hooked(project, lambda _: {})

    project.later()

    assert (project.sent(), project.status(campaign)) == ([], "COMPLETED")
    assert len(project.functions.calls) == 1


def test_attributes_of_the_hook_are_for_this_message_only(project: Project) -> None:
    project.endpoint("ada")

    def add(event: dict[str, Any]) -> object:
        endpoint = event["Endpoints"]["ada"]
        return {"ada": {**endpoint, "Attributes": {"code": ["X7"]}, "Address": "eve@example.com"}}

    hooked(project, add, MessageConfiguration={"EmailMessage": {"Title": "t", "Body": "{{Attributes.code}}"}})
    project.later()

    [message] = project.sent()
    assert (message.body, message.address) == ("X7", "ada@example.com")
    stored = (project.pinpoint.endpoints(project.id) or {})["ada"]
    assert "Attributes" not in stored


@pytest.mark.parametrize(("channel", "expected"), [("SMS", "own words"), ("GCM", "own words"), ("EMAIL", "written")])
def test_a_hook_overrides_words_except_those_of_an_email(project: Project, channel: str, expected: str) -> None:
    project.endpoint("ada", channel)

    def override(event: dict[str, Any]) -> object:
        return {"ada": {**event["Endpoints"]["ada"], "BodyOverride": "own words"}}

    words = {"Body": "written"}
    messages = {"SMSMessage": words, "GCMMessage": words, "EmailMessage": words}
    hooked(project, override, MessageConfiguration=messages)
    project.later()

    assert [message.body for message in project.sent()] == [expected]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        ["ada"],
        {"ada": "x"},
        {"ada": {"Attributes": {"a": "no list"}}},
        {"ada": {"User": "u"}},
        {"ada": {"BodyOverride": 1}},
    ],
)
def test_an_answer_that_cannot_be_read_fails_the_batch_after_three_attempts(project: Project, answer: object) -> None:
    project.endpoint("ada")
    campaign = hooked(project, lambda _: answer)

    project.later()

    assert (len(project.functions.calls), project.sent()) == (3, [])
    assert project.skipped(campaign) == {"hook_failed": 1}


def test_a_hook_stands_before_the_custom_channel(project: Project) -> None:
    project.endpoint("ada")
    project.endpoint("bob")
    project.functions.known["hook"] = lambda event: {"ada": event["Endpoints"]["ada"]}
    project.custom(lambda _: None, Hook={"LambdaFunctionName": "hook", "Mode": "FILTER"})

    project.later()

    assert [(name, set(event["Endpoints"])) for name, event, _ in project.functions.calls] == [
        ("hook", {"ada", "bob"}),
        ("deliver", {"ada"}),
    ]


def test_the_hook_of_the_application_holds_unless_the_campaign_has_its_own(project: Project) -> None:
    project.endpoint("ada")
    project.functions.known["default"] = lambda _: {}
    hook = {"LambdaFunctionName": "default", "Mode": "FILTER"}
    project.client.update_application_settings(
        ApplicationId=project.id,
        WriteApplicationSettingsRequest={"CampaignHook": hook},  # type: ignore[typeddict-item]
    )

    project.campaign()
    hooked(project, lambda event: event["Endpoints"])
    project.later()

    assert sorted(name for name, _, _ in project.functions.calls) == ["default", "hook"]
    assert project.reached() == ["ada"]


def test_messages_per_second_are_kept_and_what_is_left_after_the_longest_time_expires(project: Project) -> None:
    for number in range(20):
        project.endpoint(f"e{number}")

    def take_a_while(_: dict[str, Any]) -> None:
        project.now = START.replace(year=2027)

    campaign = project.custom(take_a_while, Limits={"MessagesPerSecond": 10, "MaximumDuration": 60})
    project.later()

    assert [len(event["Endpoints"]) for _, event, _ in project.functions.calls] == [10]
    assert project.skipped(campaign) == {"expired": 10}
