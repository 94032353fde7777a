"""SendMessages: one message to addresses and endpoints, each with a status of its own.

Message templates are emulated for campaigns only, and the custom channel has no direct messages.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.channels import enabled
from local_cloud.pinpoint.contents import PUSH, Content, check_headers, content_of
from local_cloud.service.messages import ServiceError
from local_cloud.service.outbox import Message
from local_cloud.service.rendering import RenderingError

# API reference, SendUsersMessages: up to 100 users; taken for the recipients here too (reading).
RECIPIENTS_PER_REQUEST: Final = 100

_CHANNELS: Final = frozenset({"EMAIL", "SMS", "VOICE", *PUSH})


class _UndeliverableError(Exception):
    """A recipient who gets nothing; the call goes on with the others.

    Parameters
    ----------
    delivery, status, message
        `DeliveryStatus`, `StatusCode` and `StatusMessage` of the recipient's result.
    """

    def __init__(self, delivery: str, status: int, message: str) -> None:
        super().__init__(message)
        self.delivery = delivery
        self.status = status
        self.message = message


@dataclass(frozen=True)
class _Recipient:
    """Somebody to send to.

    Attributes
    ----------
    endpoint_id
        Empty for a plain address.
    given
        What the request says of this recipient.
    document
        The endpoint, empty for a plain address.
    """

    endpoint_id: str
    address: str
    channel: str
    given: Mapping[str, Any]
    document: Mapping[str, Any]


def _send_messages(applications: Applications, call: Call) -> dict[str, Any]:
    application, request = applications.of(call), call.body
    addresses, endpoints = request.get("Addresses", {}), request.get("Endpoints", {})
    _check(request, len(addresses) + len(endpoints))
    delivery = _Delivery(application, call)
    return {
        "ApplicationId": application.summary["Id"],
        "RequestId": call.request_id,
        "Result": {address: delivery.to_address(address, given) for address, given in addresses.items()},
        "EndpointResult": {known: delivery.to_endpoint(known, given) for known, given in endpoints.items()},
    }


def _check(request: Mapping[str, Any], recipients: int) -> None:
    if not 1 <= recipients <= RECIPIENTS_PER_REQUEST:
        raise ServiceError(400, f"a request must have 1 to {RECIPIENTS_PER_REQUEST} recipients")
    if any(request.get("TemplateConfiguration", {}).values()):
        raise ServiceError(400, "message templates are emulated for campaigns only")
    check_headers(request["MessageConfiguration"].get("EmailMessage", {}).get("SimpleEmail", {}))


class _Delivery:
    """Delivers the message of one request into the outbox."""

    def __init__(self, application: Application, call: Call) -> None:
        self._application = application
        self._call = call
        self._reached: set[tuple[str, str]] = set()

    def to_address(self, address: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Send to a plain address; its result."""
        return self._result(_Recipient("", address, given.get("ChannelType", ""), given, {}))

    def to_endpoint(self, endpoint_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Send to an endpoint; its result."""
        try:
            document = self._application.endpoints.get(endpoint_id)
        except ServiceError as error:
            return _failed(_UndeliverableError("PERMANENT_FAILURE", error.status, error.message))
        address = document.get("Address", "")
        # Service model, EndpointMessageResult: OPT_OUT. Segments leave out inactive endpoints; here too (reading).
        if document["OptOut"] == "ALL":
            result = _failed(_UndeliverableError("OPT_OUT", 200, "the user has opted out"))
        elif document["EndpointStatus"] == "INACTIVE":
            result = _failed(_UndeliverableError("PERMANENT_FAILURE", 410, "the endpoint is inactive"))
        else:
            result = self._result(_Recipient(document["Id"], address, document.get("ChannelType", ""), given, document))
        return {**result, "Address": address}

    def _result(self, recipient: _Recipient) -> dict[str, Any]:
        try:
            message_id = self._deliver(recipient)
        except _UndeliverableError as error:
            return _failed(error)
        return {"DeliveryStatus": "SUCCESSFUL", "StatusCode": 200, "MessageId": message_id}

    def _deliver(self, recipient: _Recipient) -> str:
        channel = self._channel(recipient)
        reached = (recipient.channel, recipient.address)
        # Service model, EndpointMessageResult: an address that another endpoint has too gets the message once.
        if reached in self._reached:
            raise _UndeliverableError("DUPLICATE", 200, "the address is a duplicate of another one")
        content = self._content(recipient)
        if content is None:
            raise _UndeliverableError("PERMANENT_FAILURE", 400, f"the request has no message for {recipient.channel}")
        self._reached.add(reached)
        message_id = str(uuid.uuid4())
        self._call.outbox.add(
            Message(
                message_id=message_id,
                time=self._call.now,
                application_id=self._application.summary["Id"],
                account=self._call.account,
                region=self._call.region,
                channel=recipient.channel,
                address=recipient.address,
                endpoint_id=recipient.endpoint_id,
                sender=content.sender or channel.get("FromAddress") or channel.get("SenderId", ""),
                title=content.title,
                body=content.body,
                html=content.html,
            )
        )
        return message_id

    def _channel(self, recipient: _Recipient) -> Mapping[str, Any]:
        """The application's channel for a recipient (reading: what is missing fails the recipient, not the call)."""
        if not recipient.address or recipient.channel not in _CHANNELS:
            raise _UndeliverableError(
                "PERMANENT_FAILURE", 400, "an address and a channel for direct messages is needed"
            )
        if recipient.channel == "EMAIL" and "@" not in recipient.address:
            raise _UndeliverableError("PERMANENT_FAILURE", 400, "this is no e-mail address")
        try:
            return enabled(self._application, recipient.channel)
        except ServiceError as error:
            raise _UndeliverableError("PERMANENT_FAILURE", error.status, error.message) from error

    def _content(self, recipient: _Recipient) -> Content | None:
        configuration = self._call.body["MessageConfiguration"]
        try:
            return content_of(recipient.channel, configuration, recipient.given, recipient.document)
        except RenderingError as error:
            raise _UndeliverableError("PERMANENT_FAILURE", 400, str(error)) from error


def _failed(error: _UndeliverableError) -> dict[str, Any]:
    return {"DeliveryStatus": error.delivery, "StatusCode": error.status, "StatusMessage": error.message}


HANDLERS: Final[Mapping[str, Handler]] = {"SendMessages": _send_messages}
