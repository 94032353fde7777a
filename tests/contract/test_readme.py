"""The README names what the code has."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from engagement.domain.reasons import DropReason, RejectReason

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    ("reasons", "heading"),
    [(RejectReason, "A rejected event is"), (DropReason, "A dropped value leaves")],
)
def test_the_table_of_reasons_is_that_of_the_code(reasons: type[StrEnum], heading: str) -> None:
    table = README.split(heading)[1].split("\n\n")[1]
    named = {reason for row in table.splitlines()[2:] for reason in re.findall(r"`(\w+)`", row.split("|")[1])}

    assert named == {str(reason) for reason in reasons}


def test_every_alarm_is_in_the_table_of_alarms() -> None:
    made = {
        *re.findall(r"^    ([a-z-]+) = \{", (ROOT / "modules/pixel/alarms.tf").read_text(), re.MULTILINE),
        *re.findall(r"suffix += \"(\w+)\"", (ROOT / "modules/function/main.tf").read_text()),
    }
    table = README.split("## Operating it")[1].split("\n\n")[1]

    assert made
    for name in made:
        assert name in table, name


def test_every_command_that_the_readme_tells_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)) <= targets | {"help"}


def test_links_to_files_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
