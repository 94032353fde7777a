"""Run make targets one after the other, whatever fails, and print the seconds of each.

suites.py TARGET...
"""

from __future__ import annotations

import os
import subprocess
import sys
import time


def main() -> None:
    """Run the targets; exit with 1 if one failed."""
    make = os.environ.get("MAKE", "make")
    rows: list[tuple[str, bool, float]] = []
    for target in sys.argv[1:]:
        print(f"\n=== {target}", flush=True)
        started = time.monotonic()
        passed = subprocess.run([make, "--no-print-directory", target], check=False).returncode == 0
        rows.append((target, passed, time.monotonic() - started))
    print("\nsuite              seconds")
    for target, passed, seconds in rows:
        print(f"{target:<18} {seconds:7.1f}  {'passed' if passed else 'FAILED'}")
    failed = sum(not passed for _, passed, _ in rows)
    print(f"{'all':<18} {sum(seconds for *_, seconds in rows):7.1f}\n\n{len(rows) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
