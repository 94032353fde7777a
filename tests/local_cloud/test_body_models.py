"""POST bodies: what the gateway checks, and what the templates of the content types make of them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.local_cloud.aws import GATEWAY, Api, Aws, Queue, pixel_api

BODY = "Action=SendMessage&MessageBody={}%7C$util.urlEncode($util.urlEncode($input.body))"
EVENT = {
    "type": "object",
    "required": ["event", "endpoint_id"],
    "properties": {name: {"type": "string", "pattern": r"\S"} for name in ("event", "endpoint_id")},
}
EVENTS = {
    "oneOf": [
        {"$ref": "#/components/schemas/Event"},
        {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/components/schemas/Event"}},
    ]
}
ONE = {"event": "click", "endpoint_id": "1"}


@pytest.fixture
def api(aws: Aws, queue: Queue) -> Api:
    types = {"application/json": "json", "text/plain": "text", "application/x-www-form-urlencoded": "form"}
    return aws.api(
        pixel_api(
            queue,
            aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]}),
            integration={"requestTemplates": {kind: BODY.format(name) for kind, name in types.items()}},
            operation={
                "x-amazon-apigateway-request-validator": "body",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Events"}}}},
            },
            document={
                "x-amazon-apigateway-request-validators": {
                    "parameters": {"validateRequestParameters": True, "validateRequestBody": False},
                    "body": {"validateRequestParameters": False, "validateRequestBody": True},
                },
                "x-amazon-apigateway-gateway-responses": {
                    "BAD_REQUEST_BODY": {
                        "statusCode": "400",
                        "responseTemplates": {
                            "application/json": '{"message":$context.error.messageString,'
                            '"why":"$context.error.validationErrorString"}'
                        },
                    }
                },
                "components": {"schemas": {"Event": EVENT, "Events": EVENTS}},
            },
        )
    )


def post(api: Api, body: bytes, content_type: str | None = "application/json") -> int:
    headers = [("Content-Type", content_type)] if content_type else []
    return api.call("/events", "POST", headers, body).status


@pytest.mark.parametrize(
    "body",
    [ONE, [ONE], [ONE] * 3, {**ONE, "event": " x"}, {**ONE, "more": {"a": [1]}}, {**ONE, "event": "\u00fc"}],
)
def test_a_body_that_fits_is_queued_as_it_came(aws: Aws, api: Api, queue: Queue, body: Any) -> None:
    text = json.dumps(body, ensure_ascii=False)

    assert post(api, text.encode()) == 200

    assert unquote_plus(aws.receive(queue)) == f"json|{text}"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [ONE] * 4,
        [ONE, {"event": "x"}],
        {"event": "x"},
        {**ONE, "event": ""},
        {**ONE, "event": " \t\n"},
        {**ONE, "endpoint_id": 1},
        {**ONE, "endpoint_id": None},
        "text",
        1,
        None,
    ],
)
def test_a_body_that_does_not_fit_is_refused(aws: Aws, api: Api, queue: Queue, body: Any) -> None:
    assert post(api, json.dumps(body).encode()) == 400
    assert aws.depth(queue) == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"event":"x","endpoint_id":"1"', b"[" * 50_000, b'{"event":"x","endpoint_id":"1","n":NaN}'],
)
def test_what_is_not_json_is_refused(api: Api, body: bytes) -> None:
    assert post(api, body) == 400


def test_the_refusal_says_why_in_its_own_variable(api: Api) -> None:
    reply = api.call("/events", "POST", [("Content-Type", "application/json")], b'{"event":"x"}')

    answer = json.loads(reply.body)
    assert answer["message"] == "Invalid request body"
    assert answer["why"].startswith("[")
    assert answer["why"].endswith("]")
    assert reply.headers["x-amzn-errortype"] == "BadRequestException"


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("text/plain", "text"),
        ("text/plain;charset=UTF-8", "text"),
        ("Text/Plain; charset=utf-8", "text"),
        ("application/x-www-form-urlencoded", "form"),
        ("application/x-www-form-urlencoded; charset=UTF-8", "form"),
    ],
)
def test_other_types_are_taken_unchecked_by_their_own_template(
    aws: Aws, api: Api, queue: Queue, content_type: str, kind: str
) -> None:
    assert post(api, "event=a+b&ü=%20&x".encode(), content_type) == 200
    assert unquote_plus(aws.receive(queue)) == f"{kind}|event=a+b&ü=%20&x"


def test_an_empty_body_of_a_type_without_model_renders_an_empty_object(aws: Aws, api: Api, queue: Queue) -> None:
    assert post(api, b"", "text/plain") == 200
    assert unquote_plus(aws.receive(queue)) == "text|{}"


def test_without_a_content_type_a_body_is_json(api: Api) -> None:
    assert post(api, b"{}", None) == 400
    assert post(api, json.dumps(ONE).encode(), None) == 200


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "application/xml", "text/html"])
def test_a_type_without_template_is_refused(aws: Aws, api: Api, queue: Queue, content_type: str) -> None:
    reply = api.call("/events", "POST", [("Content-Type", content_type)], b"x")

    assert (reply.status, json.loads(reply.body)) == (415, {"message": "Unsupported Media Type"})
    assert aws.depth(queue) == 0


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strnig"},
        {"type": "object", "required": "event"},
        {"properties": {"event": {"pattern": "("}}},
        {"$ref": "#/components/schemas/Missing"},
    ],
)
def test_a_model_that_is_no_schema_is_refused_at_import(aws: Aws, api: Api, schema: dict[str, Any]) -> None:
    document = {
        "openapi": "3.0.1",
        "info": {"title": aws.name},
        "paths": {},
        "components": {"schemas": {"Faulty": schema}},
    }

    with pytest.raises(aws.gateway.exceptions.BadRequestException, match="Unable to create model 'Faulty'"):
        api.put(document)
