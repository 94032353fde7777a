"""The event stream of a project of Amazon Pinpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.domain.interactions.connecting import Connection, NotYetError

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient


class EventStream:
    """The event stream of one project."""

    def __init__(self, pinpoint: PinpointClient, application_id: str) -> None:
        self._pinpoint = pinpoint
        self._application_id = application_id

    def connection(self) -> Connection | None:
        """Where its events go now."""
        try:
            with _explained():
                stream = self._pinpoint.get_event_stream(ApplicationId=self._application_id)["EventStream"]
        except self._pinpoint.exceptions.NotFoundException:
            return None
        return Connection(stream["DestinationStreamArn"], stream["RoleArn"])

    def connect(self, connection: Connection) -> None:
        """Let them go there from now on, whatever was before."""
        with _explained():
            self._pinpoint.put_event_stream(
                ApplicationId=self._application_id,
                WriteEventStream={"DestinationStreamArn": connection.stream_arn, "RoleArn": connection.role_arn},
            )

    def disconnect(self) -> None:
        """Let them go nowhere."""
        with _explained(), suppress(self._pinpoint.exceptions.NotFoundException):
            self._pinpoint.delete_event_stream(ApplicationId=self._application_id)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        if details.get("Code") == "NotFoundException":
            raise
        raise NotYetError(f"{details.get('Code', '')}: {details.get('Message', '')}") from error
    except BotoCoreError as error:
        raise NotYetError(type(error).__name__) from error
