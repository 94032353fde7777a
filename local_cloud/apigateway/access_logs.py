"""Access logs of a stage, written with the account's logging role."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from ministack.services import apigateway_v1 as records
from ministack.services import cloudwatch_logs

from local_cloud import service_roles
from local_cloud.apigateway import mapping
from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.refusals import Refusal, refusals

_VARIABLE: Final = re.compile(r"\$(context(?:\.[\w-]+)+)")
_refused: set[Refusal] = set()


def write(exchange: Exchange, answer: Answer, seconds: float) -> None:
    """Log a request, if its stage has access logs.

    Parameters
    ----------
    exchange, answer
        The request and what the caller got.
    seconds
        How long that took.
    """
    settings = exchange.stage.get("accessLogSettings") or {}
    if not settings.get("destinationArn"):
        return
    exchange.context["status"] = answer.status
    exchange.context["responseLength"] = len(answer.body)
    exchange.context["responseLatency"] = round(seconds * 1000)
    line = _VARIABLE.sub(lambda found: mapping.evaluate(found[1], exchange) or "-", settings["format"])
    _put(settings["destinationArn"].removesuffix(":*"), exchange, line)


def _put(destination: str, exchange: Exchange, line: str) -> None:
    group = destination.split(":", 6)[6]
    stream = hashlib.sha256(f"{exchange.api_id}/{exchange.stage_name}".encode()).hexdigest()[:32]
    role = (records._account_settings.get("settings") or {}).get("cloudwatchRoleArn")
    denial = service_roles.check(
        role, "apigateway.amazonaws.com", "logs:PutLogEvents", f"{destination}:log-stream:{stream}"
    )
    if denial:
        if denial.refusal not in _refused:
            _refused.add(denial.refusal)
            refusals.add(denial.refusal)
        return
    where = {"logGroupName": group, "logStreamName": stream}
    if stream not in (cloudwatch_logs._log_groups.get(group) or {}).get("streams", {}):
        cloudwatch_logs._create_log_stream(where)
    event = {"timestamp": int(exchange.time * 1000), "message": line}
    cloudwatch_logs._put_log_events({**where, "logEvents": [event]})
