"""What Terraform and Python must agree on."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import hcl2
import pytest

from engagement.settings.pixel import PixelSettings
from engagement.settings.reading import SettingsError
from local_cloud import pythons

ROOT = Path(__file__).resolve().parents[2]
PIXEL = ROOT / "modules" / "pixel"


class Empty(Mapping[str, str]):
    """An environment without variables that remembers which ones were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_terraform_sets_the_variables_that_the_consumer_reads() -> None:
    environment = Empty()
    with pytest.raises(SettingsError):
        PixelSettings.parse(environment)

    document = hcl2.loads((PIXEL / "consumer.tf").read_text())
    (variables,) = [block["environment"] for block in document["locals"] if "environment" in block]

    assert set(variables) == environment.asked


def test_the_handler_that_terraform_names_exists() -> None:
    names = re.findall(r'handler\s*=\s*"([\w.]+)"', (PIXEL / "consumer.tf").read_text())

    assert names
    for name in names:
        module, _, function = name.rpartition(".")
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        assert f"def {function}(" in Path(spec.origin).read_text()


def test_the_code_is_checked_and_run_for_the_runtime_that_is_deployed() -> None:
    (runtime,) = set(re.findall(r'optional\(string, "(python[\d.]+)"\)', (PIXEL / "variables.tf").read_text()))
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert runtime == f"python{configuration['tool']['mypy']['python_version']}"
    assert runtime in pythons.DEFAULT_RUNTIMES


def test_the_api_has_no_binary_type_anywhere() -> None:
    # A binary media type turns request bodies into base64 and lets a template with an image fail.
    for path in PIXEL.iterdir():
        text = path.read_text()
        assert "binary_media_types" not in text
        assert "binary-media-types" not in text
        assert "contentHandling" not in text


def test_every_branch_needs_terraform_and_the_aws_provider_alone() -> None:
    for path in ROOT.glob("**/*.tf"):
        if ".local" in path.parts or ".terraform" in path.parts:
            continue
        text = path.read_text()
        assert not re.search(r'source\s*=\s*"hashicorp/(?!aws")', text), path
        assert "local-exec" not in text, path
        assert "null_resource" not in text, path
        if not {"examples", "tests"} & set(path.parts):
            assert not re.search(r'^provider "', text, re.MULTILINE), path
