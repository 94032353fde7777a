"""The published schema: what editors show is what is checked, and the examples keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from engagement.domain.plans.model import Channel, Orchestrator, Via
from engagement.domain.plans.moments import exists
from engagement.domain.plans.reading import load, parse
from engagement.domain.plans.schema import faults_of, published
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans import strategies
from tests.unit.plans.test_faults import CASES

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "plans"
PLANS = sorted(path for path in EXAMPLES.glob("*.json") if path.name != "settings.json")


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that says something of a value."""
    if isinstance(schema, dict):
        if "type" in schema or "enum" in schema or "const" in schema:
            yield schema
        for key, below in schema.items():
            if key != "if":
                yield from nodes(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from nodes(below)


def test_every_part_tells_its_reader_what_to_write() -> None:
    assert [node for node in nodes(published()) if not node.get("description")] == []


def test_every_object_knows_its_keys_or_is_the_authors_own() -> None:
    objects = [node for node in nodes(published()) if node.get("type") == "object" and "properties" in node]

    assert objects
    assert [node for node in objects if node.get("additionalProperties") is not False] == []


def test_closed_sets_are_those_of_the_code() -> None:
    definitions = published()["definitions"]

    assert set(definitions["send"]["properties"]["channel"]["enum"]) == set(Channel)
    assert set(published()["properties"]["orchestrator"]["enum"]) == set(Orchestrator)
    assert set(definitions["stamp"]["properties"]["via"]["enum"]) == set(Via)


def other_validator() -> Any:
    return jsonschema_rs.Draft7Validator(
        dict(published()), validate_formats=True, formats={"engagement-moment": exists}
    )


@pytest.mark.parametrize("document", [case[0] for case in CASES.values()], ids=CASES.keys())
def test_an_editor_refuses_what_the_schema_check_refuses(document: Any) -> None:
    assert other_validator().is_valid(document) == (faults_of(document) == [])


@settings(max_examples=20)
@given(strategies.plans())
def test_an_editor_takes_every_plan_without_faults(document: Any) -> None:
    assert other_validator().is_valid(document)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_examples_have_no_faults_and_are_named_by_their_event(path: Path) -> None:
    allowed = PlanSettings.parse(json.loads((EXAMPLES / "settings.json").read_text()))
    document = load(path.read_text())

    assert parse(document, allowed).event == path.stem
    assert isinstance(document, dict)
    assert (path.parent / document["$schema"]).resolve().name == "plan.schema.json"
    assert json.loads((path.parent / document["$schema"]).read_text()) == published()
