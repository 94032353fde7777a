"""What Terraform and the functions of company events must agree on."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any, Protocol

import hcl2
import pytest

from engagement.settings.reading import SettingsError
from engagement.settings.runs import AnnouncerSettings, PlansSettings, StepSettings
from engagement.settings.stamps import StamperSettings, StampHookSettings
from tests.contract.test_terraform import PIXEL, ROOT, Empty

MODULE = ROOT / "modules" / "company-events"


class Settings(Protocol):
    """Settings of one handler."""

    @classmethod
    def parse(cls, environment: Empty) -> Any: ...


SETTINGS: dict[str, type[Settings]] = {
    "announcer": AnnouncerSettings,
    "step": StepSettings,
    "stamp_hook": StampHookSettings,
    "stamper": StamperSettings,
    "plans": PlansSettings,
}


def in_locals(name: str) -> dict[str, Any]:
    """A value of the module's functions.tf."""
    document = hcl2.loads((MODULE / "functions.tf").read_text())
    (found,) = [block[name] for block in document["locals"] if name in block]
    return dict(found)


@pytest.mark.parametrize("role", SETTINGS)
def test_terraform_sets_the_variables_that_the_function_reads(role: str) -> None:
    environment = Empty()
    with pytest.raises(SettingsError):
        SETTINGS[role].parse(environment)

    assert set(in_locals("environments")[role]) == environment.asked


def test_every_function_has_an_environment_and_settings() -> None:
    assert set(in_locals("functions")) == set(in_locals("environments")) == set(SETTINGS)


@pytest.mark.parametrize("role", SETTINGS)
def test_the_handler_that_terraform_names_exists(role: str) -> None:
    module, _, function = str(in_locals("functions")[role]["handler"]).strip('"').rpartition(".")
    spec = importlib.util.find_spec(module)

    assert spec is not None
    assert spec.origin is not None
    assert f"def {function}(" in Path(spec.origin).read_text()


def test_the_runtime_is_that_of_the_pixel() -> None:
    runtimes = {
        runtime
        for module in (PIXEL, MODULE)
        for runtime in re.findall(r'optional\(string, "(python[\d.]+)"\)', (module / "variables.tf").read_text())
    }

    assert len(runtimes) == 1


def test_every_alarm_is_in_the_table_of_alarms() -> None:
    made = re.findall(r"^    ([a-z-]+) = \{", (MODULE / "alarms.tf").read_text(), re.MULTILINE)
    table = (MODULE / "README.md").read_text().split("## Operations")[1].split("## ")[0]

    assert made
    for name in made:
        assert f"company-events-{name}`" in table, name
