from __future__ import annotations

import http.client
import json
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.pinpoint import Pinpoint, Request
from local_cloud.service.validation import compile_check
from tests.local_cloud.pinpoint.conftest import ACCOUNT, REGION, App

MODEL = botocore.session.get_session().get_service_model("pinpoint")
ARN = f"arn%3Aaws%3Amobiletargeting%3Aeu-west-1%3A{ACCOUNT}%3Aapps%2Fa1"


@pytest.mark.parametrize(
    ("method", "path", "action", "resource"),
    [
        ("POST", "/v1/apps/a1/events", "PutEvents", "apps/a1/events"),
        ("PUT", "/v1/apps/a1/endpoints/e%2F1", "UpdateEndpoint", "apps/a1/endpoints/e/1"),
        ("GET", "/v1/apps/a1/endpoints/e1", "GetEndpoint", "apps/a1/endpoints/e1"),
        ("DELETE", "/v1/apps/a1/endpoints/e1", "DeleteEndpoint", "apps/a1/endpoints/e1"),
        ("PUT", "/v1/apps/a1/endpoints", "UpdateEndpointsBatch", "apps/a1"),
        ("GET", "/v1/apps/a1/users/u1", "GetUserEndpoints", "apps/a1/users/u1"),
        ("POST", "/v1/apps", "CreateApp", "apps/*"),
        ("GET", "/v1/apps", "GetApps", "apps/*"),
        ("GET", "/v1/apps/a1", "GetApp", "apps/a1"),
        ("DELETE", "/v1/apps/a1", "DeleteApp", "apps/a1"),
        ("PUT", "/v1/apps/a1/settings", "UpdateApplicationSettings", "apps/a1"),
        ("POST", "/v1/apps/a1/eventstream", "PutEventStream", "apps/a1/eventstream"),
        ("PUT", "/v1/apps/a1/channels/apns_voip_sandbox", "UpdateApnsVoipSandboxChannel", None),
        ("GET", "/v1/apps/a1/channels/sms", "GetSmsChannel", "apps/a1/channels/sms"),
        ("POST", "/v1/apps/a1/campaigns", "CreateCampaign", "apps/a1"),
        ("GET", "/v1/apps/a1/campaigns/c1/activities", "GetCampaignActivities", "apps/a1/campaigns/c1"),
        ("PUT", "/v1/apps/a1/segments/s1", "UpdateSegment", "apps/a1/segments/s1"),
        ("POST", "/v1/apps/a1/journeys", "CreateJourney", "apps/a1/journeys"),
        ("GET", "/v1/apps/a1/journeys", "ListJourneys", "apps/a1"),
        ("PUT", "/v1/apps/a1/journeys/j1/state", "UpdateJourneyState", "apps/a1/journeys/j1"),
        (
            "GET",
            "/v1/apps/a1/journeys/j1/activities/x/execution-metrics",
            "GetJourneyExecutionActivityMetrics",
            "apps/a1/journeys/j1/activities/x/execution-metrics",
        ),
        ("POST", "/v1/apps/a1/jobs/export", "CreateExportJob", "apps/a1"),
        ("PUT", "/v1/templates/t1/email", "UpdateEmailTemplate", "templates/t1/EMAIL"),
        ("POST", f"/v1/tags/{ARN}", "TagResource", "apps/a1"),
        ("GET", "/v1/tags/" + ARN.replace("%3A", ":").replace("%2F", "/"), "ListTagsForResource", "apps/a1"),
    ],
)
def test_the_iam_action_and_resource_of_a_request(method: str, path: str, action: str, resource: str | None) -> None:
    expected = resource or "apps/a1/channels/apns_voip_sandbox"

    assert Pinpoint().front.iam_action(method, path) == (f"mobiletargeting:{action}", expected)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/apps/a1/recommenders", 404),
        ("GET", "/", 404),
        ("GET", "/v1/apps/a1/events/more", 404),
        ("GET", "/v1/apps/a1/events", 405),
        ("POST", "/v1/apps/a1/endpoints/e1", 405),
    ],
)
def test_a_request_without_operation_is_refused_and_allowed_by_no_policy(method: str, path: str, status: int) -> None:
    pinpoint = Pinpoint()

    assert pinpoint.handle(Request(method, path)).status == status
    assert pinpoint.front.iam_action(method, path) == ("mobiletargeting:UnknownOperation", None)


def test_an_unknown_query_parameter_is_refused() -> None:
    assert Pinpoint().handle(Request("GET", "/v1/apps", "pagesize=3")).status == 400


def test_every_operation_answers_what_the_model_says() -> None:
    """The check of the answers is on: an answer of the wrong shape would be a 500."""
    pinpoint = Pinpoint()
    check = pinpoint.front._routes.match("GET", "/v1/apps/a1")[0].check_answer

    assert check is not None
    assert check({"Id": "a1", "Arn": "arn"}) == ".Name: is required"
    assert check({"Id": "a1", "Arn": "arn", "Name": "n", "tags": {"a": 1}}) == ".tags.a: must be a string"


