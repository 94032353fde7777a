"""The custom template: its own tests in a sandbox like Google's, and that these would notice what matters."""

from __future__ import annotations

import json
import re

import pytest

from tests.gtm.template import SOURCE, Template, run, run_scenarios

TEMPLATE = Template.parse(SOURCE.read_text(encoding="utf-8"))
SCENARIOS = [scenario["name"] for scenario in TEMPLATE.tests["scenarios"]]


@pytest.fixture(scope="module")
def outcome() -> dict[str, str | None]:
    return run_scenarios(TEMPLATE)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(outcome: dict[str, str | None], name: str) -> None:
    assert outcome[name] is None, outcome[name]


MUTATIONS = {
    "no encoding of values": ("encodeUriComponent(text);", "text;"),
    "no encoding of names": ("const key = encodeUriComponent(name);", "const key = name;"),
    "consent ignored": ("if (isAllowed()) {", "if (true) {"),
    "one type of consent is enough": ("consentTypes.every(", "consentTypes.some("),
    "waiting events are sent at once": ("if (waits && isAllowed())", "if (waits)"),
    "waiting events are sent again": ("waits = false;", ""),
    "waiting events get the time of consent": ("send(happened,", "send(data.timestamp,"),
    "dropped events wait": ("data.withoutConsent === 'drop'", "false"),
    "user attributes without consent": ("send(data.timestamp, false,", "send(data.timestamp, true,"),
    "token without consent": ("withUser ? parameterOf('token'", "true ? parameterOf('token'"),
    "an endpoint ID is made up": (
        "parameterOf('endpoint_id', data.endpointId, 0)",
        "[{text: 'endpoint_id=1', rank: 0}]",
    ),
    "a missing endpoint ID is no failure": ("endpointId.length === 0 || ", ""),
    "a missing event is no failure": ("event.length === 0 || ", ""),
    "failures are hidden": ("log('the event was not queued');\n    onFailure();", "onSuccess();"),
    "unset values are sent": ("NO_VALUE.indexOf(text.trim()) === -1", "true"),
    "long values are not cut": ("text.length <= LONGEST_ATTRIBUTE", "true"),
    "a character is cut in half": ("=== undefined ? text.slice(0, LONGEST_ATTRIBUTE - 1)", "=== undefined ? short"),
    "long URLs are sent": ("while (urlOf(kept).length > LONGEST_URL)", "while (false)"),
    "the shortest goes first": ("one.text.length >= other.text.length", "one.text.length < other.text.length"),
    "the most important goes first": ("one.rank < other.rank", "one.rank > other.rank"),
    "the token goes": ("parameterOf('token', data.token, 0)", "parameterOf('token', data.token, 1)"),
    "nobody hears what went": ("log('the URL was too long and lost', dropped);", ""),
    "URLs that stay too long are sent": ("if (url.length > LONGEST_URL)", "if (false)"),
    "no cache buster": ("parameterOf('gtmcb', generateRandom(0, 2147483647), 0)", "[]"),
    "logs on every site": ("if (queryPermission('logging'))", "if (true)"),
}


@pytest.mark.parametrize(("find", "replacement"), MUTATIONS.values(), ids=MUTATIONS)
def test_the_scenarios_notice(find: str, replacement: str) -> None:
    assert any(run_scenarios(TEMPLATE.with_code(find, replacement)).values())


REFUSED = {
    "new Date();": "NewExpression",
    "this;": "ThisExpression",
    "class A {}": "ClassDeclaration",
    "`text`;": "TemplateLiteral",
    "[...[]];": "SpreadElement",
    "const {a} = data;": "ObjectPattern",
    "for (const a of []) {}": "ForOfStatement",
    "try {} catch (e) {}": "TryStatement",
    "((a = 1) => a)();": "AssignmentPattern",
    "const a = 1; ({a});": "plain properties",
    "/a/;": "regular expression",
    "async () => {};": "ECMAScript 5.1",
    "data?.a;": "ECMAScript 5.1",
    "2 ** 3;": "ECMAScript 5.1",
    "window.location;": "global window",
    "encodeURIComponent('');": "global encodeURIComponent",
    "JSON.stringify({});": "global JSON",
    "[].includes(1);": "method includes",
    "''['startsWith']('');": "method startsWith",
    "(() => {}).constructor('');": "method constructor",
}


@pytest.mark.parametrize(("code", "named"), REFUSED.items())
def test_the_runner_refuses_what_the_sandbox_does_not_have(code: str, named: str) -> None:
    assert named in " ".join(run("faults", code=code, globals=["require", "data"]))


