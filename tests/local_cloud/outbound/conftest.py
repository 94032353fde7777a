from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local_cloud.outbound.people import People
from tests.local_cloud.outbound.shop import Shop


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def shop(people: People) -> Iterator[Shop]:
    """A shop for one test, without rates."""
    with Shop(people) as shop:
        yield shop
