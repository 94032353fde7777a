"""`terraform validate` for every module and example, then `terraform test` for the root."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".local" / "terraform"
TESTS = "tests/terraform"


def modules() -> list[Path]:
    """The root, the modules and the examples."""
    return [ROOT, *sorted((ROOT / "modules").iterdir()), *sorted((ROOT / "examples").iterdir())]


def terraform(folder: Path, *arguments: str) -> bool:
    """Run Terraform in a folder, with its data kept out of the tree, and print what it says at its end."""
    name = folder.relative_to(ROOT).as_posix().replace("/", "-") if folder != ROOT else "root"
    environment = os.environ | {"TF_DATA_DIR": str(DATA / name)}
    done = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    print(f"terraform {' '.join(arguments)}  ({folder.relative_to(ROOT)})\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode == 0


def tests() -> bool:
    """Run the files of tests, as many at once as there are processors."""
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / TESTS).glob("*.tftest.hcl"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = pool.map(
            lambda file: terraform(ROOT, "test", "-no-color", f"-test-directory={TESTS}", f"-filter={file}"), files
        )
    return all(list(passed))


def main() -> None:
    """Run all checks; exit with 1 if one failed."""
    passed = [
        terraform(folder, "init", "-backend=false", "-input=false", "-no-color")
        and terraform(folder, "validate", "-no-color")
        for folder in modules()
    ]
    passed.append(
        terraform(ROOT, "init", "-backend=false", "-input=false", "-no-color", f"-test-directory={TESTS}") and tests()
    )
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
