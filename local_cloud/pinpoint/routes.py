"""The operations: their routes, shapes and IAM resources, read from botocore's service model."""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from local_cloud.pinpoint.messages import ServiceError
from local_cloud.pinpoint.validation import Check, compile_check

if TYPE_CHECKING:
    from botocore.model import OperationModel, StructureShape

CHANNELS: Final[Mapping[str, str]] = {
    "Adm": "adm",
    "Apns": "apns",
    "ApnsSandbox": "apns_sandbox",
    "ApnsVoip": "apns_voip",
    "ApnsVoipSandbox": "apns_voip_sandbox",
    "Baidu": "baidu",
    "Email": "email",
    "Gcm": "gcm",
    "Sms": "sms",
    "Voice": "voice",
}

TEMPLATES: Final[Mapping[str, str]] = {"Email": "EMAIL", "Sms": "SMS", "Push": "PUSH"}

# IAM service authorization reference: the resource of each action, after the colon that ends the account. Where
# the developer guide names another resource, the reference decides.
_APP: Final = "apps/{ApplicationId}"
_CAMPAIGN: Final = f"{_APP}/campaigns/{{CampaignId}}"
_SEGMENT: Final = f"{_APP}/segments/{{SegmentId}}"
_JOURNEY: Final = f"{_APP}/journeys/{{JourneyId}}"
_JOURNEY_ACTIVITY: Final = "activities/{JourneyActivityId}"
_RESOURCES: Final[Mapping[str, str]] = {
    "CreateApp": "apps/*",
    "GetApps": "apps/*",
    "GetApp": _APP,
    "DeleteApp": _APP,
    "TagResource": "",
    "UntagResource": "",
    "ListTagsForResource": "",
    "GetApplicationSettings": _APP,
    "UpdateApplicationSettings": _APP,
    "GetEventStream": f"{_APP}/eventstream",
    "PutEventStream": f"{_APP}/eventstream",
    "DeleteEventStream": f"{_APP}/eventstream",
    "GetEndpoint": f"{_APP}/endpoints/{{EndpointId}}",
    "UpdateEndpoint": f"{_APP}/endpoints/{{EndpointId}}",
    "DeleteEndpoint": f"{_APP}/endpoints/{{EndpointId}}",
    "UpdateEndpointsBatch": _APP,
    "GetUserEndpoints": f"{_APP}/users/{{UserId}}",
    "PutEvents": f"{_APP}/events",
    "SendMessages": f"{_APP}/messages",
    "CreateSegment": _APP,
    "GetSegments": _APP,
    "GetSegment": _SEGMENT,
    "UpdateSegment": _SEGMENT,
    "DeleteSegment": _SEGMENT,
    "GetSegmentVersion": _SEGMENT,
    "GetSegmentVersions": _SEGMENT,
    "CreateCampaign": _APP,
    "GetCampaigns": _APP,
    "GetCampaign": _CAMPAIGN,
    "UpdateCampaign": _CAMPAIGN,
    "DeleteCampaign": _CAMPAIGN,
    "GetCampaignVersion": _CAMPAIGN,
    "GetCampaignVersions": _CAMPAIGN,
    "GetCampaignActivities": _CAMPAIGN,
    "CreateJourney": f"{_APP}/journeys",
    "ListJourneys": _APP,
    "GetJourney": _JOURNEY,
    "UpdateJourney": _JOURNEY,
    "UpdateJourneyState": _JOURNEY,
    "DeleteJourney": _JOURNEY,
    "GetJourneyRuns": _JOURNEY,
    "GetJourneyExecutionMetrics": f"{_JOURNEY}/execution-metrics",
    "GetJourneyExecutionActivityMetrics": f"{_JOURNEY}/{_JOURNEY_ACTIVITY}/execution-metrics",
    "GetJourneyRunExecutionMetrics": f"{_JOURNEY}/runs/{{RunId}}/execution-metrics",
    "GetJourneyRunExecutionActivityMetrics": f"{_JOURNEY}/runs/{{RunId}}/{_JOURNEY_ACTIVITY}/execution-metrics",
    "CreateExportJob": _APP,
    "GetExportJobs": _APP,
    "GetExportJob": _APP,
    "ListTemplates": "templates",
    **{
        f"{verb}{kind}Template": f"templates/{{TemplateName}}/{name}"
        for kind, name in TEMPLATES.items()
        for verb in ("Create", "Get", "Update", "Delete")
    },
    **{
        f"{verb}{channel}Channel": f"{_APP}/channels/{path}"
        for channel, path in CHANNELS.items()
        for verb in ("Get", "Update", "Delete")
    },
}

