"""Containers as Terraform renders them, without a cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.provider import attached

ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/terraform"


def terraform(environment: Mapping[str, str], *arguments: str) -> str:
    """Standard output of Terraform in the root."""
    program = shutil.which("terraform")
    assert program, "Terraform is not installed"
    command = [program, *arguments, f"-test-directory={TESTS}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def containers() -> dict[str, str]:
    """The output `gtm_container` of each run of `gtm.tftest.hcl`."""
    local = ROOT / ".local"
    # Terraform's data is kept out of the tree.
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(local / "terraformrc"),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        "TF_DATA_DIR": str(local / "terraform" / "gtm"),
    }
    terraform(environment, "init", "-backend=false", "-input=false")
    with attached(local / "terraform" / "gtm", ROOT, environment) as shared:
        lines = terraform(shared, "test", f"-filter={TESTS}/gtm.tftest.hcl", "-verbose", "-json").splitlines()
    plans = [message for line in lines if (message := json.loads(line))["type"] == "test_plan"]
    return {plan["@testrun"]: plan["test_plan"]["output_changes"]["gtm_container"]["after"] for plan in plans}
