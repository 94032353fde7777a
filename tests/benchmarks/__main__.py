"""`make bench`: the numbers that the project holds itself to, each beside its target, as ratios of one run."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.bench import LATENCY_SECONDS, QUOTA, Bench


def main() -> None:
    """Measure and print; exit with 1 if a target is missed."""
    print("Baseline: one PutEvents request per message, 4 messages per batch.")
    print(f"Emulated Pinpoint: {LATENCY_SECONDS * 1000:.0f} ms per request, quota {QUOTA} requests per second.\n")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in Bench(Path(folder)).rows():
            missed += not row.met
            print(
                f"{row.what:<64} {row.measured:>14}  target {row.target:<16} {'met' if row.met else 'MISSED'}",
                flush=True,
            )
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