# What infrastructure code sets up: it is not in the journal.
SETUP: Final = frozenset(
    name
    for name in _RESOURCES
    if name.endswith(("App", "Apps", "Resource", "ApplicationSettings", "EventStream", "Channel"))
)
DATA_PLANE: Final = frozenset(
    {
        "GetEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        "UpdateEndpointsBatch",
        "GetUserEndpoints",
        "PutEvents",
        "SendMessages",
    }
)


@dataclass(frozen=True)
class Operation:
    """One operation of the service model.

    Attributes
    ----------
    name
        Name of the operation, also of its IAM action.
    method, pattern
        Its route; the groups of the pattern are `labels`.
    labels
        Names of the parameters in the path.
    query
        Name of the parameter by its name in the query string, and whether it is a list.
    status
        HTTP status of success.
    check_body, check_answer
        Checks of the documents in the bodies, None where there is no body.
    """

    name: str
    method: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    query: Mapping[str, tuple[str, bool]]
    status: int
    check_body: Check | None
    check_answer: Check | None


class Routes:
    """The route table of the operations that the emulator knows."""

    def __init__(self) -> None:
        self._operations = _operations()

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Find the operation of a request.

        Parameters
        ----------
        method
            HTTP method.
        path
            Percent-encoded path.

        Returns
        -------
        tuple
            The operation and the decoded parameters of the path.

        Raises
        ------
        ServiceError
            404 for an unknown path, 405 for a known path with another method.
        """
        status, message = 404, "no operation has this path"
        for operation in self._operations:
            found = operation.pattern.fullmatch(path)
            if found and operation.method == method:
                values = [urllib.parse.unquote(value) for value in found.groups()]
                return operation, dict(zip(operation.labels, values, strict=True))
            if found:
                status, message = 405, f"no operation has the method {method} on this path"
        raise ServiceError(status, message)

    def iam_action(self, method: str, path: str) -> tuple[str, str | None]:
        """Tell what a request must be allowed to do.

        Parameters
        ----------
        method
            HTTP method.
        path
            Percent-encoded path.

        Returns
        -------
        tuple
            The action, such as `mobiletargeting:PutEvents`, and the resource after the account's colon, such as
            `apps/1234/events`. For a request without operation the resource is None, and no policy names the action.
        """
        try:
            operation, parameters = self.match(method, path)
        except ServiceError:
            return "mobiletargeting:UnknownOperation", None
        if "ResourceArn" in parameters:
            return f"mobiletargeting:{operation.name}", parameters["ResourceArn"].split(":", 5)[-1]
        return f"mobiletargeting:{operation.name}", _RESOURCES[operation.name].format(**parameters)


def parse_query(operation: Operation, query: str) -> dict[str, Any]:
    """Read the parameters of the query string.

    Parameters
    ----------
    operation
        Whose parameters they are.
    query
        Query string.

    Returns
    -------
    dict
        Values by parameter name; lists stay lists, of other repeated parameters the last value counts.

    Raises
    ------
    ServiceError
        400 for a parameter that the operation does not have.
    """
    parameters: dict[str, Any] = {}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if name not in operation.query:
            raise ServiceError(400, f"{name} is not a parameter of {operation.name}")
        parameter, is_list = operation.query[name]
        if is_list:
            parameters.setdefault(parameter, []).append(value)
        else:
            parameters[parameter] = value
    return parameters


@functools.cache
def _operations() -> tuple[Operation, ...]:
    model = botocore.session.get_session().get_service_model("pinpoint")
    known: dict[str, Check] = {}
    return tuple(_operation(model.operation_model(name), known) for name in _RESOURCES)


def _operation(model: OperationModel, known: dict[str, Check]) -> Operation:
    members = model.input_shape.members if model.input_shape else {}
    labels = {
        member.serialization["name"]: name
        for name, member in members.items()
        if member.serialization.get("location") == "uri"
    }
    uri = str(model.http["requestUri"])
    # An ARN holds slashes, and not every client encodes them.
    pattern = re.sub(r"\\\{[^}]+\}", "(.+)" if "{resource-arn}" in uri else "([^/]+)", re.escape(uri))
    return Operation(
        name=model.name,
        method=str(model.http["method"]),
        pattern=re.compile(pattern),
        labels=tuple(labels[label] for label in re.findall(r"\{([^}]+)\}", uri)),
        query={
            member.serialization["name"]: (name, member.type_name == "list")
            for name, member in members.items()
            if member.serialization.get("location") == "querystring"
        },
        status=int(model.http["responseCode"]),
        check_body=_payload_check(model.input_shape, known),
        check_answer=_payload_check(model.output_shape, known),
    )


def _payload_check(shape: StructureShape | None, known: dict[str, Check]) -> Check | None:
    payload = shape.serialization.get("payload") if shape else None
    return compile_check(shape.members[payload], known) if shape and payload else None
