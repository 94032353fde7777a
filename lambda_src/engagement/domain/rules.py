"""Which names a caller may use: allowed lists, and reserved names that no allowed list can open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate

from engagement.domain.event import folded

Matcher = Callable[[str], bool]


def globs(patterns: Iterable[str]) -> Matcher:
    """A test for "matches one of these globs", case-sensitive, over the whole name.

    `*` stands for any text, `?` for one character, `[abc]` for one of a set. No pattern matches nothing.
    """
    given = list(patterns)
    if "*" in given:
        return lambda _: True
    if not given:
        return lambda _: False
    compiled = re.compile("|".join(translate(pattern) for pattern in given))
    return lambda name: compiled.match(name) is not None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a call may write: tests on names, where reserved wins over allowed, and how many events it may hold."""

    event_allowed: Matcher
    event_reserved: Matcher
    endpoint_id_allowed: Matcher
    endpoint_id_reserved: Matcher
    attribute_allowed: Matcher
    metric_allowed: Matcher
    anonymous_allowed: Matcher
    authenticated_allowed: Matcher
    user_attribute_reserved: Matcher
    most_events: int

    def user_attribute_allowed(self, name: str, *, authenticated: bool) -> bool:
        """Whether a caller may write a user attribute: what everyone may write, the customer may write too."""
        return self.anonymous_allowed(name) or (authenticated and self.authenticated_allowed(name))

    @classmethod
    def of(
        cls,
        *,
        events: Iterable[str] = ("*",),
        event_attributes: Iterable[str] = ("*",),
        event_metrics: Iterable[str] = ("*",),
        anonymous: Iterable[str] = (),
        authenticated: Iterable[str] = (),
        reserved_events: Iterable[str] = (),
        reserved_endpoint_ids: Iterable[str] = (),
        reserved_user_attributes: Iterable[str] = (),
        endpoint_id_pattern: str = "",
        most_events: int = 100,
    ) -> Rules:
        """Rules from lists of globs, for endpoint ids a regular expression ("" = any), and most events per call."""
        endpoint_id = re.compile(endpoint_id_pattern or ".*", re.DOTALL)
        reserved = globs(map(folded, reserved_endpoint_ids))
        return cls(
            event_allowed=globs(events),
            event_reserved=globs(reserved_events),
            endpoint_id_allowed=lambda name: endpoint_id.fullmatch(name) is not None,
            endpoint_id_reserved=lambda name: reserved(folded(name)),
            attribute_allowed=globs(event_attributes),
            metric_allowed=globs(event_metrics),
            anonymous_allowed=globs(anonymous),
            authenticated_allowed=globs(authenticated),
            user_attribute_reserved=globs(reserved_user_attributes),
            most_events=most_events,
        )
