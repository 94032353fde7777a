"""`make smoke`: each difference between a deployment and the local cloud is seen, named and shown with both sides."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from local_cloud.pinpoint.server import PinpointServer
from tests.functional.gateway_stub import ORIGIN, Gateway, serve
from tools.smoke import __main__ as command
from tools.smoke import messages
from tools.smoke.calls import calls

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

TABLE = json.loads(command.TABLE.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with mock_aws():
        sqs = boto3.client("sqs")
        queue = sqs.create_queue(QueueName="shop-pixel-events")["QueueUrl"]
        with serve(Gateway(sqs, queue)) as served:
            yield served


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command; what it exits with."""
    monkeypatch.setattr(sys, "argv", ["make smoke", *arguments])
    with pytest.raises(SystemExit) as end:
        command.main()
    return end.value.code


def bodies(sqs: SQSClient, queue: str) -> list[str]:
    """Bodies of everything that can be received now."""
    found: list[str] = []
    while part := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        found += [message["Body"] for message in part]
    return found


def differing(printed: str) -> set[str]:
    """Questions that a report names as different."""
    asked = {entry["asks"]: question for question, entry in TABLE.items()}
    return {asked[line.removeprefix("DIFFERS ")] for line in printed.splitlines() if line.startswith("DIFFERS ")}


def test_a_gateway_like_the_local_cloud_differs_in_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--url", gateway.url, "--queue", gateway.queue, "--origin", ORIGIN) == 0

    printed = capsys.readouterr().out
    assert f"{len(TABLE) - 1} questions, 0 differ" in printed
    for question, entry in TABLE.items():
        assert (f"same    {entry['asks']}\n" in printed) == (question != "put_events"), question


QUIRKS = {
    "broken image": {"image"},
    "no headers": {"image_headers"},
    "unnamed": {"missing_parameter", "blank_parameter"},
    "strict UTF-8": {"not_utf_8", "queued_not_utf_8"},
    "HEAD": {"head"},
    "own id": {"request_id"},
    "id in message": {"queued_request_id"},
    "exact types": {"post_text", "queued_post_text"},
    "latin-1": {"queued_json", "queued_post_text"},
    "any origin": {"foreign_origin", "foreign_preflight"},
    "no OPTIONS": {"listed_preflight"},
    "decoded twice": {"queued_percent"},
    "plus is plus": {"queued_blank"},
    "first wins": {"queued_twice"},
    "no limit": {"queued_many"},
    "lower-case headers": {"queued_header_title", "queued_header_upper"},
}


@pytest.mark.parametrize(("quirk", "expected"), QUIRKS.items(), ids=QUIRKS)
def test_a_difference_is_named_alone_and_fails_the_command(
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    quirk: str,
    expected: set[str],
) -> None:
    gateway.quirks = {quirk}

    assert run(monkeypatch, "--url", gateway.url, "--queue", gateway.queue, "--origin", ORIGIN) == 1

    assert differing(capsys.readouterr().out) == expected


