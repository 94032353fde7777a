"""Customer Profiles with the people that a test wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DOMAIN = "arn:aws:profile:eu-west-1:123456789012:domains/shop"
SEGMENT = f"{DOMAIN}/segment-definitions/everybody"


class People:
    """One domain; its segment `everybody` has everybody."""

    def __init__(self) -> None:
        self.domains = {DOMAIN}
        self.segments = {SEGMENT}
        self.profiles: dict[str, dict[str, Any]] = {}

    def add(self, name: str, **members: Any) -> str:
        """Add a person with an e-mail address, and return the profile's id."""
        identifier = f"{len(self.profiles):032x}"
        self.profiles[identifier] = {
            "ProfileId": identifier,
            "AccountNumber": name,
            "EmailAddress": f"{name}@shop.example",
            **members,
        }
        return identifier

    def exists(self, arn: str) -> bool:
        return arn in self.domains | self.segments

    def members(self, segment_arn: str) -> Sequence[Mapping[str, Any]]:
        assert segment_arn in self.segments
        return list(self.profiles.values())

    def profile(self, domain_arn: str, profile_id: str) -> Mapping[str, Any] | None:
        return self.profiles.get(profile_id) if domain_arn in self.domains else None
