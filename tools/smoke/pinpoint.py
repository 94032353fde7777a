"""The question whether Pinpoint still takes events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore import exceptions

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_pinpoint.type_defs import EventsBatchTypeDef

EVENT = "engagement_smoke"
ENDPOINT_ID = "engagement-smoke"


def observe(client: PinpointClient, application_id: str) -> dict[str, str]:
    """Send one event; it leaves an endpoint and an event type behind, which is why it is asked for on its own.

    Parameters
    ----------
    client
        Pinpoint client.
    application_id
        The project.

    Returns
    -------
    dict
        The observation.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    item: EventsBatchTypeDef = {"Endpoint": {}, "Events": {EVENT: {"EventType": EVENT, "Timestamp": now}}}
    try:
        answer = client.put_events(ApplicationId=application_id, EventsRequest={"BatchItem": {ENDPOINT_ID: item}})
    except exceptions.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"put_events": f"{status} {error.response['Error']['Code']}"}
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        return {"put_events": f"no answer ({type(error).__name__})"}
    results = answer["EventsResponse"].get("Results", {}).get(ENDPOINT_ID, {})
    result = results.get("EventsItemResponse", {}).get(EVENT, {})
    return {"put_events": str(result.get("StatusCode"))}
