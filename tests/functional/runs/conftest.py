from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functional.runs.cloud import Cloud, running
from tests.functional.runs.connect_cloud import ConnectCloud


def _changes(request: pytest.FixtureRequest) -> dict[str, str]:
    """Variables of the functions that a test's mark `environment` changes."""
    mark = request.node.get_closest_marker("environment")
    return dict(mark.kwargs) if mark else {}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud where Pinpoint sends."""
    with running(monkeypatch, _changes(request), Cloud) as made:
        yield made


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[ConnectCloud]:
    """A cloud where Amazon Connect sends."""
    with running(monkeypatch, _changes(request), ConnectCloud) as made:
        yield made


@pytest.fixture(params=[Cloud, ConnectCloud], ids=["pinpoint", "connect"])
def either(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud where either of them sends: whatever a test says holds for both."""
    kind: type[Cloud] = request.param
    with running(monkeypatch, _changes(request), kind) as made:
        yield made
