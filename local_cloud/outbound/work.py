"""What has to be done now, without anybody asking."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.outbound.campaign_states import ACTIVE, RUNNING
from local_cloud.outbound.environment import Environment
from local_cloud.outbound.handover import Handed
from local_cloud.outbound.runs import Run
from local_cloud.service.moments import iso_8601


class Work:
    """Advances campaigns.

    Parameters
    ----------
    environment
        The state, and what to work with.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def due(self) -> list[Callable[[], None]]:
        """Do what is due: it is short, so nothing is left to other threads.

        Returns
        -------
        list
            Empty.
        """
        self.do()
        return []

    def do(self) -> None:
        """Let handed profiles in, then advance every campaign that is under way."""
        with self._environment.lock:
            now = self._environment.wall_clock()
            for handed in self._environment.handover.emptied():
                run = self._run_of(handed)
                if run is not None:
                    run.enter([handed.profile_id])
            for account in self._environment.accounts.all():
                for campaign in account.campaigns.values():
                    if campaign.progress.state in ACTIVE:
                        Run(self._environment, account, campaign, now).advance()

    def _run_of(self, handed: Handed) -> Run | None:
        """A campaign takes profiles while it runs, between its start and its end; otherwise they are lost (reading)."""
        parts = handed.campaign_arn.split(":")
        account = self._environment.accounts.of(parts[4], parts[3])
        campaign = account.campaigns.get(parts[5].removeprefix("campaign/"))
        if campaign is None or "eventTrigger" not in campaign.document["source"]:
            return None
        now, progress = self._environment.wall_clock(), campaign.progress
        if progress.state != RUNNING or not progress.starts <= iso_8601(now) < progress.ends:
            progress.skip("not_running")
            return None
        return Run(self._environment, account, campaign, now)
