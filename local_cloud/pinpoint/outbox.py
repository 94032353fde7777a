"""What was sent to people: the emulator delivers nothing, it keeps each message to be looked at."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 10_000


@dataclass(frozen=True)
class Message:
    """One message to one recipient.

    Attributes
    ----------
    message_id, time
        Its id, and when it was sent, ISO 8601.
    application_id, account, region
        Who sent it.
    channel
        Channel type, such as `EMAIL`, `SMS`, `GCM` or `CUSTOM`.
    address, endpoint_id
        To whom; the endpoint is empty for a message to a plain address.
    sender
        From whom, as far as the channel shows one.
    title
        Subject of an e-mail, title of a push notification.
    body
        The text.
    html
        HTML part of an e-mail, empty without one.
    campaign_id, treatment_id, activity_id
        The campaign that sent it, empty otherwise.
    journey_id, journey_run_id, journey_activity_id
        The journey that sent it, empty otherwise.
    """

    message_id: str
    time: str
    application_id: str
    account: str
    region: str
    channel: str
    address: str
    endpoint_id: str = ""
    sender: str = ""
    title: str = ""
    body: str = ""
    html: str = ""
    campaign_id: str = ""
    treatment_id: str = ""
    activity_id: str = ""
    journey_id: str = ""
    journey_run_id: str = ""
    journey_activity_id: str = ""


class Outbox:
    """The last messages, numbered from 0 in the order in which they were sent.

    Parameters
    ----------
    kept
        How many.
    heard
        Called with each message after it was added, by whoever adds it; must not wait.
    """

    def __init__(self, kept: int = _KEPT, heard: Callable[[Message], None] = lambda _: None) -> None:
        self._heard = heard
        self._messages: deque[tuple[int, Message]] = deque(maxlen=kept)
        self._next = 0
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        """Keep a message.

        Parameters
        ----------
        message
            What was sent.
        """
        with self._lock:
            self._messages.append((self._next, message))
            self._next += 1
        self._heard(message)

    def since(self, number: int = 0) -> list[tuple[int, Message]]:
        """Return the messages that are kept, from a number on.

        Parameters
        ----------
        number
            Number of the first message wanted.

        Returns
        -------
        list of tuple
            Number and message, oldest first.
        """
        with self._lock:
            return [numbered for numbered in self._messages if numbered[0] >= number]

    def find(self, number: int) -> Message | None:
        """Return the message of a number, None if it is not kept."""
        return next((message for known, message in self.since(number) if known == number), None)
