"""The container as Terraform renders it, judged by GTM's import rules and by the template's own tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gtm.template import SOURCE, Template, run_scenarios
from tools.gtm_lint import load, problems

RUNS = ["what_nobody_lists", "lists_of_the_pixel", "lists_for_gtm", "template"]
LINT = Path(__file__).resolve().parents[2] / "tools" / "gtm_lint.py"

Part = dict[str, Any]


@pytest.mark.parametrize("name", RUNS)
def test_what_terraform_renders_can_be_imported(containers: dict[str, str], name: str) -> None:
    assert problems(load(containers[name])) == []


def test_every_run_of_terraform_is_judged(containers: dict[str, str]) -> None:
    assert set(containers) == set(RUNS)


def url(version: Part, find: str, replacement: str) -> None:
    """Change the URL of the image."""
    (parameter,) = (item for item in version["tag"][0]["parameter"] if item["key"] == "url")
    assert find in parameter["value"]
    parameter["value"] = parameter["value"].replace(find, replacement)


def condition(version: Part, operator: str, value: str) -> None:
    """Change what the first trigger fires on."""
    first = version["trigger"][0]["customEventFilter"][0]
    first["type"], first["parameter"][1]["value"] = operator, value


FAULTS: dict[str, tuple[Callable[[Part], object], str]] = {
    "type of a tag": (lambda v: v["tag"][0].update(type="IMG"), "lower case"),
    "type of a trigger": (lambda v: v["trigger"][0].update(type="customEvent"), "in capitals"),
    "type of a condition": (lambda v: condition(v, "equals", "a"), "in capitals"),
    "type of a built-in variable": (lambda v: v["builtInVariable"][0].update(type="event"), "in capitals"),
    "type of a parameter": (lambda v: v["tag"][0]["parameter"][2].update(type="template"), "no parameter type"),
    "type of a format value": (
        lambda v: v["variable"][1]["formatValue"]["convertNullToValue"].update(type="text"),
        "no parameter type",
    ),
    "a boolean that is no text": (lambda v: v["tag"][0]["parameter"][0].update(value=True), "the text"),
    "a number that is no text": (lambda v: v["variable"][1]["parameter"][0].update(value=2), "must be a text"),
    "firing option": (lambda v: v["tag"][0].update(tagFiringOption="oncePerEvent"), "tagFiringOption"),
    "consent": (lambda v: v["tag"][0].update(consentSettings={"consentStatus": "needed"}), "consentStatus"),
    "another kind of container": (lambda v: v["container"].update(usageContext=["SERVER"]), "usageContext"),
    "a name with a colon": (lambda v: v["trigger"][0].update(name="Event: page_view"), "must not be empty nor hold"),
    "a name without characters": (lambda v: v["trigger"][0].update(name=" "), "must not be empty nor hold"),
    "a name twice": (lambda v: v["variable"][1].update(name=v["variable"][2]["name"]), "the name is used twice"),
    "an id twice": (lambda v: v["variable"][1].update(variableId="1"), "used twice"),
    "an id that is no number": (lambda v: v["trigger"][0].update(triggerId="first"), "must be a number"),
    "a trigger that is not there": (lambda v: v["tag"][0].update(firingTriggerId=["99"]), "no trigger 99"),
    "a template that is not there": (lambda v: v["tag"][0].update(type="cvt_0_99"), "no template cvt_0_99"),
    "a variable that is not there": (lambda v: v["variable"].pop(1), "no variable Engagement - endpoint_id"),
    "a built-in variable that is off": (lambda v: v["builtInVariable"].clear(), "no variable Event"),
    "GTM's own event": (lambda v: condition(v, "EQUALS", "gtm.js"), "gtm.* events"),
    "every event": (lambda v: condition(v, "MATCH_REGEX", ".*"), "gtm.* events"),
    "a mangled parameter": (lambda v: url(v, "&evat_", "&reg_"), "HTML reads &reg_page_path"),
    "a URL without https": (
        lambda v: v["variable"][0]["parameter"][0].update(value="http://example.com/events"),
        "must begin with https://",
    ),
    "a URL from the data layer": (
        lambda v: url(v, "{{Engagement - pixel URL}}", "{{Engagement - page_path}}"),
        "must begin with https://",
    ),
    "no cache busting": (lambda v: v["tag"][0]["parameter"][0].update(value="false"), "cache busting"),
    "the word undefined": (lambda v: v["variable"][1].update(formatValue={}), "says undefined"),
}


@pytest.mark.parametrize(("spoil", "named"), FAULTS.values(), ids=FAULTS)
def test_the_lint_names(containers: dict[str, str], spoil: Callable[[Part], object], named: str) -> None:
    version = load(containers["lists_of_the_pixel"])

    spoil(version)

    assert named in "\n".join(problems(version))


@pytest.mark.parametrize("trigger", ["2147479553", "2147479573", "2147479572"])
def test_the_lint_knows_triggers_that_every_container_has(containers: dict[str, str], trigger: str) -> None:
    version = load(containers["what_nobody_lists"])

    version["tag"][0]["firingTriggerId"] = [trigger]

    assert problems(version) == []


def command(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(LINT), "-"], input=text, capture_output=True, text=True, check=False)


def test_the_command_takes_a_good_container(containers: dict[str, str]) -> None:
    done = command(containers["lists_of_the_pixel"])

    assert done.returncode == 0, done.stderr
    assert "1 tag, 4 trigger, 5 variable" in done.stdout


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"exportFormatVersion": 1, "containerVersion": {}}'])
def test_the_command_says_that_a_file_is_no_container(text: str) -> None:
    done = command(text)

    assert done.returncode == 1
    assert done.stderr.startswith("error: not ")
    assert "Traceback" not in done.stderr


def test_the_command_fails_for_a_faulty_container(containers: dict[str, str]) -> None:
    done = command(containers["lists_of_the_pixel"].replace('"img"', '"IMG"'))

    assert done.returncode == 1
    assert "tag Engagement - pixel: the type IMG must be in lower case" in done.stderr


def test_the_template_in_the_container_is_ours_but_for_its_host_and_name(containers: dict[str, str]) -> None:
    (carried,) = load(containers["template"])["customTemplate"]

    assert carried["templateData"] == SOURCE.read_text(encoding="utf-8").replace(
        "https://*.amazonaws.com/*", "https://events.example.com/*"
    ).replace('"Customer engagement pixel"', '"Engagement - pixel"')
    assert carried["name"] == json.loads(Template.parse(carried["templateData"]).sections["INFO"])["displayName"]


def test_the_template_in_the_container_may_call_the_pixel_alone(containers: dict[str, str]) -> None:
    (carried,) = load(containers["template"])["customTemplate"]

    failures = run_scenarios(Template.parse(carried["templateData"]))

    assert "send_pixel does not cover https://a1b2c3." in str(failures["An event with its endpoint ID is sent"])
    here = carried["templateData"].replace(
        "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1", "https://events.example.com"
    )
    assert not any(run_scenarios(Template.parse(here)).values())


def test_the_tag_fills_fields_that_the_template_has(containers: dict[str, str]) -> None:
    version = load(containers["template"])
    fields = Template.parse(version["customTemplate"][0]["templateData"]).sections["TEMPLATE_PARAMETERS"]

    for parameter in version["tag"][0]["parameter"]:
        assert f'"name": "{parameter["key"]}"' in fields
        for row in parameter.get("list", []):
            for cell in row["map"]:
                assert f'"name": "{cell["key"]}"' in fields
