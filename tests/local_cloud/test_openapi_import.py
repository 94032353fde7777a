"""Importing OpenAPI documents: what becomes of them, and what API Gateway refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from tests.local_cloud.aws import Api, Aws, Document, Queue, pixel_api

INTEGRATION = ("paths", "/events", "get", "x-amazon-apigateway-integration")


@pytest.fixture
def document(aws: Aws, queue: Queue) -> Document:
    return pixel_api(queue, f"arn:aws:iam::{aws.account}:role/{aws.name}")


@pytest.fixture
def api(aws: Aws, document: Document) -> Api:
    return aws.api(document)


def at(document: Document, *path: str) -> Document:
    for step in path:
        document = document[step]
    return document


def resources(api: Api) -> dict[str, Any]:
    found = api.aws.gateway.get_resources(restApiId=api.api_id, embed=["methods"])["items"]
    return {resource["path"]: resource for resource in found}


def method(api: Api, verb: str = "GET") -> Any:
    return api.aws.gateway.get_method(restApiId=api.api_id, resourceId=resources(api)["/events"]["id"], httpMethod=verb)


def refusal(api: Api, document: Document | str) -> str:
    with pytest.raises(ClientError) as refused:
        api.put(document)
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    return refused.value.response["Error"]["Message"]


def test_everything_of_a_method_is_read_back(api: Api, document: Document) -> None:
    found = method(api)

    written = at(document, *INTEGRATION)
    assert found["requestParameters"] == {
        "method.request.querystring.event": True,
        "method.request.querystring.endpoint_id": True,
    }
    assert found["methodResponses"]["200"]["responseParameters"] == {
        f"method.response.header.{header}": False for header in ("Content-Type", "X-Queue", "X-Stage")
    }
    integration = found["methodIntegration"]
    assert integration["type"] == "AWS"
    assert integration["passthroughBehavior"] == "NEVER"
    assert integration["requestTemplates"] == written["requestTemplates"]
    assert integration["requestParameters"] == written["requestParameters"]
    assert integration["integrationResponses"]["200"]["selectionPattern"] == r"2\d{2}"
    assert integration["integrationResponses"]["503"].get("selectionPattern", "") == ""


def test_validators_and_gateway_responses_are_read_back(api: Api) -> None:
    gateway = api.aws.gateway

    validators = gateway.get_request_validators(restApiId=api.api_id)["items"]
    throttled = gateway.get_gateway_response(restApiId=api.api_id, responseType="THROTTLED")

    assert [validator["name"] for validator in validators] == ["parameters"]
    assert method(api)["requestValidatorId"] == validators[0]["id"]
    assert throttled["responseTemplates"] == {"application/json": '{"message":"slow down"}'}
    assert throttled["defaultResponse"] is False


def test_models_are_made_of_schemas_and_named_by_request_bodies(api: Api, document: Document) -> None:
    document["components"] = {
        "schemas": {"Event": {"type": "object"}, "Events": {"items": {"$ref": "#/components/schemas/Event"}}}
    }
    post = at(document, "paths", "/events", "post")
    post["requestBody"] = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Events"}}}}

    api.put(document)

    model = api.aws.gateway.get_model(restApiId=api.api_id, modelName="Events")
    assert method(api, "POST")["requestModels"] == {"application/json": "Events"}
    assert json.loads(model["schema"]) == {
        "items": {"$ref": f"https://apigateway.amazonaws.com/restapis/{api.api_id}/models/Event"}
    }


def test_yaml_says_the_same_as_json(api: Api, document: Document) -> None:
    before = method(api)["methodIntegration"]

    api.put(yaml.safe_dump(document))

    after = method(api)["methodIntegration"]
    assert {**after, "cacheNamespace": ""} == {**before, "cacheNamespace": ""}


def test_an_overwriting_import_leaves_nothing_of_the_former_document(api: Api, document: Document) -> None:
    document["paths"] = {"/other": document["paths"]["/events"]}
    del document["x-amazon-apigateway-gateway-responses"]

    api.put(document)

    throttled = api.aws.gateway.get_gateway_response(restApiId=api.api_id, responseType="THROTTLED")
    assert set(resources(api)) == {"/", "/other"}
    assert throttled["defaultResponse"] is True


def test_parameters_and_responses_may_be_references(api: Api, document: Document) -> None:
    document["components"] = {
        "parameters": {"Event": {"name": "event", "in": "query", "required": True, "schema": {"type": "string"}}},
        "responses": {"Taken": document["paths"]["/events"]["get"]["responses"]["200"]},
    }
    document["paths"]["/events"]["get"]["parameters"] = [{"$ref": "#/components/parameters/Event"}]
    document["paths"]["/events"]["get"]["responses"]["200"] = {"$ref": "#/components/responses/Taken"}

    api.put(document)

    assert method(api)["requestParameters"] == {"method.request.querystring.event": True}


def test_import_rest_api_makes_a_new_api(aws: Aws, document: Document) -> None:
    made = aws.gateway.import_rest_api(body=json.dumps(document).encode())

    assert made["name"] == document["info"]["title"]
    assert set(resources(Api(aws, made["id"]))) == {"/", "/events"}


def test_a_refused_new_api_does_not_exist(aws: Aws, document: Document) -> None:
    at(document, *INTEGRATION)["uri"] = "https://x.example"

    with pytest.raises(ClientError):
        aws.gateway.import_rest_api(body=json.dumps(document).encode())

    names = [api["name"] for api in aws.gateway.get_rest_apis(limit=500)["items"]]
    assert document["info"]["title"] not in names


CHANGES: list[Any] = [
    pytest.param(
        {"requestParameters": {"integration.request.header.Content-Type": "application/x-www-form-urlencoded"}},
        "Invalid mapping expression specified: application/x-www-form-urlencoded",
        id="a static value without quotes",
    ),
    pytest.param(
        {"requestParameters": {"integration.request.header.X": "method.request.querystring.undeclared"}},
        "Invalid mapping expression parameter specified: method.request.querystring.undeclared",
        id="a parameter that the method does not declare",
    ),
    pytest.param(
        {"requestParameters": {"header.X": "'x'"}},
        "Invalid mapping expression parameter specified: header.X",
        id="a destination that is none",
    ),
    pytest.param(
        {"requestTemplates": {"application/json": "#foreach($x in $y)"}},
        "Invalid mapping template for application/json",
        id="a request template that does not parse",
    ),
    pytest.param(
        {"responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "#if($x"}}}},
        "Invalid mapping template for application/json",
        id="a response template that does not parse",
    ),
    pytest.param(
        {"responses": {"default": {"statusCode": "418"}}},
        "No method response exists for method",
        id="a status that the method does not declare",
    ),
    pytest.param(
        {
            "responses": {
                "default": {"statusCode": "200", "responseParameters": {"method.response.header.X-New": "'x'"}}
            }
        },
        "Invalid mapping expression parameter specified: method.response.header.X-New",
        id="a response header that the method does not declare",
    ),
    pytest.param(
        {
            "responses": {
                "default": {"statusCode": "200", "responseParameters": {"method.response.header.X-Stage": "x"}}
            }
        },
        "Invalid mapping expression specified: x",
        id="a response mapping that is none",
    ),
    pytest.param(
        {"responses": {"2(": {"statusCode": "200"}}}, "Invalid selection pattern specified: 2(", id="a broken pattern"
    ),
    pytest.param(
        {"responses": {r"4\d{2}": {"statusCode": "503"}, "default": {"statusCode": "503"}}},
        "API Gateway keeps one per status",
        id="two responses for one status",
    ),
    pytest.param({"type": "sqs"}, "Invalid integration type: SQS", id="an unknown type"),
    pytest.param({"uri": "https://sqs.example"}, "Invalid ARN specified in the request", id="a URL for an AWS service"),
    pytest.param(
        {"uri": "arn:aws:apigateway:us-east-1:sqs:queue/x"},
        "AWS ARN for integration must contain path or action",
        id="an ARN without path",
    ),
    pytest.param({"credentials": None}, "Role ARN must be specified for AWS integrations", id="no role"),
    pytest.param({"httpMethod": None}, "Enumeration value for HttpMethod must be non-empty", id="no method"),
    pytest.param(
        {"uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations"},
        "the local cloud knows integrations with SQS and mocks only",
        id="what is not emulated",
    ),
    pytest.param({"timeoutInMillis": 30000}, "Timeout should be between 50 ms and 29000 ms", id="a long timeout"),
]


@pytest.mark.parametrize(("changes", "reason"), CHANGES)
def test_what_api_gateway_refuses_is_refused_and_changes_nothing(
    api: Api, document: Document, changes: dict[str, Any], reason: str
) -> None:
    before = resources(api)
    at(document, *INTEGRATION).update(changes)
    document["paths"]["/new"] = {}

    message = refusal(api, document)

    assert message.startswith("Errors found during import:\n\tUnable to put integration")
    assert "on 'GET' for resource at path '/events'" in message
    assert reason in message
    assert resources(api) == before
    assert method(api)["methodIntegration"]["uri"].startswith("arn:aws:apigateway")


def test_an_unknown_validator_is_refused(api: Api, document: Document) -> None:
    at(document, "paths", "/events", "get")["x-amazon-apigateway-request-validator"] = "everything"

    assert "Invalid Request Validator identifier specified: everything" in refusal(api, document)
    assert len(api.aws.gateway.get_request_validators(restApiId=api.api_id)["items"]) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "Unable to parse the document"),
        ("[]", "OpenAPI 3.0 documents only"),
        ('{"swagger": "2.0", "info": {"title": "x"}}', "OpenAPI 3.0 documents only"),
        ('{"openapi": "3.0.1"}', "info.title is missing"),
        ('{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/x": {"get": []}}}', "Invalid OpenAPI input"),
        (
            '{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/x": {"get": {"parameters": [{"$ref": "#/y"}]}}}}',
            "Unable to resolve reference #/y",
        ),
        (
            '{"openapi": "3.0.1", "info": {"title": "x"}, "components": {"schemas": {"a-b": {}}}}',
            "Model name must be alphanumeric: a-b",
        ),
        (
            '{"openapi": "3.0.1", "info": {"title": "x"}, "x-amazon-apigateway-gateway-responses": {"NEVER": {}}}',
            "Invalid gateway response type: NEVER",
        ),
        (
            '{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/x": {"get": {"security": [{"iam": []}]}}}}',
            "the security scheme iam is not described",
        ),
    ],
)
def test_documents_that_are_none_are_refused(api: Api, body: str, reason: str) -> None:
    assert reason in refusal(api, body)
    assert set(resources(api)) == {"/", "/events"}


def test_an_import_that_merges_is_refused_since_it_is_not_emulated(api: Api, document: Document) -> None:
    with pytest.raises(ClientError, match="mode=overwrite only"):
        api.aws.gateway.put_rest_api(restApiId=api.api_id, mode="merge", body=json.dumps(document).encode())


def test_a_patched_path_is_decoded(api: Api) -> None:
    resource = resources(api)["/events"]["id"]
    operation = {"op": "replace", "path": "/requestTemplates/application~1json", "value": "Action=Other"}

    api.aws.gateway.update_integration(
        restApiId=api.api_id,
        resourceId=resource,
        httpMethod="GET",
        patchOperations=[operation],  # type: ignore[list-item]
    )

    assert method(api)["methodIntegration"]["requestTemplates"] == {"application/json": "Action=Other"}


def test_binary_media_types_are_patched_as_a_set(api: Api) -> None:
    def patch(op: str, kind: str) -> list[str]:
        operation = {"op": op, "path": f"/binaryMediaTypes/{kind.replace('/', '~1')}"}
        return api.aws.gateway.update_rest_api(restApiId=api.api_id, patchOperations=[operation]).get(  # type: ignore[list-item]
            "binaryMediaTypes", []
        )

    assert patch("add", "image/gif") == ["image/gif"]
    assert patch("add", "image/png") == ["image/gif", "image/png"]
    assert patch("remove", "image/gif") == ["image/png"]


def test_deployments_need_methods_with_integrations(aws: Aws, document: Document) -> None:
    empty = aws.gateway.create_rest_api(name=aws.name)["id"]
    with pytest.raises(ClientError, match="The REST API doesn't contain any methods"):
        aws.gateway.create_deployment(restApiId=empty)

    del at(document, "paths", "/events", "post")["x-amazon-apigateway-integration"]
    Api(aws, empty).put(document)
    with pytest.raises(ClientError, match="No integration defined for method"):
        aws.gateway.create_deployment(restApiId=empty)


def test_a_deployment_that_a_stage_serves_cannot_be_deleted(api: Api) -> None:
    gateway = api.aws.gateway
    served = gateway.get_stage(restApiId=api.api_id, stageName=api.stage)["deploymentId"]

    with pytest.raises(ClientError, match="Active stages pointing to this deployment must be moved or deleted"):
        gateway.delete_deployment(restApiId=api.api_id, deploymentId=served)

    api.deploy()
    gateway.delete_deployment(restApiId=api.api_id, deploymentId=served)
