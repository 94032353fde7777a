"""Tags of campaigns: what a campaign's records, and the filter that it calls, need to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.domain.interactions.recording import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

_MOST_KNOWN = 10_000

TagsOf = Callable[[str], Mapping[str, str]]


def tags_of(pinpoint: PinpointClient, application_id: str) -> TagsOf:
    """A reader of a campaign's tags by its ID, which never change: each campaign is asked for once.

    It answers no tags for a campaign that is not there, and raises UnavailableError if it cannot tell.
    """

    @lru_cache(maxsize=_MOST_KNOWN)
    def read(campaign_id: str) -> Mapping[str, str]:
        try:
            answer = pinpoint.get_campaign(ApplicationId=application_id, CampaignId=campaign_id)
        except pinpoint.exceptions.NotFoundException:
            return {}
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError("Pinpoint") from error
        return answer["CampaignResponse"].get("tags", {})

    return read
