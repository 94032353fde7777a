"""`make bench`: the numbers that the project holds itself to, each beside its target, as ratios of one run."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# The benchmarks run from the root of the project; the product is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambda_src"))

from local_cloud.pinpoint import Settings
from tests.benchmarks import applied, checks, runs
from tests.benchmarks.bench import BASELINE_BATCH, LATENCY_SECONDS, Bench
from tests.benchmarks.row import Row


def rows(folder: Path) -> Iterator[Row]:
    """Measure everything."""
    bench = Bench(folder / "packages")
    print(f"Python {bench.python_version()}, {os.cpu_count()} processors.")
    print(f"Baseline: one PutEvents request per message, batches of {BASELINE_BATCH}.")
    print(f"Emulated Pinpoint: {LATENCY_SECONDS * 1000:.0f} ms per request.")
    local = Settings()
    print(
        f"Applied example: {local.latency_seconds * 1000:.0f} ms per request, "
        f"quota of {local.put_events_rate:.0f} requests per second.\n"
    )
    yield from bench.rows()
    yield from runs.rows()
    yield from applied.rows(folder)
    yield checks.security()


def main() -> None:
    """Measure and print; exit with 1 if a target is missed."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder)):
            missed += not row.met
            print(f"{row.what:<62} {row.measured:>14}  target {row.target:<17} {'met' if row.met else 'MISSED'}")
            print(f"    {row.conditions}", flush=True)
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
