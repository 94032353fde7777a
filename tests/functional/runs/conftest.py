from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from moto import mock_aws

from engagement.adapters import clients
from tests.functional.functions import credentials
from tests.functional.runs.cloud import Cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud; a test's mark `environment` changes the functions' variables."""
    credentials(monkeypatch)
    mark = request.node.get_closest_marker("environment")
    with mock_aws(config={"core": {"passthrough": {"services": ["dynamodb", "pinpoint"]}}}):
        yield Cloud(monkeypatch, mark.kwargs if mark else {})
    # The session of this cloud answers calls itself; nobody else's must.
    importlib.reload(clients)
