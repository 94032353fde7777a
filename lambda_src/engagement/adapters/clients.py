"""AWS clients as this project uses them.

They come from botocore itself: what boto3 puts on top is not used here and costs a fifth of the first invoke.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session

from engagement.adapters.keys import Keys, parameter, secret

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

    from engagement.adapters.connect.sdk import OutboundClient, ProfilesClient
    from engagement.adapters.stream import KinesisClient

CONNECT_SECONDS = 2
READ_SECONDS = 5

PATIENT = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"total_max_attempts": 3, "mode": "standard"},
)
ONCE = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"total_max_attempts": 1, "mode": "standard"},
    parameter_validation=False,
)
"""One attempt per call: the domain paces and repeats, and must know of each attempt.

Parameter validation costs a third of the CPU per event; the tests hold every request against the service model.
"""
HASTY = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"})
"""For whoever must answer within seconds: two such calls fail within ten."""

_SESSION = Session()


def pinpoint() -> PinpointClient:
    """Amazon Pinpoint, one attempt per call."""
    return cast("PinpointClient", _SESSION.create_client("pinpoint", config=ONCE))


def pinpoint_control(config: Config = PATIENT) -> PinpointClient:
    """Amazon Pinpoint for what may be asked twice: reading, pausing and deleting, with the SDK's own repeats."""
    return cast("PinpointClient", _SESSION.create_client("pinpoint", config=config))


def customer_profiles(config: Config = ONCE) -> ProfilesClient:
    """Amazon Connect Customer Profiles, one attempt per call unless told otherwise."""
    return cast("ProfilesClient", _SESSION.create_client("customer-profiles", config=config))


def outbound(config: Config = ONCE) -> OutboundClient:
    """Outbound campaigns of Amazon Connect, one attempt per call unless told otherwise."""
    return cast("OutboundClient", _SESSION.create_client("connectcampaignsv2", config=config))


def stepfunctions() -> SFNClient:
    """AWS Step Functions, with the SDK's own repeats: starts are told apart by their names."""
    return cast("SFNClient", _SESSION.create_client("stepfunctions", config=PATIENT))


def scheduler() -> EventBridgeSchedulerClient:
    """EventBridge Scheduler, with the SDK's own repeats."""
    return cast("EventBridgeSchedulerClient", _SESSION.create_client("scheduler", config=PATIENT))


def keys(arn: str, now: Callable[[], float]) -> Keys | None:
    """Keys of tokens behind the ARN of an SSM parameter or a secret; None without an ARN."""
    if not arn:
        return None
    config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)
    if arn.split(":")[2] == "ssm":
        return Keys(parameter(cast("SSMClient", _SESSION.create_client("ssm", config=config)), arn), now)
    secrets = cast("SecretsManagerClient", _SESSION.create_client("secretsmanager", config=config))
    return Keys(secret(secrets, arn), now)


def sqs(config: Config = PATIENT) -> SQSClient:
    """Amazon SQS, with the SDK's own repeats."""
    return cast("SQSClient", _SESSION.create_client("sqs", config=config))


def dynamodb(config: Config = PATIENT) -> DynamoDBClient:
    """Amazon DynamoDB, with the SDK's own repeats."""
    return cast("DynamoDBClient", _SESSION.create_client("dynamodb", config=config))


def kinesis() -> KinesisClient:
    """Amazon Kinesis, with the SDK's own repeats: a record that is there twice does no harm."""
    return cast("KinesisClient", _SESSION.create_client("kinesis", config=PATIENT))


def s3() -> S3Client:
    """Amazon S3, with the SDK's own repeats."""
    return cast("S3Client", _SESSION.create_client("s3", config=PATIENT))
