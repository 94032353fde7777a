"""What can be switched while the emulator runs: rates and quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from local_cloud.service.settings import Switches
from local_cloud.service.throttling import with_burst

_CHANGES: Final = frozenset(
    {"CreateCampaign", "DeleteCampaign", "StartCampaign", "PauseCampaign", "ResumeCampaign", "StopCampaign"}
)
_LOOKS: Final = frozenset({"GetCampaignState", "GetCampaignStateBatch", "ListCampaigns"})
# "Create... at 1 per second with a burst of 2"; bursts of other operations are not published (reading: one second).
_CHANGE_BURST: Final = 2.0


@dataclass(frozen=True)
class Settings(Switches):
    """Rates per second of each operation, 0 meaning unlimited, and quotas per Connect instance.

    Connect administrator guide, quotas: creating, deleting, starting, pausing, resuming and stopping a campaign 1 per
    second with a burst of 2, states and lists 5, `DescribeCampaign` 25, other operations of campaigns and of Connect 2;
    creating a message template or a version of one 3. 50 active campaigns and 500 in all.

    Attributes
    ----------
    campaign_change_rate
        Creating, deleting, starting, pausing, resuming, stopping.
    campaign_look_rate, describe_campaign_rate
        States and lists; `DescribeCampaign`.
    other_rate
        Every other operation of campaigns and of Connect.
    template_rate
        Every operation on knowledge bases and message templates (reading: that of creating one holds for all).
    active_campaigns, campaigns
        How many campaigns of an instance can be active, and how many there can be.
    """

    campaign_change_rate: float = 1.0
    campaign_look_rate: float = 5.0
    describe_campaign_rate: float = 25.0
    other_rate: float = 2.0
    template_rate: float = 3.0
    active_campaigns: float = 50.0
    campaigns: float = 500.0

    def limit(self, operation: str) -> tuple[float, float]:
        """Return rate and burst of an operation of campaigns or of Connect.

        Parameters
        ----------
        operation
            Its name.

        Returns
        -------
        tuple
            Calls per second (0: unlimited) and burst.
        """
        if operation in _CHANGES:
            return self.campaign_change_rate, _CHANGE_BURST
        if operation in _LOOKS:
            return with_burst(self.campaign_look_rate)
        return with_burst(self.describe_campaign_rate if operation == "DescribeCampaign" else self.other_rate)

    def template_limit(self, _operation: str) -> tuple[float, float]:
        """Return rate and burst of an operation of Q in Connect."""
        return with_burst(self.template_rate)
