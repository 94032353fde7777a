"""Containers as Terraform renders them, without a cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/terraform"


def terraform(*arguments: str) -> str:
    """Standard output of Terraform in the root, with its data kept out of the tree."""
    program, local = shutil.which("terraform"), ROOT / ".local"
    assert program, "Terraform is not installed"
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(local / "terraformrc"),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        "TF_DATA_DIR": str(local / "terraform" / "gtm"),
    }
    command = [program, *arguments, f"-test-directory={TESTS}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def containers() -> dict[str, str]:
    """The output `gtm_container` of each run of `gtm.tftest.hcl`."""
    terraform("init", "-backend=false", "-input=false")
    lines = terraform("test", f"-filter={TESTS}/gtm.tftest.hcl", "-verbose", "-json").splitlines()
    plans = [message for line in lines if (message := json.loads(line))["type"] == "test_plan"]
    return {plan["@testrun"]: plan["test_plan"]["output_changes"]["gtm_container"]["after"] for plan in plans}
