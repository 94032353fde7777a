"""Deliveries of rules: each target must let EventBridge in; what is refused goes to the target's dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.services import eventbridge

from local_cloud import patching, resource_policies, service_roles, sqs
from local_cloud.refusals import Refusal, refusals
from local_cloud.resource_policies import Visitor

PRINCIPAL: Final = "events.amazonaws.com"
_ERROR_CODE: Final = "NO_PERMISSIONS"


@dataclass(frozen=True)
class _Delivery:
    """What is on its way to a target."""

    rule: Mapping[str, Any]
    target: Mapping[str, Any]
    event: Mapping[str, Any]

    @property
    def visitor(self) -> Visitor:
        return Visitor(PRINCIPAL, self.rule["Arn"], get_account_id())


_delivery: ContextVar[_Delivery] = ContextVar("local_cloud_delivery")


def install() -> None:
    """Change how targets are reached."""
    patching.replace("targets are known", eventbridge, "_invoke_target", "InputTransformer", by=_invoking)
    patching.replace(
        "queues must let EventBridge in",
        eventbridge,
        "_dispatch_to_sqs",
        'queue["messages"].append(msg)',
        by=lambda send: lambda spec, *rest: _guarded(lambda: _locked(send, spec, *rest), _queue_refusal(str(spec))),
    )
    patching.replace(
        "functions must let EventBridge in",
        eventbridge,
        "_dispatch_to_lambda",
        "_execute_function_with_config_scope",
        by=lambda call: lambda arn, payload: _guarded(lambda: call(arn, payload), _function_refusal(arn)),
    )
    patching.replace(
        "executions need the target's role",
        eventbridge,
        "_dispatch_to_stepfunctions",
        "_start_execution",
        by=lambda start: lambda arn, payload: _guarded(lambda: start(arn, payload), _execution_refusal(arn)),
    )
    for kind in ("event_bus", "sns", "api_destination"):
        patching.replace(
            "targets that would not be checked", eventbridge, f"_dispatch_to_{kind}", by=lambda _: _unsupported
        )


def _invoking(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoke_target(
        target: Mapping[str, Any],
        event: Mapping[str, Any],
        rule: Mapping[str, Any],
        view: Any = None,  # noqa: ANN401
    ) -> None:
        view = view or eventbridge._pattern_event_view(event)
        token = _delivery.set(_Delivery(rule, target, view.event_with_detail()))
        try:
            invoke(target, event, rule, view)
        finally:
            _delivery.reset(token)

    return invoke_target


def _guarded(deliver: Callable[[], None], refusal: Refusal | None) -> None:
    if refusal is None:
        deliver()
        return
    refusals.add(refusal)
    _bury(_delivery.get(), refusal)


def _locked(send: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - MiniStack's own values
    with sqs.lock:
        send(*arguments)


def _queue_refusal(arn: str) -> Refusal | None:
    return resource_policies.refusal(_delivery.get().visitor, "sqs:SendMessage", arn)


def _function_refusal(arn: str) -> Refusal | None:
    return resource_policies.refusal(_delivery.get().visitor, "lambda:InvokeFunction", arn)


def _execution_refusal(arn: str) -> Refusal | None:
    delivery = _delivery.get()
    role = delivery.target.get("RoleArn")
    denial = service_roles.check(role, PRINCIPAL, "states:StartExecution", arn, delivery.rule["Arn"])
    return denial.refusal if denial else None


def _unsupported(*_: object) -> None:
    delivery = _delivery.get()
    reason = "the local cloud delivers to queues, functions and state machines only"
    refusals.add(Refusal(PRINCIPAL, "events:InvokeTarget", delivery.target["Arn"], reason))


def _bury(delivery: _Delivery, refusal: Refusal) -> None:
    """Send an event that could not be delivered to the target's dead-letter queue, if that lets EventBridge in."""
    queue_arn = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue_arn:
        return
    also_refused = resource_policies.refusal(delivery.visitor, "sqs:SendMessage", queue_arn)
    if also_refused:
        refusals.add(also_refused)
        return
    sqs.deliver(
        queue_arn,
        json.dumps(delivery.event),
        {
            "RULE_ARN": delivery.rule["Arn"],
            "TARGET_ARN": delivery.target["Arn"],
            "ERROR_CODE": _ERROR_CODE,
            "ERROR_MESSAGE": refusal.reason,
        },
    )
