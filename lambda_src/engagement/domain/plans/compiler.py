"""A plan and an event, compiled to what has to be made at the engagement service, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engagement.domain.destinations import DestinationName
from engagement.domain.plans import texts
from engagement.domain.plans.campaigns import Campaigns, PlannedCampaign
from engagement.domain.plans.connect.campaigns import ConnectCampaigns
from engagement.domain.plans.connect.segments import ConnectSegment
from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.model import Plan, Stamp, Step
from engagement.domain.plans.names import Names
from engagement.domain.plans.pinpoint.campaigns import PinpointCampaigns
from engagement.domain.plans.pinpoint.segments import PinpointSegment
from engagement.domain.plans.segments import PlannedSegment, Segments
from engagement.domain.plans.settings import PlanSettings

_MAKERS: Mapping[DestinationName, tuple[type[PlannedSegment], type[Campaigns]]] = {
    DestinationName.PINPOINT: (PinpointSegment, PinpointCampaigns),
    DestinationName.CONNECT: (ConnectSegment, ConnectCampaigns),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One occurrence of a company event.

    Parameters
    ----------
    key
        What makes it the only one: the producer's event ID, or plan and planned time.
    values
        The event's attributes as texts; none for a schedule.
    """

    key: str
    values: Mapping[str, str]

    @classmethod
    def of(cls, key: str, detail: Mapping[str, object]) -> Run:
        """A run for an event's detail: texts, numbers, true and false become texts, anything else is left out."""
        return cls(key, {name: text for name, value in detail.items() if (text := _text(value)) is not None})


@dataclass(frozen=True, slots=True)
class PlannedExport:
    """A segment whose members have to be exported, so that they can be stamped."""

    name: str
    audience: str
    segment: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What one step of a run makes.

    Parameters
    ----------
    segments
        All that the step needs, in an order in which they can be made; other steps of the run may need the same ones,
        under the same names.
    stamp
        User attributes to write, filled; None if the step does not stamp.
    wait
        Time that passes before the next step; None if the step does not wait.
    """

    id: str
    segments: tuple[PlannedSegment, ...] = ()
    campaigns: tuple[PlannedCampaign, ...] = ()
    exports: tuple[PlannedExport, ...] = ()
    stamp: Mapping[str, tuple[str, ...]] | None = None
    wait: timedelta | None = None


def compile_step(
    plan: Plan, step: Step, run: Run, settings: PlanSettings, now: datetime, made_at: datetime | None = None
) -> PlannedStep:
    """Say what a step makes at the destination that sends.

    What a stamp makes at another destination is what it would make if that one sent.

    Parameters
    ----------
    plan, step
        A plan that `parse` has let pass, and one of its steps.
    run
        The event.
    settings
        Those with which the plan was checked.
    now
        When the step begins; with the same moment the result is the same.
    made_at
        When its campaigns are made, if that is later: none starts sooner than the lead after it.

    Raises
    ------
    PlanError
        The event lacks an attribute, a value is too long for its place, or a start has passed. Nothing may be made.
    """
    faults: list[Fault] = []
    names = Names(plan.event, run.key)
    segment, maker = _MAKERS[settings.sends_by]
    segments = Segments(names, plan.audiences, segment)
    campaigns = maker(names, plan, step, settings, run.values, now, max(now, made_at or now), faults)
    planned = PlannedStep(step.id, wait=step.wait)
    if step.stamp is not None:
        planned = _stamp(step, step.stamp, segments, campaigns)
    elif step.sends:
        planned = PlannedStep(
            step.id,
            segments.needed(send.audience for send in step.sends),
            tuple(campaigns.of_send(send, segments.of(send.audience)) for send in step.sends),
        )
    if faults:
        raise PlanError(faults)
    return planned


def compile_plan(plan: Plan, run: Run, settings: PlanSettings, now: datetime) -> tuple[PlannedStep, ...]:
    """Say what every step makes, if the first begins now and each of the others when the waits before it are over.

    Raises
    ------
    PlanError
        Every fault of every step.
    """
    planned = []
    faults: list[Fault] = []
    for step in plan.steps:
        try:
            planned.append(compile_step(plan, step, run, settings, now))
        except PlanError as error:
            faults += error.faults
        now += step.wait or timedelta(0)
    if faults:
        raise PlanError(faults)
    return tuple(planned)


def _stamp(step: Step, stamp: Stamp, segments: Segments, campaigns: Campaigns) -> PlannedStep:
    made = {audience: campaigns.of_stamp(stamp, audience, segments.of(audience)) for audience in stamp.audiences}
    return PlannedStep(
        step.id,
        segments.needed(stamp.audiences),
        campaigns=tuple(campaign for campaign in made.values() if campaign is not None),
        exports=tuple(
            PlannedExport(campaigns.names.of("export", step.id, audience), audience, segments.of(audience))
            for audience, campaign in made.items()
            if campaign is None
        ),
        stamp={
            name: tuple(campaigns.fill(texts.stamp_value((*stamp.where, "set", name), value)) for value in values)
            for name, values in stamp.values.items()
        },
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None
