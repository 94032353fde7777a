"""`terraform validate` for every module and example, then `terraform test` for the root."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".local" / "terraform"
TESTS = "tests/terraform"


def modules() -> list[Path]:
    """The root, the modules and the examples."""
    return [ROOT, *sorted((ROOT / "modules").iterdir()), *sorted((ROOT / "examples").iterdir())]


def terraform(folder: Path, *arguments: str) -> bool:
    """Run Terraform in a folder, with its data kept out of the tree."""
    name = folder.relative_to(ROOT).as_posix().replace("/", "-") if folder != ROOT else "root"
    environment = os.environ | {"TF_DATA_DIR": str(DATA / name)}
    print(f"terraform {' '.join(arguments)}  ({folder.relative_to(ROOT)})", flush=True)
    return subprocess.run(["terraform", *arguments], cwd=folder, env=environment, check=False).returncode == 0


def main() -> None:
    """Run all checks; exit with 1 if one failed."""
    passed = [
        terraform(folder, "init", "-backend=false", "-input=false", "-no-color")
        and terraform(folder, "validate", "-no-color")
        for folder in modules()
    ]
    passed.append(
        terraform(ROOT, "init", "-backend=false", "-input=false", "-no-color", f"-test-directory={TESTS}")
        and terraform(ROOT, "test", "-no-color", f"-test-directory={TESTS}")
    )
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
