"""How a journey is drawn: one list from top to bottom, in which a split holds a list of its own for each branch.

A flow is a JSON document: `steps` in order, and how it `ends`, with `to`, an activity:

| ends | |
| --- | --- |
| `leaves` | here a path leaves the journey |
| `joins` | it goes on below the split that it belongs to, at `to` |
| `elsewhere` | it goes on at `to`, which is drawn at another place |
| `missing` | it goes on at `to`, which does not exist: a draft |
| `branches` | its last step is a split whose branches do not meet |

A step has the `id` of its activity and, for a split, `branches`: each with `label`, the `metric` that counts who took
it, and its `flow`. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.console import journey_words
from local_cloud.pinpoint.journey_graph import kinds_of

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """A way that leaves an activity.

    Attributes
    ----------
    to
        Where it leads, empty where it leaves the journey.
    label, metric
        What a branch is called, and the metric that counts who took it; empty without a split.
    """

    to: str
    label: str = ""
    metric: str = ""


def kind_of(activity: Document) -> str:
    """Return the kind of an activity, empty for one of a draft that is not whole."""
    kinds = kinds_of(activity)
    return kinds[0] if len(kinds) == 1 else ""


def ways(activity: Document, segments: Mapping[str, str]) -> list[Way]:
    """Return the ways that leave an activity.

    Parameters
    ----------
    activity
        The activity, also one that is not whole.
    segments
        Names of segments by id.

    Returns
    -------
    list of Way
        One for what is no split.
    """
    kind = kind_of(activity)
    settings = activity.get(kind, {})
    after = settings.get("NextActivity", "")
    match kind:
        case "ConditionalSplit":
            return [
                Way(settings.get("TrueActivity", ""), "Yes", "Branch_TRUE"),
                Way(settings.get("FalseActivity", ""), "No", "Branch_FALSE"),
            ]
        case "MultiCondition":
            conditions = [
                Way(
                    branch.get("NextActivity", ""),
                    f"{number}: {journey_words.condition(branch.get('Condition', {}), segments)}",
                    f"Branch_{number}",
                )
                for number, branch in enumerate(settings.get("Branches", []), 1)
            ]
            return [*conditions, Way(settings.get("DefaultActivity", ""), "Otherwise", "Branch_ELSE")]
        case "RandomSplit":
            return [
                Way(branch.get("NextActivity", ""), f"{number}: {branch.get('Percentage', 0)}%", f"Branch_{number}")
                for number, branch in enumerate(settings.get("Branches", []), 1)
            ]
        case "Holdout":
            share = settings.get("Percentage", 0)
            return [Way("", f"{share}% are held out", "HELD_OUT"), Way(after, f"{100 - share}% go on", "PASSED")]
    return [Way(after)]


def flows(activities: Mapping[str, Sequence[Way]], start: str) -> list[dict[str, Any]]:
    """Draw every activity once.

    Parameters
    ----------
    activities
        The ways that leave each activity.
    start
        Where participants enter; anything else for a draft without such an activity.

    Returns
    -------
    list of dict
        Flows: the one from the start, and those of a draft that are not connected with it.
    """
    led_to = {way.to for leaving in activities.values() for way in leaving}
    return list(_Drawing(activities).all(sorted(activities, key=lambda one: (one != start, one in led_to))))


class _Drawing:
    """What has been drawn so far."""

    def __init__(self, activities: Mapping[str, Sequence[Way]]) -> None:
        self._activities = activities
        # What follows where the branches meet that are being drawn: it is drawn below them, not inside.
        self._below: set[str] = set()
        self._drawn: set[str] = set()

    def all(self, names: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Draw from each activity on that was not drawn until then."""
        for name in names:
            if name not in self._drawn:
                yield self._flow(name, "")

    def _flow(self, name: str, meeting: str) -> dict[str, Any]:
        """Draw from an activity on, up to where the branches of the split around it meet."""
        steps: list[dict[str, Any]] = []
        while not (ends := self._end(name, meeting)):
            self._drawn.add(name)
            leaving = self._activities[name]
            if not any(way.label for way in leaving):
                steps.append({"id": name, "branches": []})
                name = leaving[0].to if leaving else ""
                continue
            after = self._meeting([way.to for way in leaving], meeting)
            steps.append({"id": name, "branches": self._branches(leaving, after)})
            if not after:
                return {"steps": steps, "ends": "branches", "to": ""}
            name = after
        return {"steps": steps, "ends": ends, "to": name}

    def _branches(self, leaving: Sequence[Way], meeting: str) -> list[dict[str, Any]]:
        outer = self._below
        self._below = outer | set(self._reach(meeting))
        drawn = [{"label": way.label, "metric": way.metric, "flow": self._flow(way.to, meeting)} for way in leaving]
        self._below = outer
        return drawn

    def _end(self, name: str, meeting: str) -> str:
        if not name:
            return "leaves"
        if name == meeting:
            return "joins"
        if name not in self._activities:
            return "missing"
        return "elsewhere" if name in self._drawn or name in self._below else ""

    def _meeting(self, targets: Sequence[str], outer: str) -> str:
        """Return where branches meet that do not leave at once: the first activity that each of them can reach.

        It may be where the branches of the split around them meet, and nothing that follows there.
        """
        reached = [found for found in map(self._reach, targets) if found]
        common = [name for name in reached[0] if all(name in other for other in reached)] if reached else []
        possible = [name for name in common if name == outer or name not in self._below]
        return next((name for name in possible if set(common) <= set(self._reach(name))), "")

    def _reach(self, start: str) -> list[str]:
        """Return the activities that can follow an activity, with itself, nearest first."""
        found = [start] if start in self._activities else []
        for name in found:
            known = [way.to for way in self._activities[name] if way.to in self._activities]
            found += [to for to in dict.fromkeys(known) if to not in found]
        return found
