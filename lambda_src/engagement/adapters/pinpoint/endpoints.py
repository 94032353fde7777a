"""Amazon Pinpoint as what stamps change: UpdateEndpointsBatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.refusals import call_of
from engagement.domain.destination import Call
from engagement.domain.event import folded
from engagement.domain.pacing import Pace
from engagement.domain.stamps.batches import MOST_ENDPOINTS, Kept, kept
from engagement.domain.stamps.stamping import Parts, Update
from engagement.domain.turns import Clock

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_pinpoint.type_defs import EndpointBatchItemTypeDef


LOOKS_PER_SECOND = 10.0
"""GetEndpoint, in the whole account."""


class Endpoints:
    """The endpoints of a Pinpoint project.

    Parameters
    ----------
    client
        A client that makes one attempt per call.
    application_id
        ID of the project.
    pace, clock
        When endpoints may be looked at.
    """

    most = MOST_ENDPOINTS
    together = 1

    def __init__(self, client: PinpointClient, application_id: str, pace: Pace, clock: Clock) -> None:
        self._client = client
        self._application_id = application_id
        self._pace = pace
        self._clock = clock

    def same(self, endpoint_id: str) -> str:
        """What all spellings of an endpoint's id have in common."""
        return folded(endpoint_id)

    def update(self, update: Update) -> Parts:
        """Send one UpdateEndpointsBatch request; Pinpoint says nothing of its items.

        An update makes endpoints active, and makes those that are not there: what nobody has looked at is looked at
        first.
        """
        found: dict[str, Kept] = {}
        missing: list[tuple[Update, Call]] = []
        for endpoint_id, keep in update.endpoints.items():
            state = self._state(endpoint_id) if keep is None else keep
            if isinstance(state, Call):
                part = replace(update, endpoints={endpoint_id: keep})
                if state is not Call.REFUSED:
                    return [(update, state)]
                missing.append((part, state))
            else:
                found[endpoint_id] = state
        if not found:
            return missing
        call = self._send(update, found)
        return [*missing, (replace(update, endpoints={name: update.endpoints[name] for name in found}), call)]

    def _state(self, endpoint_id: str) -> Kept | Call:
        """What an update must keep of an endpoint; refused if there is no such endpoint."""
        if seconds := self._pace.reserve(self._clock.monotonic()):
            self._clock.sleep(seconds)
        try:
            answer = self._client.get_endpoint(ApplicationId=self._application_id, EndpointId=endpoint_id)
        except self._client.exceptions.NotFoundException:
            return Call.REFUSED
        except ClientError as error:
            return call_of(error)
        except BotoCoreError:
            return Call.UNKNOWN
        return kept(answer["EndpointResponse"])

    def _send(self, update: Update, endpoints: Mapping[str, Kept]) -> Call:
        attributes = {name: list(values) for name, values in update.values.items()}
        items: list[EndpointBatchItemTypeDef] = [
            {"Id": endpoint_id, "User": {"UserAttributes": attributes}, **keep}  # type: ignore[typeddict-item]
            for endpoint_id, keep in endpoints.items()
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
