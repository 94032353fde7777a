"""What people do with their messages: tests and the console say it, the event stream and splits of journeys hear it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from local_cloud.pinpoint.contents import PUSH
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.journey_events import take_in_outcome
from local_cloud.pinpoint.stream_queue import Happened
from local_cloud.pinpoint.stream_records import of_email, of_opened_notification, of_sms
from local_cloud.service.outbox import PINPOINT, Message

_KEYS: Final = frozenset({"message", "did", "url"})
_OF_EMAIL: Final = {
    "open": "open",
    "click": "click",
    "hardbounce": "hardbounce",
    "softbounce": "softbounce",
    "complaint": "complaint",
    "unsubscribe": "unsubscribe",
    "reject": "rejected",
}
_OF_SMS: Final = {"optout": ("OPTOUT", "OPTED_OUT"), "failure": ("FAILURE", "UNREACHABLE")}
_OF_PUSH: Final = ("open",)
_OF_CHANNEL: Final[Mapping[str, Collection[str]]] = {"EMAIL": _OF_EMAIL, "SMS": _OF_SMS}
_LINK: Final = "https://example.com/"


class InteractionError(ValueError):
    """Nobody can have done that; nothing was told."""


def interact(environment: Environment, document: object) -> dict[str, str]:
    """Let a person do something with a message.

    Pinpoint does not change the endpoint: what it says of bounces, complaints and opt-outs, it says in the stream.

    Parameters
    ----------
    environment
        Knows the messages and the stream.
    document
        `message`, the number of a message of the outbox; `did`, what the person or the mail server did; `url` of the
        link for a click.

    Returns
    -------
    dict
        `event_type` of the record, which goes to the application's event stream if it has one. The splits of the
        journey that sent the message see it at once.

    Raises
    ------
    InteractionError
        If the document is not such, or the message's channel knows nothing of the kind.
    """
    if not isinstance(document, Mapping):
        raise InteractionError("the body must be an object: send message and did")
    if unknown := sorted(set(document) - _KEYS):
        raise InteractionError(f"{unknown[0]} is not known here: send message, did and, with a click, url")
    message = _message(environment, document.get("message"))
    did = _did(message, document.get("did"))
    record = _record(message, did, _url(document, did), environment.wall_clock())
    environment.stream.put(Happened(message, record))
    with environment.lock:
        application = environment.applications.find(message.application_id)
        if application is not None:
            take_in_outcome(application, message, record)
    return {"event_type": str(record["event_type"])}


def _message(environment: Environment, number: object) -> Message:
    if isinstance(number, bool) or not isinstance(number, int):
        raise InteractionError("message must be a whole number: take one that GET /_local/pinpoint/outbox tells")
    message = environment.outbox.find(number)
    if message is None:
        raise InteractionError(
            f"message must be in the outbox, {number} is not: take one that GET /_local/pinpoint/outbox tells"
        )
    if message.destination != PINPOINT:
        raise InteractionError(f"message {number} was not sent by Pinpoint: take one whose destination is {PINPOINT}")
    return message


def _did(message: Message, did: object) -> str:
    possible: Collection[str] = _OF_PUSH if message.channel in PUSH else _OF_CHANNEL.get(message.channel, ())
    if not possible:
        raise InteractionError(
            f"message must be an e-mail, SMS or push notification, the stream tells nothing of {message.channel}: "
            "take another one"
        )
    if not isinstance(did, str) or did not in possible:
        raise InteractionError(f"did must be what {message.channel} knows: take one of {', '.join(possible)}")
    return did


def _url(document: Mapping[str, Any], did: str) -> str:
    url = document.get("url", _LINK if did == "click" else "")
    if "url" in document and did != "click":
        raise InteractionError(f"url belongs to a click only: leave it out with {did}")
    if did == "click" and not (isinstance(url, str) and url.startswith(("https://", "http://"))):
        raise InteractionError("url must begin with https:// or http://: send the link as it stands in the message")
    return str(url)


def _record(message: Message, did: str, url: str, now: datetime) -> dict[str, Any]:
    if message.channel == "EMAIL":
        return of_email(message, _OF_EMAIL[did], now, url)
    if message.channel == "SMS":
        return of_sms(message, *_OF_SMS[did], now)
    return of_opened_notification(message, now)
