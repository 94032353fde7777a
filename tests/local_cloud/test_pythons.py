"""Finding interpreters and making the environments that functions run in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from local_cloud import pythons

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
NOWHERE = "3.99"


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def only_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH of one folder, and a home without version managers."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def test_an_interpreter_on_the_path_is_found(only_path: Path) -> None:
    python = only_path / f"python{HERE}"
    python.symlink_to(sys.executable)

    assert pythons.find(HERE) == python


@pytest.mark.usefixtures("only_path")
def test_an_interpreter_of_a_version_manager_is_found_without_being_on_the_path(tmp_path: Path) -> None:
    python = executable(
        tmp_path / ".pyenv" / "versions" / f"{NOWHERE}.1" / "bin" / f"python{NOWHERE}", f"echo {NOWHERE}"
    )

    assert pythons.find(NOWHERE) == python


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 127", id="a shim that is not an interpreter"),
        pytest.param("echo 3.8", id="another version"),
        pytest.param("echo 'No module named venv' >&2; exit 1", id="no virtual environments"),
    ],
)
def test_what_only_looks_like_the_interpreter_is_passed_over(only_path: Path, script: str) -> None:
    executable(only_path / f"python{NOWHERE}", script)

    assert pythons.find(NOWHERE) is None


def test_an_environment_is_made_once_until_its_requirements_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requirements = tmp_path / "runtime.txt"
    requirements.write_text("")
    runtime = f"python{NOWHERE}"
    python = tmp_path / runtime / "bin" / "python"

    def make() -> str:
        pythons.main(["--root", str(tmp_path), "--requirements", str(requirements), runtime])
        printed = capsys.readouterr()
        assert json.loads(printed.out) == {runtime: str(python)}
        assert f"{NOWHERE} was not found on this machine: {runtime} functions run on Python 3." in printed.err
        return printed.err

    assert "Making the function runtime" in make()
    assert python.exists()
    assert "Making the function runtime" not in make()
    requirements.write_text("# changed")
    assert "Making the function runtime" in make()
