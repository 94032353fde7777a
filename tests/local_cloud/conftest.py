"""One local cloud for all tests, without Terraform."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from local_cloud.process import LocalCloud
from tests.local_cloud.aws import Aws, Queue
from tools.stack import pythons


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(tmp_path_factory.mktemp("local-cloud"), pythons=pythons()) as running:
        yield running


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture
def aws(cloud: LocalCloud, name: str) -> Iterator[Aws]:
    """An account, and faults that end with the test."""
    account = Aws(cloud, name)
    yield account
    account.local("faults", "DELETE")
    account.remove_mappings()


@pytest.fixture
def queue(aws: Aws) -> Queue:
    """A queue of the account."""
    return aws.queue()
