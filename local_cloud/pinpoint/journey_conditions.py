"""Which way a participant takes at a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.chance import percentile
from local_cloud.pinpoint.dimensions import endpoint_matches, event_matches
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.journey_progress import Participant
from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.visibility import visible_endpoint

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """Where somebody goes on, None for the end, and what the path is called in metrics (reading), if it is one."""

    activity: str | None
    path: str = ""


@dataclass(frozen=True)
class Conditions:
    """Chooses ways. Whoever uses it holds the lock.

    Attributes
    ----------
    environment, application
        Where endpoints and segments are.
    """

    environment: Environment
    application: Application

    def way(self, kind: str, settings: Document, participant: Participant) -> Way:
        """Choose where a participant goes on.

        Parameters
        ----------
        kind, settings
            A split, a holdout, or another activity that does nothing.
        participant
            Who stands there.

        Returns
        -------
        Way
            Where to. Service model: a yes/no split needs all conditions unless its operator is ANY, the first branch
            that fits wins (reading).
        """
        match kind:
            case "ConditionalSplit":
                condition = settings["Condition"]
                join = any if condition.get("Operator") == "ANY" else all
                fits = join(self._holds(one, participant) for one in condition["Conditions"])
                return Way(settings.get(f"{fits}Activity"), f"Branch_{str(fits).upper()}")
            case "MultiCondition":
                for number, branch in enumerate(settings["Branches"], start=1):
                    if self._holds(branch["Condition"], participant):
                        return Way(branch.get("NextActivity"), f"Branch_{number}")
                return Way(settings.get("DefaultActivity"), "Branch_ELSE")
            case "RandomSplit":
                return _random(settings["Branches"], _chance(participant))
            case "Holdout":
                is_held_out = _chance(participant) < settings["Percentage"]
                return Way(None, "HELD_OUT") if is_held_out else Way(settings.get("NextActivity"), "PASSED")
        return Way(settings.get("NextActivity"))

    def _holds(self, condition: Document, participant: Participant) -> bool:
        """Of several endpoints that move together, one that fits is enough (reading)."""
        if "EventCondition" in condition:
            return any(_event_fits(condition["EventCondition"], event) for event in participant.events)
        now, factor = self.environment.wall_clock(), self.environment.settings().time_factor
        seen = [
            endpoint
            for identifier in participant.endpoints
            if (endpoint := visible_endpoint(self.environment, self.application, identifier, now))
        ]
        if "segmentDimensions" in condition:
            return any(endpoint_matches(condition["segmentDimensions"], endpoint, now, factor) for endpoint in seen)
        segments, identifier = self.application.segments, condition["SegmentCondition"]["SegmentId"]
        if identifier not in segments:
            return False
        membership = Membership(segments, now, factor)
        return any(membership.belongs(endpoint, segments.get(identifier)) for endpoint in seen)


def _event_fits(condition: Document, event: Document) -> bool:
    """Tell whether an event is the one that a condition asks for.

    How a condition names the attributes that a function answered is not published: it names the function's activity,
    and any event type will do (reading).
    """
    source, is_answer = condition.get("MessageActivity"), "EventType" not in event
    if event.get("activity") != source if source else is_answer:
        return False
    dimensions = condition["Dimensions"]
    if is_answer:
        dimensions = {name: value for name, value in dimensions.items() if name != "EventType"}
    return event_matches(dimensions, event)


def _random(branches: Sequence[Document], left: float) -> Way:
    for number, branch in enumerate(branches, start=1):
        left -= branch.get("Percentage", 0)
        if left < 0:
            return Way(branch.get("NextActivity"), f"Branch_{number}")
    raise AssertionError("the branches make 100 together")


def _chance(participant: Participant) -> float:
    """Service model, RandomSplitActivity: probability decides. Each entry of a participant is decided anew."""
    return percentile(f"{participant.id}/{participant.activity}")
