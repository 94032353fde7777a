"""What tells one emulated service from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local_cloud.service.messages import ServiceError


@dataclass(frozen=True, eq=False)
class Service:
    """One service of AWS.

    Attributes
    ----------
    label
        What its faults and kills are called by, such as `pinpoint`.
    model
        Name of botocore's service model.
    signing_name
        What its requests are signed for, and the prefix of its actions and ARNs.
    resources
        The operations that are emulated, and what each is about in IAM: the resource after the colon that ends the
        account, with parameters of the path in braces; "" where only the request's ARN says it, "*" where IAM knows
        no resource.
    errors
        Name of the error by HTTP status, for errors that have no name of their own.
    throttled
        What a call too many is answered.
    largest_body
        Bytes that a request can have, None without limit.
    has_limits
        Whether lengths, ranges and patterns of the service model hold.
    """

    label: str
    model: str
    signing_name: str
    resources: Mapping[str, str]
    errors: Mapping[int, str]
    throttled: ServiceError = field(default_factory=lambda: ServiceError(429, "too many requests"))
    largest_body: int | None = None
    has_limits: bool = True
