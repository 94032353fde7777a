"""Shortcuts to what a test needs of an account: roles, queues, functions, APIs."""

from __future__ import annotations

import functools
import http.client
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local_cloud.process import LocalCloud
from tests import waiting

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

Headers = Sequence[tuple[str, str]]
Document = dict[str, Any]

REGION = "us-east-1"
GATEWAY = "apigateway.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"
TEMPLATE = (
    "Action=SendMessage&MessageBody="
    "#foreach($name in $input.params().querystring.keySet())$util.urlEncode($util.urlEncode($name))%3D"
    "$util.urlEncode($util.urlEncode($input.params().querystring.get($name)))%26#end"
)
CONSUMED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")


def wait_for(what: str, probe: Callable[[], waiting.T | None], seconds: float = 120.0) -> waiting.T:
    """The first true answer of `probe`; fails after `seconds`, saying `what` did not happen."""
    return waiting.wait_for(what, probe, seconds)


@dataclass(frozen=True)
class Reply:
    """What an API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Queue:
    """A queue."""

    url: str
    arn: str


@dataclass
class Api:
    """An API with one stage."""

    aws: Aws
    api_id: str
    stage: str = "v1"

    def call(
        self, target: str = "/events", method: str = "GET", headers: Headers = (), body: bytes | None = None
    ) -> Reply:
        """One request; target and header names go over the wire as they are written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.aws.cloud.port, timeout=120)
        try:
            path = f"/_aws/execute-api/{self.api_id}/{self.stage}{target}"
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", "pixel.example")
            for header, value in headers:
                connection.putheader(header, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def put(self, document: Document | str) -> None:
        """Replace the API by what an OpenAPI document says, without deploying it."""
        body = document if isinstance(document, str) else json.dumps(document)
        self.aws.gateway.put_rest_api(restApiId=self.api_id, mode="overwrite", body=body.encode())

    def deploy(self) -> str:
        """Deploy to the stage."""
        return self.aws.gateway.create_deployment(restApiId=self.api_id, stageName=self.stage)["id"]


@functools.cache
def _client(service: str, url: str, **options: Any) -> Any:
    """Tests share clients: making one takes longer than most calls."""
    settings = {"config": Config(retries={"total_max_attempts": 1}, read_timeout=120), **options}
    make: Any = boto3.client
    return make(service, endpoint_url=url, region_name=REGION, **settings)


@dataclass
class Aws:
    """One account of the local cloud; `name` starts the names of everything."""

    cloud: LocalCloud
    name: str
    account: str = "000000000000"
    _mappings: list[str] = field(default_factory=list)

    def client(self, service: str, **options: Any) -> Any:
        key = "test" if self.account == "000000000000" else self.account
        keys = {"aws_access_key_id": key, "aws_secret_access_key": key}
        return _client(service, self.cloud.url, **{**keys, **options})

    def __post_init__(self) -> None:
        self.sqs: SQSClient = self.client("sqs")
        self.iam: IAMClient = self.client("iam")
        self.gateway: APIGatewayClient = self.client("apigateway")
        self.functions: LambdaClient = self.client("lambda")

    def local(self, path: str, method: str = "GET", document: object = None) -> Any:
        """A call of the control interface."""
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=120)
        try:
            connection.request(method, f"/_local/{path}", None if document is None else json.dumps(document))
            response = connection.getresponse()
            answer = json.loads(response.read())
            assert response.status == 200, answer
            return answer
        finally:
            connection.close()

    def put_faults(self, *rules: Document) -> None:
        self.local("faults", "PUT", list(rules))

    def refusals(self) -> list[dict[str, str]]:
        """What IAM refused in things of this test."""
        found: list[dict[str, str]] = self.local("refusals")
        return [refusal for refusal in found if self.name in f"{refusal['principal']} {refusal['resource']}"]

    def queue(self, suffix: str = "queue", **attributes: str) -> Queue:
        name = f"{self.name}-{suffix}"
        # As long as the longest function: a mapping of the queue is refused otherwise.
        settings: Any = {"VisibilityTimeout": "120", **attributes}
        url = self.sqs.create_queue(QueueName=name, Attributes=settings)["QueueUrl"]
        return Queue(url, f"arn:aws:sqs:{REGION}:{self.account}:{name}")

    def receive(self, queue: Queue, seconds: float = 120.0) -> str:
        """The body of one message."""

        def message() -> str | None:
            found = self.sqs.receive_message(QueueUrl=queue.url).get("Messages")
            return found[0]["Body"] if found else None

        return wait_for("a message", message, seconds)

    def depth(self, queue: Queue) -> int:
        """Messages in a queue, waiting or hidden."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=names)["Attributes"]
        return sum(int(value) for value in found.values())

    def send(self, queue: Queue, *bodies: str) -> None:
        for start in range(0, len(bodies), 10):
            chunk = bodies[start : start + 10]
            entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(chunk)]
            assert not self.sqs.send_message_batch(QueueUrl=queue.url, Entries=entries).get("Failed")  # type: ignore[arg-type]

    def role(self, suffix: str, service: str, allowed: Mapping[str, Sequence[str]], **options: Any) -> str:
        """A role that `service` may take on and that may do, per resource, some actions."""
        name = f"{self.name}-{suffix}"
        trust = statement("sts:AssumeRole", Principal={"Service": service})
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **options)["Role"]["Arn"]
        for number, (resource, actions) in enumerate(allowed.items()):
            policy = json.dumps(statement(list(actions), Resource=resource))
            self.iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=policy)
        return arn

    def api(self, document: Document) -> Api:
        """An API made of an OpenAPI document, deployed."""
        api = Api(self, self.gateway.create_rest_api(name=self.name)["id"])
        api.put(document)
        api.deploy()
        return api

    def function(self, source: str, role: str, suffix: str = "function", **options: Any) -> str:
        """A function whose module is `source`, with a handler named `handler`."""
        made = self.functions.create_function(
            **{
                "FunctionName": f"{self.name}-{suffix}",
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "Timeout": 120,
                "Role": role,
                "Code": {"ZipFile": archive({"app.py": source})},
                **options,
            }
        )
        return made["FunctionArn"]

    def invoke(self, function: str, event: object = None) -> Any:
        """Call a function and return its answer; fails if the function did."""
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        document = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, document
        return document

    def map(self, queue: Queue, function: str, **options: Any) -> str:
        """An event source mapping; it ends with the test."""
        return self.map_source(queue.arn, function, **options)

    def map_source(self, source_arn: str, function: str, **options: Any) -> str:
        """As `map`, for any source."""
        made = self.functions.create_event_source_mapping(EventSourceArn=source_arn, FunctionName=function, **options)
        self._mappings.append(made["UUID"])
        return made["UUID"]

    def remove_mappings(self) -> None:
        for mapping in self._mappings:
            self.functions.delete_event_source_mapping(UUID=mapping)


def statement(action: str | Sequence[str], **rest: Any) -> Document:
    """A policy with one statement that allows something."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **rest}]}


