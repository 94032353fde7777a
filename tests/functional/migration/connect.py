"""Who belongs to segment definitions, by the emulator of Customer Profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local_cloud.profiles.membership import Membership
from local_cloud.profiles.segment_rules import check_groups

Document = Mapping[str, Any]


def members_of(definitions: Sequence[Document], profiles: Sequence[Document]) -> dict[str, set[str]]:
    """AccountNumbers of the members by the definition's name; the emulator must take the definitions in their order."""
    known: dict[str, Document] = {}
    for definition in definitions:
        check_groups(definition["SegmentGroups"], known)
        known[definition["SegmentDefinitionName"]] = definition
    membership = Membership(known)
    return {name: {one["AccountNumber"] for one in profiles if membership.belongs(one, name)} for name in known}
