"""Messages of campaigns and journeys: into the outbox, or to the stream where a function delivers them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_contents import content_for
from local_cloud.pinpoint.channels import enabled
from local_cloud.pinpoint.contents import Content
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.stream_queue import Sent
from local_cloud.service.moments import iso_8601
from local_cloud.service.outbox import Message

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Sender:
    """Sends what one treatment of a campaign, or one activity of a journey, says.

    Attributes
    ----------
    environment, application
        What it works with.
    origin
        Members of `Message` that name the campaign or the journey.
    """

    environment: Environment
    application: Application
    origin: Mapping[str, str]

    def send(self, treatment: Document, endpoint: Document) -> Message:
        """Write a message to an endpoint and put it into the outbox.

        Parameters
        ----------
        treatment
            What campaigns call a treatment.
        endpoint
            To whom; it has an address.

        Returns
        -------
        Message
            What was sent.

        Raises
        ------
        RenderingError
            If a text cannot be filled in.
        ServiceError
            If the channel is not enabled, or the template is gone.
        """
        channel = enabled(self.application, endpoint["ChannelType"])
        templates = self.environment.templates.of(self.application.account, self.application.region)
        content = content_for(endpoint, treatment, templates)
        sender = content.sender or channel.get("FromAddress") or channel.get("SenderId", "")
        message = self._message(endpoint, endpoint["ChannelType"], content, sender)
        self.environment.outbox.add(message)
        return message

    def tell_calls(self, endpoints: Iterable[Document], status: str) -> None:
        """Tell the stream for whom a function was called. Developer guide: it tells of the custom channel too.

        Parameters
        ----------
        endpoints
            For whom.
        status
            `SUCCESS`, or why the call failed.
        """
        for endpoint in endpoints:
            self.environment.stream.put(Sent(self._message(endpoint, "CUSTOM", Content()), status))

    def _message(self, endpoint: Document, channel: str, content: Content, sender: str = "") -> Message:
        return Message(
            message_id=str(uuid.uuid4()),
            time=iso_8601(self.environment.wall_clock()),
            application_id=self.application.summary["Id"],
            account=self.application.account,
            region=self.application.region,
            channel=channel,
            address=endpoint.get("Address", ""),
            endpoint_id=endpoint["Id"],
            sender=sender,
            title=content.title,
            body=content.body,
            html=content.html,
            **self.origin,
        )
