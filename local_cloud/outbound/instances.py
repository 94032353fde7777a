"""Operations of Connect on instances."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.errors import duplicate
from local_cloud.outbound.store import Account, Instance

# Service model, ListInstances.
_PAGE: Final = 10


def _create(account: Account, call: Call) -> dict[str, Any]:
    """An instance can be used at once; on AWS it is being made for a few minutes."""
    request, identifier = call.body, str(uuid.uuid4())
    alias = request.get("InstanceAlias")
    if alias and any(one.document.get("InstanceAlias") == alias for one in account.instances.values()):
        raise duplicate(f"an instance has the alias {alias} already")
    arn = account.arn("connect", f"instance/{identifier}")
    account.instances[identifier] = Instance(
        {
            "Id": identifier,
            "Arn": arn,
            "IdentityManagementType": request["IdentityManagementType"],
            **({"InstanceAlias": alias} if alias else {}),
            "CreatedTime": call.moment.timestamp(),
            "ServiceRole": f"arn:aws:iam::{account.account}:role/aws-service-role/connect.amazonaws.com/"
            "AWSServiceRoleForAmazonConnect",
            "InstanceStatus": "ACTIVE",
            "InboundCallsEnabled": request["InboundCallsEnabled"],
            "OutboundCallsEnabled": request["OutboundCallsEnabled"],
            **({"Tags": request["Tags"]} if request.get("Tags") else {}),
        }
    )
    return {"Id": identifier, "Arn": arn}


def _describe(account: Account, call: Call) -> dict[str, Any]:
    return {"Instance": account.instance(call.parameters["InstanceId"]).document}


def _list(account: Account, call: Call) -> dict[str, Any]:
    found = [
        {name: value for name, value in one.document.items() if name != "Tags"} for one in account.instances.values()
    ]
    return call.page("InstanceSummaryList", found, _PAGE, call.parameters, "NextToken", "MaxResults")


def _delete(account: Account, call: Call) -> None:
    """Its flows go with it; campaigns stay and end as failed (reading)."""
    instance = account.instance(call.parameters["InstanceId"])
    del account.instances[instance.document["Id"]]


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateInstance": _create,
    "DescribeInstance": _describe,
    "ListInstances": _list,
    "DeleteInstance": _delete,
}
