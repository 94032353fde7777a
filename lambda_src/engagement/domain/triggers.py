"""Campaigns of event triggers: started, paused, resumed or stopped, as Terraform says who sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from engagement.domain.patience import patiently
from engagement.domain.runs.ports import Clock

CHANGE_SECONDS = 1.1
"""Between two changes of campaigns: Amazon Connect takes one per second."""
PATIENCE_SECONDS = 40.0
"""For all campaigns together: IAM takes a while to spread a new role, and Terraform waits a minute."""

CampaignIds = Mapping[str, str]
"""ID of the campaign of each trigger, by the trigger's name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to send.

    Parameters
    ----------
    run
        Whether the campaigns are to send.
    campaigns
        Those that there are.
    left
        Those that others have replaced and that may still send.
    """

    run: bool
    campaigns: CampaignIds
    left: CampaignIds

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Wanted:
        """Read what Terraform asks for; a KeyError if it is not complete."""
        return cls(bool(document["run"]), dict(sorted(document["campaigns"].items())), document["left"])


@dataclass(frozen=True, slots=True)
class Parting:
    """Which campaigns are on their way out, as Terraform tells with `lifecycle_scope = "CRUD"`.

    Parameters
    ----------
    campaigns
        They have no place any more.
    final
        Whether they are deleted whatever is answered, so that only an error can prevent it.
    """

    campaigns: CampaignIds
    final: bool

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Parting:
        """Read what was there and what is; a KeyError if it is not complete."""
        now: CampaignIds = document["campaigns"]
        match document["tf"]["action"]:
            case "delete":
                return cls(now, final=True)
            case "update":
                before: CampaignIds = document["tf"]["prev_input"]["campaigns"]
                kept = set(now.values())
                return cls({name: one for name, one in before.items() if one not in kept}, final=False)
        return cls({}, final=False)


class NotYetError(Exception):
    """The service does not let us, has no room or was faster; all of these may pass. The text says what it said."""


class TriggersError(Exception):
    """Campaigns are not as they should be; the text says which, why and what to do."""


class Campaigns(Protocol):
    """Outbound campaigns; each call raises NotYetError."""

    def state(self, campaign: str) -> str | None:
        """Its state, as the service writes it; None if there is no such campaign."""

    def start(self, campaign: str) -> None:
        """Let a new one send."""

    def pause(self, campaign: str) -> None:
        """Let one that sends wait."""

    def resume(self, campaign: str) -> None:
        """Let one that waits send again."""

    def stop(self, campaign: str) -> None:
        """End one that sends or waits."""


def settle(campaigns: Campaigns, wanted: Wanted, clock: Clock) -> None:
    """Let each campaign send, or not; none before those that it replaces have stopped.

    A campaign is looked at before it is changed, so that a call that is repeated goes on where the last one ended.

    Raises
    ------
    TriggersError
        Some campaigns are not as they should be; all others are.
    """
    if faults := _each(wanted.left, partial(_stop, campaigns, clock), clock):
        raise TriggersError("\n".join(faults.values()))
    if faults := _each(wanted.campaigns, partial(_settle, campaigns, clock, wanted.run), clock):
        raise TriggersError("\n".join(faults.values()))


def part(campaigns: Campaigns, parting: Parting, clock: Clock) -> CampaignIds:
    """Stop campaigns, since one that is under way cannot be deleted.

    Returns
    -------
    CampaignIds
        Those that may still send.

    Raises
    ------
    TriggersError
        Some may still send and are about to be deleted.
    """
    faults = _each(parting.campaigns, partial(_stop, campaigns, clock), clock)
    if faults and parting.final:
        raise TriggersError("\n".join(faults.values()))
    return {name: parting.campaigns[name] for name in faults}


class _EndedError(Exception):
    """A campaign that nothing can bring back; the text is its state."""


def _each(campaigns: CampaignIds, work: Callable[[str], None], clock: Clock) -> dict[str, str]:
    """What is wrong, by the trigger's name."""
    end = clock.time() + PATIENCE_SECONDS
    faults: dict[str, str] = {}
    for name, campaign in campaigns.items():
        try:
            patiently(partial(work, campaign), clock, NotYetError, end - clock.time(), CHANGE_SECONDS)
        except NotYetError as error:
            rule = f"Connect does not take the change of its campaign {campaign}: {error}"
            faults[name] = f"trigger {name}: {rule}. See what denies it, then apply again."
        except _EndedError as error:
            rule = f"its campaign {campaign} is {error}, and what has ended cannot be started again"
            remedy = "Give the trigger start and end times that are to come, and it gets another campaign"
            faults[name] = f"trigger {name}: {rule}. {remedy}."
    return faults


def _settle(campaigns: Campaigns, clock: Clock, run: bool, campaign: str) -> None:
    match campaigns.state(campaign), run:
        case "Initialized", True:
            campaigns.start(campaign)
        case "Paused", True:
            campaigns.resume(campaign)
        case "Running", False:
            campaigns.pause(campaign)
        case ("Running", True) | (_, False):
            return
        case state, _:
            raise _EndedError(state or "gone")
    clock.sleep(CHANGE_SECONDS)


def _stop(campaigns: Campaigns, clock: Clock, campaign: str) -> None:
    # In every other state it sends nothing and can be deleted.
    if campaigns.state(campaign) in ("Running", "Paused"):
        campaigns.stop(campaign)
        clock.sleep(CHANGE_SECONDS)
