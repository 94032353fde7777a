"""Campaigns of event triggers, in Amazon Connect outbound campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.connect.sdk import OutboundClient, code_of, is_gone
from engagement.domain.triggers import NotYetError


class TriggerCampaigns:
    """Campaigns by their IDs."""

    def __init__(self, client: OutboundClient) -> None:
        self._client = client

    def state(self, campaign: str) -> str | None:
        """Its state, as the service writes it; None if there is no such campaign."""
        with _explained():
            try:
                return str(self._client.get_campaign_state(id=campaign)["state"])
            except ClientError as error:
                if is_gone(error):
                    return None
                raise

    def start(self, campaign: str) -> None:
        """Let a new one send."""
        with _explained():
            self._client.start_campaign(id=campaign)

    def pause(self, campaign: str) -> None:
        """Let one that sends wait."""
        with _explained():
            self._client.pause_campaign(id=campaign)

    def resume(self, campaign: str) -> None:
        """Let one that waits send again."""
        with _explained():
            self._client.resume_campaign(id=campaign)

    def stop(self, campaign: str) -> None:
        """End one that sends or waits."""
        with _explained():
            self._client.stop_campaign(id=campaign)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise NotYetError(f"{code_of(error)}: {error.response.get('Error', {}).get('Message', '')}") from error
    except BotoCoreError as error:
        raise NotYetError(type(error).__name__) from error