def archive(files: Mapping[str, str]) -> bytes:
    """A zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return packed.getvalue()


def pixel_api(queue: Queue, role: str, **changes: Any) -> Document:
    """An OpenAPI document: GET and POST /events write what `template` says into a queue.

    Parameters
    ----------
    queue, role
        The queue and the role that may write to it.
    **changes
        `template`, `integration` (members of the integration), `document` (members of the document), `operation`.
    """
    account, name = queue.arn.split(":")[4:]
    integration = {
        "type": "aws",
        "httpMethod": "POST",
        "uri": f"arn:aws:apigateway:{REGION}:sqs:path/{account}/{name}",
        "credentials": role,
        "passthroughBehavior": "never",
        "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        "requestTemplates": {"application/json": changes.get("template", TEMPLATE)},
        "responses": {
            r"2\d{2}": {
                "statusCode": "200",
                "responseParameters": {
                    "method.response.header.Content-Type": "'image/svg+xml'",
                    "method.response.header.X-Queue": "integration.response.header.x-amzn-RequestId",
                    "method.response.header.X-Stage": "context.stage",
                },
                "responseTemplates": {"application/json": "<svg/>"},
            },
            "default": {"statusCode": "503", "responseTemplates": {"application/json": '{"message":"not queued"}'}},
        },
        **changes.get("integration", {}),
    }
    operation = {
        "parameters": [
            {"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
            for name in ("event", "endpoint_id")
        ],
        "responses": {
            "200": {
                "description": "taken",
                "headers": {
                    header: {"schema": {"type": "string"}} for header in ("Content-Type", "X-Queue", "X-Stage")
                },
            },
            "503": {"description": "not taken"},
        },
        "x-amazon-apigateway-integration": integration,
        **changes.get("operation", {}),
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": queue.arn.rpartition(":")[2], "version": "1"},
        "x-amazon-apigateway-request-validators": {
            "parameters": {"validateRequestParameters": True, "validateRequestBody": False}
        },
        "x-amazon-apigateway-gateway-responses": {
            "BAD_REQUEST_PARAMETERS": {
                "statusCode": "400",
                "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
                "responseTemplates": {
                    "application/json": '{"message":$context.error.messageString,"id":"$context.requestId"}'
                },
            },
            "THROTTLED": {
                "statusCode": "429",
                "responseParameters": {"gatewayresponse.header.Retry-After": "'7'"},
                "responseTemplates": {"application/json": '{"message":"slow down"}'},
            },
        },
        "paths": {
            "/events": {
                "get": {**operation, "x-amazon-apigateway-request-validator": "parameters"},
                "post": {key: value for key, value in operation.items() if key != "parameters"},
            }
        },
        **changes.get("document", {}),
    }
