"""Journeys as plans of company events or as event triggers, where their shape allows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from engagement.domain.destinations import DestinationName
from engagement.domain.plans.connect.settings import ConnectSettings, Template
from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.model import Channel
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from tools.migration import drawing
from tools.migration.findings import Finding, changes, lost
from tools.migration.reading import Saved
from tools.migration.segments import Segments

_NAME_LENGTH: Final = 64
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_KNOWN: Final = frozenset(
    {"Activities", "ApplicationId", "ClosedDays", "CreationDate", "Id", "JourneyChannelSettings", "LastModifiedDate"}
    | {
        "Limits",
        "LocalTime",
        "Name",
        "OpenHours",
        "QuietTime",
        "RefreshFrequency",
        "RefreshOnSegmentUpdate",
        "Schedule",
    }
    | {"SendingSchedule", "StartActivity", "StartCondition", "State", "tags", "TimezoneEstimationMethods"}
    | {"WaitForQuietTime"}
)
_EVERYBODY: Final = "participants"
_SENDERS: Final[Mapping[Channel, str]] = {Channel.EMAIL: "news@example.com", Channel.SMS: "arn:number"}
_DAY: Final = 24


@dataclass(frozen=True, slots=True)
class Journey:
    """What became of a journey: exactly one of these three.

    Parameters
    ----------
    name
        What its file is called.
    plan
        A plan of the company's events.
    trigger
        An entry of `destination.connect.triggers`.
    drawing
        What to draw in Connect, as Markdown.
    """

    saved: Saved
    name: str
    plan: Mapping[str, Any] | None = None
    trigger: Mapping[str, Any] | None = None
    drawing: str = ""
    findings: tuple[Finding, ...] = ()


class _NoPlanError(Exception):
    """Why a journey is no plan and no trigger: places and texts."""

    def __init__(self, *reasons: tuple[str, str]) -> None:
        super().__init__()
        self.reasons = reasons


def journeys_of(
    saved: Iterable[Saved], segments: Segments, templates: AbstractSet[tuple[str, str]]
) -> Iterator[Journey]:
    """Convert journeys.

    Parameters
    ----------
    saved
        `JourneyResponse` documents.
    segments
        What became of the segments.
    templates
        Types and names of the templates that were converted whole.

    Yields
    ------
    Journey
        What became of each.
    """
    taken: set[str] = set()
    for one in saved:
        yield _Journey(one, _fresh(str(one.document["Name"]), taken), segments, templates).convert()


def _fresh(name: str, taken: set[str]) -> str:
    """A name as plans have it, which no other journey has."""
    base = _UNFIT.sub("-", name)
    base = (base if base[:1].isalpha() else f"journey-{base}")[:_NAME_LENGTH]
    fresh, count = base, 1
    while fresh.lower() in taken:
        count += 1
        fresh = f"{base[: _NAME_LENGTH - len(str(count)) - 1]}-{count}"
    taken.add(fresh.lower())
    return fresh


class _Journey:
    def __init__(self, saved: Saved, name: str, segments: Segments, templates: AbstractSet[tuple[str, str]]) -> None:
        self._saved = saved
        self._document = saved.document
        self._name = name
        self._segments = segments
        self._templates = templates
        self._activities: Mapping[str, Mapping[str, Any]] = self._document.get("Activities") or {}
        self._findings: list[Finding] = []

    def convert(self) -> Journey:
        self._general()
        condition = self._document.get("StartCondition") or {}
        before = list(self._findings)
        try:
            if condition.get("EventStartCondition"):
                trigger = self._trigger(condition["EventStartCondition"])
                return Journey(self._saved, self._name, trigger=trigger, findings=tuple(self._findings))
            plan = self._plan((condition.get("SegmentStartCondition") or {}).get("SegmentId"))
            return Journey(self._saved, self._name, plan=plan, findings=tuple(self._findings))
        except _NoPlanError as error:
            reasons = [changes(place, text) for place, text in error.reasons]
            twins = list(drawing.without_twin(self._activities))
            findings = (*before, *reasons, *twins)
            return Journey(self._saved, self._name, drawing=self._drawing(findings), findings=findings)

    def _general(self) -> None:
        """What is different for every shape."""
        document = self._document
        for key in document.keys() - _KNOWN:
            self._findings.append(lost(key, "Pinpoint's model of a journey does not have it"))
        for key in ("JourneyChannelSettings", "TimezoneEstimationMethods"):
            if document.get(key):
                self._findings.append(lost(key, "has no twin"))
        if document.get("tags"):
            self._findings.append(lost("tags", "not taken over"))
        if document.get("State") not in (None, "ACTIVE"):
            self._findings.append(changes("State", f"it was {document['State']}: decide whether you need it"))
        limits = document.get("Limits") or {}
        if limits.get("MessagesPerSecond"):
            self._findings.append(lost("Limits.MessagesPerSecond", "campaigns of an instance share its capacity"))

    def _plan(self, segment_id: object) -> Mapping[str, Any]:
        reasons = list(self._not_at_any_time())
        definition = self._segments.name_of(str(segment_id)) if segment_id else None
        if definition is None:
            reasons.append(("StartCondition", "the segment that enters is lost: make one, and write its name"))
        steps: list[dict[str, Any]] = []
        sends = 0
        for identifier, activity in self._path(reasons):
            kind = drawing.kind_of(activity)
            if kind == "Wait":
                steps.append({"id": f"wait{len(steps) + 1}", "wait": activity["Wait"]["WaitTime"]["WaitFor"]})
            else:
                steps.append({"id": f"send{len(steps) + 1}", "send": [self._send(identifier, activity, kind)]})
                sends += 1
        reasons += self._too_many(sends)
        if not sends:
            reasons.append(("Activities", "it sends nothing by e-mail or SMS"))
        if reasons:
            raise _NoPlanError(*reasons)
        plan = {"event": self._name, "audiences": {_EVERYBODY: {"segment_id": definition}}, "steps": steps}
        self._checked(plan)
        self._of_plans()
        return plan

    def _not_at_any_time(self) -> Iterator[tuple[str, str]]:
        """What would make a plan write to people when the journey would not."""
        if self._document.get("SendingSchedule") or self._document.get("OpenHours") or self._document.get("ClosedDays"):
            yield (
                "OpenHours, ClosedDays",
                "plans know quiet times, no hours and days of a week: set communication hours",
            )
        if self._document.get("LocalTime"):
            yield "LocalTime", "plans start at one moment for everybody: set local time zones on the campaign"

    def _too_many(self, sends: int) -> Iterator[tuple[str, str]]:
        """Caps over the whole journey, which a plan's campaigns do not have in common."""
        limits = self._document.get("Limits") or {}
        caps = {"TotalCap": limits.get("TotalCap"), "TimeframeCap": (limits.get("TimeframeCap") or {}).get("Cap")}
        for name, cap in caps.items():
            if cap and sends > cap:
                yield f"Limits.{name}", f"{cap} messages at most, and there are {sends}: set communication limits"

    def _path(self, reasons: list[tuple[str, str]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The activities one after the other, as long as plans know them; the others are reasons."""
        identifier: str | None = self._document.get("StartActivity")
        seen: set[str] = set()
        while identifier:
            place = f"Activities.{identifier}"
            activity = self._activities.get(identifier)
            if activity is None or identifier in seen:
                reasons.append((place, "leads nowhere" if activity is None else "comes back to itself"))
                return
            seen.add(identifier)
            why = _no_step(activity)
            if why:
                reasons.append((place, why))
                return
            yield identifier, activity
            identifier = next(iter(drawing.following(activity)), None)
        for left in self._activities.keys() - seen:
            self._findings.append(lost(f"Activities.{left}", "nothing leads to it"))

    def _send(self, identifier: str, activity: Mapping[str, Any], kind: str) -> dict[str, Any]:
        inside = activity[kind]
        send: dict[str, Any] = {"audience": _EVERYBODY, "channel": kind, "template": inside.get("TemplateName") or ""}
        place = f"Activities.{identifier}.{kind}"
        if (kind, send["template"]) not in self._templates:
            self._findings.append(changes(f"{place}.TemplateName", "the template is not there yet: see templates"))
        if inside.get("TemplateVersion"):
            text = "the version is part of the template's ARN in destination.connect.templates"
            self._findings.append(changes(f"{place}.TemplateVersion", text))
        for name, value in (inside.get("MessageConfig") or {}).items():
            if value:
                text = "the sender and its kind are those of destination.connect.senders"
                self._findings.append(changes(f"{place}.MessageConfig.{name}", text))
        quiet = self._document.get("QuietTime") or {}
        if quiet.get("Start") and quiet.get("End"):
            send["quiet_time"] = {"from": quiet["Start"], "to": quiet["End"], "action": "skip"}
        if daily := (self._document.get("Limits") or {}).get("DailyCap"):
            send["limits"] = {"daily": daily}
        return send

    def _checked(self, plan: Mapping[str, Any]) -> None:
        """Hold a plan against the plans' own rules for Connect; what it names is taken for granted."""
        templates = {
            send["template"]: Template("arn:template", "arn:flow")
            for step in plan["steps"]
            for send in step.get("send", [])
        }
        connect = ConnectSettings(templates=templates, senders=_SENDERS)
        try:
            parse(plan, PlanSettings(sends_by=DestinationName.CONNECT, connect=connect))
        except PlanError as error:
            reasons = [(fault.path, f"{fault.rule}. {fault.remedy}") for fault in error.faults]
            raise _NoPlanError(*reasons) from error

    def _of_plans(self) -> None:
        """What is different about every plan."""
        say = self._findings.append
        say(changes("StartCondition", f"announce the event {self._name} to start it, or give it a schedule"))
        say(changes("Activities", "who is in the segment is asked at each send, not when the journey begins"))
        document, limits = self._document, self._document.get("Limits") or {}
        if document.get("Schedule"):
            say(changes("Schedule", "a plan starts by its event, or by a schedule of company_events"))
        if document.get("RefreshFrequency") or document.get("RefreshOnSegmentUpdate"):
            say(lost("RefreshFrequency", "who joins the segment later gets nothing of a run that has begun"))
        if document.get("WaitForQuietTime"):
            say(changes("WaitForQuietTime", "who is in quiet time when a campaign runs gets nothing, also not later"))
        for name in ("EndpointReentryCap", "EndpointReentryInterval"):
            if limits.get(name) not in (None, 1, "", "PT0S"):
                say(changes(f"Limits.{name}", "each announcement reaches each customer once"))

    def _trigger(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        reasons = list(self._not_at_any_time())
        dimensions = (condition.get("EventFilter") or {}).get("Dimensions") or {}
        if (condition.get("EventFilter") or {}).get("FilterType") != "ENDPOINT":
            reasons.append(("StartCondition", "Connect has no system events: let something of yours send an event"))
        types = (dimensions.get("EventType") or {}).get("Values") or []
        if len(types) != 1:
            reasons.append(("StartCondition", "a trigger has one event"))
        if dimensions.get("Metrics"):
            reasons.append(("StartCondition.Metrics", "triggers of the module compare attributes: draw the condition"))
        attributes = {}
        for name, one in (dimensions.get("Attributes") or {}).items():
            attributes[name] = one.get("Values") or []
            if one.get("AttributeType") not in (None, "INCLUSIVE"):
                reasons.append((f"StartCondition.Attributes.{name}", "triggers of the module ask for equal values"))
        path = list(self._path(reasons))
        if not reasons and [drawing.kind_of(activity) for _, activity in path] not in (["EMAIL"], ["SMS"]):
            reasons.append(("Activities", "a trigger sends one message at once: draw a campaign of type JOURNEY"))
        definition = self._segments.name_of(str(condition["SegmentId"])) if condition.get("SegmentId") else ""
        if definition is None:
            reasons.append(("StartCondition.SegmentId", "the segment is lost: anybody would get the message"))
        if reasons:
            raise _NoPlanError(*reasons)
        identifier, activity = path[0]
        send = self._send(identifier, activity, drawing.kind_of(activity))
        trigger = {"event": types[0], "channel": send["channel"], "template": send["template"]}
        trigger |= {"attributes": attributes} if attributes else {}
        trigger |= {"segment_definition_name": definition} if definition else {}
        self._of_triggers(trigger)
        return trigger

    def _of_triggers(self, trigger: dict[str, Any]) -> None:
        """What is different about every trigger."""
        say = self._findings.append
        say(changes("Schedule", "add start_time and end_time: a campaign has both"))
        say(changes("StartCondition", 'the event must come by the trusted route, unless you set route = "public"'))
        limits, daily = self._document.get("Limits") or {}, (self._document.get("Limits") or {}).get("DailyCap")
        if daily:
            trigger["max_per_profile"] = {"count": daily, "hours": _DAY}
        for name in ("EndpointReentryCap", "EndpointReentryInterval", "TotalCap", "TimeframeCap"):
            if limits.get(name):
                say(lost(f"Limits.{name}", "set max_per_profile: a trigger counts within hours"))
        if self._document.get("QuietTime"):
            say(lost("QuietTime", "set communication hours in Connect"))

    def _drawing(self, findings: Iterable[Finding]) -> str:
        condition = self._document.get("StartCondition") or {}
        segment = condition.get("SegmentStartCondition") or condition.get("EventStartCondition") or {}
        definition = self._segments.name_of(str(segment.get("SegmentId", "")))
        entry = "Source: a segment" if condition.get("SegmentStartCondition") else "Source: an event trigger"
        lines = [
            f"# The journey {self._document['Name']}",
            "",
            "Draw a campaign of type JOURNEY with a campaign flow in Amazon Connect.",
            "",
            "## Why it is no plan, and what is different",
            "",
            *(f"- `{one.place}`: {one.text}." for one in findings),
            "",
            "## What to draw",
            "",
            f"- {entry}{f', `{definition}`' if definition else ''}.",
        ]
        event = ((condition.get("EventStartCondition") or {}).get("EventFilter") or {}).get("Dimensions") or {}
        if event:
            names = ", ".join((event.get("EventType") or {}).get("Values") or [])
            compared = [*(event.get("Attributes") or {}), *(event.get("Metrics") or {})]
            lines.append(f"- Event: {names}{f'; it compares {chr(44).join(compared)}' if compared else ''}.")
        lines += drawing.blocks(self._activities, str(self._document.get("StartActivity", "")))
        return "\n".join(lines) + "\n"


def _no_step(activity: Mapping[str, Any]) -> str:
    """Why an activity is no step of a plan; empty if it is one."""
    kind = drawing.kind_of(activity)
    inside = activity.get(kind) or {}
    if kind == "Wait":
        return "" if (inside.get("WaitTime") or {}).get("WaitFor") else "plans wait for a duration, not until a moment"
    if kind in ("EMAIL", "SMS"):
        return "" if inside.get("TemplateName") else "it names no template"
    return f"no step of a plan on Connect does what {kind or 'it'} does"
