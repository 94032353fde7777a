"""Buses: who may put events on them, and which events they take."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge

from local_cloud import patching
from local_cloud.eventbridge import objects
from local_cloud.iam import denial_sentence
from local_cloud.refusals import Refusal, refusals

_Data = Mapping[str, Any]
_Response = tuple[int, dict[str, str], bytes]
_PUT: Final = "events:PutEvents"
_BUS: Final = re.compile(r"arn:aws[a-z-]*:events:([a-z0-9-]+):(\d{12}):event-bus/([\w.-]+)")
_MOST_ENTRIES: Final = 10
# EventBridge user guide, "Calculating PutEvents event entry size".
_MOST_ENTRY_BYTES: Final = 262_144
_TIME_BYTES: Final = 14
_REQUIRED: Final = ("Source", "DetailType", "Detail")

# The account whose events are put on the bus of another one.
_sender: ContextVar[str | None] = ContextVar("local_cloud_event_sender", default=None)


def install() -> None:
    """Change who and what buses let in."""
    patching.replace("events are checked", eventbridge, "_put_events", "Member must have length", by=_putting)
    patching.replace("events keep their account", eventbridge, "_dispatch_event", "view = view or", by=_dispatching)
    patching.replace("policies of buses", eventbridge, "_put_permission", '"Sid": statement_id', by=_permitting)
    eventbridge.event_bus_policy_for_arn = _policy
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "event_bus_policy_for_arn")


def _policy(arn: str) -> tuple[Any, str] | None:
    """Return the policy and the owner of a bus, as MiniStack asks other resources for theirs."""
    found = _BUS.fullmatch(arn)
    if found is None:
        return None
    region, account, name = found.groups()
    with request_scope(account, region):
        return eventbridge._event_bus_policies.get(name), account


def _putting(put: Callable[..., _Response]) -> Callable[..., _Response]:
    def put_events(data: _Data, allow_aws_source: bool = False) -> _Response:
        entries = data.get("Entries") or []
        if not 0 < len(entries) <= _MOST_ENTRIES:
            refused: _Response = eventbridge.error_response_json(
                "ValidationException",
                f"1 validation error detected: Value '{len(entries)}' at 'entries' failed to satisfy constraint: "
                f"Member must have length between 1 and {_MOST_ENTRIES}",
                400,
            )
            return refused
        denied = next(filter(None, (_denied(entry) for entry in entries)), None)
        if denied:
            refusals.add(denied)
            answer: _Response = eventbridge.error_response_json("AccessDeniedException", denied.reason, 400)
            return answer
        results = [_put_one(put, entry, allow_aws_source) for entry in entries]
        failed = sum("ErrorCode" in result for result in results)
        done: _Response = eventbridge.json_response({"FailedEntryCount": failed, "Entries": results})
        return done

    return put_events


def _denied(entry: _Data) -> Refusal | None:
    """Tell why another account's bus does not let the caller in; MiniStack lets an account's root pass everywhere."""
    bus = str(entry.get("EventBusName", ""))
    found = _BUS.fullmatch(bus)
    if found is None or found[2] == get_account_id():
        return None
    caller = iam_evaluator._request_caller_arn.get() or f"arn:aws:iam::{get_account_id()}:root"
    context = iam_evaluator.EvalContext(
        caller,
        "Root",
        get_account_id(),
        _PUT,
        bus,
        found[1],
        service_context={"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")},
    )
    policy = _policy(bus)
    decision = iam_evaluator.evaluate_resource_policy(policy[0] if policy else None, context).decision
    return None if decision == "Allow" else Refusal(caller, _PUT, bus, denial_sentence(caller, _PUT, bus, decision))


def _put_one(put: Callable[..., _Response], entry: _Data, allow_aws_source: bool) -> dict[str, Any]:
    problem = _problem(entry)
    if problem:
        return problem
    found = _BUS.fullmatch(str(entry.get("EventBusName", "")))
    if found is None or found[2] == get_account_id() or found[1] != get_region():
        return _result(put({"Entries": [entry]}, allow_aws_source))
    token = _sender.set(get_account_id())
    try:
        with request_scope(found[2], found[1]):
            eventbridge._ensure_default_bus()
            return _result(put({"Entries": [{**entry, "EventBusName": found[3]}]}, allow_aws_source))
    finally:
        _sender.reset(token)


def _result(response: _Response) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(response[2])["Entries"][0]
    return result


def _problem(entry: _Data) -> dict[str, Any] | None:
    missing = next((name for name in _REQUIRED if not entry.get(name)), None)
    if missing:
        return {
            "ErrorCode": "InvalidArgument",
            "ErrorMessage": f"Parameter {missing} is not valid. Reason: {missing} is a required argument.",
        }
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    texts = [*(entry[name] for name in _REQUIRED), *entry.get("Resources", [])]
    if sum(len(text.encode()) for text in texts) + (_TIME_BYTES if "Time" in entry else 0) > _MOST_ENTRY_BYTES:
        return {"ErrorCode": "ValidationException", "ErrorMessage": "Total size of the entry is larger than 256 KB."}
    return None


def _dispatching(dispatch: Callable[..., None]) -> Callable[..., None]:
    def dispatch_event(event: _Data, view: object = None) -> None:
        complete = objects.with_version(event)
        sender = _sender.get()
        if sender:
            complete = {**complete, "Account": sender}
        dispatch(complete, view if complete is event else None)

    return dispatch_event


def _permitting(permit: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    def put_permission(data: _Data) -> _Response:
        bus = data.get("EventBusName") or "default"
        if bus not in eventbridge._event_buses:
            return _error("ResourceNotFoundException", f"Event bus {bus} does not exist.")
        if "Policy" not in data:
            principal = str(data.get("Principal", ""))
            named = principal if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"}
            return permit({**data, "EventBusName": bus, "Principal": named})
        try:
            policy = json.loads(data["Policy"])
            statements = policy["Statement"]
        except (ValueError, KeyError, TypeError):
            return _error("ValidationException", "The policy is not a JSON document with statements.")
        if not statements:
            return _error("ValidationException", "The policy has no statements.")
        eventbridge._event_bus_policies[bus] = policy
        done: _Response = eventbridge.json_response({})
        return done

    return put_permission


def _error(code: str, message: str) -> _Response:
    refused: _Response = eventbridge.error_response_json(code, message, 400)
    return refused
