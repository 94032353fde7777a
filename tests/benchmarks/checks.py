"""Numbers about the Terraform code itself."""

from __future__ import annotations

import os
import re
import subprocess

from tests.benchmarks.row import Row
from tools.stack import ROOT

_SUMMARY = re.compile(r"Passed checks: (\d+), Failed checks: (\d+), Skipped checks: (\d+)")


def security() -> Row:
    """What `make security` finds."""
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", "security"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = _SUMMARY.search(result.stdout)
    if found is None:
        raise RuntimeError(f"make security printed no summary:\n{result.stdout}{result.stderr}")
    passed, failed, skipped = found.groups()
    return Row(
        "checkov",
        f"{failed} failed",
        "0 failed",
        result.returncode == 0 and failed == "0",
        f"{passed} checks passed, {skipped} skipped beside their reason",
    )
