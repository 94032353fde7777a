"""Connecting a project's event stream, without ever taking the place of somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engagement.domain.patience import patiently
from engagement.domain.runs.ports import Clock

PATIENCE_SECONDS = 45.0
"""IAM takes a while to spread a new role, ours and the one that Amazon Pinpoint assumes; Terraform waits a minute."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a project's events go, and the role with which Amazon Pinpoint writes there."""

    stream_arn: str
    role_arn: str

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Connection:
        """Read what Terraform asks for; a KeyError if it is not complete."""
        return cls(document["stream_arn"], document["role_arn"])


class NotYetError(Exception):
    """The service does not let us, or does not believe the role; both may pass. The text says what it said."""


class Project(Protocol):
    """The project whose events are streamed; each call raises NotYetError."""

    def connection(self) -> Connection | None:
        """Where its events go now."""

    def connect(self, connection: Connection) -> None:
        """Let them go there from now on, whatever was before."""

    def disconnect(self) -> None:
        """Let them go nowhere."""


def connect(project: Project, wanted: Connection, clock: Clock) -> list[str]:
    """Connect the project, unless it is connected elsewhere.

    A connection with our role is ours, and may move. One with another role that leads to the same stream is as good.

    Returns
    -------
    list
        What is in the way; empty if the project's events go to the stream.
    """
    try:
        return patiently(lambda: _connect(project, wanted), clock, NotYetError, PATIENCE_SECONDS)
    except NotYetError as error:
        return [f"the project cannot be connected to {wanted.stream_arn}: {error}. See what denies it"]


def disconnect(project: Project, made: Connection, clock: Clock) -> None:
    """Take back the connection that was made, and no other; raises NotYetError."""
    patiently(lambda: _disconnect(project, made), clock, NotYetError, PATIENCE_SECONDS)


def _disconnect(project: Project, made: Connection) -> None:
    if project.connection() == made:
        project.disconnect()


def _connect(project: Project, wanted: Connection) -> list[str]:
    now = project.connection()
    if now is not None and now.stream_arn != wanted.stream_arn and now.role_arn != wanted.role_arn:
        rule = f"the project's events go to {now.stream_arn} already, and a project has one event stream"
        remedy = (
            f'set company_events.interactions.existing_stream = {{ arn = "{now.stream_arn}" }}, if it is a data stream'
        )
        return [f"{rule}: {remedy}"]
    if now is None or now.stream_arn != wanted.stream_arn:
        project.connect(wanted)
    return []
