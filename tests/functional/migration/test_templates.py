"""Tags of Pinpoint's templates, and what they are in Connect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functional.migration.model import faults
from tools.migration.naming import Lists, Names
from tools.migration.people import Key
from tools.migration.placeholders import Filled, Variables
from tools.migration.reading import Saved
from tools.migration.templates import Template, templates_of

OWN = "Attributes.Customer.Attributes"


def variables(lists: Lists = "numbered", key: Key = "endpoint") -> Variables:
    return Variables(Names(lists, {("user", "colours"): 2, ("user", "plan"): 1, ("own", "user_id"): 1}), key)


def filled(text: str, lists: Lists = "numbered", key: Key = "endpoint") -> Filled:
    return variables(lists, key).convert(text, "Body", "EMAIL")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{User.UserAttributes.plan}}", f"{{{{{OWN}.plan}}}}"),
        ("{{{ User.UserAttributes.plan.[0] }}}", f"{{{{{{{OWN}.plan}}}}}}"),
        ("{{User.UserAttributes.colours.[1]}}", f"{{{{{OWN}.colours_1}}}}"),
        ("{{Attributes.[first name]}}", f"{{{{{OWN}.first_name}}}}"),
        ("{{Attributes.plan}}", f"{{{{{OWN}.endpoint_plan}}}}"),
        ("{{Metrics.orders}}", f"{{{{{OWN}.metric_orders}}}}"),
        ("{{User.UserId}}", f"{{{{{OWN}.pinpoint_user_id}}}}"),
        ("{{Id}}", "{{Attributes.Customer.AccountNumber}}"),
        ("{{Address}}", "{{Attributes.Customer.EmailAddress}}"),
        ("{{Location.Region}}", "{{Attributes.Customer.State}}"),
        ("{{Demographic.AppVersion}}", f"{{{{{OWN}.pinpoint_app_version}}}}"),
        (
            "{{#if User.UserAttributes.colours}}a{{else}}b{{/if}}",
            f"{{{{#if {OWN}.colours_0}}}}a{{{{else}}}}b{{{{/if}}}}",
        ),
        ("{{#if (eq Metrics.a 5)}}{{/if}}", f"{{{{#if (eq {OWN}.metric_a 5)}}}}{{{{/if}}}}"),
        ("{{else if User.UserAttributes.plan}}", f"{{{{else if {OWN}.plan}}}}"),
        ('{{numberFormat Metrics.a "%.2f"}}', f'{{{{numberFormat {OWN}.metric_a "%.2f"}}}}'),
        (
            '{{defaultIfEmpty value=User.UserAttributes.plan x="a b"}}',
            f'{{{{defaultIfEmpty value={OWN}.plan x="a b"}}}}',
        ),
        ('{{#* inline "p"}}x{{/inline}}{{> p}}', '{{#* inline "p"}}x{{/inline}}{{> p}}'),
        ("{{! User.UserAttributes.plan }}{{!-- {{x}} --}}", "{{! User.UserAttributes.plan }}{{!-- {{x}} --}}"),
        ("{ {no tag} }", "{ {no tag} }"),
    ],
)
def test_what_becomes_of_a_tag(before: str, after: str) -> None:
    result = filled(before)

    assert (result.text, result.findings) == (after, ())


def test_a_list_is_written_as_handlebars_writes_it() -> None:
    first, second = f"{OWN}.colours_0", f"{OWN}.colours_1"

    assert filled("{{User.UserAttributes.colours}}").text == (
        f"{{{{#if {first}}}}}{{{{{first}}}}}{{{{#if {second}}}}},{{{{{second}}}}}{{{{/if}}}}{{{{/if}}}}"
    )
    assert filled("{{User.UserAttributes.colours}}", "joined").text == f"{{{{{OWN}.colours}}}}"


def test_a_user_is_found_by_the_account_number() -> None:
    assert filled("{{User.UserId}}", key="user").text == "{{Attributes.Customer.AccountNumber}}"


@pytest.mark.parametrize(
    ("tag", "lists"),
    [
        ("{{#each User.UserAttributes.plan}}", "numbered"),
        ("{{join User.UserAttributes.colours}}", "joined"),
        ("{{User.UserAttributes.colours.[2]}}", "numbered"),
        ("{{User.UserAttributes.colours.[0]}}", "joined"),
        ("{{#with User}}", "numbered"),
        ("{{> footer}}", "numbered"),
        ("{{Recommendations.a.[0]}}", "numbered"),
        ("{{upper Nothing.known}}", "numbered"),
    ],
)
def test_a_tag_without_a_twin_stays_and_is_listed_with_its_place(tag: str, lists: Lists) -> None:
    result = filled(f"one\n two {tag}", lists)

    assert result.text == f"one\n two {tag}"
    (finding,) = result.findings
    assert (finding.outcome, finding.place) == ("lost", "Body:2:6")
    assert finding.text.startswith(tag)


def template(**parts: Any) -> Template:
    document = {"TemplateName": "t", "TemplateType": "EMAIL", "TextPart": "text", **parts}
    (made,) = templates_of([Saved("templates/t.json", document)], variables())
    return made


TAGS = st.sampled_from(
    ["{{User.UserAttributes.plan}}", "{{x}}", "{{#each a}}", "{{/each}}", "{{", "}}", "{{{a", "{{}}", "\n"]
)


@given(parts=st.lists(TAGS | st.text(max_size=5), max_size=8))
def test_any_text_is_converted_or_listed(parts: list[str]) -> None:
    """What is around the tags stays; a template is ready only if nothing of it is lost."""
    text = "".join(parts)

    made = template(HtmlPart=text)

    assert made.ready == (not any(finding.outcome == "lost" for finding in made.findings))
    assert made.request is not None
    assert (
        faults(
            "qconnect",
            "CreateMessageTemplate",
            {"knowledgeBaseId": f"{'0' * 8}-{'0000-' * 3}{'0' * 12}", **made.request},
        )
        == []
    )
    if "{{" not in text and text:
        assert made.request["content"]["email"]["body"]["html"]["content"] == text


def test_defaults_and_what_has_none() -> None:
    defaults = {"User.UserAttributes.plan": "free", "Location.City": "town", "Recommendations.a": "x", "Metrics.m": ""}

    made = template(
        TextPart="{{User.UserAttributes.plan}}{{Location.City}}{{Id}}", DefaultSubstitutions=json.dumps(defaults)
    )

    assert made.request is not None
    assert made.request["defaultAttributes"] == {
        "customerProfileAttributes": {"custom": {"plan": "free"}, "city": "town"}
    }
    assert {finding.place for finding in made.findings} == {
        "DefaultSubstitutions",
        "DefaultSubstitutions.Recommendations.a",
        "DefaultSubstitutions.Metrics.m",
    }


@pytest.mark.parametrize(
    "parts",
    [
        {"Headers": [{"Name": "a b", "Value": "x"}]},
        {"RecommenderId": "r"},
        {"DefaultSubstitutions": "[]"},
        {"TemplateDescription": "*" * 10},
        {"tags": {"a": "b"}},
        {"Surprise": 1},
        {"TemplateType": "VOICE"},
        {"TemplateType": "SMS"},
    ],
)
def test_what_connect_does_not_take_is_listed(parts: dict[str, Any]) -> None:
    assert any(finding.outcome == "lost" for finding in template(**parts).findings)
