"""Custom domain names: requests with their Host header reach the stage."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from tests.local_cloud.aws import GATEWAY, REGION, Api, Aws, Queue, Reply, pixel_api

TEMPLATE = "Action=SendMessage&MessageBody=$context.domainName%7C$context.domainPrefix%7C$context.path%7C$context.stage"
CALL = "?event=x&endpoint_id=1"


@pytest.fixture
def api(aws: Aws, queue: Queue) -> Api:
    role = aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})
    return aws.api(pixel_api(queue, role, template=TEMPLATE))


@pytest.fixture
def domain(aws: Aws) -> str:
    name = f"{aws.name}.example.com"
    aws.gateway.create_domain_name(
        domainName=name,
        regionalCertificateArn=f"arn:aws:acm:{REGION}:{aws.account}:certificate/1",
        endpointConfiguration={"types": ["REGIONAL"]},
    )
    return name


def call(aws: Aws, host: str, target: str) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", aws.cloud.port, timeout=120)
    try:
        connection.request("GET", target, headers={"Host": host})
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("mapping", "target"),
    [
        ({"stage": "v1"}, "/events"),
        ({"stage": "v1", "basePath": "pixel"}, "/pixel/events"),
        ({}, "/v1/events"),
    ],
)
def test_a_request_to_the_domain_reaches_the_mapped_stage(
    aws: Aws, api: Api, queue: Queue, domain: str, mapping: dict[str, Any], target: str
) -> None:
    aws.gateway.create_base_path_mapping(domainName=domain, restApiId=api.api_id, **mapping)

    reply = call(aws, f"{domain.upper()}:{aws.cloud.port}", target + CALL)

    assert (reply.status, reply.body) == (200, b"<svg/>")
    assert aws.receive(queue).split("|") == [domain, aws.name, target, "v1"]


def test_the_apis_own_url_still_works(aws: Aws, api: Api, queue: Queue, domain: str) -> None:
    aws.gateway.create_base_path_mapping(domainName=domain, restApiId=api.api_id, stage="v1")

    assert api.call("/events" + CALL).status == 200
    assert aws.receive(queue).split("|")[2] == "/v1/events"


def test_the_stage_is_not_part_of_a_mapped_path(aws: Aws, api: Api, domain: str) -> None:
    aws.gateway.create_base_path_mapping(domainName=domain, restApiId=api.api_id, stage="v1")

    assert call(aws, domain, "/v1/events" + CALL).status == 403


def test_the_root_path_is_read_back_by_its_name(aws: Aws, api: Api, domain: str) -> None:
    aws.gateway.create_base_path_mapping(domainName=domain, restApiId=api.api_id, stage="v1", basePath="")

    found = aws.gateway.get_base_path_mapping(domainName=domain, basePath="(none)")

    assert (found["basePath"], found["restApiId"], found["stage"]) == ("(none)", api.api_id, "v1")
    with pytest.raises(aws.gateway.exceptions.ConflictException):
        aws.gateway.create_base_path_mapping(domainName=domain, restApiId=api.api_id)


def test_a_mapping_moves_to_another_stage(aws: Aws, api: Api, queue: Queue, domain: str) -> None:
    aws.gateway.create_base_path_mapping(domainName=domain, restApiId=api.api_id, stage="v1")
    aws.gateway.create_deployment(restApiId=api.api_id, stageName="v2")
    move: Any = [{"op": "replace", "path": "/stage", "value": "v2"}]

    aws.gateway.update_base_path_mapping(domainName=domain, basePath="(none)", patchOperations=move)

    assert call(aws, domain, "/events" + CALL).status == 200
    assert aws.receive(queue).endswith("|v2")


@pytest.mark.parametrize("target", [{"restApiId": "nothing"}, {"stage": "nothing"}])
def test_a_mapping_needs_a_stage_that_exists(aws: Aws, api: Api, domain: str, target: dict[str, str]) -> None:
    wanted: Any = {"restApiId": api.api_id, "stage": "v1", **target}

    with pytest.raises(aws.gateway.exceptions.BadRequestException, match="Invalid"):
        aws.gateway.create_base_path_mapping(domainName=domain, **wanted)


def test_what_a_domain_does_not_have_is_not_read_back(aws: Aws, domain: str) -> None:
    found = aws.gateway.get_domain_name(domainName=domain)

    assert found["securityPolicy"] == "TLS_1_2"
    assert not {"mutualTlsAuthentication", "certificateArn", "ownershipVerificationCertificateArn"} & set(found)


def test_a_domain_takes_another_certificate(aws: Aws, domain: str) -> None:
    arn = f"arn:aws:acm:{REGION}:{aws.account}:certificate/2"
    change: Any = [{"op": "replace", "path": "/regionalCertificateArn", "value": arn}]

    aws.gateway.update_domain_name(domainName=domain, patchOperations=change)

    assert aws.gateway.get_domain_name(domainName=domain)["regionalCertificateArn"] == arn
