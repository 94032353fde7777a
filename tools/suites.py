"""Run make targets, whatever fails, and print the seconds of each.

suites.py TARGET... [-- TARGET...]

The two sides of `--` run side by side, so that suites that mostly wait leave the processors to the others; the targets
of one side run one after the other. What a target prints is shown when it ends.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """How a target ended."""

    target: str
    passed: bool
    seconds: float


def lanes(arguments: Sequence[str]) -> list[list[str]]:
    """The targets of each side."""
    parts = itertools.groupby(arguments, key=lambda argument: argument == "--")
    return [list(part) for separates, part in parts if not separates]


def run(targets: Sequence[str]) -> list[Result]:
    """Run targets one after the other."""
    return [_run(target) for target in targets]


def _run(target: str) -> Result:
    started = time.monotonic()
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", target]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    result = Result(target, done.returncode == 0, time.monotonic() - started)
    # In one piece: print would let another target's lines come between.
    sys.stdout.write(f"\n=== {target}\n{done.stdout}")
    sys.stdout.flush()
    return result


def main() -> None:
    """Run the targets; exit with 1 if one failed."""
    started = time.monotonic()
    with ThreadPoolExecutor() as pool:
        results = [result for lane in pool.map(run, lanes(sys.argv[1:])) for result in lane]
    print("\nsuite              seconds")
    for result in results:
        print(f"{result.target:<18} {result.seconds:7.1f}  {'passed' if result.passed else 'FAILED'}")
    failed = sum(not result.passed for result in results)
    print(f"{'all':<18} {time.monotonic() - started:7.1f}\n\n{len(results) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
