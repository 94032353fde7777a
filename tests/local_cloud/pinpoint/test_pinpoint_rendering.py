"""Variables and blocks of messages, as Handlebars.js writes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.service.rendering import RenderingError, lookup_in, render

ENDPOINT: dict[str, Any] = {
    "Id": "e1",
    "Attributes": {"colors": ["red", "blue"], "empty": []},
    "Metrics": {"orders": 3.0, "rate": 1.5},
    "User": {"UserAttributes": {"name": ["Ada"]}},
}


def rendered(text: str, *, html: bool = False, **defaults: str) -> str:
    return render(text, lookup_in(ENDPOINT, defaults), html=html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no variables", "no variables"),
        ("{{Id}} {{ Id }}", "e1 e1"),
        ("Hi {{User.UserAttributes.name}}!", "Hi Ada!"),
        ("{{Attributes.colors}} {{Attributes.colors.[1]}} {{Attributes.colors.[2]}}.", "red,blue blue ."),
        ("{{Metrics.orders}} {{Metrics.rate}}", "3 1.5"),
        ("{{Attributes.none}}{{none.at.all}}{{Attributes}}", ""),
        ("{{#if Attributes.none}}yes{{else}}no{{/if}}", "no"),
        ("{{#if Id}}yes{{#if Attributes.none}}!{{else}}?{{/if}}{{else}}no{{/if}}.", "yes?."),
        ("{{#each Attributes.colors}}{{@index}}={{this}} {{Id}};{{/each}}", "0=red e1;1=blue e1;"),
        ("{{#each Attributes.empty}}x{{else}}none{{/each}}", "none"),
        ("{ {Id} } }}", "{ {Id} } }}"),
    ],
)
def test_variables_and_blocks_become_text(text: str, expected: str) -> None:
    assert rendered(text) == expected


def test_defaults_stand_for_what_is_missing_or_empty() -> None:
    assert rendered("{{Attributes.empty}} {{Id}}", **{"Attributes.empty": "d", "Id": "x"}) == "d e1"


@pytest.mark.parametrize(
    "text", ["{{#if Id}}", "{{/if}}", "{{else}}", "{{eq Id 1}}", "{{}}", "{{#with Id}}{{/with}}", "{{#if}}{{/if}}"]
)
def test_what_handlebars_or_the_emulator_does_not_understand_fails(text: str) -> None:
    with pytest.raises(RenderingError):
        rendered(text)


VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(VALUES)
def test_a_value_shows_as_it_is_in_text_and_never_as_html_in_html(value: str) -> None:
    document = {"a": [value]}

    assert render("{{a.[0]}}", lookup_in(document, {})) == value
    html = render("<p>{{a.[0]}}</p>", lookup_in(document, {}), html=True)
    assert not set("<>\"'`=") & set(html.removeprefix("<p>").removesuffix("</p>"))
    assert render("{{{a.[0]}}}", lookup_in(document, {}), html=True) == value


@given(VALUES)
def test_a_value_that_looks_like_a_variable_is_not_filled_in_again(value: str) -> None:
    assert render("{{a}}", lookup_in({"a": f"{{{{Id}}}}{value}", "Id": "x"}, {})) == f"{{{{Id}}}}{value}"
