"""How a journey is entered, and its activities as a graph. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Document = Mapping[str, Any]

CHANNELS: Final = frozenset({"EMAIL", "SMS", "PUSH"})
"""Activities that send a message by template."""
MESSAGES: Final = CHANNELS | {"CUSTOM"}
SPLITS: Final = frozenset({"ConditionalSplit", "MultiCondition"})


def starts_by_event(journey: Document) -> bool:
    """Tell whether participants enter a journey by an event."""
    return "EventStartCondition" in journey.get("StartCondition", {})


def entry_segment(journey: Document) -> str | None:
    """Return the id of the segment that a journey is entered from, or that narrows the entry by an event."""
    condition = journey.get("StartCondition", {})
    by_event, by_segment = condition.get("EventStartCondition", {}), condition.get("SegmentStartCondition", {})
    found: str | None = by_event.get("SegmentId") or by_segment.get("SegmentId")
    return found


def kinds_of(activity: Document) -> list[str]:
    """Return the kinds that an activity has: exactly one if it is whole."""
    return [name for name in activity if name != "Description"]


def parts(activity: Document) -> tuple[str, Document]:
    """Return kind and settings of an activity that was checked."""
    [kind] = kinds_of(activity)
    return kind, activity[kind]


def successors(activity: Document) -> Iterator[str]:
    """Yield the ids of the activities that may come after an activity that was checked.

    Parameters
    ----------
    activity
        The activity.

    Yields
    ------
    str
        Ids as the activity names them; without one, a path ends (reading).
    """
    kind, settings = parts(activity)
    if kind == "ConditionalSplit":
        names = [settings.get("TrueActivity"), settings.get("FalseActivity")]
    elif kind in {"MultiCondition", "RandomSplit"}:
        names = [branch.get("NextActivity") for branch in settings.get("Branches", [])]
        names.append(settings.get("DefaultActivity"))
    else:
        names = [settings.get("NextActivity")]
    yield from filter(None, names)


def conditions_of(activity: Document) -> list[Document]:
    """Return the conditions of a split, none for other activities."""
    kind, settings = parts(activity)
    if kind == "ConditionalSplit":
        return list(settings.get("Condition", {}).get("Conditions", []))
    if kind == "MultiCondition":
        return [branch.get("Condition", {}) for branch in settings.get("Branches", [])]
    return []


def segments_of(journey: Document) -> set[str]:
    """Return the ids of the segments that a journey speaks of: at its entry, and in the conditions of its splits.

    Parameters
    ----------
    journey
        The journey, also one that is not whole.

    Returns
    -------
    set
        Ids.
    """
    whole = [activity for activity in journey.get("Activities", {}).values() if len(kinds_of(activity)) == 1]
    conditions = [condition for activity in whole for condition in conditions_of(activity)]
    named = [condition.get("SegmentCondition", {}).get("SegmentId") for condition in conditions]
    return set(filter(None, [entry_segment(journey), *named]))


def has_cycle(activities: Mapping[str, Document]) -> bool:
    """Tell whether a path comes back to an activity.

    Parameters
    ----------
    activities
        Activities by id, each of which names only activities that there are.

    Returns
    -------
    bool
        Whether one does.
    """
    following = {identifier: set(successors(activity)) for identifier, activity in activities.items()}
    while ends := [identifier for identifier, after in following.items() if not after]:
        for identifier in ends:
            del following[identifier]
        for after in following.values():
            after.difference_update(ends)
    return bool(following)
