"""Run make targets, whatever fails, and print the seconds of each, and those for which it kept a processor busy.

suites.py TARGET... [-- TARGET...]...

The sides of `--` run side by side, so that suites that mostly wait leave the processors to the others; the targets of
one side run one after the other. The earlier sides come first where processors are short: those who wait for something
must see it in time. What a target prints is shown when it ends.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

NICENESS = 5
"""How much each side gives way to the one before it."""


@dataclass(frozen=True)
class Result:
    """How a target ended."""

    target: str
    passed: bool
    seconds: float
    busy: float


def lanes(arguments: Sequence[str]) -> list[list[str]]:
    """The targets of each side."""
    parts = itertools.groupby(arguments, key=lambda argument: argument == "--")
    return [list(part) for separates, part in parts if not separates]


def run(targets: Sequence[str], niceness: int) -> list[Result]:
    """Run targets one after the other."""
    return [_run(target, niceness) for target in targets]


def _run(target: str, niceness: int) -> Result:
    started = time.monotonic()
    command = ["nice", "-n", str(niceness), os.environ.get("MAKE", "make"), "--no-print-directory", target]
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        busy = used.ru_utime + used.ru_stime
        result = Result(target, process.returncode == 0, time.monotonic() - started, busy)
        output.seek(0)
        # In one piece: print would let another target's lines come between.
        sys.stdout.write(f"\n=== {target}\n{output.read()}")
    sys.stdout.flush()
    return result


def _row(name: str, seconds: float, busy: float) -> str:
    return f"{name:<18} {seconds:7.1f}  {busy:7.1f}"


def main() -> None:
    """Run the targets; exit with 1 if one failed."""
    started = time.monotonic()
    with ThreadPoolExecutor() as pool:
        sides = pool.map(run, lanes(sys.argv[1:]), itertools.count(step=NICENESS))
        results = [result for side in sides for result in side]
    print("\nsuite              seconds     busy")
    for one in results:
        print(f"{_row(one.target, one.seconds, one.busy)}  {'passed' if one.passed else 'FAILED'}")
    print(_row("all", time.monotonic() - started, sum(one.busy for one in results)))
    failed = sum(not one.passed for one in results)
    print(f"\n{len(results) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
