"""The audience language: criteria on endpoints, joined by all, any and none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engagement.domain.plans.faults import Path

Joint = Literal["all", "any", "none"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One test on an endpoint.

    Parameters
    ----------
    where
        Its place in the plan.
    subject
        `user.NAME`, `endpoint.NAME`, `metric.NAME`, `channel`, `country` or `recency`.
    operator
        As in the plan; a plain list is `is`.
    values
        What the subject is compared with: any of several.
    """

    where: Path
    subject: str
    operator: str
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Everyone:
    """Every endpoint of the project."""


@dataclass(frozen=True, slots=True)
class Existing:
    """The members of a segment that exists: its ID in the project, its name or its ARN in Customer Profiles."""

    where: Path
    segment_id: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Another audience of the plan."""

    where: Path
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """Several tests together."""

    joint: Joint
    members: tuple[Expression, ...]


Expression = Criterion | Everyone | Existing | Reference | Group


def parse(document: Mapping[str, Any], where: Path) -> Expression:
    """Read an audience that has passed the schema; what it gives side by side must all hold."""
    return _joined("all", tuple(_members(document, where)))


def criteria(expression: Expression) -> Iterator[Criterion]:
    """Every criterion of an expression, at any depth."""
    return (leaf for leaf in _leaves(expression) if isinstance(leaf, Criterion))


def references(expression: Expression) -> Iterator[Reference]:
    """Every reference to another audience, at any depth."""
    return (leaf for leaf in _leaves(expression) if isinstance(leaf, Reference))


def existing(expression: Expression) -> Iterator[Existing]:
    """Every segment that exists already, at any depth."""
    return (leaf for leaf in _leaves(expression) if isinstance(leaf, Existing))


def named(audiences: Mapping[str, Expression]) -> dict[str, set[str]]:
    """Audiences that each one refers to directly."""
    return {name: {one.name for one in references(expression)} for name, expression in audiences.items()}


def reached(names: Iterable[str], named: Mapping[str, set[str]]) -> set[str]:
    """Audiences that some refer to, directly or by way of others."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        new = named.get(ahead.pop(), set()) - found
        ahead += new
        found |= new
    return found


def _leaves(expression: Expression) -> Iterator[Criterion | Everyone | Existing | Reference]:
    if isinstance(expression, Group):
        for member in expression.members:
            yield from _leaves(member)
    else:
        yield expression


def _members(document: Mapping[str, Any], where: Path) -> Iterator[Expression]:
    if "everyone" in document:
        yield Everyone()
    for subject, test in document.get("where", {}).items():
        yield from _criteria(subject, test, (*where, "where", subject))
    if "segment_id" in document:
        yield Existing((*where, "segment_id"), document["segment_id"])
    if "audience" in document:
        yield Reference((*where, "audience"), document["audience"])
    joints: tuple[Joint, ...] = ("all", "any", "none")
    for joint in joints:
        if joint in document:
            members = [parse(member, (*where, joint, index)) for index, member in enumerate(document[joint])]
            yield _joined(joint, tuple(members))


def _criteria(subject: str, test: Any, where: Path) -> Iterator[Criterion]:  # noqa: ANN401 (JSON: a list or an object)
    if isinstance(test, list):
        yield Criterion(where, subject, "is", tuple(test))
        return
    for operator, operand in test.items():
        values = tuple(operand) if isinstance(operand, list) else (operand,)
        yield Criterion((*where, operator), subject, operator, values)


def _joined(joint: Joint, members: tuple[Expression, ...]) -> Expression:
    """A group, flattened where that changes nothing."""
    if len(members) == 1 and joint != "none":
        return members[0]
    flat: list[Expression] = []
    for member in members:
        same = isinstance(member, Group) and member.joint == joint != "none"
        flat += member.members if same and isinstance(member, Group) else [member]
    return Group(joint, tuple(flat))
