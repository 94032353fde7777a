"""Headers and status that a response template sets: the only way to echo an origin of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.local_cloud.aws import GATEWAY, Api, Aws, Document, pixel_api

ECHO = (
    '#set($origin = "")#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == "origin")'
    "#set($origin = $input.params().header.get($name))#end#end"
    '#if($origin == "https://a.example" || $origin == "https://b.example")'
    "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end"
)
ALLOWED = "access-control-allow-origin"


def answering(template: str, **headers: str) -> Document:
    """An integration that answers with a template and mapped headers, without a backend."""
    return {
        "type": "mock",
        "passthroughBehavior": "never",
        "requestTemplates": {"application/json": '{"statusCode":204}'},
        "responses": {
            "default": {
                "statusCode": "204",
                "responseParameters": {f"method.response.header.{name}": value for name, value in headers.items()},
                "responseTemplates": {"application/json": template},
            }
        },
    }


@pytest.fixture
def make(aws: Aws) -> Callable[..., Api]:
    def api(template: str, **headers: str) -> Api:
        declared = {name: {"schema": {"type": "string"}} for name in headers}
        return aws.api(
            {
                "openapi": "3.0.1",
                "info": {"title": aws.name},
                "paths": {
                    "/events": {
                        "options": {
                            "responses": {"204": {"headers": declared}},
                            "x-amazon-apigateway-integration": answering(template, **headers),
                        }
                    }
                },
            }
        )

    return api


@pytest.mark.parametrize("spelling", ["Origin", "origin", "ORIGIN"])
@pytest.mark.parametrize("origin", ["https://a.example", "https://b.example"])
def test_a_listed_origin_is_echoed(make: Callable[..., Api], spelling: str, origin: str) -> None:
    api = make(ECHO, Vary="'Origin'")

    reply = api.call("/events", "OPTIONS", [(spelling, origin)])

    assert (reply.status, reply.body) == (204, b"")
    assert (reply.headers[ALLOWED], reply.headers["vary"]) == (origin, "Origin")


@pytest.mark.parametrize("origin", [None, "", "https://a.example.evil", "HTTPS://A.EXAMPLE", "null", "$origin", "*"])
def test_another_origin_is_not(make: Callable[..., Api], origin: str | None) -> None:
    headers = [] if origin is None else [("Origin", origin)]

    reply = make(ECHO, Vary="'Origin'").call("/events", "OPTIONS", headers)

    assert reply.status == 204
    assert ALLOWED not in reply.headers
    assert reply.headers["vary"] == "Origin"


def test_answers_of_the_queue_echo_it_too(aws: Aws) -> None:
    queue = aws.queue()
    allowed = aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})
    refused = aws.role("refused", GATEWAY, {})

    for role, status in ((allowed, 200), (refused, 503)):
        document = pixel_api(queue, role)
        for answer in document["paths"]["/events"]["get"]["x-amazon-apigateway-integration"]["responses"].values():
            answer["responseTemplates"] = {"application/json": f"{ECHO}<svg/>"}
        reply = aws.api(document).call("/events?event=x&endpoint_id=1", headers=[("Origin", "https://a.example")])

        assert (reply.status, reply.body, reply.headers[ALLOWED]) == (status, b"<svg/>", "https://a.example")


def test_the_status_can_be_overridden(make: Callable[..., Api]) -> None:
    assert make("#set($context.responseOverride.status = 418)").call("/events", "OPTIONS").status == 418


def test_an_override_replaces_a_mapped_header(make: Callable[..., Api]) -> None:
    api = make('#set($context.responseOverride.header.Vary = "Cookie")', Vary="'Origin'")

    assert api.call("/events", "OPTIONS").headers["vary"] == "Cookie"


def test_a_second_override_of_a_header_is_a_server_error(make: Callable[..., Api]) -> None:
    once: Any = "#set($context.responseOverride.header.X = 'a')"

    assert make(once).call("/events", "OPTIONS").status == 204
    assert make(once + once).call("/events", "OPTIONS").status == 500


def test_a_preflight_without_a_body_type_runs_the_json_template(make: Callable[..., Api]) -> None:
    api = make("")

    assert api.call("/events", "OPTIONS").status == 204
    assert api.call("/events", "OPTIONS", [("Content-Type", "text/plain")]).status == 415
