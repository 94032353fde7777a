"""What to draw in Amazon Connect for a journey that no plan can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from tools.migration.findings import Finding, lost

Activity = Mapping[str, Any]

_NO_WAIT_UNTIL: Final = "flows wait for a duration, not until a moment"
_CONDITION_OF_SEGMENT: Final = "no block asks whether somebody belongs to a segment"


def kind_of(activity: Activity) -> str:
    """Which kind of activity it is, empty if Pinpoint's model has none like it."""
    return next((kind for kind in _BLOCKS if kind in activity), "")


def following(activity: Activity) -> list[str]:
    """Ids of the activities that it leads to."""
    inside = activity.get(kind_of(activity)) or {}
    names = [inside.get(key) for key in ("NextActivity", "TrueActivity", "FalseActivity", "DefaultActivity")]
    names += [branch.get("NextActivity") for branch in inside.get("Branches") or []]
    return [str(name) for name in names if name]


def blocks(activities: Mapping[str, Activity], start: str) -> Iterator[str]:
    """One line for each activity, from the first on.

    Parameters
    ----------
    activities
        All activities by id.
    start
        Id of the first.

    Yields
    ------
    str
        What to draw, and what follows.
    """
    for identifier in reached(activities, start):
        activity = activities[identifier]
        draw = _BLOCKS.get(kind_of(activity), _unknown)(activity.get(kind_of(activity)) or {})
        note = f" ({activity['Description']})" if activity.get("Description") else ""
        after = ", ".join(f"`{one}`" for one in following(activity)) or "the end"
        yield f"- `{identifier}`{note}: {draw} Then {after}."
    for identifier in activities.keys() - set(reached(activities, start)):
        yield f"- `{identifier}`: nothing leads to it."


def without_twin(activities: Mapping[str, Activity]) -> Iterator[Finding]:
    """What of the activities no flow can do as it was."""
    for identifier, activity in activities.items():
        place, kind = f"Activities.{identifier}", kind_of(activity)
        inside = activity.get(kind) or {}
        if not kind:
            yield lost(place, "Pinpoint's model of an activity does not have its kind")
        elif kind == "Wait" and (inside.get("WaitTime") or {}).get("WaitUntil"):
            yield lost(f"{place}.Wait.WaitTime.WaitUntil", _NO_WAIT_UNTIL)
        elif kind == "PUSH":
            yield lost(f"{place}.PUSH", "campaigns send no push: a function of yours does, by End User Messaging")
        elif kind == "CUSTOM" and (inside.get("MessageConfig") or {}).get("Data"):
            yield lost(f"{place}.CUSTOM.MessageConfig.Data", "a custom action gives its function nothing but profiles")
        for where in _conditions_of_segments(kind, inside):
            yield lost(f"{place}.{where}", f"{_CONDITION_OF_SEGMENT}: ask GetSegmentMembership in a custom action")


def reached(activities: Mapping[str, Activity], start: str) -> list[str]:
    """Ids of the activities that somebody can come to, in the order of the paths."""
    found: dict[str, None] = {}
    ahead = [start]
    while ahead:
        identifier = ahead.pop(0)
        if identifier in activities and identifier not in found:
            found[identifier] = None
            ahead += following(activities[identifier])
    return list(found)


def _conditions_of_segments(kind: str, inside: Mapping[str, Any]) -> Iterator[str]:
    if kind == "ConditionalSplit":
        conditions: Iterable[Any] = (inside.get("Condition") or {}).get("Conditions") or []
    elif kind == "MultiCondition":
        conditions = [branch.get("Condition") for branch in inside.get("Branches") or []]
    else:
        return
    for number, condition in enumerate(conditions):
        for key in ("SegmentCondition", "SegmentDimensions"):
            if key in (condition or {}):
                yield f"{kind}[{number}].{key}"


def _message(block: str) -> Callable[[Mapping[str, Any]], str]:
    def draw(inside: Mapping[str, Any]) -> str:
        sender = (inside.get("MessageConfig") or {}).get("FromAddress") or (inside.get("MessageConfig") or {}).get(
            "SenderId"
        )
        from_ = f", from {sender}" if sender else ""
        return f"{block} with the message template `{inside.get('TemplateName', '')}`{from_}."

    return draw


def _wait(inside: Mapping[str, Any]) -> str:
    time = inside.get("WaitTime") or {}
    if time.get("WaitUntil"):
        return f"Wait. It waited until {time['WaitUntil']}, and {_NO_WAIT_UNTIL}."
    return f"Wait for {time.get('WaitFor', '')}; a block waits for 7 days at most, so put several in a row."


def _split(inside: Mapping[str, Any]) -> str:
    branches = inside.get("Branches") or []
    shares = ", ".join(f"{one.get('Percentage', 0)}% to `{one.get('NextActivity', 'the end')}`" for one in branches)
    return f"Distribute by percentage: {shares}."


def _holdout(inside: Mapping[str, Any]) -> str:
    return f"Distribute by percentage: {inside.get('Percentage', 0)}% to the end."


def _condition(inside: Mapping[str, Any]) -> str:
    if any(_conditions_of_segments("ConditionalSplit", inside)) or any(
        _conditions_of_segments("MultiCondition", inside)
    ):
        ask = f"{_CONDITION_OF_SEGMENT}: a custom action whose function asks GetSegmentMembership, and Compare"
    else:
        ask = "Get outbound communication status, and Compare (5 branches at most)"
    yes, no = inside.get("TrueActivity"), inside.get("FalseActivity")
    return f"{ask[0].upper()}{ask[1:]}." + (f" Yes leads to `{yes}`, no to `{no}`." if yes or no else "")


def _custom(inside: Mapping[str, Any]) -> str:
    target = str(inside.get("DeliveryUri", ""))
    what = "a function of yours that calls the address" if target.startswith("http") else f"the function {target}"
    return f"Custom action with {what}; its input and answer are other ones."


def _unknown(_: Mapping[str, Any]) -> str:
    return "an activity that Pinpoint's model does not have."


_BLOCKS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "EMAIL": _message("Send email"),
    "SMS": _message("Send SMS"),
    "PUSH": lambda _: "Custom action with a function of yours that sends by End User Messaging.",
    "CUSTOM": _custom,
    "Wait": _wait,
    "Holdout": _holdout,
    "RandomSplit": _split,
    "ConditionalSplit": _condition,
    "MultiCondition": _condition,
    "ContactCenter": lambda _: "Put dial request: a telephony campaign.",
}
