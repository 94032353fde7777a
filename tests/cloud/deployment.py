"""The applied pixel as its users see it: a URL, queues, logs, and what Pinpoint holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_cloud.process import LocalCloud
from tests import waiting
from tests.emf import totals
from tests.queues import drain

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef
    from mypy_boto3_ssm import SSMClient

Arrival = tuple[str, str, dict[str, Any]]
PATIENCE = 480.0
"""Seconds: much more than anything takes that a test waits for, on a machine that has much else to do.

A message comes back to the announcer after six minutes.
"""


def wait_for(what: str, probe: Callable[[], waiting.T | None], seconds: float = PATIENCE) -> waiting.T:
    """The first true answer of `probe`; fails after `seconds`, saying `what` did not happen."""
    return waiting.wait_for(what, probe, seconds)


def set_pace(cloud: LocalCloud, time_factor: float) -> None:
    """Let time pass so many times faster for what waits in a local cloud."""
    Deployment(cloud, {}, "").local("pinpoint/settings", "PUT", {"time_factor": time_factor})


def query(parameters: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """A query string as browsers write it."""
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def client_settings(cloud: LocalCloud, account: str) -> dict[str, Any]:
    """What a boto3 client needs to be the root of an account of a local cloud."""
    return {
        "endpoint_url": cloud.url,
        "region_name": cloud.environment["AWS_REGION"],
        "aws_access_key_id": account,
        "aws_secret_access_key": account,
    }


@dataclass
class Deployment:
    """One applied pixel.

    Parameters
    ----------
    cloud
        Where it is applied.
    pixel
        The module's outputs.
    application_id
        The Pinpoint project that it writes to.
    account
        Its account on the local cloud; the default account otherwise.
    """

    cloud: LocalCloud
    pixel: Mapping[str, Any]
    application_id: str
    account: str | None = None

    @cached_property
    def http(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(maxsize=16, retries=False, timeout=60)

    @cached_property
    def sqs(self) -> SQSClient:
        return boto3.client("sqs", **self._client())

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return boto3.client("logs", **self._client())

    @cached_property
    def functions(self) -> LambdaClient:
        return boto3.client("lambda", **self._client())

    @cached_property
    def ssm(self) -> SSMClient:
        return boto3.client("ssm", **self._client())

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return boto3.client("cloudwatch", **self._client())

    @cached_property
    def gateway(self) -> APIGatewayClient:
        return boto3.client("apigateway", **self._client())

    @cached_property
    def iam(self) -> IAMClient:
        return boto3.client("iam", **self._client())

    def _client(self) -> dict[str, Any]:
        return client_settings(self.cloud, self.account or self.cloud.environment["AWS_ACCESS_KEY_ID"])

    @cached_property
    def url(self) -> str:
        return self.cloud.local_url(self.pixel["url"])

    def call(
        self, parameters: Mapping[str, str] | str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> urllib3.BaseHTTPResponse:
        """One call of the pixel; a text is a query string that is sent as it is."""
        text = parameters if isinstance(parameters, str) else query(parameters)
        return self.http.request(method, f"{self.url}?{text}", headers=dict(headers or {}))

    def post(
        self, content: Any, content_type: str = "application/json", headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """One POST; a text is a body that is sent as it is, anything else is JSON."""
        body = content if isinstance(content, str) else json.dumps(content)
        return self.http.request(
            "POST", self.url, body=body.encode(), headers={"Content-Type": content_type, **(headers or {})}
        )

    def trusted(self, content: Any, access_key: str, secret_key: str) -> urllib3.BaseHTTPResponse:
        """One POST on the trusted route, signed by a principal."""
        url = self.cloud.local_url(self.pixel["trusted_url"])
        headers = self.signed(
            url, body := json.dumps(content), {"Content-Type": "application/json"}, access_key, secret_key
        )
        return self.http.request("POST", url, body=body, headers=headers)

    def signed(
        self, url: str, body: str | bytes | None, headers: Mapping[str, str], access_key: str, secret_key: str
    ) -> dict[str, str]:
        """The headers of a POST with the signature of a principal."""
        request = AWSRequest("POST", url, data=body, headers=dict(headers))
        region = self.cloud.environment["AWS_REGION"]
        SigV4Auth(Credentials(access_key, secret_key), "execute-api", region).add_auth(request)
        return dict(request.headers.items())

    def contract(self) -> dict[str, Any]:
        """The OpenAPI document that the deployed API exports."""
        export = self.gateway.get_export(
            restApiId=self.pixel["api_id"],
            stageName=self.pixel["stage_name"],
            exportType="oas30",
            accepts="application/json",
        )
        document: dict[str, Any] = json.load(export["body"])
        return document

    def call_all(self, queries: Iterable[str]) -> Counter[int]:
        """Many calls, eight at a time; how often each status came back."""
        with ThreadPoolExecutor(8) as pool:
            return Counter(answer.status for answer in pool.map(self.call, queries))

    def mark(self) -> int:
        """A place in the journal of what Pinpoint received."""
        found: int = self.local("pinpoint/requests?since=999999999")["next"]
        return found

    def events(self, since: int = 0) -> list[Arrival]:
        """Endpoint id, event id and event of everything that Pinpoint accepted since a mark.

        Once, also when the function had no answer in time and sent the very same once more.
        """
        accepted = [
            (endpoint_id, event_id, item["Events"][event_id])
            for entry in self.local(f"pinpoint/requests?since={since}")["requests"]
            if entry["operation"] == "PutEvents"
            and entry["application_id"] == self.application_id
            and entry["status"] == 202
            for endpoint_id, item in entry["request"]["BatchItem"].items()
            for event_id, result in entry["response"]["Results"][endpoint_id]["EventsItemResponse"].items()
            if result["StatusCode"] == 202
        ]
        return list({json.dumps(arrival, sort_keys=True): arrival for arrival in accepted}.values())

    def wait_for_events(self, count: int, since: int) -> list[Arrival]:
        """Wait until Pinpoint has accepted `count` events since a mark."""

        def enough() -> list[Arrival] | None:
            found = self.events(since)
            return found if len(found) >= count else None

        return wait_for(f"{count} events in Pinpoint", enough)

    def endpoints(self) -> dict[str, Any]:
        """Endpoints as Pinpoint holds them."""
        found: dict[str, Any] = self.local(f"pinpoint/apps/{self.application_id}/endpoints")
        return found

    def put_faults(self, *rules: Mapping[str, Any]) -> None:
        """Order failures of the local cloud."""
        self.local("faults", "PUT", list(rules))

    def refusals(self) -> list[dict[str, Any]]:
        """What IAM refused so far."""
        found: list[dict[str, Any]] = self.local("refusals")
        return found

    def drain(self, url: str) -> list[MessageTypeDef]:
        """Everything in a queue, removed from it."""
        return drain(self.sqs, url)

    def depth(self, url: str) -> int:
        """Messages in a queue, waiting, hidden or delayed."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]  # type: ignore[arg-type]
        return sum(int(attributes[name]) for name in names)  # type: ignore[index]

    def wait_until_settled(self) -> None:
        """Wait until the ingest queue is empty: what was in it is settled then, and the function's log is written."""
        wait_for("an empty ingest queue", lambda: self.depth(self.pixel["queue_url"]) == 0)

    def log_lines(self) -> list[str]:
        """Everything that the function has logged."""
        group = self.pixel["log_group_name"]
        return [
            event["message"]
            for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        ]

    def metrics(self) -> Counter[str]:
        """Sums of the function's metrics by name, and by `name/reason` where they have one."""
        return totals("\n".join(self.log_lines()))

    def local(self, path: str, method: str = "GET", document: object = None) -> Any:
        """A call of the local cloud's own interface."""
        body = None if document is None else json.dumps(document)
        answer = self.http.request(method, f"{self.cloud.url}/_local/{path}", body=body)
        assert answer.status == 200, answer.data
        return answer.json()
