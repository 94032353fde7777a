"""Whom a campaign is for, by what recipients did in an earlier step: written as its tag, read back by the filter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from engagement.domain.interactions.kinds import UNWILLING, Did, entry
from engagement.domain.plans.names import FILTER_TAG

Word = Literal["only", "unless"]

_RULE = re.compile(r"(only|unless):([0-9]{1,4}):([a-z_]+)")


class ConditionError(ValueError):
    """A campaign does not say whom it is for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition of a campaign.

    Parameters
    ----------
    index
        The step that it refers to.
    """

    word: Word
    index: int
    did: Did

    def __str__(self) -> str:
        return f"{self.word}:{self.index}:{self.did}"

    def keeps(self, entries: AbstractSet[str]) -> bool:
        """Whether an endpoint with these entries in the table gets the message."""
        if any(entry(self.index, did) in entries for did in UNWILLING):
            return False
        return (entry(self.index, self.did) in entries) is (self.word == "only")


def tag_of(rules: Iterable[Rule]) -> str:
    """The tag's value."""
    return " ".join(map(str, rules))


def rules_of(tag: str) -> tuple[Rule, ...]:
    """The conditions that a tag's value holds.

    Raises
    ------
    ConditionError
        It holds none, or something else.
    """
    return tuple(_rule(part) for part in tag.split(" "))


def _rule(text: str) -> Rule:
    match = _RULE.fullmatch(text)
    if match is None or match[3] not in set(Did):
        rule = f"the campaign's tag {FILTER_TAG} is missing or malformed"
        raise ConditionError(f"{rule}; only runs can make campaigns that use this filter")
    return Rule("only" if match[1] == "only" else "unless", int(match[2]), Did(match[3]))


def kept(rules: Iterable[Rule], entries: Mapping[str, AbstractSet[str]]) -> frozenset[str]:
    """The endpoints that pass every rule."""
    every = tuple(rules)
    return frozenset(endpoint for endpoint, its in entries.items() if all(rule.keeps(its) for rule in every))
