"""`terraform validate` for every module and example, then `terraform test` for the root and its stacks' templates."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import cloudformation_checks
from tools.provider import attached

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".local" / "terraform"
TESTS = "tests/terraform"
INIT = ("init", "-backend=false", "-input=false", "-no-color")


def folders() -> list[Path]:
    """The modules and the examples."""
    return [*sorted((ROOT / "modules").iterdir()), *sorted((ROOT / "examples").iterdir())]


def data(folder: Path) -> Path:
    """Where Terraform keeps what it knows of a folder, out of the tree."""
    return DATA / ("-".join(folder.relative_to(ROOT).parts) or "root")


def terraform(folder: Path, environment: Mapping[str, str], *arguments: str) -> bool:
    """Run Terraform in a folder and print what it says at its end."""
    done = subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env={**environment, "TF_DATA_DIR": str(data(folder))},
        check=False,
        capture_output=True,
        text=True,
    )
    print(f"terraform {' '.join(arguments)}  ({folder.relative_to(ROOT)})\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode == 0


def stacks(environment: Mapping[str, str]) -> bool:
    """Make every stack and hold its template against CloudFormation's schemas; print what is wrong."""
    file = cloudformation_checks.SOURCE
    done = subprocess.run(
        ["terraform", "test", "-json", "-verbose", f"-test-directory={TESTS}", f"-filter={file}"],
        cwd=ROOT,
        env={**environment, "TF_DATA_DIR": str(data(ROOT))},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(
            f"terraform test  ({file})\n{done.stderr}", *cloudformation_checks.errors(done.stdout), sep="\n", flush=True
        )
        return False
    found = cloudformation_checks.templates(done.stdout)
    faults = list(cloudformation_checks.faults(found))
    print(f"{len(found)} CloudFormation templates", *faults, sep="\n", flush=True)
    return not faults


def files() -> list[Path]:
    """The files of tests, without the one whose templates are looked at."""
    return [path for path in (ROOT / TESTS).glob("*.tftest.hcl") if path != ROOT / cloudformation_checks.SOURCE]


def shares(number: int) -> list[list[Path]]:
    """The files of tests in so many parts of about the same length."""
    parts: list[list[Path]] = [[] for _ in range(number)]
    sizes = {path: path.read_text().count("\nrun ") for path in files()}
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        min(parts, key=lambda part: sum(sizes[other] for other in part)).append(path)
    return parts


def check(environment: Mapping[str, str]) -> bool:
    """Validate every folder and run the tests, as many at once as there are processors."""
    number = os.cpu_count() or 1

    def validate(folder: Path) -> bool:
        return terraform(folder, environment, *INIT) and terraform(folder, environment, "validate", "-no-color")

    def test(files: list[Path]) -> bool:
        filters = [f"-filter={file.relative_to(ROOT).as_posix()}" for file in files]
        return terraform(ROOT, environment, "test", "-no-color", f"-test-directory={TESTS}", *filters)

    with ThreadPoolExecutor(number) as pool:
        validated = [pool.submit(validate, folder) for folder in folders()]
        tested = [pool.submit(test, part) for part in shares(number)]
        validated.append(pool.submit(stacks, environment))
        validated.append(pool.submit(terraform, ROOT, environment, "validate", "-no-color"))
        results = [done.result() for done in [*validated, *tested]]
        return all(results)


def main() -> None:
    """Run all checks; exit with 1 if one failed."""
    # This also installs what the examples ask for, since tests name them; the others then share the root's provider.
    if not terraform(ROOT, os.environ, *INIT, f"-test-directory={TESTS}"):
        sys.exit(1)
    with attached(data(ROOT), ROOT, os.environ) as environment:
        passed = check(environment)
    sys.exit(not passed)


if __name__ == "__main__":
    main()
