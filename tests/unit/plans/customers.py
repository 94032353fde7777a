"""Endpoints, and who an audience and a segment select, each by what its words mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engagement.domain.plans.segments import PlannedSegment


@dataclass(frozen=True)
class Endpoint:
    """What segments can tell of an endpoint."""

    channel: str = "EMAIL"
    country: str = "GB"
    user: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    days_since_seen: int = 0
    segments: frozenset[str] = frozenset()


COMPANY = Endpoint(channel="CUSTOM", attributes={"engagement_role": ("company",)})


def selected(audience: Mapping[str, Any], one: Endpoint, audiences: Mapping[str, Any]) -> bool:
    """Whether an audience of a plan's document holds an endpoint, read from the document as its author means it."""
    if one == COMPANY:
        return False
    tests = [_matches(subject, test, one) for subject, test in audience.get("where", {}).items()]
    if "segment_id" in audience:
        tests.append(audience["segment_id"] in one.segments)
    if "audience" in audience:
        tests.append(selected(audiences[audience["audience"]], one, audiences))
    for joint, combine in {"all": all, "any": any, "none": lambda found: not any(found)}.items():
        if joint in audience:
            tests.append(combine([selected(member, one, audiences) for member in audience[joint]]))
    return all(tests)


def _matches(subject: str, test: Any, one: Endpoint) -> bool:
    kind, _, name = subject.partition(".")
    tests = {"is": test} if isinstance(test, list) else test
    return all(_passes(kind, name, operator, operand, one) for operator, operand in tests.items())


def _passes(kind: str, name: str, operator: str, operand: Any, one: Endpoint) -> bool:
    if kind == "metric":
        value = one.metrics.get(name)
        return value is not None and _COMPARE[operator](value, operand)
    if kind == "recency":
        return (one.days_since_seen <= int(operand[1:-1])) == (operator == "active")
    texts = {"channel": (one.channel,), "country": (one.country,)}.get(kind)
    if texts is None:
        texts = (one.user if kind == "user" else one.attributes).get(name, ())
    if operator == "contains":
        return any(part in text for part in operand for text in texts)
    return bool(set(texts) & set(operand)) == (operator == "is")


_COMPARE: Mapping[str, Any] = {
    "equals": lambda value, limit: value == limit,
    "above": lambda value, limit: value > limit,
    "at_least": lambda value, limit: value >= limit,
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
}


def members(segments: Iterable[PlannedSegment], name: str, people: Iterable[Endpoint]) -> frozenset[int]:
    """Who of some people is in a segment, by place, if the segments are made by their requests."""
    people = list(people)
    ids: dict[str, str] = {}
    held: dict[str, frozenset[int]] = {}
    for segment in segments:
        request = segment.request(ids)
        ids[segment.name] = request.get("SegmentDefinitionName", f"id-{len(ids)}")
        (group,) = request["SegmentGroups"]["Groups"]
        held[ids[segment.name]] = frozenset(
            place for place, one in enumerate(people) if _in_group(group, place, one, held)
        )
    return held[ids[name]]


_JOIN: Mapping[str, Any] = {"ALL": all, "ANY": any, "NONE": lambda found: not any(found)}


def _in_group(group: Mapping[str, Any], place: int, one: Endpoint, held: Mapping[str, frozenset[int]]) -> bool:
    sources = [name for source in group.get("SourceSegments", []) for name in source.values()]
    in_sources = [
        place in held[source] if source in held else source in {its.rpartition("/")[2] for its in one.segments}
        for source in sources
    ]
    base = not sources or _JOIN[group["SourceType"]](in_sources)
    return base and _JOIN[group["Type"]]([_in_dimensions(dimensions, one) for dimensions in group["Dimensions"]])


def _in_dimensions(dimensions: Mapping[str, Any], one: Endpoint) -> bool:
    """One `SegmentDimensions`; how several of its members would be joined is not documented, so there is only one."""
    ((kind, value),) = dimensions.items()
    if kind == "ProfileAttributes":
        return _in_profile(value, one)
    if kind in ("UserAttributes", "Attributes"):
        ((name, test),) = value.items()
        return _has((one.user if kind == "UserAttributes" else one.attributes).get(name, ()), test)
    if kind == "Metrics":
        ((name, test),) = value.items()
        found = one.metrics.get(name)
        return found is not None and _METRIC[test["ComparisonOperator"]](found, test["Value"])
    if kind == "Behavior":
        days = {"HR_24": 1, "DAY_7": 7, "DAY_14": 14, "DAY_30": 30}[value["Recency"]["Duration"]]
        return (one.days_since_seen <= days) == (value["Recency"]["RecencyType"] == "ACTIVE")
    if kind == "Demographic":
        return _has((one.channel,), value["Channel"])
    return _has((one.country,), value["Country"])


def _in_profile(dimension: Mapping[str, Any], one: Endpoint) -> bool:
    """One `ProfileAttributes` of Customer Profiles; every customer has an account number."""
    ((kind, value),) = dimension.items()
    if kind == "AccountNumber":
        return _has(("customer-1",), value)
    ((name, test),) = value.items()
    return _has((one.country,) if kind == "Address" else one.user.get(name, ()), test)


def _has(texts: tuple[str, ...], test: Mapping[str, Any]) -> bool:
    kind = test.get("AttributeType") or test["DimensionType"]
    if kind == "CONTAINS":
        return any(part in text for part in test["Values"] for text in texts)
    # Documentation: who lacks the attribute is kept by EXCLUSIVE.
    return bool(set(texts) & set(test["Values"])) == (kind == "INCLUSIVE")


_METRIC: Mapping[str, Any] = {
    "EQUAL": lambda value, limit: value == limit,
    "GREATER_THAN": lambda value, limit: value > limit,
    "GREATER_THAN_OR_EQUAL": lambda value, limit: value >= limit,
    "LESS_THAN": lambda value, limit: value < limit,
    "LESS_THAN_OR_EQUAL": lambda value, limit: value <= limit,
}
