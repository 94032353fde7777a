from __future__ import annotations

import pytest

from tests.local_cloud.profiles.place import Place


@pytest.fixture
def place() -> Place:
    """A domain whose time stands still, with an object type; it works when `work` is called."""
    return Place()
