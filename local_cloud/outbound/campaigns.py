"""Operations on campaigns: their life, and what is told of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from local_cloud.faults import LIST_CAMPAIGNS
from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.campaign_rules import check_campaign, check_campaign_tags, check_schedule, instant_of
from local_cloud.outbound.campaign_states import ACTIVE, changed, check_deletable
from local_cloud.outbound.errors import conflict, invalid, missing, reserved, too_many
from local_cloud.outbound.onboarding import check_onboarded
from local_cloud.outbound.store import Account, Campaign, Progress
from local_cloud.service.moments import iso_8601, known_instant, scaled

Document = Mapping[str, Any]

# Service model, ListCampaigns.
_PAGE: Final = 50
_SUMMARY: Final = ("id", "arn", "name", "connectInstanceId", "type", "schedule", "entryLimitsConfig")


def _create(account: Account, call: Call) -> dict[str, Any]:
    """Nothing tells two calls of the same name apart from two campaigns: both are made (reading)."""
    request = call.body
    instance = account.instance(request["connectInstanceId"])
    check_onboarded(instance)
    identifier = str(uuid.uuid4())
    document = {
        "id": identifier,
        "arn": account.arn("connect-campaigns", f"campaign/{identifier}"),
        "type": "MANAGED",
        **request,
        "connectInstanceId": instance.document["Id"],
        "tags": request.get("tags", {}),
    }
    check_campaign(document, account, call.profiles)
    check_schedule(document, call.moment)
    most = call.settings.campaigns
    if len(account.campaigns_of(instance.document["Id"])) >= most:
        raise too_many(f"a Connect instance can have at most {most:g} campaigns")
    account.campaigns[identifier] = Campaign(document, call.now, scheduled(Progress(), document, call))
    return {name: document[name] for name in ("id", "arn", "tags")}


def scheduled(progress: Progress, document: Document, call: Call) -> Progress:
    """Note when a campaign begins and ends, sooner than its schedule says if time passes faster.

    Parameters
    ----------
    progress
        How far it is.
    document
        The campaign.
    call
        Says what time it is.

    Returns
    -------
    Progress
        The same.
    """
    schedule = document["schedule"]
    for name, member in (("starts", "startTime"), ("ends", "endTime")):
        moment = scaled(call.moment, instant_of(schedule[member]), call.time_factor)
        setattr(progress, name, iso_8601(moment))
    return progress


def _describe(account: Account, call: Call) -> dict[str, Any]:
    return {"campaign": account.campaign(call.parameters["id"]).document}


def _list(account: Account, call: Call) -> dict[str, Any]:
    """Campaigns that have ended stay in the list; the fault `lag` hides new ones."""
    lag = call.faults.take(LIST_CAMPAIGNS, kinds={"lag"})
    until = iso_8601(call.moment - timedelta(seconds=lag.seconds)) if lag else call.now
    wanted = call.body.get("filters", {}).get("instanceIdFilter", {}).get("value")
    found = [
        {
            **{name: one.document[name] for name in (*_SUMMARY, "connectCampaignFlowArn") if name in one.document},
            "channelSubtypes": [channel.upper() for channel in one.document["channelSubtypeConfig"]],
        }
        for one in account.campaigns.values()
        if wanted in (None, one.document["connectInstanceId"]) and one.created <= until
    ]
    return call.page("campaignSummaryList", found, _PAGE, call.body, "nextToken", "maxResults")


def _state(account: Account, call: Call) -> dict[str, Any]:
    return {"state": account.campaign(call.parameters["id"]).progress.state}


def _states(account: Account, call: Call) -> dict[str, Any]:
    wanted = call.body["campaignIds"]
    return {
        "successfulRequests": [
            {"campaignId": known, "state": account.campaigns[known].progress.state}
            for known in wanted
            if known in account.campaigns
        ],
        "failedRequests": [
            {"campaignId": known, "failureCode": "ResourceNotFound"}
            for known in wanted
            if known not in account.campaigns
        ],
    }


def _change_state(account: Account, call: Call) -> None:
    """Where the service model knows no error of a quota, one that is used up is a conflict (reading)."""
    campaign = account.campaign(call.parameters["id"])
    after = changed(call.operation, campaign.progress.state)
    if call.operation == "StartCampaign":
        _check_start(account, call, campaign)
    campaign.progress.state = after


def _check_start(account: Account, call: Call, campaign: Campaign) -> None:
    if known_instant(campaign.progress.ends) <= call.moment:
        raise invalid("schedule.endTime is past: a campaign that is over cannot be started")
    others = account.campaigns_of(campaign.document["connectInstanceId"])
    if sum(one.progress.state in ACTIVE for one in others) >= call.settings.active_campaigns:
        raise conflict(f"a Connect instance can have at most {call.settings.active_campaigns:g} active campaigns")


def _delete(account: Account, call: Call) -> None:
    campaign = account.campaign(call.parameters["id"])
    check_deletable(campaign.progress.state)
    del account.campaigns[campaign.document["id"]]


def _take_profiles(account: Account, call: Call) -> None:
    """API reference: for the event triggers of Customer Profiles only."""
    account.campaign(call.parameters["id"])
    raise reserved("only Customer Profiles can put profiles into a campaign")


def _tags(account: Account, call: Call) -> dict[str, Any]:
    return {"tags": _tagged(account, call).document["tags"]}


def _tag(account: Account, call: Call) -> None:
    campaign = _tagged(account, call)
    tags = {**campaign.document["tags"], **call.body["tags"]}
    check_campaign_tags(tags)
    campaign.document["tags"] = tags


def _untag(account: Account, call: Call) -> None:
    campaign = _tagged(account, call)
    gone = call.parameters["tagKeys"]
    campaign.document["tags"] = {key: value for key, value in campaign.document["tags"].items() if key not in gone}


def _tagged(account: Account, call: Call) -> Campaign:
    arn = call.parameters["arn"]
    if not arn.startswith(account.arn("connect-campaigns", "campaign/")):
        raise missing("the campaign")
    return account.campaign(arn)


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateCampaign": _create,
    "DescribeCampaign": _describe,
    "ListCampaigns": _list,
    "GetCampaignState": _state,
    "GetCampaignStateBatch": _states,
    **dict.fromkeys(("StartCampaign", "PauseCampaign", "ResumeCampaign", "StopCampaign"), _change_state),
    "DeleteCampaign": _delete,
    "PutProfileOutboundRequestBatch": _take_profiles,
    "ListTagsForResource": _tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}
