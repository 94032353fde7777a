"""What Amazon Pinpoint hands to the filter, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from engagement.domain.event import folded
from engagement.domain.interactions.conditions import ConditionError, kept, rules_of
from engagement.domain.plans.names import FILTER_TAG, RUN_TAG

TagsOf = Callable[[str], Mapping[str, str]]
DidOf = Callable[[str, Iterable[str]], Mapping[str, AbstractSet[str]]]
"""What endpoints of a run did, by their IDs in lower case."""


def answer(event: Mapping[str, Any], tags_of: TagsOf, did_of: DidOf) -> dict[str, Any]:
    """The endpoints to send to, as they came.

    Raises
    ------
    ConditionError
        The campaign is not one that asks for this filter.
    UnavailableError
        What the endpoints did cannot be read now. Nobody hears then, which is better than the wrong people.
    """
    campaign_id, endpoints = event.get("CampaignId"), event.get("Endpoints")
    if not isinstance(campaign_id, str) or not campaign_id or not isinstance(endpoints, dict):
        raise ConditionError("CampaignId must be a text and Endpoints a map; only campaigns can call this filter")
    tags = tags_of(campaign_id)
    rules = rules_of(tags.get(FILTER_TAG, ""))
    passed = kept(rules, did_of(tags.get(RUN_TAG, ""), map(folded, endpoints)))
    return {endpoint_id: its for endpoint_id, its in endpoints.items() if folded(endpoint_id) in passed}
