"""Targets of schedules: queues and functions, reached with the schedule's role."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from local_cloud import service_roles, sqs
from local_cloud.refusals import Refusal, refusals

PRINCIPAL: Final = "scheduler.amazonaws.com"
_TARGET: Final = re.compile(r"arn:aws[a-z-]*:(sqs:[a-z0-9-]+:\d{12}:[\w-]+|lambda:[a-z0-9-]+:\d{12}:function:[\w:$-]+)")
_SEND: Final = "sqs:SendMessage"
_INVOKE: Final = "lambda:InvokeFunction"

# Where hours pass within seconds, calls of one schedule would pile up: none comes while the last one is under way.
_calls: dict[str, threading.Thread] = {}


def is_known(arn: str) -> bool:
    """Tell whether the local cloud serves a target.

    Parameters
    ----------
    arn
        The target.

    Returns
    -------
    bool
        Whether it is a standard queue or a function.
    """
    return _TARGET.fullmatch(arn) is not None


def group_arn(name: str) -> str:
    """Return the ARN of a group in the current account: the scheduler's `aws:SourceArn` when it takes on a role.

    Parameters
    ----------
    name
        The group.

    Returns
    -------
    str
        Its ARN.
    """
    return f"arn:aws:scheduler:{get_region()}:{get_account_id()}:schedule-group/{name}"


def invoke(schedule: Mapping[str, Any], moment: datetime) -> None:
    """Carry out a schedule once; what is refused goes to its dead-letter queue.

    Parameters
    ----------
    schedule
        MiniStack's record, of the current account.
    moment
        The moment that it was planned for.
    """
    target = schedule["Target"]
    values = {
        "scheduled-time": _text(moment),
        "execution-id": str(uuid.uuid4()),
        "schedule-arn": schedule["Arn"],
        "attempt-number": "1",
    }
    payload = _payload(schedule, values)
    refusal = _deliver(schedule, payload)
    if refusal is None:
        return
    refusals.add(refusal)
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not dead_letters:
        return
    told = {
        "SCHEDULE_ARN": schedule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "AccessDeniedException",
        "ERROR_MESSAGE": refusal.reason,
        "SCHEDULED_TIME": values["scheduled-time"],
        "EXECUTION_ID": values["execution-id"],
    }
    also_refused = _send(dead_letters, target["RoleArn"], schedule["GroupName"], payload, told)
    if also_refused:
        refusals.add(also_refused)


def _payload(schedule: Mapping[str, Any], values: Mapping[str, str]) -> str:
    text = schedule["Target"].get("Input")
    if text is None:
        return json.dumps(
            {
                "version": "0",
                "id": values["execution-id"],
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "account": get_account_id(),
                "time": values["scheduled-time"],
                "region": get_region(),
                "resources": [schedule["Arn"]],
                "detail": "{}",
            }
        )
    filled = str(text)
    for name, value in values.items():
        filled = filled.replace(f"<aws.scheduler.{name}>", value)
    return filled


def _deliver(schedule: Mapping[str, Any], payload: str) -> Refusal | None:
    arn, role, group = schedule["Target"]["Arn"], schedule["Target"]["RoleArn"], schedule["GroupName"]
    if ":sqs:" in arn:
        return _send(arn, role, group, payload)
    denial = service_roles.check(role, PRINCIPAL, _INVOKE, arn, group_arn(group))
    if denial:
        return denial.refusal
    record, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if not record or not config:
        return Refusal(role, _INVOKE, arn, "the function does not exist")
    if schedule["Arn"] in _calls and _calls[schedule["Arn"]].is_alive():
        return None
    _calls[schedule["Arn"]] = threading.Thread(
        target=lambda_svc._execute_function_with_config_scope,
        args=(lambda_svc._execution_record_for_config(record, config), json.loads(payload)),
        name="scheduler-function",
        daemon=True,
    )
    _calls[schedule["Arn"]].start()
    return None


def _send(arn: str, role: str, group: str, payload: str, attributes: Mapping[str, str] | None = None) -> Refusal | None:
    denial = service_roles.check(role, PRINCIPAL, _SEND, arn, group_arn(group))
    if denial:
        return denial.refusal
    if not sqs.deliver(arn, payload, attributes):
        return Refusal(role, _SEND, arn, "the queue does not exist")
    return None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
