"""The arrows of the architecture: handlers -> domain <- adapters, and the product apart from the local cloud."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import PIXEL

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "lambda_src" / "engagement"
PURE = {
    "__future__",
    "abc",
    "base64",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "enum",
    "fastjsonschema",
    "fnmatch",
    "functools",
    "hashlib",
    "hmac",
    "html",
    "importlib",
    "json",
    "re",
    "typing",
    "urllib",
}


def imports(path: Path) -> Iterator[str]:
    """Absolute names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def files(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found, f"nothing to check in {folder}"
    return found


@pytest.mark.parametrize("path", files(PRODUCT / "domain"), ids=lambda path: path.name)
def test_the_domain_is_pure(path: Path) -> None:
    for name in imports(path):
        assert name.startswith("engagement.domain") or name.split(".")[0] in PURE, name


@pytest.mark.parametrize("path", files(PRODUCT / "adapters"), ids=lambda path: path.name)
def test_adapters_know_the_domain_only(path: Path) -> None:
    for name in imports(path):
        assert not name.startswith(("engagement.handlers", "engagement.settings", "engagement.observability")), name


@pytest.mark.parametrize(
    "path", [path for path in files(PRODUCT) if "adapters" not in path.parts], ids=lambda path: path.name
)
def test_aws_is_called_by_adapters_only(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {"boto3", "botocore"}


@pytest.mark.parametrize(("folder", "other"), [("lambda_src/engagement", "local_cloud"), ("local_cloud", "engagement")])
def test_product_and_local_cloud_never_import_each_other(folder: str, other: str) -> None:
    for path in files(ROOT / folder):
        assert other not in {name.split(".")[0] for name in imports(path)}, path


def test_the_pixel_starts_without_company_events_and_without_connect() -> None:
    """They are compiled at each cold start, which a visitor's first event waits for."""
    regions = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    code = "import sys, engagement.handlers.pixel; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **PIXEL, **regions, "PYTHONPATH": str(ROOT / "lambda_src")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "engagement.adapters.pinpoint.events" in done.stdout.split()
    assert "engagement.adapters.connect" not in done.stdout.split()
    loaded = [name for name in done.stdout.split() if name.startswith("engagement.domain.")]
    assert "engagement.domain.delivery" in loaded
    assert not {name.split(".")[2] for name in loaded} & {"plans", "runs", "stamps", "journeys", "interactions"}