def test_a_difference_is_shown_with_both_sides(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.quirks = {"HEAD"}

    run(monkeypatch, "--url", gateway.url)

    lines = capsys.readouterr().out.splitlines()
    place = lines.index(f"DIFFERS {TABLE['head']['asks']}")
    assert [line.split() for line in lines[place + 1 : place + 3]] == [["observed", "200"], ["local", "cloud", "403"]]


def test_without_queue_and_origin_their_questions_are_not_asked(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.quirks = {"no OPTIONS"}

    assert run(monkeypatch, "--url", gateway.url) == 0

    left_out = {name for name in TABLE if name.startswith(("queued_", "listed_", "put_"))}
    assert f"{len(TABLE) - len(left_out)} questions" in capsys.readouterr().out


def test_the_queue_is_left_as_it_was_found(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN messages of others in front of those of the run
    assert gateway.sqs
    others = [f"somebody's event {number}" for number in range(25)]
    for body in others:
        gateway.sqs.send_message(QueueUrl=gateway.queue, MessageBody=body)

    run(monkeypatch, "--url", gateway.url, "--queue", gateway.queue)

    # THEN all of them, and the run's own, can be received at once
    left = bodies(gateway.sqs, gateway.queue)
    own = [body for body in left if "_smoke" in body]
    assert sorted(left) == sorted([*others, *own])
    assert len(own) == sum(call.mark != "" for call in calls("run", "")) - len({"incomplete", "multipart"})


def test_every_event_has_a_reserved_name_so_that_none_reaches_pinpoint() -> None:
    for call in calls("run", ORIGIN):
        assert call.method == "OPTIONS" or "_smoke" in (call.body or call.query) or call.name == "multipart"
    assert [len(call.query.split("&")) for call in calls("run", "") if call.name == "many"] == [1_001]


def test_messages_that_a_running_consumer_took_end_the_run(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(messages, "PATIENCE_SECONDS", 0)
    gateway.sqs = None

    assert run(monkeypatch, "--url", gateway.url, "--queue", gateway.queue) == 2

    assert "pause the consumer" in capsys.readouterr().err


def test_a_single_message_that_is_missing_is_a_difference(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(messages, "PATIENCE_SECONDS", 5)
    handle = gateway.handle

    def lose_forms(method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> object:
        lost = ("Content-Type", "application/x-www-form-urlencoded") in headers
        gateway.sqs, kept = (None if lost else gateway.sqs), gateway.sqs
        try:
            return handle(method, target, headers, body)
        finally:
            gateway.sqs = kept

    monkeypatch.setattr(gateway, "handle", lose_forms)

    assert run(monkeypatch, "--url", gateway.url, "--queue", gateway.queue) == 1

    printed = capsys.readouterr().out
    assert differing(printed) == {"queued_form"}
    assert "observed     no message" in printed


def test_a_message_that_is_not_as_the_template_writes_it_is_a_difference() -> None:
    observed = messages.observe({"many": '{"query": "a=1&', "plain": '{"body": ""}'})

    assert observed["queued_many"] == "not as the template writes it (JSONDecodeError)"
    assert observed["queued_percent"] == "not as the template writes it (KeyError)"
    assert observed["queued_form"] == "no message"


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:{port}/v1/events", "nobody answers at"),
        ("127.0.0.1:{port}/v1/events", "give the pixel's URL"),
        ("http://127.0.0.1:{port}/v1", "give the pixel's URL"),
    ],
)
def test_it_says_why_it_could_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, says: str
) -> None:
    assert run(monkeypatch, "--url", url.format(port=unused_port())) == 2

    assert capsys.readouterr().err.startswith(f"error: {says}")


def test_a_queue_that_does_not_exist_ends_the_run(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--url", gateway.url, "--queue", f"{gateway.queue}-not") == 2

    assert capsys.readouterr().err.startswith("error: ")


def put_events(
    monkeypatch: pytest.MonkeyPatch, gateway: Gateway, endpoint: str, application_id: str
) -> int | str | None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT", endpoint)
    return run(monkeypatch, "--url", gateway.url, "--application-id", application_id)


def test_pinpoint_is_asked_only_with_an_application_and_may_answer(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with PinpointServer() as server:
        client = boto3.client("pinpoint", endpoint_url=server.url)
        application = client.create_app(CreateApplicationRequest={"Name": "shop"})["ApplicationResponse"]["Id"]

        assert put_events(monkeypatch, gateway, server.url, application) == 0
        capsys.readouterr()
        assert put_events(monkeypatch, gateway, server.url, "0" * 32) == 1

    printed = capsys.readouterr().out
    assert differing(printed) == {"put_events"}
    assert "observed     404 NotFoundException" in printed


def test_a_pinpoint_that_is_gone_is_an_answer_too(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert put_events(monkeypatch, gateway, f"http://127.0.0.1:{unused_port()}", "0" * 32) == 1

    assert "observed     no answer (EndpointConnectionError)" in capsys.readouterr().out
