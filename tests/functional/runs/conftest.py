from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functional.runs.cloud import Cloud, running


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud; a test's mark `environment` changes the functions' variables."""
    mark = request.node.get_closest_marker("environment")
    with running(monkeypatch, mark.kwargs if mark else {}) as made:
        yield made
