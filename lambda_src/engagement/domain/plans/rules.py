"""Rules that a schema cannot say: what belongs together, what a plan may reach, and what the destinations take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta

from engagement.domain.plans import audience, campaigns, limits, texts
from engagement.domain.plans.audience import Criterion, Expression, Group
from engagement.domain.plans.connect import rules as connect
from engagement.domain.plans.escaping import unsafe_places
from engagement.domain.plans.faults import Fault, one_of
from engagement.domain.plans.model import Channel, Orchestrator, Plan, Send, Step
from engagement.domain.plans.pinpoint import rules as pinpoint
from engagement.domain.plans.placeholders import malformed, names
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.rules import globs


def faults_of(plan: Plan, audiences: Collection[str], settings: PlanSettings) -> list[Fault]:
    """Every fault of a plan.

    Parameters
    ----------
    plan
        As far as it could be read.
    audiences
        Names that may be referred to.
    settings
        What plans may reach.
    """
    return [
        *_audiences(plan, audiences, settings),
        *_steps(plan),
        *_orchestrator(plan),
        *([] if plan.otherwise else journey_faults(plan, settings)),
        *_stamps(plan, audiences, settings),
        *_head_room(plan, settings),
        *(fault for step in plan.steps for fault in _twice(step)),
        *(fault for step in plan.steps for send in step.sends for fault in _send(send, audiences)),
        *_destinations(plan, settings),
        *_texts(plan),
    ]


def shared_stamps(plans: Mapping[str, Plan]) -> dict[str, list[Fault]]:
    """Attributes that several plans stamp, so that each overwrites what the other wrote.

    Parameters
    ----------
    plans
        By a name that people know them by, such as the file.

    Returns
    -------
    dict
        Faults by the same names, for plans that do not say `allow_shared`.
    """
    faults: dict[str, list[Fault]] = {}
    for name, plan in plans.items():
        others = {
            attribute: other
            for other, its in plans.items()
            if other != name
            for step in its.steps
            if step.stamp
            for attribute in step.stamp.values
        }
        faults[name] = [
            Fault(
                (*step.stamp.where, "set", attribute),
                f"{others[attribute]} stamps this attribute too",
                "Choose another name, or set allow_shared in both if each may overwrite the other",
            )
            for step in plan.steps
            if step.stamp and not step.stamp.allow_shared
            for attribute in step.stamp.values
            if attribute in others
        ]
    return faults


def _audiences(plan: Plan, known: Collection[str], settings: PlanSettings) -> Iterator[Fault]:
    reserved = globs(settings.reserved_user_attributes)
    named = audience.named(plan.audiences)
    for name, expression in plan.audiences.items():
        where = ("audiences", name)
        if expression == Group("all", ()):
            yield Fault(where, "selects nobody", "Add everyone, where, segment_id, audience, all, any or none")
        if _depth(expression) > limits.AUDIENCE_DEPTH:
            remedy = "Give the inner parts names in audiences, and refer to them"
            yield Fault(where, f"nested more than {limits.AUDIENCE_DEPTH} deep", remedy)
        if name in audience.reached([name], named):
            yield Fault(where, "refers to itself, by way of the audiences that it names", "Break the circle")
        for reference in audience.references(expression):
            if reference.name not in known:
                yield Fault(reference.where, f'no audience "{reference.name}"', one_of(known))
        if _values(expression) > limits.SEGMENT_VALUES - 1:
            rule = f"more than {limits.SEGMENT_VALUES - 1} values in all (a segment has {limits.SEGMENT_VALUES})"
            yield Fault(where, rule, "Split it into audiences, or stamp an attribute that stands for the list")
        for criterion in audience.criteria(expression):
            yield from _criterion(criterion, reserved)


def _criterion(criterion: Criterion, reserved: Callable[[str], bool]) -> Iterator[Fault]:
    kind, _, name = criterion.subject.partition(".")
    if kind in ("user", "endpoint") and reserved(name):
        yield Fault(criterion.where, "the attribute is reserved", "Select by another attribute")
    if criterion.operator == "between" and criterion.values[0] >= criterion.values[1]:  # type: ignore[operator]
        yield Fault(criterion.where, "the earlier moment comes second", "Write the earlier moment first")
    for value in criterion.values:
        if isinstance(value, str) and "{{" in value:
            rule = "a placeholder has no place in an audience"
            yield Fault(criterion.where, rule, "Write the value itself, or stamp an attribute first and select by that")


def _depth(expression: Expression) -> int:
    """Levels of any and none; what is given side by side is on one level."""
    if not isinstance(expression, Group):
        return 0
    return (expression.joint != "all") + max(map(_depth, expression.members), default=0)


def _values(expression: Expression) -> int:
    return sum(len(criterion.values) for criterion in audience.criteria(expression))


def _steps(plan: Plan) -> Iterator[Fault]:
    ids = Counter(step.id for step in plan.steps if step.id)
    seen: set[str] = set()
    for step in plan.steps:
        if step.id in seen and ids[step.id] > 1:
            yield Fault((*step.where, "id"), f'"{step.id}" is the id of an earlier step', "Give each step its own id")
        seen.add(step.id)
    waits = [(step, step.wait) for step in plan.steps if step.wait is not None]
    for step, wait in waits:
        if wait < limits.SHORTEST_WAIT:
            yield Fault((*step.where, "wait"), "shorter than a minute", "Wait PT1M or longer, or leave the step out")
    if sum((wait for _, wait in waits), timedelta(0)) > limits.LONGEST_WAIT:
        rule = "the waits of a plan are longer than 365 days together"
        yield Fault((*waits[-1][0].where, "wait"), rule, "Wait less, or begin a second plan with a second event")
    if plan.steps and plan.steps[-1].wait is not None and not plan.steps[-1].sends:
        yield Fault(plan.steps[-1].where, "nothing comes after this wait", "Add a step, or leave the wait out")


def _orchestrator(plan: Plan) -> Iterator[Fault]:
    if plan.orchestrator is Orchestrator.SCHEDULE and plan.schedule is None:
        yield Fault(("schedule",), "missing", "Write now, or a moment in UTC such as 2027-01-31T09:00:00Z")
    if plan.orchestrator is not Orchestrator.SCHEDULE and plan.schedule is not None:
        yield Fault(("schedule",), f"{plan.orchestrator} starts by its event", "Remove it, or use schedule")
    if plan.orchestrator is not Orchestrator.JOURNEY and plan.otherwise is not None:
        remedy = "Remove it, or use the orchestrator journey"
        yield Fault(("otherwise",), f"{plan.orchestrator} can carry every plan", remedy)


def journey_faults(plan: Plan, settings: PlanSettings) -> Iterator[Fault]:
    """Why a journey cannot carry a plan that asks for one."""
    if plan.orchestrator is not Orchestrator.JOURNEY:
        return
    if settings.sends_by == "connect":
        rule = "Amazon Connect has no journeys that are made from plans"
        yield Fault(("orchestrator",), rule, f"Leave it out, {pinpoint.OTHERWISE}")
    else:
        yield from pinpoint.journey_faults(plan, settings)


def orchestrator(plan: Plan, settings: PlanSettings) -> Orchestrator:
    """What walks a plan that has no faults."""
    if plan.otherwise is not None and any(journey_faults(plan, settings)):
        return plan.otherwise
    return plan.orchestrator


def _destinations(plan: Plan, settings: PlanSettings) -> Iterator[Fault]:
    """What the destination that sends cannot do, and what the other cannot stamp."""
    if settings.connect is None or settings.sends_by == "pinpoint":
        yield from pinpoint.faults_of(plan, settings)
    if settings.connect is not None:
        check = connect.faults_of if settings.sends_by == "connect" else connect.stamp_faults
        yield from check(plan, settings.connect)


def _stamps(plan: Plan, known: Collection[str], settings: PlanSettings) -> Iterator[Fault]:
    reserved = globs(settings.reserved_user_attributes)
    for stamp in (step.stamp for step in plan.steps if step.stamp):
        for index, name in enumerate(stamp.audiences):
            if name not in known:
                yield Fault((*stamp.where, "audiences", index), f'no audience "{name}"', one_of(known))
        for attribute in stamp.values:
            if reserved(attribute):
                where = (*stamp.where, "set", attribute)
                yield Fault(where, "the attribute is reserved", "Choose another name")


def _head_room(plan: Plan, settings: PlanSettings) -> Iterator[Fault]:
    room = settings.active_campaigns
    together = 0
    for step in plan.steps:
        before = together
        together = 0 if step.wait is not None else together + campaigns.needed(step, settings.sends_by)
        if together > room >= before:
            rule = f"more than {room} campaigns without a wait between them, where {room} may be active at once"
            yield Fault(step.where, rule, "Send to fewer audiences or channels, or wait before this step")


def _twice(step: Step) -> Iterator[Fault]:
    seen: set[tuple[str, Channel, str | None]] = set()
    for send in step.sends:
        key = (send.audience, send.channel, send.custom_channel)
        if key in seen:
            rule = "this audience and channel stand in this step already"
            yield Fault(send.where, rule, "Use treatments for variants, or another step")
        seen.add(key)


def _send(send: Send, known: Collection[str]) -> Iterator[Fault]:
    if send.audience not in known:
        yield Fault((*send.where, "audience"), f'no audience "{send.audience}"', one_of(known))
    yield from _channel(send)
    yield from _shares(send)
    if send.quiet_time and send.quiet_time[0] == send.quiet_time[1]:
        yield Fault((*send.where, "quiet_time"), "begins when it ends", "Let it end at another time, or leave it out")
    longest = send.limits.maximum_duration
    if longest is not None and longest < limits.SHORTEST_MAXIMUM_DURATION:
        where = (*send.where, "limits", "maximum_duration")
        yield Fault(where, "shorter than a minute", "Write PT1M or longer")
    if send.start.delay > limits.LONGEST_DELAY:
        yield Fault((*send.where, "start"), "later than 365 days", "Start within a year")


def _channel(send: Send) -> Iterator[Fault]:
    """What belongs to one channel only."""
    only = {
        "sender": (send.sender, (Channel.EMAIL, Channel.SMS)),
        "message_type": (send.message_type, (Channel.SMS,)),
        "custom_channel": (send.custom_channel, (Channel.CUSTOM,)),
        "endpoint_types": (send.endpoint_types, (Channel.CUSTOM,)),
    }
    for key, (value, channels) in only.items():
        if value and send.channel not in channels:
            rule = f"{send.channel} has no {key}"
            yield Fault((*send.where, key), rule, f"Remove it; it is for {' and '.join(channels)}")
    for content in send.contents:
        if content.template_version and not content.template:
            where = (*content.where, "template_version")
            yield Fault(where, "a version without a template", "Name the template, or remove the version")


def _shares(send: Send) -> Iterator[Fault]:
    shares = sum(treatment.percent for treatment in send.treatments) + send.holdout_percent
    if shares > limits.TREATMENTS_PERCENT:
        rule = f"treatments and holdout are {shares} percent together, which leaves nobody for the send itself"
        where = (*send.where, "treatments" if send.treatments else "holdout_percent")
        yield Fault(where, rule, f"Keep them to {limits.TREATMENTS_PERCENT} percent together")
    used = Counter(treatment.name for treatment in send.treatments)
    for treatment in send.treatments:
        if used[treatment.name] > 1:
            where = (*treatment.where, "name")
            yield Fault(where, f'the name "{treatment.name}" is used twice', "Give each treatment its own name")


def _texts(plan: Plan) -> Iterator[Fault]:
    has_event = plan.orchestrator is not Orchestrator.SCHEDULE
    for text in texts.of_plan(plan):
        if malformed(text.text):
            yield Fault(text.where, "a placeholder that is not in the form {{event.name}}", "Write {{event.name}}")
        asked = list(dict.fromkeys(names(text.text)))
        if asked and not has_event:
            rule = f"a schedule has no event, so there is no {{{{event.{asked[0]}}}}}"
            yield Fault(text.where, rule, "Write the value itself, or let an event start the plan")
        if text.html and (unsafe := unsafe_places(text.text)):
            rule = f"{unsafe[0]} stands inside a tag, a comment, a script or a style, where its value could be code"
            remedy = 'Put it between tags, or behind an address, as in href="https://www.example.com/{{event.x}}"'
            yield Fault(text.where, rule, remedy)
        if fault := text.too_long():
            yield fault
