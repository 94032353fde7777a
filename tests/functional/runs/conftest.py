from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.functional.conftest import REGION
from tests.functional.runs.cloud import Cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud; a test's mark `environment` changes the functions' variables."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    mark = request.node.get_closest_marker("environment")
    with mock_aws(config={"core": {"passthrough": {"services": ["dynamodb", "pinpoint"]}}}):
        yield Cloud(monkeypatch, mark.kwargs if mark else {})
