"""Finding Pythons on this machine, and the environments in which the local cloud runs functions.

`python -m local_cloud.pythons --root DIR --requirements FILE [RUNTIME ...]` makes one environment per Lambda runtime
and prints where they are, as JSON.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

DEFAULT_RUNTIMES: Final = ("python3.13",)

# Where version managers and packages put interpreters that need not be on PATH.
_USUAL_PLACES: Final = (
    "~/.pyenv/versions/{version}*/bin",
    "~/.asdf/installs/python/{version}*/bin",
    "~/.local/share/mise/installs/python/{version}*/bin",
    "~/.local/share/uv/python/cpython-{version}*/bin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/usr/bin",
)
# Tried in this order when the declared version is nowhere; the one that runs this program is the last resort.
_FALLBACKS: Final = ("3.13", "3.12", "3.11")
_CHECK: Final = "import sys, venv; print('%d.%d' % sys.version_info[:2])"


def find(version: str) -> Path | None:
    """Find an interpreter that works and can make virtual environments.

    Parameters
    ----------
    version
        Major and minor version, such as `3.13`.

    Returns
    -------
    Path or None
        The interpreter.
    """
    return next((path for path in _candidates(version) if _works(path, version)), None)


def ensure_runtimes(
    root: Path,
    requirements: Path,
    runtimes: Sequence[str] = DEFAULT_RUNTIMES,
    say: Callable[[str], None] = print,
) -> dict[str, Path]:
    """Make one virtual environment per Lambda runtime, unless it is there and up to date.

    Parameters
    ----------
    root
        Folder that holds the environments, one folder per runtime.
    requirements
        What to install, pinned with hashes.
    runtimes
        Lambda's names, such as `python3.13`.
    say
        Told what a person should know: that an environment is made, and that it has another Python.

    Returns
    -------
    dict
        Runtime -> interpreter of its environment.
    """
    made = {}
    root = root.absolute()
    for runtime in runtimes:
        version = runtime.removeprefix("python")
        interpreter = find(version) or _fallback()
        found = _version_of(interpreter)
        if found != version:
            say(f"Python {version} was not found on this machine: {runtime} functions run on Python {found} here.")
        made[runtime] = _environment(root / runtime, interpreter, requirements, say)
    return made


def _candidates(version: str) -> Iterator[Path]:
    name = f"python{version}"
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder) / name
    for pattern in _USUAL_PLACES:
        for folder in sorted(glob.glob(str(Path(pattern.format(version=version)).expanduser()))):
            yield Path(folder) / name


def _works(interpreter: Path, version: str) -> bool:
    # A version manager's shim is on PATH, executable, and may still exit with 127.
    return interpreter.is_file() and _version_of(interpreter) == version


def _version_of(interpreter: Path) -> str | None:
    try:
        run = subprocess.run([interpreter, "-c", _CHECK], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except OSError:
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def _fallback() -> Path:
    found = (find(version) for version in _FALLBACKS)
    return next((path for path in found if path), Path(sys.executable))


def _environment(folder: Path, interpreter: Path, requirements: Path, say: Callable[[str], None]) -> Path:
    python = folder / "bin" / "python"
    stamp = folder / "made-from"
    wanted = f"{interpreter.resolve()} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
    if python.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return python
    say(f"Making the function runtime in {folder} with {interpreter} ...")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Our own pip installs into it: Debian's interpreters cannot put one into an environment without another package.
    _run(interpreter, "-m", "venv", "--clear", "--without-pip", folder)
    pip = (sys.executable, "-m", "pip", "--python", python, "--quiet", "--disable-pip-version-check")
    _run(*pip, "install", "--require-hashes", "-r", requirements)
    stamp.write_text(wanted)
    return python


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)  # noqa: S603


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the environments and print where they are.

    Parameters
    ----------
    arguments
        Command line, without the program's name.
    """
    parser = argparse.ArgumentParser(prog="python -m local_cloud.pythons", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder for the environments")
    parser.add_argument("--requirements", type=Path, required=True, help="requirements file with hashes")
    parser.add_argument("runtimes", nargs="*", default=DEFAULT_RUNTIMES, metavar="RUNTIME", help="python3.13, ...")
    options = parser.parse_args(arguments)
    made = ensure_runtimes(
        options.root, options.requirements, options.runtimes, say=lambda line: print(line, file=sys.stderr)
    )
    print(json.dumps({runtime: str(python) for runtime, python in made.items()}))


if __name__ == "__main__":
    main()
