"""What was sent to people: no service delivers anything, each message is kept to be looked at."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

PINPOINT: Final = "pinpoint"
CONNECT: Final = "connect"

_KEPT: Final = 10_000


@dataclass(frozen=True)
class Message:
    """One message to one recipient.

    Attributes
    ----------
    message_id, time
        Its id, and when it was sent, ISO 8601.
    application_id, account, region
        Who sent it: the application, or the Connect instance.
    channel
        Channel type, such as `EMAIL`, `SMS`, `GCM` or `CUSTOM`.
    address, endpoint_id
        To whom; the endpoint is empty for a message to a plain address, and of a profile it is the account number.
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
    destination
        The service that sent it: `PINPOINT` or `CONNECT`.
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
    destination: str = PINPOINT


@dataclass(frozen=True)
class Kept:
    """A message of the outbox.

    Attributes
    ----------
    number
        Its place in the order of sending, from 0.
    message
        The message.
    records
        Types of the records that the application's event stream told of it, each once.
    revision
        Of the last change.
    """

    number: int
    message: Message
    records: tuple[str, ...] = ()
    revision: int = 0


class Outbox:
    """The last messages, numbered from 0 in the order in which they were sent.

    Parameters
    ----------
    kept
        How many.
    heard
        Called with each message after it was added, by whoever adds it; must not wait, nor call the outbox.
    """

    def __init__(self, kept: int = _KEPT, heard: Callable[[Message], None] = lambda _: None) -> None:
        self._most = kept
        self._heard = heard
        self._kept: dict[int, Kept] = {}
        self._numbers: dict[str, int] = {}
        self._next = 0
        self._revision = 0
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        """Keep a message.

        Parameters
        ----------
        message
            What was sent.
        """
        with self._lock:
            self._numbers[message.message_id] = self._next
            self._change(Kept(self._next, message))
            self._next += 1
            forgotten = self._kept.pop(self._next - 1 - self._most, None)
            if forgotten:
                self._numbers.pop(forgotten.message.message_id, None)
            # Whoever sees the message may count on its having been heard.
            self._heard(message)

    def note(self, message_id: str, record: str) -> None:
        """Note a record of the event stream; nothing happens if the message is not kept.

        Parameters
        ----------
        message_id
            What it tells of.
        record
            Its type.
        """
        with self._lock:
            known = self._kept.get(self._numbers.get(message_id, -1))
            if known and record not in known.records:
                self._change(replace(known, records=(*known.records, record)))

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
            return [(known, kept.message) for known, kept in self._kept.items() if known >= number]

    def changed(self, revision: int = 0) -> list[Kept]:
        """Return what was added or has changed.

        Parameters
        ----------
        revision
            The last one that is known already; 0 for everything.

        Returns
        -------
        list of Kept
            In the order of their numbers.
        """
        with self._lock:
            return [kept for kept in self._kept.values() if kept.revision > revision]

    def find(self, number: int) -> Message | None:
        """Return the message of a number, None if it is not kept."""
        with self._lock:
            kept = self._kept.get(number)
            return kept.message if kept else None

    def _change(self, kept: Kept) -> None:
        self._revision += 1
        self._kept[kept.number] = replace(kept, revision=self._revision)
