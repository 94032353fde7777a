"""What event streams will tell, until it is told: whoever puts something in does not wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.pinpoint.stream_records import Recipient, recipient_of
from local_cloud.service.outbox import PINPOINT, Message


@dataclass(frozen=True)
class Sent:
    """A message was sent, or could not be.

    Attributes
    ----------
    message
        The message; with the channel `CUSTOM` it is a call of a function, which the outbox does not keep.
    status
        `SUCCESS`, or why it was not sent.
    """

    message: Message
    status: str = "SUCCESS"

    @property
    def recipient(self) -> Recipient:
        """Who got it."""
        return recipient_of(self.message)


@dataclass(frozen=True)
class Taken:
    """PutEvents took an event."""

    recipient: Recipient
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Happened:
    """Something was done with a message, and has its record already."""

    message: Message
    record: Mapping[str, Any]

    @property
    def recipient(self) -> Recipient:
        """Whose message it was."""
        return recipient_of(self.message)


Entry = Sent | Taken | Happened


class StreamQueue:
    """Entries in the order in which they came."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()

    def put(self, entry: Entry) -> None:
        """Add an entry."""
        self._entries.append(entry)

    def sent(self, message: Message) -> None:
        """Add a message of the outbox, where other services put theirs too."""
        if message.destination == PINPOINT:
            self._entries.append(Sent(message))

    def take(self, most: int) -> list[Entry]:
        """Take the oldest entries out.

        Parameters
        ----------
        most
            How many at most.

        Returns
        -------
        list
            Entries, oldest first.
        """
        return [self._entries.popleft() for _ in range(min(most, len(self._entries)))]