def test_the_runner_takes_what_the_sandbox_has() -> None:
    code = """
        const double = (n) => n * 2; let found = []; var i;
        function each(list, call) { for (i = 0; i < list.length; i++) { call(list[i]); } }
        each(['a'], function(x) { found.push(x.toUpperCase().split('')[0]); });
        for (const key in data) { if (data.hasOwnProperty(key)) { found = found.concat(double(key)); } }
        switch (found.length) { case 1: return {a: undefined, 'b': typeof found}; default: return require('x')(!i); }
    """

    assert run("faults", code=code, globals=["require", "data"]) == []


@pytest.mark.parametrize("permission", ["send_pixel", "access_consent", "logging"])
def test_an_api_without_its_permission_fails_even_when_it_is_mocked(permission: str) -> None:
    outcome = run_scenarios(TEMPLATE.with_section("WEB_PERMISSIONS", f'"{permission}"', '"get_url"'))

    assert any(f"without the permission {permission}" in (failure or "") for failure in outcome.values())


@pytest.mark.parametrize(
    ("find", "replacement", "failure"),
    [
        ("https://*.amazonaws.com/*", "https://events.example.com/*", "send_pixel does not cover https://a1b2c3."),
        ("https://*.amazonaws.com/*", "https://*.com/v2/*", "send_pixel does not cover https://a1b2c3."),
        ('"ad_storage"', '"other_storage"', "access_consent does not cover ad_storage"),
    ],
)
def test_a_permission_covers_what_it_names_and_no_more(find: str, replacement: str, failure: str) -> None:
    outcome = run_scenarios(TEMPLATE.with_section("WEB_PERMISSIONS", find, replacement))

    assert any((failed or "").startswith(failure) for failed in outcome.values())


@pytest.mark.parametrize(
    "url",
    [
        "http://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1/events",
        "https://amazonaws.com.example.com/v1/events",
        "https://example.com/https://x.amazonaws.com/",
        "https://x.amazonaws.com@example.com/",
    ],
)
def test_only_urls_of_the_pattern_can_be_called(url: str) -> None:
    place = "url: 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1/events'"

    outcome = run_scenarios(TEMPLATE.with_section("TESTS", place, f"url: '{url}'"))

    assert "send_pixel does not cover" in str(outcome["An event with its endpoint ID is sent"])


def test_it_asks_for_no_permission_that_it_does_not_need() -> None:
    permissions = run("permissions", code=TEMPLATE.code, permissions=TEMPLATE.sections["WEB_PERMISSIONS"])

    assert sorted(permissions["declared"]) == sorted(permissions["needed"])


def test_consent_is_only_read() -> None:
    assert '"mapValue"' in TEMPLATE.sections["WEB_PERMISSIONS"]
    for granted in json.loads(TEMPLATE.sections["WEB_PERMISSIONS"])[1]["instance"]["param"][0]["value"]["listItem"]:
        assert [flag["boolean"] for flag in granted["mapValue"][1:]] == [True, False]


def fields(items: list[dict[str, object]]) -> set[str]:
    """Names of fields, those in groups too."""
    found: set[str] = set()
    for item in items:
        parts = item.get("subParams")
        found |= fields(parts) if isinstance(parts, list) else {str(item["name"])}
    return found


def test_the_code_reads_every_field_and_no_other() -> None:
    read = set(re.findall(r"\bdata\.(\w+)", TEMPLATE.code)) - {"gtmOnSuccess", "gtmOnFailure"}

    assert fields(json.loads(TEMPLATE.sections["TEMPLATE_PARAMETERS"])) == read


def test_every_type_of_consent_that_can_be_chosen_may_be_read() -> None:
    parameters, permissions = TEMPLATE.sections["TEMPLATE_PARAMETERS"], TEMPLATE.sections["WEB_PERMISSIONS"]
    chosen = set(re.findall(r'"value": "(\w+_(?:storage|user_data|personalization))"', parameters))

    assert chosen == set(re.findall(r'"string": "(\w+_(?:storage|user_data|personalization))"', permissions))
    assert len(chosen) == 7


def test_the_sections_are_those_of_the_gallery_in_its_order() -> None:
    assert list(TEMPLATE.sections) == [
        "TERMS_OF_SERVICE",
        "INFO",
        "TEMPLATE_PARAMETERS",
        "SANDBOXED_JS_FOR_WEB_TEMPLATE",
        "WEB_PERMISSIONS",
        "TESTS",
        "NOTES",
    ]
    assert json.loads(TEMPLATE.sections["INFO"])["type"] == "TAG"
