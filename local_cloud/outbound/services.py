"""The three services: the operations that are emulated, and what each is about in IAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_cloud.service.description import Service
from local_cloud.service.messages import ServiceError

# IAM service authorization reference of outbound campaigns: the resource of each action. What is about an instance, a
# list, or a campaign that is not there yet has none.
_CAMPAIGN: Final = "campaign/{id}"
_OF_CAMPAIGNS: Final[Mapping[str, str]] = {
    "CreateCampaign": "*",
    "ListCampaigns": "*",
    "GetCampaignStateBatch": "*",
    **dict.fromkeys(
        (
            "DescribeCampaign",
            "GetCampaignState",
            "StartCampaign",
            "PauseCampaign",
            "ResumeCampaign",
            "StopCampaign",
            "DeleteCampaign",
            "UpdateCampaignName",
            "UpdateCampaignSource",
            "UpdateCampaignSchedule",
            "UpdateCampaignEntryLimits",
            "UpdateCampaignFlowAssociation",
            "UpdateCampaignCommunicationTime",
            "UpdateCampaignCommunicationLimits",
            "UpdateCampaignChannelSubtypeConfig",
            "DeleteCampaignEntryLimits",
            "DeleteCampaignCommunicationTime",
            "DeleteCampaignCommunicationLimits",
            "PutProfileOutboundRequestBatch",
        ),
        _CAMPAIGN,
    ),
    **dict.fromkeys(("TagResource", "UntagResource", "ListTagsForResource"), ""),
    **dict.fromkeys(
        (
            "StartInstanceOnboardingJob",
            "GetInstanceOnboardingJobStatus",
            "PutConnectInstanceIntegration",
            "ListConnectInstanceIntegrations",
            "GetInstanceCommunicationLimits",
            "PutInstanceCommunicationLimits",
        ),
        "*",
    ),
}
_INSTANCE: Final = "instance/{InstanceId}"
_FLOW: Final = f"{_INSTANCE}/contact-flow/{{ContactFlowId}}"
_OF_CONNECT: Final[Mapping[str, str]] = {
    "CreateInstance": "*",
    "ListInstances": "*",
    "DescribeInstance": _INSTANCE,
    "DeleteInstance": _INSTANCE,
    "CreateContactFlow": f"{_INSTANCE}/contact-flow/*",
    **dict.fromkeys(
        (
            "DescribeContactFlow",
            "UpdateContactFlowContent",
            "DeleteContactFlow",
            "CreateContactFlowVersion",
            "ListContactFlowVersions",
            "DeleteContactFlowVersion",
        ),
        _FLOW,
    ),
}
_KNOWLEDGE_BASE: Final = "knowledge-base/{knowledgeBaseId}"
_OF_TEMPLATES: Final[Mapping[str, str]] = {
    "CreateKnowledgeBase": "*",
    "ListKnowledgeBases": "*",
    **dict.fromkeys(
        ("GetKnowledgeBase", "DeleteKnowledgeBase", "CreateMessageTemplate", "ListMessageTemplates"), _KNOWLEDGE_BASE
    ),
    **dict.fromkeys(
        (
            "GetMessageTemplate",
            "UpdateMessageTemplate",
            "DeleteMessageTemplate",
            "CreateMessageTemplateVersion",
            "ActivateMessageTemplate",
            "DeactivateMessageTemplate",
        ),
        "message-template/{knowledgeBaseId}/{messageTemplateId}",
    ),
}

# What outbound campaigns and Q in Connect name alike.
_ERRORS: Final[Mapping[int, str]] = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    405: "ValidationException",
    409: "ConflictException",
}

CAMPAIGNS: Final = Service(
    label="outbound",
    model="connectcampaignsv2",
    signing_name="connect-campaigns",
    resources=_OF_CAMPAIGNS,
    errors={**_ERRORS, 429: "ThrottlingException", 500: "InternalServerException"},
)
CONNECT: Final = Service(
    label="connect",
    model="connect",
    signing_name="connect",
    resources=_OF_CONNECT,
    errors={
        400: "InvalidRequestException",
        403: "AccessDeniedException",
        404: "ResourceNotFoundException",
        405: "InvalidRequestException",
        429: "ThrottlingException",
        500: "InternalServiceException",
    },
)
# botocore's model gives throttling the status 400 here.
TEMPLATES: Final = Service(
    label="wisdom",
    model="qconnect",
    signing_name="wisdom",
    resources=_OF_TEMPLATES,
    errors=_ERRORS,
    throttled=ServiceError(400, "too many requests", "ThrottlingException"),
)
