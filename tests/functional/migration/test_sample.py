"""The sample application: 1,000 endpoints, 10 segments, 5 templates, 3 journeys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engagement.domain.plans.connect.settings import ConnectSettings, Template
from engagement.domain.plans.model import Channel
from engagement.domain.plans.reading import load, parse
from engagement.domain.plans.settings import PlanSettings
from tests.functional.migration import pinpoint, sample
from tests.functional.migration.command import Result, run
from tests.functional.migration.model import faults
from tests.local_cloud.profiles.place import Place
from tools.migration.profiles import EMAIL_FIELDS, PHONE_FIELDS

DOMAIN = {"DomainName": "shop"}


def addresses(profile: dict[str, Any]) -> set[str]:
    return {profile[name].casefold() for name in (*EMAIL_FIELDS, *PHONE_FIELDS) if name in profile}


def test_every_input_is_in_the_report(converted: Result) -> None:
    assert converted.code == 0
    assert set(converted.entries("segment")) == {one["Name"] for one in sample.segments()}
    assert set(converted.entries("template")) == {one["TemplateName"] for one in sample.templates()}
    assert set(converted.entries("journey")) == {one["Name"] for one in sample.journeys()}
    report = (converted.folder / "report.md").read_text(encoding="utf-8")
    for entry in converted.json("report.json")["inputs"]:
        assert f"{entry['name']}: {entry['outcome']}" in report
        assert all((converted.folder / output).exists() for output in entry["outputs"])


def test_every_file_is_in_the_report(converted: Result) -> None:
    listed = {output for entry in converted.json("report.json")["inputs"] for output in entry["outputs"]}
    written = {path.relative_to(converted.folder).as_posix() for path in converted.folder.rglob("*") if path.is_file()}

    assert {path for path in written if not path.startswith("profiles/")} == (
        listed - {"profiles/"} | {"report.md", "report.json"}
    )


def test_the_services_models_have_nothing_against_the_requests(converted: Result) -> None:
    requests = [("customer-profiles", "CreateProfile", one) for one in converted.profiles()]
    requests += [("customer-profiles", "CreateSegmentDefinition", one) for one in converted.all("segments")]
    requests.append(("customer-profiles", "CreateUploadJob", converted.json("profiles/upload-job.json")))
    for service, operation, request in requests:
        assert faults(service, operation, {**DOMAIN, **request}) == []
    for template in [*converted.all("templates"), *converted.all("templates/unfinished")]:
        base = {"knowledgeBaseId": "01234567-0123-0123-0123-012345678901"}
        assert faults("qconnect", "CreateMessageTemplate", {**base, **template}) == []


def test_segments_have_the_same_members(converted: Result) -> None:
    """In the two emulators: whoever was in a segment is in its definition, and nobody else; what is lost is listed."""
    place = Place()
    for profile in converted.profiles():
        place.create_profile(**profile)
    arns = {
        one["SegmentDefinitionName"]: place.create_segment_definition(**one)["SegmentDefinitionArn"]
        for one in converted.all("segments")
    }
    customers = [one for one in sample.endpoints() if "engagement_role" not in one["Attributes"]]
    before = pinpoint.members_of(sample.segments(), customers, sample.NOW)
    entries = converted.entries("segment")

    compared = 0
    for segment in sample.segments():
        entry = entries[segment["Name"]]
        if segment["Id"] == "s-import":
            assert entry["outcome"] == "lost"
        else:
            arn = arns[converted.json(entry["outputs"][-1])["SegmentDefinitionName"]]
            assert {one["AccountNumber"] for one in place.emulator.members(arn)} == before[segment["Id"]], segment[
                "Name"
            ]
            compared += 1
    assert compared == 9
    assert all(0 < len(before[name]) < len(customers) for name in before if name != "s-all")


def test_who_opted_out_is_in_no_profile(converted: Result) -> None:
    reachable = {address for profile in converted.profiles() for address in addresses(profile)}
    silent = {(row["endpoint"], row["why"]) for row in converted.rows("silent.csv")}

    out = [one for one in sample.endpoints()[1:] if one["OptOut"] == "ALL"]
    assert len(out) > 50
    for one in out:
        assert one["Address"].casefold() not in reachable
        assert (one["Id"], "opted out") in silent


def test_the_upload_holds_what_the_requests_hold(converted: Result) -> None:
    """GIVEN the columns and their targets, WHEN they are followed, THEN the same profiles come out."""
    fields = converted.json("profiles/upload-job.json")["Fields"]
    uploaded = []
    for row in converted.rows("upload.csv"):
        profile: dict[str, Any] = {}
        for column, value in row.items():
            if value:
                *parents, name = fields[column]["Target"].removeprefix("_profile.").split(".")
                place = profile
                for parent in parents:
                    place = place.setdefault(parent, {})
                place[name] = value
        uploaded.append(profile)

    assert uploaded == converted.profiles()


def test_a_journey_that_is_a_line_is_a_plan(converted: Result) -> None:
    text = (converted.folder / "plans" / "onboarding.json").read_text(encoding="utf-8")
    templates = {name: Template("arn", "arn") for name in ("welcome", "code")}
    connect = ConnectSettings(templates, {Channel.EMAIL: "a@example.com", Channel.SMS: "arn"})

    plan = parse(load(text), PlanSettings(sends_by="connect", connect=connect))

    assert [send.channel for step in plan.steps for send in step.sends] == [Channel.EMAIL, Channel.SMS]


def test_a_journey_by_event_is_a_trigger_and_the_rest_is_described(converted: Result) -> None:
    assert converted.json("triggers/thanks.json") == {
        "event": "purchase",
        "channel": "EMAIL",
        "template": "welcome",
        "attributes": {"kind": ["first"]},
        "segment_definition_name": "Gold-customers",
    }
    described = (converted.folder / "journeys" / "winback.md").read_text(encoding="utf-8")
    for identifier in ("hold", "ask", "push", "later"):
        assert f"`{identifier}`" in described


@pytest.mark.parametrize("options", [("--key", "user"), ("--lists", "joined"), ("--key", "user", "--lists", "joined")])
def test_other_options_keep_the_models_rules(saved: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    result = run(saved, tmp_path / "converted", *options)

    assert result.code == 0
    for profile in result.profiles():
        assert faults("customer-profiles", "CreateProfile", {**DOMAIN, **profile}) == []
    for definition in result.all("segments"):
        assert faults("customer-profiles", "CreateSegmentDefinition", {**DOMAIN, **definition}) == []


def test_nothing_personal_is_said(converted: Result) -> None:
    for text in (converted.said, json.dumps(converted.json("report.json"))):
        assert "@example.com" not in text
        assert "+4477" not in text
