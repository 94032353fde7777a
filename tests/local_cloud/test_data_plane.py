"""Requests to a deployed API: from the wire to the queue and back."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest

from tests.local_cloud.aws import GATEWAY, Api, Aws, Document, Headers, Queue, pixel_api, statement

GIF = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="
CALL = "/events?event=click&endpoint_id=1"


@pytest.fixture
def role(aws: Aws, queue: Queue) -> str:
    return aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})


@pytest.fixture
def make(aws: Aws, queue: Queue, role: str) -> Callable[..., Api]:
    return lambda **changes: aws.api(pixel_api(queue, role, **changes))


@pytest.fixture
def api(make: Callable[..., Api]) -> Api:
    return make()


def printing(expression: str) -> str:
    """A template whose message is what an expression prints."""
    return f"Action=SendMessage&MessageBody=x$util.urlEncode($util.urlEncode({expression}))"


def printed(aws: Aws, queue: Queue) -> str:
    return unquote_plus(aws.receive(queue)).removeprefix("x")


# What a request becomes


def test_a_queued_request_is_answered_by_the_image(aws: Aws, api: Api, queue: Queue) -> None:
    reply = api.call(CALL)

    assert (reply.status, reply.body) == (200, b"<svg/>")
    assert reply.headers["content-type"] == "image/svg+xml"
    assert reply.headers["x-stage"] == "v1"
    assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["x-queue"])
    assert aws.receive(queue) == "event=click&endpoint_id=1&"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("event=a%20b&endpoint_id=1", "event=a+b&endpoint_id=1&"),
        ("event=a+b&endpoint_id=1", "event=a+b&endpoint_id=1&"),
        ("event=a%2Bb&endpoint_id=1", "event=a%2Bb&endpoint_id=1&"),
        ("event=%2520&endpoint_id=1", "event=%2520&endpoint_id=1&"),
        ("event=1&endpoint_id=1&event=2", "event=2&endpoint_id=1&"),
        ("event=x&endpoint_id=1&a&b=", "event=x&endpoint_id=1&a=&b=&"),
        ("event=%FF%E4&endpoint_id=1", "event=%EF%BF%BD%EF%BF%BD&endpoint_id=1&"),
        ("event=%E2%82%AC&endpoint_id=%F0%9F%98%80", "event=%E2%82%AC&endpoint_id=%F0%9F%98%80&"),
        ("event=%zz&endpoint_id=1", "event=%25zz&endpoint_id=1&"),
        ("event=a;b=c&endpoint_id=1", "event=a%3Bb%3Dc&endpoint_id=1&"),
        ("get=1&keySet=2&event=x&endpoint_id=1", "get=1&keySet=2&event=x&endpoint_id=1&"),
    ],
)
def test_the_query_string_is_decoded_once_and_the_last_value_wins(
    aws: Aws, api: Api, queue: Queue, query: str, message: str
) -> None:
    assert api.call(f"/events?{query}").status == 200
    assert aws.receive(queue) == message


def test_more_than_a_thousand_parameters_are_cut(aws: Aws, api: Api, queue: Queue) -> None:
    many = "".join(f"&{number}" for number in range(1_100))

    assert api.call(CALL + many).status == 200
    assert aws.receive(queue).count("&") == 1_000


@pytest.mark.parametrize("spelling", ["Sec-GPC", "sec-gpc", "SEC-GPC"])
def test_header_names_reach_the_template_as_the_client_spelled_them(
    aws: Aws, make: Callable[..., Api], queue: Queue, spelling: str
) -> None:
    template = (
        "Action=SendMessage&MessageBody=#foreach($h in $input.params().header.keySet())"
        "$h%3D$util.urlEncode($input.params().header.get($h))%3B#end"
    )

    make(template=template).call(CALL, headers=[(spelling, "1"), ("X-Two", "a"), ("X-Two", "b")])

    assert aws.receive(queue) == f"Host=pixel.example;{spelling}=1;X-Two=b;"


def test_a_client_can_choose_the_request_id_but_not_the_extended_one(
    aws: Aws, make: Callable[..., Api], queue: Queue
) -> None:
    headers: Headers = [("X-Amzn-RequestId", "mine"), ("X-Amz-Apigw-Id", "mine"), ("X-Amzn-Extended-RequestId", "mine")]
    template = (
        "Action=SendMessage&MessageBody=$util.urlEncode($context.requestId)%7C"
        "$util.urlEncode($util.urlEncode($context.extendedRequestId))"
    )

    reply = make(template=template).call(CALL, headers=headers)

    chosen, extended = aws.receive(queue).split("|")
    assert chosen == "mine" == reply.headers["x-amzn-requestid"]
    assert unquote_plus(extended) == reply.headers["x-amz-apigw-id"] != "mine"
    assert re.fullmatch(r"[A-Za-z0-9_-]{15}=", reply.headers["x-amz-apigw-id"])


def test_context_holds_what_the_gateway_knows(aws: Aws, make: Callable[..., Api], queue: Queue) -> None:
    names = (
        "accountId",
        "apiId",
        "stage",
        "httpMethod",
        "resourcePath",
        "path",
        "protocol",
        "identity.sourceIp",
        "identity.userAgent",
        "domainName",
        "requestTimeEpoch",
    )
    values = "%7C".join(f"$context.{name}" for name in names)
    api = make(template=f"Action=SendMessage&MessageBody={values}")

    api.call(CALL, headers=[("User-Agent", "Agent/1.0")])

    *known, epoch = aws.receive(queue).split("|")
    assert known == [
        aws.account,
        api.api_id,
        "v1",
        "GET",
        "/events",
        "/v1/events",
        "HTTP/1.1",
        "127.0.0.1",
        "Agent/1.0",
        f"{api.api_id}.execute-api.us-east-1.amazonaws.com",
    ]
    assert re.fullmatch(r"\d{13}", epoch)


def test_the_time_is_a_number_which_no_method_for_texts_takes(make: Callable[..., Api]) -> None:
    # The inner method is not found, so the outer one gets null.
    assert make(template=printing("$context.requestTimeEpoch")).call(CALL).status == 500


def test_a_post_body_reaches_the_template_unchanged(aws: Aws, make: Callable[..., Api], queue: Queue) -> None:
    body = '{"event":"a & b + c %20","ü":"😀","$x":"#if(1)"}'

    make(template=printing("$input.body")).call(
        "/events", "POST", [("Content-Type", "application/json")], body.encode()
    )

    assert printed(aws, queue) == body


def test_a_null_argument_in_a_template_is_a_server_error(aws: Aws, make: Callable[..., Api], queue: Queue) -> None:
    reply = make(template=printing("$context.nothing")).call(CALL)

    assert (reply.status, json.loads(reply.body)) == (500, {"message": "Internal server error"})
    assert reply.headers["x-amzn-errortype"] == "InternalServerErrorException"
    assert aws.depth(queue) == 0


@pytest.mark.parametrize(
    ("behavior", "templates", "status"),
    [
        ("never", {"application/json": "Action=SendMessage&MessageBody=x"}, 415),
        ("when_no_templates", {"application/json": "Action=SendMessage&MessageBody=x"}, 415),
        ("when_no_templates", {}, 200),
        ("when_no_match", {"application/json": "Action=Other"}, 200),
        ("never", {"text/plain": "Action=SendMessage&MessageBody=x"}, 200),
    ],
)
def test_a_content_type_without_template(
    make: Callable[..., Api], behavior: str, templates: dict[str, str], status: int
) -> None:
    api = make(integration={"passthroughBehavior": behavior, "requestTemplates": templates})
    headers = [("Content-Type", "text/plain;charset=UTF-8")]

    assert api.call("/events", "POST", headers, b"Action=SendMessage&MessageBody=body").status == status


def test_without_the_mapped_content_type_sqs_sees_no_form(aws: Aws, make: Callable[..., Api], queue: Queue) -> None:
    reply = make(integration={"requestParameters": {}}).call(CALL)

    assert (reply.status, reply.body) == (503, b'{"message":"not queued"}')
    assert aws.depth(queue) == 0


# What a request is refused for


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("event=x", "endpoint_id"),
        ("event=x&endpoint_id=", "endpoint_id"),
        ("event=x&endpoint_id", "endpoint_id"),
        ("event=x&endpoint_id=1&endpoint_id=", "endpoint_id"),
        ("", "event, endpoint_id"),
        ("Event=x&ENDPOINT_ID=1", "event, endpoint_id"),
    ],
)
def test_a_missing_or_blank_parameter_is_named(aws: Aws, api: Api, queue: Queue, query: str, names: str) -> None:
    reply = api.call(f"/events?{query}", headers=[("X-Amzn-RequestId", "mine")])

    assert reply.status == 400
    assert json.loads(reply.body) == {"message": f"Missing required request parameters: [{names}]", "id": "mine"}
    assert reply.headers["access-control-allow-origin"] == "*"
    assert aws.depth(queue) == 0


@pytest.mark.parametrize(("body", "status"), [(b'{"event":"x"}', 200), (b"{}", 400), (b"{", 400), (b"", 400)])
def test_a_body_must_fit_its_model(make: Callable[..., Api], body: bytes, status: int) -> None:
    api = make(
        template="Action=SendMessage&MessageBody=x",
        document={
            "components": {"schemas": {"Event": {"type": "object", "required": ["event"]}}},
            "x-amazon-apigateway-request-validators": {
                "parameters": {"validateRequestParameters": True, "validateRequestBody": True}
            },
            "x-amazon-apigateway-request-validator": "parameters",
        },
        operation={
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}}}
        },
    )

    reply = api.call("/events", "POST", body=body)

    assert reply.status == status
    if status == 400:
        assert json.loads(reply.body) == {"message": "Invalid request body"}


@pytest.mark.parametrize(
    ("length", "headers", "status"),
    [
        (9_000, [], 200),
        (10_300, [], 414),
        (9_000, [("X-Long", "y" * 1_300)], 431),
        (100, [("X-Long", "y" * 9_000)], 200),
        (60_000, [], 414),
    ],
)
def test_request_line_and_headers_have_a_limit(
    make: Callable[..., Api], length: int, headers: Headers, status: int
) -> None:
    api = make(template="Action=SendMessage&MessageBody=x")

    assert api.call(f"{CALL}&{'x' * length}", headers=headers).status == status


def test_head_is_not_served(api: Api) -> None:
    assert api.call(CALL, "HEAD").status == 403
    reply = api.call(CALL, "DELETE")
    assert json.loads(reply.body) == {"message": "Missing Authentication Token"}


def test_an_unknown_path_or_stage_is_forbidden(api: Api) -> None:
    assert json.loads(api.call("/other").body) == {"message": "Missing Authentication Token"}
    api.stage = "v2"
    reply = api.call(CALL)
    assert (reply.status, json.loads(reply.body)) == (403, {"message": "Forbidden"})


def test_a_payload_has_a_limit(make: Callable[..., Api]) -> None:
    api = make(template="Action=SendMessage&MessageBody=x")

    assert api.call("/events", "POST", body=b"x" * 10_485_760).status == 200
    reply = api.call("/events", "POST", body=b"x" * 10_485_761)
    assert (reply.status, json.loads(reply.body)) == (413, {"message": "Request Too Long"})


def test_the_policy_of_an_api_holds_for_everybody(make: Callable[..., Api]) -> None:
    allowed = statement("execute-api:Invoke", Principal="*", Resource="execute-api:/v1/POST/events")

    api = make(template="Action=SendMessage&MessageBody=x", document={"x-amazon-apigateway-policy": allowed})

    assert api.call("/events", "POST").status == 200
    reply = api.call(CALL)
    assert reply.status == 403
    assert "not authorized to perform: execute-api:Invoke" in json.loads(reply.body)["Message"]


def test_an_api_without_its_default_endpoint_is_not_served(make: Callable[..., Api]) -> None:
    api = make(document={"x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}})

    assert api.call(CALL).status == 403


def test_a_stage_throttles_at_its_rate_and_burst(aws: Aws, api: Api) -> None:
    def limit(rate: str, burst: str) -> None:
        operations = [
            {"op": "replace", "path": f"/*/*/throttling/{name}", "value": value}
            for name, value in (("rateLimit", rate), ("burstLimit", burst))
        ]
        aws.gateway.update_stage(restApiId=api.api_id, stageName=api.stage, patchOperations=operations)  # type: ignore[arg-type]

    limit("0.01", "3")
    replies = [api.call(CALL) for _ in range(5)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429, 429]
    assert (replies[-1].body, replies[-1].headers["retry-after"]) == (b'{"message":"slow down"}', "7")

    limit("-1", "-1")
    assert [api.call(CALL).status for _ in range(5)] == [200] * 5


def test_a_stage_throttles_to_order(aws: Aws, api: Api) -> None:
    aws.put_faults({"target": "apigateway.stage", "kind": "throttle", "times": 2, "match": {"api": api.api_id}})

    assert [api.call(CALL).status for _ in range(3)] == [429, 429, 200]


# What the answer becomes


def test_a_template_can_override_the_answer(make: Callable[..., Api]) -> None:
    template = (
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = \"$input.params().header.get('Origin')\")"
        "#set($context.responseOverride.status = 202)<svg/>"
    )
    response = {"statusCode": "200", "responseTemplates": {"application/json": template}}

    reply = make(integration={"responses": {"default": response}}).call(CALL, headers=[("Origin", "https://a.example")])

    assert (reply.status, reply.body) == (202, b"<svg/>")
    assert reply.headers["access-control-allow-origin"] == "https://a.example"


def test_without_response_template_the_answer_of_sqs_passes_through(make: Callable[..., Api]) -> None:
    reply = make(integration={"responses": {"default": {"statusCode": "200"}}}).call(CALL)

    result = json.loads(reply.body)["SendMessageResponse"]["SendMessageResult"]
    assert set(result) == {
        "MD5OfMessageAttributes",
        "MD5OfMessageBody",
        "MD5OfMessageSystemAttributes",
        "MessageId",
        "SequenceNumber",
    }


def test_an_answer_that_no_response_fits_is_a_server_error(make: Callable[..., Api]) -> None:
    reply = make(integration={"responses": {r"4\d{2}": {"statusCode": "503"}}}).call(CALL)

    assert (reply.status, json.loads(reply.body)) == (500, {"message": "Internal server error"})


def test_the_accept_header_chooses_among_templates_and_json_serves_the_rest(make: Callable[..., Api]) -> None:
    response = {"statusCode": "200", "responseTemplates": {"application/json": "json", "text/plain": "plain"}}
    api = make(integration={"responses": {"default": response}})

    answers = {accept: api.call(CALL, headers=[("Accept", accept)]).body for accept in ("text/plain", "image/*", "*/*")}

    assert answers == {"text/plain": b"plain", "image/*": b"json", "*/*": b"json"}


def test_an_ascii_image_survives_base64_decode(make: Callable[..., Api]) -> None:
    template = f'$util.base64Decode("{GIF}")'
    response = {"statusCode": "200", "responseTemplates": {"application/json": template}}

    reply = make(integration={"responses": {"default": response}}).call(CALL)

    assert reply.body == base64.b64decode(GIF)


@pytest.mark.parametrize(("code", "status"), [("RequestThrottled", 400), ("ServiceUnavailable", 503)])
def test_a_refused_message_is_an_error_and_never_the_image(
    aws: Aws, api: Api, queue: Queue, code: str, status: int
) -> None:
    rule = {"target": "sqs.SendMessage", "kind": "refuse", "times": 1, "code": code, "status": status}
    aws.put_faults({**rule, "match": {"queue": f"{aws.name}-*"}})

    assert (api.call(CALL).status, api.call(CALL).status) == (503, 200)
    assert aws.depth(queue) == 1


def test_a_queue_that_is_gone_is_an_error(aws: Aws, api: Api, queue: Queue) -> None:
    aws.sqs.delete_queue(QueueUrl=queue.url)

    assert api.call(CALL).status == 503


# Binary payloads, where AWS's tables bite


def binary(types: list[str]) -> Document:
    return {"x-amazon-apigateway-binary-media-types": types}


def test_with_every_type_binary_a_post_without_content_handling_cannot_be_transformed(make: Callable[..., Api]) -> None:
    api = make(document=binary(["*/*"]))

    assert api.call("/events", "POST", [("Content-Type", "application/json")], b"{}").status == 500


def test_with_every_type_binary_converted_bodies_arrive_as_base64(
    aws: Aws, make: Callable[..., Api], queue: Queue
) -> None:
    integration = {
        "contentHandling": "CONVERT_TO_TEXT",
        "responses": {"default": {"statusCode": "200", "contentHandling": "CONVERT_TO_TEXT"}},
    }
    api = make(template=printing("$input.body"), integration=integration, document=binary(["*/*"]))

    assert api.call("/events", "POST", [("Content-Type", "application/json")], b'{"a":1}').status == 200
    assert printed(aws, queue) == "eyJhIjoxfQ=="


def test_with_every_type_binary_a_json_answer_without_content_handling_is_a_server_error(
    make: Callable[..., Api],
) -> None:
    api = make(integration={"contentHandling": "CONVERT_TO_TEXT"}, document=binary(["*/*"]))

    assert api.call(CALL).status == 500


def test_a_template_together_with_convert_to_binary_is_a_server_error(make: Callable[..., Api]) -> None:
    template = {"application/json": GIF}
    response = {"statusCode": "200", "contentHandling": "CONVERT_TO_BINARY", "responseTemplates": template}

    assert make(integration={"responses": {"default": response}}).call(CALL).status == 500


MOCK: dict[str, Any] = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode":200}'},
    "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "{}"}}},
}


@pytest.mark.parametrize(
    ("types", "handling", "status"),
    [
        ([], {}, 200),
        (["*/*"], {}, 500),
        (["*/*"], {"contentHandling": "CONVERT_TO_TEXT"}, 200),
    ],
)
def test_options_by_a_mock(make: Callable[..., Api], types: list[str], handling: Document, status: int) -> None:
    answers = {"default": {**MOCK["responses"]["default"], **handling}}
    options = {
        "responses": {"200": {"description": "preflight"}},
        "x-amazon-apigateway-integration": {**MOCK, **handling, "responses": answers},
    }

    api = make(document={"paths": {"/events": {"options": options}}, **binary(types)})

    assert api.call("/events", "OPTIONS").status == status


# Deployments


def test_a_stage_serves_what_was_deployed(make: Callable[..., Api], queue: Queue, role: str) -> None:
    api = make()
    changed = pixel_api(queue, role)
    answers = changed["paths"]["/events"]["get"]["x-amazon-apigateway-integration"]["responses"]
    answers[r"2\d{2}"]["responseTemplates"] = {"application/json": "<svg>new</svg>"}
    changed["x-amazon-apigateway-gateway-responses"] = {}

    api.put(changed)
    assert api.call(CALL).body == b"<svg/>"
    assert "id" in json.loads(api.call("/events").body)

    api.deploy()
    assert api.call(CALL).body == b"<svg>new</svg>"
    assert "id" not in json.loads(api.call("/events").body)


def test_stage_variables_reach_templates(aws: Aws, make: Callable[..., Api], queue: Queue) -> None:
    api = make(template=printing("$stageVariables.color"))
    operation: Any = {"op": "replace", "path": "/variables/color", "value": "blue"}
    aws.gateway.update_stage(restApiId=api.api_id, stageName=api.stage, patchOperations=[operation])

    api.call(CALL)

    assert printed(aws, queue) == "blue"


def test_every_character_that_a_url_can_carry_arrives(aws: Aws, make: Callable[..., Api], queue: Queue) -> None:
    alphabet = "".join(map(chr, range(1, 0x250))) + "你好世界 日本語 한국어 😀👩‍💻🇩🇪 \u200b\u2028\ufeff\uffff\U0010ffff"
    api = make(template=printing("$input.params('event')"))

    for start in range(0, len(alphabet), 100):
        text = alphabet[start : start + 100]
        assert api.call(f"/events?endpoint_id=1&event={quote(text, safe='')}").status == 200
        assert printed(aws, queue) == text
        aws.sqs.purge_queue(QueueUrl=queue.url)
