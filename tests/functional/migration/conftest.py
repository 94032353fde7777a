"""The sample application, converted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.migration import pinpoint, sample
from tests.functional.migration.command import Result, run


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The sample, of which one segment's members were exported."""
    folder = tmp_path_factory.mktemp("app")
    ids = pinpoint.members_of(sample.segments(), sample.endpoints(), sample.NOW)["s-active"]
    sample.save(folder / "saved", {"s-active": [one for one in sample.endpoints() if one["Id"] in ids]})
    return run(folder / "saved", folder / "converted")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The sample's files, to be spoiled."""
    sample.save(tmp_path / "saved", {})
    return tmp_path / "saved"
