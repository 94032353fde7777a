"""What becomes of a message by itself: it arrives, and nobody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from local_cloud.pinpoint.stream_records import of_email, of_sms
from local_cloud.service.outbox import Message

# SES developer guide, mailbox simulator: what becomes of a message to these addresses, labels after a plus included.
_SIMULATOR: Final = "simulator.amazonses.com"
_SIMULATED: Final[Mapping[str, Sequence[str]]] = {
    "bounce": ("hardbounce",),
    "suppressionlist": ("hardbounce",),
    "complaint": ("delivered", "complaint"),
}
_DELIVERED: Final = ("delivered",)


def outcomes_of(message: Message, now: datetime) -> Iterator[dict[str, Any]]:
    """Tell what becomes of a message that was sent.

    Parameters
    ----------
    message
        The message.
    now
        The moment.

    Yields
    ------
    dict
        Records of the event stream, none for channels of which the stream tells the sending only.
    """
    if message.channel == "EMAIL":
        local, _, domain = message.address.partition("@")
        known = _SIMULATED if domain.lower() == _SIMULATOR else {}
        for kind in ("send", *known.get(local.lower().partition("+")[0], _DELIVERED)):
            yield of_email(message, kind, now)
    elif message.channel == "SMS":
        yield of_sms(message, "BUFFERED", "SUCCESSFUL", now)
        yield of_sms(message, "SUCCESS", "DELIVERED", now)