def test_a_wrong_answer_becomes_an_error_and_a_log_line(app: App, caplog: pytest.LogCaptureFixture) -> None:
    application = app.server.pinpoint._applications.find(app.id)
    assert application is not None
    application.settings["Limits"] = {"Daily": "3"}

    answer = app.server.pinpoint.handle(Request("GET", f"/v1/apps/{app.id}/settings", account=ACCOUNT, region=REGION))

    assert answer.status == 500
    assert ".Limits.Daily: must be an integer" in json.loads(answer.body)["Message"]
    assert "GetApplicationSettings" in caplog.text


# The compiled checks against the SDK's own validator

ENVELOPE = ["BatchItem", "Endpoint", "Events", "EventType", "Timestamp", "Attributes", "Metrics", "x"]
INSIDE = ["User", "UserId", "UserAttributes", "Session", "Id", "StartTimestamp", "Duration", "Location", "Latitude"]
WORDS = st.sampled_from(ENVELOPE + INSIDE)
LEAVES = st.none() | st.text(max_size=2) | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.dictionaries(WORDS, st.text(max_size=2) | ANYTHING, max_size=2)
LISTS = st.dictionaries(WORDS, st.lists(st.text(max_size=2), max_size=2) | ANYTHING, max_size=2)
NUMBERS = st.dictionaries(WORDS, st.integers() | ANYTHING, max_size=2)
ALMOST_ENDPOINTS = st.fixed_dictionaries(
    {},
    optional={
        "Attributes": LISTS,
        "Metrics": NUMBERS,
        "Address": ANYTHING,
        "Location": st.dictionaries(WORDS, ANYTHING, max_size=2),
        "User": st.fixed_dictionaries({}, optional={"UserId": ANYTHING, "UserAttributes": LISTS}),
    },
)
ALMOST_EVENTS = st.fixed_dictionaries(
    {"EventType": st.text(max_size=2)},
    optional={
        "Timestamp": st.text(max_size=2),
        "Attributes": TEXTS,
        "Metrics": NUMBERS,
        "Session": st.dictionaries(WORDS, ANYTHING, max_size=3),
    },
)
ALMOST_BATCHES = st.dictionaries(
    st.text(max_size=2),
    st.fixed_dictionaries({"Endpoint": ALMOST_ENDPOINTS, "Events": st.dictionaries(WORDS, ALMOST_EVENTS, max_size=2)}),
    max_size=2,
)


@given(st.one_of(ANYTHING, st.fixed_dictionaries({"BatchItem": ALMOST_BATCHES})))
def test_a_document_fits_exactly_if_the_sdk_would_send_it(document: Any) -> None:
    shape = MODEL.shape_for("EventsRequest")
    sdk_refuses = ParamValidator().validate(document, shape).has_errors()

    assert (compile_check(shape)(document) is not None) == sdk_refuses


def test_enumerations_and_ranges_are_stricter_than_the_sdk() -> None:
    check = compile_check(MODEL.shape_for("PublicEndpoint"))

    assert check({"ChannelType": "EMAIL"}) is None
    assert check({"ChannelType": "FAX"}) is not None
    assert check({"Metrics": {"n": float("inf")}}) is not None
    assert check({"Metrics": {"n": 10**400}}) is not None
    assert check({"Metrics": {"n": True}}) is not None
    check = compile_check(MODEL.shape_for("JourneySchedule"))
    assert check({"StartTime": "2026-01-02T03:04:05Z"}) is None
    assert check({"StartTime": "2026-01-02"}) is not None
    assert check({"StartTime": 5}) is not None


# The server


def test_requests_without_a_signature_for_pinpoint_are_refused(app: App) -> None:
    connection = http.client.HTTPConnection(app.server.url.removeprefix("http://"))
    wrong = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260102/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0"
    for headers in ({}, {"Authorization": wrong}, {"Authorization": "Bearer x"}):
        connection.request("GET", f"/v1/apps/{app.id}", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 403
        assert answer.headers["x-amzn-errortype"] == "ForbiddenException"
        answer.read()
    connection.close()


def test_one_connection_serves_many_calls(app: App) -> None:
    connection = http.client.HTTPConnection(app.server.url.removeprefix("http://"))
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260102/{REGION}/mobiletargeting/aws4_request"}
    connection.connect()
    port = connection.sock.getsockname()[1]
    for _ in range(5):
        connection.request("GET", f"/v1/apps/{app.id}", headers=headers)
        assert json.load(connection.getresponse())["Id"] == app.id
        assert connection.sock.getsockname()[1] == port
    connection.close()
