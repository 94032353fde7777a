"""Operations of Connect on flows and their versions."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.errors import duplicate, invalid, invalid_flow, invalid_parameter, missing
from local_cloud.outbound.store import Account, Flow

CAMPAIGN: Final = "CAMPAIGN"
# Service model, ListContactFlowVersions.
_PAGE: Final = 1000
# Flow language: the version of the language that every flow names.
_LANGUAGE: Final = "2019-10-30"
_VERSION_ARN: Final = re.compile(r"instance/([^/:]+)/contact-flow/([^/:]+):(\d+)")


def check_flow_version(account: Account, instance_id: str, arn: str) -> None:
    """Refuse what is not a version of a campaign flow of an instance.

    Parameters
    ----------
    account
        Whose instance.
    instance_id
        The instance.
    arn
        What is named as the flow.

    Raises
    ------
    ServiceError
        400 if the ARN has no version, 404 if it names nothing.
    """
    found = _VERSION_ARN.fullmatch(arn.removeprefix(account.arn("connect", "")))
    if found is None:
        raise invalid(f"{arn} is not the ARN of a version of a flow: it must end with its number")
    owner, flow_id, version = found.groups()
    if owner != instance_id or version not in account.instance(instance_id).flow(flow_id).versions:
        raise missing("the version of the flow")


def _create(account: Account, call: Call) -> dict[str, Any]:
    instance, request = account.instance(call.parameters["InstanceId"]), call.body
    if any(one.document["Name"] == request["Name"] for one in instance.flows.values()):
        raise duplicate(f"a flow is called {request['Name']} already")
    _check_content(request["Content"])
    identifier = str(uuid.uuid4())
    document = {
        "Arn": f"{instance.document['Arn']}/contact-flow/{identifier}",
        "Id": identifier,
        "Name": request["Name"],
        "Type": request["Type"],
        "State": "ACTIVE",
        "Status": request.get("Status", "PUBLISHED"),
        "Content": request["Content"],
        "FlowContentSha256": _digest(request["Content"]),
        **{name: request[name] for name in ("Description", "Tags") if request.get(name)},
    }
    instance.flows[identifier] = Flow(document)
    answer = {"ContactFlowId": identifier, "ContactFlowArn": document["Arn"]}
    return {**answer, "FlowContentSha256": document["FlowContentSha256"]}


def _describe(account: Account, call: Call) -> dict[str, Any]:
    """The id may hold a version, as `ID:1` (service model)."""
    identifier, _, version = call.parameters["ContactFlowId"].partition(":")
    flow = account.instance(call.parameters["InstanceId"]).flow(identifier.rpartition("/")[2])
    if not version:
        return {"ContactFlow": flow.document}
    if version not in flow.versions:
        raise missing("the version of the flow")
    arn = f"{flow.document['Arn']}:{version}"
    return {"ContactFlow": {**flow.document, **flow.versions[version], "Arn": arn, "Version": int(version)}}


def _update_content(account: Account, call: Call) -> dict[str, Any]:
    flow, content = _flow(account, call), call.body["Content"]
    _check_content(content)
    flow.document |= {"Content": content, "FlowContentSha256": _digest(content), "Status": "PUBLISHED"}
    return {}


def _delete(account: Account, call: Call) -> dict[str, Any]:
    flow = _flow(account, call)
    del account.instance(call.parameters["InstanceId"]).flows[flow.document["Id"]]
    return {}


def _create_version(account: Account, call: Call) -> dict[str, Any]:
    """Service model: versions serve campaign flows only, and are of what is published."""
    flow, request = _flow(account, call), call.body
    if flow.document["Type"] != CAMPAIGN:
        raise invalid_parameter(f"only flows of the type {CAMPAIGN} have versions")
    if flow.document["Status"] != "PUBLISHED":
        raise invalid_parameter("only a published flow has versions")
    if request.get("FlowContentSha256", flow.document["FlowContentSha256"]) != flow.document["FlowContentSha256"]:
        raise invalid_parameter("FlowContentSha256 is not that of the flow's content")
    flow.last_version += 1
    described = {"VersionDescription": request["Description"]} if request.get("Description") else {}
    digest = {name: flow.document[name] for name in ("Content", "FlowContentSha256")}
    flow.versions[str(flow.last_version)] = {**digest, **described}
    return {"ContactFlowArn": f"{flow.document['Arn']}:{flow.last_version}", "Version": flow.last_version}


def _versions(account: Account, call: Call) -> dict[str, Any]:
    flow = _flow(account, call)
    found = [
        {
            "Arn": f"{flow.document['Arn']}:{number}",
            "Version": int(number),
            **{name: one[name] for name in ("VersionDescription",) if name in one},
        }
        for number, one in flow.versions.items()
    ]
    return call.page("ContactFlowVersionSummaryList", found, _PAGE, call.parameters, "NextToken", "MaxResults")


def _delete_version(account: Account, call: Call) -> dict[str, Any]:
    if _flow(account, call).versions.pop(str(call.parameters["ContactFlowVersion"]), None) is None:
        raise missing("the version of the flow")
    return {}


def _flow(account: Account, call: Call) -> Flow:
    return account.instance(call.parameters["InstanceId"]).flow(call.parameters["ContactFlowId"].rpartition("/")[2])


def _check_content(text: str) -> None:
    """What the actions of a flow do is not looked at."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise invalid_flow("Content is not JSON") from error
    if not isinstance(content, dict) or content.get("Version") != _LANGUAGE:
        raise invalid_flow(f"Content must be an object whose Version is {_LANGUAGE}")
    actions = content.get("Actions")
    known = {one.get("Identifier") for one in actions if isinstance(one, dict)} if isinstance(actions, list) else set()
    if content.get("StartAction") not in known:
        raise invalid_flow("StartAction must be the Identifier of one of the Actions")


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateContactFlow": _create,
    "DescribeContactFlow": _describe,
    "UpdateContactFlowContent": _update_content,
    "DeleteContactFlow": _delete,
    "CreateContactFlowVersion": _create_version,
    "ListContactFlowVersions": _versions,
    "DeleteContactFlowVersion": _delete_version,
}
