"""Amazon Pinpoint as what stamps change: UpdateEndpointsBatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.refusals import call_of
from engagement.domain.destination import Call
from engagement.domain.stamps.stamping import Update

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_pinpoint.type_defs import EndpointBatchItemTypeDef


class Endpoints:
    """The endpoints of a Pinpoint project.

    Parameters
    ----------
    client
        A client that makes one attempt per call.
    application_id
        ID of the project.
    """

    def __init__(self, client: PinpointClient, application_id: str) -> None:
        self._client = client
        self._application_id = application_id

    def update(self, update: Update) -> Call:
        """Send one UpdateEndpointsBatch request; Pinpoint says nothing of its items."""
        attributes = {name: list(values) for name, values in update.values.items()}
        items: list[EndpointBatchItemTypeDef] = [
            {"Id": endpoint_id, "User": {"UserAttributes": attributes}, **keep}  # type: ignore[typeddict-item]
            for endpoint_id, keep in update.endpoints.items()
        ]
        try:
            self._client.update_endpoints_batch(
                ApplicationId=self._application_id, EndpointBatchRequest={"Item": items}
            )
        except ClientError as error:
            return call_of(error)
        except BotoCoreError:
            return Call.UNKNOWN
        return Call.ANSWERED
