"""The applied example's project, which sends e-mails while a test lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3

from tests.cloud.deployment import Deployment, client_settings, set_pace

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient


@contextmanager
def sending_emails(shop: Deployment, time_factor: float) -> Iterator[PinpointClient]:
    """A client of the project, whose e-mail channel is on, where time passes so many times faster."""
    client: PinpointClient = boto3.client(
        "pinpoint", **client_settings(shop.cloud, shop.cloud.environment["AWS_ACCESS_KEY_ID"])
    )
    client.update_email_channel(
        ApplicationId=shop.application_id,
        EmailChannelRequest={
            "Enabled": True,
            "FromAddress": "news@example.com",
            "Identity": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
        },
    )
    set_pace(shop.cloud, time_factor)
    yield client
    set_pace(shop.cloud, 1.0)
    client.delete_email_channel(ApplicationId=shop.application_id)
