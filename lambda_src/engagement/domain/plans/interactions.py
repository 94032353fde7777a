"""Rules of `only` and `unless`: what a plan may ask of an earlier step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engagement.domain.interactions.kinds import Did
from engagement.domain.plans.endpoints import PUSH_TYPES
from engagement.domain.plans.faults import Fault
from engagement.domain.plans.model import Channel, Condition, Plan, Send, Step
from engagement.domain.plans.settings import PlanSettings

_KNOWN: Mapping[Channel, frozenset[Did]] = {
    Channel.EMAIL: frozenset({Did.DELIVERED, Did.OPENED, Did.CLICKED}),
    Channel.SMS: frozenset({Did.DELIVERED}),
    Channel.PUSH: frozenset({Did.DELIVERED, Did.OPENED}),
    Channel.CUSTOM: frozenset({Did.DELIVERED}),
}


def faults_of(plan: Plan, settings: PlanSettings) -> Iterator[Fault]:
    """Every fault of a plan's conditions on what recipients did."""
    for number, step in enumerate(plan.steps):
        earlier = {one.id: one for one in plan.steps[:number]}
        for send in step.sends:
            for condition in send.conditions:
                yield from _condition(plan, earlier, send, condition, settings)


def _condition(
    plan: Plan, earlier: Mapping[str, Step], send: Send, condition: Condition, settings: PlanSettings
) -> Iterator[Fault]:
    if not settings.filter_function:
        rule = "interactions are switched off, so nobody knows what a recipient did"
        remedy = "Remove it, or ask the platform team to set company_events.interactions"
        yield Fault(condition.where, rule, remedy)
    where = (*condition.where, "step")
    step = earlier.get(condition.step)
    if step is None:
        later = condition.step in {one.id for one in plan.steps}
        rule = f'step "{condition.step}" does not come before this one' if later else f'no step "{condition.step}"'
        yield Fault(where, rule, _one_of(earlier))
    elif not step.sends:
        yield Fault(where, f'step "{condition.step}" sends nothing', _one_of(earlier))
    elif not any(condition.did in _KNOWN[one.channel] for one in step.sends if _endpoints(one) & _endpoints(send)):
        rule = f'no send of step "{condition.step}" tells of these recipients whether they {_DID[condition.did]}'
        remedy = (
            "Refer to a step with a send on the same channel, since each endpoint has one channel; opened is known of "
            "EMAIL and PUSH, clicked of EMAIL, delivered of all"
        )
        yield Fault(condition.where, rule, remedy)


_DID = {Did.DELIVERED: "received it", Did.OPENED: "opened it", Did.CLICKED: "clicked"}


def _endpoints(send: Send) -> frozenset[str]:
    """Types of the endpoints that a send reaches."""
    if send.channel is Channel.CUSTOM:
        return frozenset(send.endpoint_types or ("CUSTOM",))
    return frozenset(PUSH_TYPES if send.channel is Channel.PUSH else [send.channel.value])


def _one_of(earlier: Mapping[str, Step]) -> str:
    names = [name for name, step in earlier.items() if step.sends]
    return f"Use one of {', '.join(names)}" if names else "Remove it: no step that sends comes before"
