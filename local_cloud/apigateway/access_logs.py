"""Access logs: one line per answer in the stage's log group, in the stage's format."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from typing import Final

from ministack.core.responses import request_scope
from ministack.services import apigateway_v1 as records
from ministack.services import cloudwatch_logs

from local_cloud import service_roles
from local_cloud.apigateway import mapping
from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.apigateway.java import JavaMap
from local_cloud.refusals import refusals

_SERVICE: Final = "apigateway.amazonaws.com"
_VARIABLE: Final = re.compile(r"\$(context(?:\.[\w-]+)+)")
_GROUP: Final = re.compile(r"arn:aws[a-z-]*:logs:([a-z0-9-]+):(\d{12}):log-group:([^:]+)(:\*)?")
_ABSENT: Final = "-"

log = logging.getLogger("local_cloud.apigateway")


class AccessLogs:
    """Writes what stages answer."""

    def observe(self, exchange: Exchange, answer: Answer) -> None:
        """Write the line of an answer, if its stage wants one.

        Parameters
        ----------
        exchange
            The request.
        answer
            What was answered.
        """
        settings = exchange.stage.get("accessLogSettings") or {}
        found = _GROUP.fullmatch(settings.get("destinationArn") or "")
        if found is None:
            return
        region, account, group = found[1], found[2], found[3]
        role = (records._account_settings.get("settings") or {}).get("cloudwatchRoleArn")
        denial = service_roles.check(role, _SERVICE, "logs:PutLogEvents", f"arn:aws:logs:{region}:{account}:*")
        if denial:
            refusals.add(denial.refusal)
            return
        with request_scope(account, region):
            _write(group, exchange, render(settings.get("format") or "", exchange, answer))


def render(template: str, exchange: Exchange, answer: Answer) -> str:
    """Fill in a format.

    Parameters
    ----------
    template
        Text with `$context` variables.
    exchange
        The request.
    answer
        What was answered.

    Returns
    -------
    str
        The line; what is not known is a hyphen.
    """
    milliseconds = round((time.time() - exchange.time) * 1000)
    exchange.context.put("status", answer.status)
    exchange.context.put("responseLength", len(answer.body))
    exchange.context.put("responseLatency", milliseconds)
    integration = exchange.context.get("integration")
    if isinstance(integration, JavaMap):
        exchange.context.put("integrationStatus", integration.get("status"))
    return _VARIABLE.sub(lambda found: mapping.evaluate(found[1], exchange) or _ABSENT, template)


def _write(group: str, exchange: Exchange, line: str) -> None:
    if group not in cloudwatch_logs._log_groups:
        log.warning("there is no log group %s for the access logs of %s", group, exchange.api_id)
        return
    stream = hashlib.sha256(f"{exchange.api_id}/{exchange.stage_name}".encode()).hexdigest()[:32]
    if stream not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    event = {"timestamp": int(exchange.time * 1000), "message": line}
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": [event]})
