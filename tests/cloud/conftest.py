"""One local cloud for all tests, with `examples/complete` applied once."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.process import LocalCloud
from tests.cloud.deployment import Deployment, set_pace
from tests.cloud.tokens import KEYS
from tools.stack import LOCAL_VARIABLES, Stack, pythons

OPEN = {
    # They have a deployment of their own.
    "company_events": None,
    "events": ["*"],
    "event_attributes": ["*"],
    "event_metrics": ["*"],
    "anonymous_user_attributes": ["plan", "city"],
    "authenticated_user_attributes": ["tier"],
    # The lists above hold no more than these names.
    "gtm": {"user_attributes": ["plan", "city", "tier"]},
    "token": {"keys_arn": "arn:aws:ssm:us-east-1:000000000000:parameter/shop/token-keys", "audience": "shop"},
    "throttle": {"rate_per_second": 5000, "burst": 5000},
    "consumer": {"batching_window_seconds": 1},
    # Waits of seconds instead of minutes; six times the function's timeout stays the rule.
    "function": {"architecture": "x86_64", "timeout_seconds": 30},
    "queue": {"max_receive_count": 3, "return_delay_seconds": 1},
}

LONGEST = [
    "test_destinations",
    "test_event_triggers",
    "test_company_rights",
    "test_company_events",
    "test_company_journeys",
    "test_company_interactions",
    "test_lifecycle",
    "test_hardened",
    "test_outage",
    "test_rights",
    "test_round_trip",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: begun last, one of them would keep a worker busy when the others are done."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(tmp_path_factory.mktemp("cloud"), pythons=pythons()) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def unhurried(cloud: LocalCloud) -> Iterator[None]:
    """What a module has hurried goes at its own pace afterwards, or its stacks would keep a processor busy."""
    yield
    set_pace(cloud, 1.0)


@pytest.fixture(scope="session")
def stack(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    applied = Stack(cloud, tmp_path_factory.mktemp("stack"), {**LOCAL_VARIABLES, **OPEN})
    applied.apply()
    return applied


@pytest.fixture
def shop(cloud: LocalCloud, stack: Stack) -> Iterator[Deployment]:
    """The applied example, without faults before and after, and with no event of another test on its way."""
    outputs = stack.outputs()
    deployment = Deployment(cloud, outputs["pixel"], outputs["application_id"])
    deployment.put_faults()
    deployment.wait_until_settled()
    yield deployment
    deployment.put_faults()


@pytest.fixture
def patient(shop: Deployment) -> Iterator[Deployment]:
    """The ingest queue with the twenty receives that it has by default."""
    url = shop.pixel["queue_url"]
    kept = shop.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    policy = json.dumps({**json.loads(kept), "maxReceiveCount": 20})
    shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    yield shop
    shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": kept})


@pytest.fixture
def event() -> str:
    """The name of a company event that no other test uses."""
    return f"release_{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def roots() -> Path:
    return Path(__file__).parent / "roots"


@pytest.fixture
def keys(shop: Deployment) -> None:
    """The keys of tokens, where the consumer reads them."""
    document = {"keys": {kid: base64.b64encode(key).decode() for kid, key in KEYS.items()}}
    shop.ssm.put_parameter(Name="/shop/token-keys", Value=json.dumps(document), Type="SecureString", Overwrite=True)


@pytest.fixture
def server(shop: Deployment) -> Iterator[tuple[str, str]]:
    """Keys of a server that may call the trusted route."""
    shop.iam.create_user(UserName="server")
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": shop.pixel["trusted_arn"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shop.iam.put_user_policy(UserName="server", PolicyName="call", PolicyDocument=policy)
    key = shop.iam.create_access_key(UserName="server")["AccessKey"]
    yield key["AccessKeyId"], key["SecretAccessKey"]
    shop.iam.delete_access_key(UserName="server", AccessKeyId=key["AccessKeyId"])
    shop.iam.delete_user_policy(UserName="server", PolicyName="call")
    shop.iam.delete_user(UserName="server")
