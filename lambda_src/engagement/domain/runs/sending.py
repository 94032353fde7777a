"""Campaigns that run: how far they are, and what can still be taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engagement.domain.runs.ports import CampaignState, Clock, Ledger, Service, ThrottledError
from engagement.domain.runs.records import Kind, Made

FIRST_LOOK = timedelta(seconds=15)
LONGEST_LOOK = timedelta(minutes=5)
_LOOK_FACTOR = 1.5
_MOST_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a run's campaigns when it was taken back: how many of each."""

    deleted: int = 0
    paused: int = 0
    out: int = 0

    def __str__(self) -> str:
        return f"{self.deleted} campaigns deleted before they started, {self.paused} paused, {self.out} already out"


def look_at(
    service: Service, ledger: Ledger, clock: Clock, run: str, campaigns: Iterable[Made], deadline: float
) -> list[Made]:
    """Ask how far campaigns are and record what is new; returns those that have not ended.

    After the deadline nobody is asked any more.
    """
    going = []
    for campaign in campaigns:
        if clock.time() >= deadline:
            going.append(campaign)
            continue
        try:
            state = service.campaign(campaign.id)
        except ThrottledError:
            going.append(campaign)
            continue
        seen = _record(ledger, run, campaign, state)
        if not state.ended:
            going.append(seen)
    return going


def next_look(going: Sequence[Made], now: datetime, looks: int) -> datetime:
    """When to look again: soon after the first start, then less and less often."""
    starts = [campaign.starts for campaign in going if campaign.starts is not None]
    if starts and min(starts) > now:
        return min(starts) + FIRST_LOOK
    return now + min(LONGEST_LOOK, FIRST_LOOK * _LOOK_FACTOR ** min(looks, _MOST_LOOKS))


def withdraw(service: Service, ledger: Ledger, run: str) -> Withdrawn:
    """Take back a run's campaigns, recorded or not, as far as they have not sent yet, and record what they are now."""
    recorded = {one.id: one for one in ledger.made(run) if one.kind is Kind.CAMPAIGN}
    results: Counter[str] = Counter()
    for identifier in dict.fromkeys([*recorded, *(found.id for found in service.found(Kind.CAMPAIGN, run))]):
        known = recorded.get(identifier)
        result, state = _taken_back(service, identifier, CampaignState(known.status if known else ""))
        results[result] += 1
        if known:
            _record(ledger, run, known, state)
    return Withdrawn(**results)


def _taken_back(service: Service, campaign_id: str, known: CampaignState) -> tuple[str, CampaignState]:
    state = known if known.ended else service.campaign(campaign_id)
    if state.ended:
        return ("deleted" if state.status == "DELETED" else "out"), state
    if service.delete(Kind.CAMPAIGN, campaign_id):
        return "deleted", replace(state, status="DELETED")
    if service.pause(campaign_id):
        return "paused", replace(state, status="PAUSED")
    return "out", state


def _record(ledger: Ledger, run: str, campaign: Made, state: CampaignState) -> Made:
    """Record how far a campaign is, if that is new; of one that is gone the counts stay as last seen."""
    seen = replace(
        campaign,
        status=state.status,
        attempted=max(campaign.attempted, state.attempted),
        reached=max(campaign.reached, state.reached),
    )
    if seen != campaign:
        ledger.record(run, seen)
    return seen
