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
    python = executable(tmp_path / ".pyenv" / "versions" / f"{NOWHERE}.1" / "bin" / f"python{NOWHERE}", f"echo {NOWHERE}")

    assert pythons.find(NOWHERE) == python


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 127", id="a shim that is not an interpreter"),
        pytest.param("echo 3.8", id="another version"),
        pytest.param("echo 'No module named ensurepip' >&2; exit 1", id="no virtual environments"),
    ],
)
def test_what_only_looks_like_the_interpreter_is_passed_over(only_path: Path, script: str) -> None:
    executable(only_path / f"python{NOWHERE}", script)

    assert pythons.find(NOWHERE) is None


def test_an_environment_is_made_once_and_again_when_its_requirements_change(tmp_path: Path) -> None:
    requirements = tmp_path / "runtime.txt"
    requirements.write_text("")
    runtime = f"python{HERE}"
    said: list[str] = []

    made = [pythons.ensure_runtimes(tmp_path / "runtime", requirements, [runtime], said.append) for _ in range(2)]

    assert made[0] == made[1] == {runtime: tmp_path / "runtime" / runtime / "bin" / "python"}
    assert made[0][runtime].is_absolute()
    assert len(said) == 1
    requirements.write_text("# changed")
    pythons.ensure_runtimes(tmp_path / "runtime", requirements, [runtime], said.append)
    assert len(said) == 2


def test_another_python_is_said_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    requirements = tmp_path / "runtime.txt"
    requirements.write_text("")

    pythons.main(["--root", str(tmp_path), "--requirements", str(requirements), f"python{NOWHERE}"])

    printed = capsys.readouterr()
    assert f"Python {NOWHERE} was not found on this machine: python{NOWHERE} functions run on Python 3." in printed.err
    assert json.loads(printed.out) == {f"python{NOWHERE}": str(tmp_path / f"python{NOWHERE}" / "bin" / "python")}
