"""AWS clients as this project uses them.

They come from botocore itself: what boto3 puts on top is not used here and costs a fifth of the first invoke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 2
READ_SECONDS = 5

_SESSION = Session()


def pinpoint() -> PinpointClient:
    """Amazon Pinpoint, one attempt per call: the domain paces and repeats, and must know of each attempt."""
    # Parameter validation costs a third of the CPU per event; the tests hold every request against the service model.
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        parameter_validation=False,
    )
    return cast("PinpointClient", _SESSION.create_client("pinpoint", config=config))


def sqs() -> SQSClient:
    """Amazon SQS, with the SDK's own repeats."""
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 3, "mode": "standard"},
    )
    return cast("SQSClient", _SESSION.create_client("sqs", config=config))
