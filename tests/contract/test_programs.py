"""Programs that the Makefile starts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTED = re.findall(r"\$\(BIN\)/python (-m (?!pip|pytest)[\w.]+|[\w/]+\.py)", (ROOT / "Makefile").read_text())
# Everything but what stands under `if __name__ == "__main__"`.
UP_TO_MAIN = (
    "import runpy, sys; sys.path[0] = sys.argv[1]; getattr(runpy, sys.argv[2])(sys.argv[3], run_name='checked')"
)


@pytest.mark.parametrize("program", sorted(set(STARTED)))
def test_a_program_finds_what_it_imports(program: str) -> None:
    name = program.removeprefix("-m ")
    is_file = name == program
    search, run = (str(Path(name).parent), "run_path") if is_file else ("", "run_module")

    command = [sys.executable, "-c", UP_TO_MAIN, search, run, name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
