from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functional.interactions.recording import Recording, recording


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """A cloud whose project streams its events."""
    with recording(monkeypatch) as made:
        yield made
