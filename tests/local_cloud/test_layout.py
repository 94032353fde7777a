"""What a start takes up, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local_cloud.layout import Layout, StateError


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "cloud")


def save(layout: Layout, **changes: object) -> None:
    layout.state.mkdir(parents=True)
    (layout.state / "sqs.json").write_text("{}")
    layout.manifest.write_text(json.dumps({**layout.stamp(), "port": 4711, **changes}))


def test_state_that_was_saved_cleanly_is_kept(layout: Layout) -> None:
    save(layout)

    layout.prepare()

    assert (layout.state / "sqs.json").exists()
    assert layout.saved_port() == 4711


def test_state_without_manifest_is_what_a_crash_left_and_goes(layout: Layout) -> None:
    save(layout)
    layout.manifest.unlink()

    layout.prepare()

    assert not layout.state.exists()
    assert layout.saved_port() is None


@pytest.mark.parametrize("changes", [{"format": 0}, {"versions": {"ministack": "1.0.0"}}])
def test_state_of_another_version_is_refused(layout: Layout, changes: dict[str, object]) -> None:
    save(layout, **changes)

    with pytest.raises(StateError, match=r"saved by another version of the local cloud .* delete that folder"):
        layout.prepare()

    assert (layout.state / "sqs.json").exists()


def test_the_command_says_why_it_refuses_state(layout: Layout) -> None:
    save(layout, format=0)

    run = subprocess.run(
        [sys.executable, "-m", "local_cloud", "--port", "1", "--directory", str(layout.root)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert "saved by another version" in run.stderr
    assert "Traceback" not in run.stderr


def test_read_only_code_is_removed(layout: Layout) -> None:
    code = layout.functions / "code"
    (code / "package").mkdir(parents=True)
    (code / "package" / "module.py").write_text("")
    (code / "package").chmod(0o500)
    code.chmod(0o500)

    layout.prepare()

    assert not layout.functions.exists()
    assert layout.temporary.is_dir()
