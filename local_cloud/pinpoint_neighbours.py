"""Lambda, S3 and Kinesis as Pinpoint uses them: MiniStack's, with the permissions that AWS would ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from local_cloud import kinesis, resource_policies, service_roles
from local_cloud.buckets import RoleBuckets
from local_cloud.pinpoint import NeighbourError, Neighbours, Source
from local_cloud.refusals import Refusal, refusals
from local_cloud.resource_policies import Visitor

_INVOKE: Final = "lambda:InvokeFunction"
_OTHER_ACCOUNT: Final = "999999999999"
# Pinpoint developer guide, permissions for exports and for event streams: the role trusts this principal.
_ROLE_PRINCIPAL: Final = "pinpoint.amazonaws.com"


def neighbours() -> Neighbours:
    """Return MiniStack's services."""
    return Neighbours(
        functions=_Functions(), buckets=RoleBuckets(_ROLE_PRINCIPAL, "application/gzip"), streams=_Streams()
    )


class _Functions:
    """Lambda. Pinpoint has no role for it: the function's own policy decides."""

    def check(self, function: str, source: Source) -> None:
        """As `Functions.check`."""
        record, config = _found(function, source)
        if record is None or config is None:
            raise NeighbourError(f"the function {function} does not exist")
        reason = _refused(str(config["FunctionArn"]), source)
        if reason:
            raise NeighbourError(reason)

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:
        """As `Functions.invoke`."""
        self.check(function, source)
        record, config = _found(function, source)
        result = lambda_svc._execute_function_with_config_scope(
            lambda_svc._execution_record_for_config(record, config), payload
        )
        answer = result.get("body")
        if result.get("error") or result.get("throttle"):
            raise NeighbourError(f"{function} failed: {answer}")
        if isinstance(answer, (str, bytes)):
            try:
                answer = json.loads(answer)
            except ValueError as error:
                raise NeighbourError(f"{function} did not answer JSON") from error
        return answer


def _found(function: str, source: Source) -> tuple[Any, Any]:
    record, config, _ = lambda_svc._get_func_record_for_ref_in_scope(
        function, account_id=source.account, region=source.region
    )
    return record, config


def _refused(function_arn: str, source: Source) -> str | None:
    """Tell why the function's policy does not let a campaign call it.

    Pinpoint developer guide, custom channels: the principal is that of the Region. Since October 2021 the policy must
    name the account: one that would let any other account in too is refused.
    """
    if not _allowed(function_arn, source, source.account):
        reason = f"the function's policy does not let {source.arn} call it"
    elif _allowed(function_arn, source, _OTHER_ACCOUNT):
        reason = "the function's policy lets Pinpoint in without aws:SourceAccount"
    else:
        return None
    refusals.add(Refusal(_principal(source), _INVOKE, function_arn, reason))
    return reason


def _allowed(function_arn: str, source: Source, account: str) -> bool:
    return resource_policies.allows(Visitor(_principal(source), source.arn, account), _INVOKE, function_arn)


def _principal(source: Source) -> str:
    return f"pinpoint.{source.region}.amazonaws.com"


class _Streams:
    """Kinesis, written to with a role that the caller gave. A Firehose stream can be named and gets nothing."""

    def check(self, stream_arn: str, role_arn: str, source: Source) -> None:
        """As `Streams.check`."""
        if not _is_data_stream(stream_arn):
            return
        if not kinesis.exists(stream_arn):
            raise NeighbourError(f"the stream {stream_arn} does not exist")
        self._authorize(stream_arn, role_arn, source, "kinesis:DescribeStream")

    def put(self, stream_arn: str, role_arn: str, records: Sequence[tuple[str, bytes]], source: Source) -> None:
        """As `Streams.put`."""
        if not _is_data_stream(stream_arn):
            raise NeighbourError(f"records are written to Kinesis data streams only, not to {stream_arn}")
        if not kinesis.exists(stream_arn):
            raise NeighbourError(f"the stream {stream_arn} does not exist")
        self._authorize(stream_arn, role_arn, source, "kinesis:DescribeStream", "kinesis:PutRecords")
        reason = kinesis.write(stream_arn, records)
        if reason:
            raise NeighbourError(reason)

    def _authorize(self, stream_arn: str, role_arn: str, source: Source, *actions: str) -> None:
        with request_scope(source.account, source.region):
            denials = (
                service_roles.check(role_arn, _ROLE_PRINCIPAL, action, stream_arn, source.arn) for action in actions
            )
            denial = next((denial for denial in denials if denial), None)
        if denial:
            refusals.add(denial.refusal)
            raise NeighbourError(denial.message)


def _is_data_stream(arn: str) -> bool:
    return arn.split(":")[2] == "kinesis"
