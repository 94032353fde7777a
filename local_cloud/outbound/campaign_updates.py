"""Operations that change a campaign before it is started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.campaign_rules import check_campaign, check_schedule
from local_cloud.outbound.campaign_states import check_open
from local_cloud.outbound.campaigns import scheduled
from local_cloud.outbound.errors import invalid
from local_cloud.outbound.store import Account

# The member that each operation replaces. API reference: only a campaign that is Initialized can be changed; the
# service model knows no such error for its name and its channels, which can be changed at any time (reading).
_MEMBERS: Final[Mapping[str, str]] = {
    "UpdateCampaignName": "name",
    "UpdateCampaignChannelSubtypeConfig": "channelSubtypeConfig",
    "UpdateCampaignSource": "source",
    "UpdateCampaignFlowAssociation": "connectCampaignFlowArn",
    "UpdateCampaignSchedule": "schedule",
    "UpdateCampaignEntryLimits": "entryLimitsConfig",
    "UpdateCampaignCommunicationTime": "communicationTimeConfig",
    "UpdateCampaignCommunicationLimits": "communicationLimitsOverride",
}
_ALWAYS: Final = frozenset({"UpdateCampaignName", "UpdateCampaignChannelSubtypeConfig"})


def _update(account: Account, call: Call) -> None:
    campaign, member = account.campaign(call.parameters["id"]), _MEMBERS[call.operation]
    if call.operation not in _ALWAYS:
        check_open(campaign.progress.state)
    document = {**campaign.document, member: call.body[member]}
    # API reference, CreateCampaign: a source can be neither added nor removed afterwards.
    if list(document["source"]) != list(campaign.document["source"]):
        raise invalid("source cannot become one of another kind")
    if member != "name":
        check_campaign(document, account, call.profiles)
    if member == "schedule":
        check_schedule(document, call.moment)
        scheduled(campaign.progress, document, call)
    campaign.document = document


def _delete_entry_limits(account: Account, call: Call) -> None:
    campaign = account.campaign(call.parameters["id"])
    check_open(campaign.progress.state)
    campaign.document.pop("entryLimitsConfig", None)


def _delete_limits(account: Account, call: Call) -> None:
    """There is only one kind of them, `ALL_CHANNEL_SUBTYPES` (service model)."""
    campaign = account.campaign(call.parameters["id"])
    check_open(campaign.progress.state)
    campaign.document.pop("communicationLimitsOverride", None)


def _delete_time(account: Account, call: Call) -> None:
    campaign = account.campaign(call.parameters["id"])
    check_open(campaign.progress.state)
    channel = {"WHATSAPP": "whatsApp"}.get(call.parameters["config"], call.parameters["config"].lower())
    config = campaign.document.get("communicationTimeConfig", {})
    campaign.document["communicationTimeConfig"] = {name: value for name, value in config.items() if name != channel}


HANDLERS: Final[Mapping[str, Handler]] = {
    **dict.fromkeys(_MEMBERS, _update),
    "DeleteCampaignEntryLimits": _delete_entry_limits,
    "DeleteCampaignCommunicationLimits": _delete_limits,
    "DeleteCampaignCommunicationTime": _delete_time,
}
