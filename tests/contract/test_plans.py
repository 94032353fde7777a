"""The page for authors of plans says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from engagement.domain.plans import limits
from engagement.domain.plans.connect import limits as connect_limits
from engagement.domain.plans.reading import parse
from engagement.domain.plans.schema import published
from engagement.domain.plans.settings import PlanSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "plans.md").read_text()
BLOCKS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_its_plans_have_no_faults() -> None:
    assert BLOCKS
    for block in BLOCKS:
        parse(json.loads(block), PlanSettings(filter_function="filter"))


@pytest.mark.parametrize("part", ["audience", "send", "step", "limits"])
def test_it_names_every_key(part: str) -> None:
    definitions = published()["definitions"]
    parts = {**definitions, "limits": definitions["send"]["properties"]["limits"]}

    for key in parts[part]["properties"].keys() - {"description"}:
        assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", PAGE), key


def test_it_names_every_setting() -> None:
    table = PAGE.split("## What the platform team decides")[1]

    assert {field.name for field in fields(PlanSettings)} == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_it_says_of_every_key_what_becomes_of_it_on_amazon_connect() -> None:
    section = PAGE.split("## On Amazon Connect")[1].split("\n## ")[0]
    definitions = published()["definitions"]
    limits_of_a_send = definitions["send"]["properties"]["limits"]["properties"]
    keys = [
        *definitions["audience"]["properties"].keys() - {"where"},
        *definitions["send"]["properties"].keys() - {"audience", "channel", "limits"},
        *(f"limits.{key}" for key in limits_of_a_send),
    ]

    for key in set(keys) - {"description"}:
        assert re.search(rf"^\|[^|]*`{re.escape(key)}`[^|]*\|", section, re.MULTILINE), key


def test_it_gives_the_limits_of_amazon_connect() -> None:
    section = PAGE.split("## On Amazon Connect")[1].split("\n## ")[0]

    for limit in (
        connect_limits.ACTIVE_CAMPAIGNS,
        connect_limits.CAMPAIGN_CREATES_PER_SECOND,
        connect_limits.ENDPOINT_UPDATES_PER_SECOND,
        connect_limits.SEGMENT_ATTRIBUTES - 1,
        connect_limits.DIMENSION_VALUES,
        connect_limits.TOTAL_DAYS,
    ):
        assert re.search(rf"\b{limit}\b", section), limit


def test_it_gives_the_limits_of_the_code() -> None:
    table = PAGE.split("## Rules and limits")[1].split("\n\n")[1]

    for limit in (
        limits.PLAN_LENGTH,
        limits.SEGMENT_VALUES - 1,
        limits.AUDIENCE_DEPTH,
        limits.ACTIVE_CAMPAIGNS,
        limits.CAMPAIGN_CREATES_PER_SECOND,
        limits.ENDPOINT_UPDATES_PER_SECOND,
        limits.PUSH_BODY_LENGTH,
        limits.CUSTOM_DATA_BYTES,
        limits.SMS_BODY_LENGTH,
        limits.LINE_LENGTH,
        limits.TREATMENTS_PERCENT,
        limits.LONGEST_WAIT.days,
        limits.JOURNEY_ACTIVITIES,
    ):
        assert f" {limit:,} " in table or f" {limit:,}," in table, limit
