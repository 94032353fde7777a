"""What Terraform and the function of triggers must agree on, and what the README of the module must name."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from engagement.domain.triggers import Parting, Wanted
from tests.contract.test_company_events import MODULE as COMPANY_EVENTS
from tests.contract.test_terraform import PIXEL, ROOT

MODULE = ROOT / "modules" / "connect-destination"


def text(name: str) -> str:
    return (MODULE / name).read_text()


def test_the_handler_that_terraform_names_exists() -> None:
    (handler,) = re.findall(r'handler\s*=\s*"([\w.]+)"', text("triggers.tf"))
    module, _, function = handler.rpartition(".")
    spec = importlib.util.find_spec(module)

    assert spec is not None
    assert spec.origin is not None
    assert f"def {function}(" in Path(spec.origin).read_text()


def test_terraform_asks_for_what_the_function_reads() -> None:
    ids = {"cart": "1"}
    stop = re.findall(r"input = jsonencode\(\{ (\w+) = local.campaign_ids \}\)", text("triggers.tf"))
    (start,) = re.findall(r"input = jsonencode\(\{\n(.*?)\n  \}\)", text("triggers.tf"), re.DOTALL)

    assert set(re.findall(r"^    (\w+) +=", start, re.MULTILINE)) == {"run", "campaigns", "left"}
    assert Wanted.parse({"run": True, "campaigns": ids, "left": {}}) == Wanted(run=True, campaigns=ids, left={})
    assert stop == ["campaigns"]
    assert Parting.parse({"campaigns": ids, "tf": {"action": "delete"}}).campaigns == ids


@pytest.mark.parametrize("variable", ["runtime", "architecture", "log_level"])
def test_functions_have_the_same_defaults_everywhere(variable: str) -> None:
    defaults = {
        found
        for folder in (PIXEL, COMPANY_EVENTS, MODULE)
        for found in re.findall(
            rf'{variable}\s*= optional\(string, "([\w.]+)"\)', (folder / "variables.tf").read_text()
        )
    }

    assert len(defaults) == 1


def test_the_root_has_the_defaults_of_the_module() -> None:
    # A field without a default takes the module's in the end, if the root hands null on; one with another would win.
    own = dict(
        re.findall(r'^variable "(\w+)" \{.*?^  default +=\s+(\S+)$', text("variables.tf"), re.MULTILINE | re.DOTALL)
    )
    root = (ROOT / "variables.tf").read_text()

    for name in ("domain_expiration_days", "object_expiration_days", "max_objects_per_profile", "create_profiles"):
        assert re.search(rf"{name}\s*= optional\(\w+, {own[name]}\)", root), name


def test_every_alarm_is_in_the_table_of_alarms() -> None:
    table = text("README.md").split("## Operations")[1].split("\n\n")[1]

    for name in ("unmatched", "triggers-errors", "triggers-throttles"):
        assert f"`<name>-connect-{name}`" in table
    assert "<name>-pixel-profiles-throttles" in (ROOT / "README.md").read_text()
