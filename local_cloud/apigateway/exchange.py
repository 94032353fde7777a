"""One request at the data plane, and its answer."""

from __future__ import annotations

import base64
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from local_cloud.apigateway.java import JavaMap, to_java


@dataclass(frozen=True)
class Answer:
    """What the caller gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Overrides(JavaMap):
    """Headers that a template sets on the answer: an override is final, a second one fails the template."""

    def __setitem__(self, name: str, value: object) -> None:
        if self.containsKey(name):
            raise ValueError(f"the header {name} is overridden twice")
        super().__setitem__(name, value)

    def put(self, key: str, value: object) -> None:
        """Set an entry that is not there."""
        self[key] = value


@dataclass
class Exchange:
    """A request that has found its API and stage.

    Attributes
    ----------
    account, region, api_id, stage_name
        Where it arrived.
    stage
        MiniStack's record of the stage.
    method, path
        HTTP method, and the decoded path below the stage.
    headers
        Name and value as the client sent them, the name in the client's spelling.
    query
        Values of each parameter, decoded once.
    body
        The payload.
    source_ip
        Address of the client.
    domain
        The custom domain name that was called, if one was.
    full_path
        The path with the stage, or as it came to the domain.
    resource_path, path_parameters
        Set when the resource is found.
    """

    account: str
    region: str
    api_id: str
    stage_name: str
    stage: Mapping[str, Any]
    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    query: Mapping[str, Sequence[str]]
    body: bytes
    source_ip: str
    domain: str
    full_path: str
    resource_path: str = ""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    time: float = field(default_factory=time.time)
    extended_request_id: str = field(
        default_factory=lambda: base64.urlsafe_b64encode(os.urandom(11)).decode(), init=False
    )

    def header(self, name: str) -> str:
        """Return a header's last value, whatever its spelling; empty if it is absent."""
        wanted = name.lower()
        return next((value for known, value in reversed(self.headers) if known.lower() == wanted), "")

    @cached_property
    def request_id(self) -> str:
        """`$context.requestId`: AWS lets clients choose it, unlike the extended one."""
        return self.header("x-amzn-requestid") or str(uuid.uuid4())

    @cached_property
    def querystring(self) -> Mapping[str, str]:
        """The parameters as templates see them: of several values the last one wins."""
        return {name: values[-1] for name, values in self.query.items()}

    @cached_property
    def header_map(self) -> Mapping[str, str]:
        """The headers as templates see them: names compare with their spelling, the last value wins."""
        return dict(self.headers)

    @cached_property
    def stage_variables(self) -> Mapping[str, str]:
        """`$stageVariables`."""
        return self.stage.get("variables") or {}

    @cached_property
    def context(self) -> JavaMap:
        """`$context`, to which an authorizer adds what it knows. First used when the resource is found."""
        moment = time.gmtime(self.time)
        domain = self.domain or f"{self.api_id}.execute-api.{self.region}.amazonaws.com"
        values = {
            "accountId": self.account,
            "apiId": self.api_id,
            "deploymentId": self.stage.get("deploymentId", ""),
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "extendedRequestId": self.extended_request_id,
            "httpMethod": self.method,
            "identity": {"sourceIp": self.source_ip, "userAgent": self.header("user-agent")},
            "path": self.full_path,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", moment),
            "requestTimeEpoch": int(self.time * 1000),
            "resourcePath": self.resource_path,
            "responseOverride": {"header": Overrides(), "status": None},
            "stage": self.stage_name,
        }
        return JavaMap({name: to_java(value) for name, value in values.items()})
