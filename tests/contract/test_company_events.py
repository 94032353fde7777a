"""What Terraform and the functions of company events must agree on."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any, Protocol

import hcl2
import pytest

from engagement.settings.interactions import EventStreamSettings, FilterSettings, RecorderSettings
from engagement.settings.reading import SettingsError
from engagement.settings.runs import AnnouncerSettings, JourneySettings, PlansSettings, StepSettings
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
    "journey": JourneySettings,
    "plans": PlansSettings,
}
OF_INTERACTIONS: dict[str, type[Settings]] = {
    "recorder": RecorderSettings,
    "filter": FilterSettings,
    "event_stream": EventStreamSettings,
}
"""Of the functions that are there with interactions only."""


def declared(kind: str) -> dict[str, Any]:
    """What Terraform says of all functions."""
    return in_locals("functions.tf", f"{kind}s") | in_locals("interactions.tf", f"interaction_{kind}s")


def in_locals(file: str, name: str) -> dict[str, Any]:
    """A value of one of the module's files."""
    document = hcl2.loads((MODULE / file).read_text())
    (found,) = [block[name] for block in document["locals"] if name in block]
    return dict(found)


@pytest.mark.parametrize("role", SETTINGS | OF_INTERACTIONS)
def test_terraform_sets_the_variables_that_the_function_reads(role: str) -> None:
    environment = Empty()
    with pytest.raises(SettingsError):
        (SETTINGS | OF_INTERACTIONS)[role].parse(environment)

    assert set(declared("environment")[role]) == environment.asked


def test_every_function_has_an_environment_and_settings() -> None:
    assert set(declared("function")) == set(declared("environment")) == set(SETTINGS | OF_INTERACTIONS)


@pytest.mark.parametrize("role", SETTINGS | OF_INTERACTIONS)
def test_the_handler_that_terraform_names_exists(role: str) -> None:
    module, _, function = str(declared("function")[role]["handler"]).strip('"').rpartition(".")
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
