"""The README names what the code has."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from engagement.domain.reasons import DropReason, RejectReason

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
READMES = [
    Path("README.md"),
    Path("docs/company-events.md"),
    Path("docs/journeys.md"),
    Path("docs/moving-to-connect.md"),
    Path("docs/operations.md"),
    Path("docs/plans.md"),
    Path("gtm/README.md"),
    Path("modules/company-events/README.md"),
    Path("recipes/token/README.md"),
]


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


@pytest.mark.parametrize("readme", READMES, ids=str)
def test_every_command_that_a_readme_tells_exists(readme: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / readme).read_text(), re.MULTILINE))

    assert told
    assert told <= targets | {"help"}


def anchors(markdown: str) -> set[str]:
    """What a heading is linked by."""
    headings = re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("readme", READMES, ids=str)
def test_links_lead_somewhere(readme: Path) -> None:
    for target, anchor in re.findall(r"\]\(\s*(?!http)([^)#]*)#?([^)]*)\)", (ROOT / readme).read_text()):
        linked = (ROOT / readme).parent / target if target else ROOT / readme
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked.read_text()), anchor
