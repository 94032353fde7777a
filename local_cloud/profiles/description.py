"""The operations of Customer Profiles that are emulated, and what each is about in IAM."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Final

from local_cloud.service.description import Service
from local_cloud.service.messages import Request
from local_cloud.service.permissions import Permission

_DOMAIN: Final = "domains/{DomainName}"
_OF_A_DOMAIN: Final = (
    "CreateDomain",
    "GetDomain",
    "UpdateDomain",
    "DeleteDomain",
    "PutProfileObjectType",
    "GetProfileObjectType",
    "ListProfileObjectTypes",
    "DeleteProfileObjectType",
    "PutProfileObject",
    "BatchPutProfileObject",
    "ListProfileObjects",
    "DeleteProfileObject",
    "CreateProfile",
    "UpdateProfile",
    "DeleteProfile",
    "AddProfileKey",
    "DeleteProfileKey",
    "SearchProfiles",
    "BatchGetProfile",
    "CreateSegmentDefinition",
    "GetSegmentDefinition",
    "ListSegmentDefinitions",
    "DeleteSegmentDefinition",
    "GetSegmentMembership",
    "CreateSegmentEstimate",
    "GetSegmentEstimate",
    "CreateSegmentSnapshot",
    "GetSegmentSnapshot",
    "CreateEventTrigger",
    "GetEventTrigger",
    "ListEventTriggers",
    "UpdateEventTrigger",
    "DeleteEventTrigger",
    "PutIntegration",
    "GetIntegration",
    "ListIntegrations",
    "DeleteIntegration",
)
# Which resources an action is checked against is not published beyond their names: both the domain and what is below
# it must be allowed (reading).
_BELOW: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "PutProfileObjectType",
            "GetProfileObjectType",
            "DeleteProfileObjectType",
            "PutProfileObject",
            "BatchPutProfileObject",
            "ListProfileObjects",
            "DeleteProfileObject",
        ),
        "object-types/{ObjectTypeName}",
    ),
    **dict.fromkeys(
        (
            "CreateSegmentDefinition",
            "GetSegmentDefinition",
            "DeleteSegmentDefinition",
            "GetSegmentMembership",
            "CreateSegmentSnapshot",
            "GetSegmentSnapshot",
        ),
        "segment-definitions/{SegmentDefinitionName}",
    ),
    **dict.fromkeys(
        ("CreateEventTrigger", "GetEventTrigger", "UpdateEventTrigger", "DeleteEventTrigger"),
        "event-triggers/{EventTriggerName}",
    ),
    **dict.fromkeys(("PutIntegration", "GetIntegration", "DeleteIntegration"), "integrations/{Uri}"),
}
# Who gives Customer Profiles a role must be allowed to pass it on.
_WITH_ROLE: Final = frozenset({"CreateSegmentSnapshot", "PutIntegration"})
PRINCIPAL: Final = "profile.amazonaws.com"

CUSTOMER_PROFILES: Final = Service(
    label="profiles",
    model="customer-profiles",
    signing_name="profile",
    resources={
        "ListDomains": "*",
        "TagResource": "",
        "UntagResource": "",
        "ListTagsForResource": "",
        **dict.fromkeys(_OF_A_DOMAIN, _DOMAIN),
    },
    errors={
        400: "BadRequestException",
        403: "AccessDeniedException",
        404: "ResourceNotFoundException",
        429: "ThrottlingException",
        500: "InternalServerException",
    },
)
_SET_UP: Final = (
    "Domain",
    "Domains",
    "ObjectType",
    "ObjectTypes",
    "EventTrigger",
    "EventTriggers",
    "Integration",
    "Integrations",
    "Resource",
)
# What infrastructure code sets up: it is not in the journal.
SETUP: Final = frozenset(name for name in CUSTOMER_PROFILES.resources if name.endswith(_SET_UP))


def more_permissions(request: Request, operation: str, parameters: Mapping[str, str]) -> list[Permission]:
    """Tell what a request needs besides its action on the domain.

    Parameters
    ----------
    request, operation, parameters
        The request, its operation, and the parameters of its path.

    Returns
    -------
    list
        The action on what is below the domain, and the role that is handed over.
    """
    known = {**_body(request), **parameters}
    domain = f"arn:aws:profile:{request.region}:{request.account}:{_DOMAIN}"
    needed = []
    # A request that lacks what the model requires is refused by its operation.
    with contextlib.suppress(KeyError):
        if operation in _BELOW:
            needed.append(Permission(f"profile:{operation}", f"{domain}/{_BELOW[operation]}".format(**known)))
        if operation in _WITH_ROLE and "RoleArn" in known:
            needed.append(Permission("iam:PassRole", str(known["RoleArn"]), {"iam:passedtoservice": PRINCIPAL}))
    return needed


def _body(request: Request) -> dict[str, object]:
    try:
        document = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
