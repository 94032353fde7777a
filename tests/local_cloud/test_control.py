"""The `/_local/` interface."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.local_cloud.aws import Aws

THROTTLE = {"target": "pinpoint.PutEvents", "kind": "throttle", "times": 3}


def refused(aws: Aws, path: str, method: str, document: object = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", aws.cloud.port)
    try:
        connection.request(method, f"/_local/{path}", None if document is None else json.dumps(document))
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        return response.status, answer["message"]
    finally:
        connection.close()


def test_faults_are_put_shown_and_removed(aws: Aws) -> None:
    assert aws.local("faults", "PUT", [THROTTLE]) == [THROTTLE]
    assert aws.local("faults") == [THROTTLE]
    assert aws.local("faults", "DELETE") == []
    assert aws.local("faults") == []


def test_a_faulty_rule_is_refused_with_its_reason(aws: Aws) -> None:
    aws.put_faults(THROTTLE)

    status, message = refused(aws, "faults", "PUT", [{**THROTTLE, "kind": "explode"}])

    assert status == 400
    assert message.startswith("rules[0].kind must be one of")
    assert aws.local("faults") == [THROTTLE]


@pytest.mark.parametrize("document", [{"put_events_rte": 1}, {"put_events_rate": "fast"}, []])
def test_faulty_settings_are_refused(aws: Aws, document: object) -> None:
    assert refused(aws, "pinpoint/settings", "PUT", document)[0] == 400


def test_settings_change_what_they_name(aws: Aws) -> None:
    before = aws.local("pinpoint/settings")
    try:
        after = aws.local("pinpoint/settings", "PUT", {"latency_seconds": 0.01})
        assert after == {**before, "latency_seconds": 0.01}
    finally:
        aws.local("pinpoint/settings", "PUT", before)


def test_the_journal_goes_on_from_a_mark(aws: Aws) -> None:
    client = aws.client("pinpoint")
    app = client.create_app(CreateApplicationRequest={"Name": aws.name})["ApplicationResponse"]["Id"]
    mark = aws.local("pinpoint/requests?since=999999999")["next"]
    event = {"EventType": "click", "Timestamp": "2026-11-22T00:00:00Z"}

    client.put_events(ApplicationId=app, EventsRequest={"BatchItem": {"1": {"Endpoint": {}, "Events": {"e": event}}}})

    journal = aws.local(f"pinpoint/requests?since={mark}")
    assert [(entry["operation"], entry["application_id"]) for entry in journal["requests"]] == [("PutEvents", app)]
    assert aws.local(f"pinpoint/requests?since={journal['next']}")["requests"] == []
    assert set(aws.local(f"pinpoint/apps/{app}/endpoints")) == {"1"}


@pytest.mark.parametrize(
    ("path", "method"),
    [("nothing", "GET"), ("refusals", "PUT"), ("pinpoint/apps/none/endpoints", "GET"), ("faults", "POST")],
)
def test_what_does_not_exist_is_not_found(aws: Aws, path: str, method: str) -> None:
    assert refused(aws, path, method)[0] == 404


def test_what_is_not_json_is_refused(aws: Aws) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", aws.cloud.port)
    connection.request("PUT", "/_local/faults", "{")
    assert connection.getresponse().status == 400
    connection.close()
