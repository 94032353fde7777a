from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.rules import globs


@pytest.mark.parametrize(
    ("patterns", "name", "matches"),
    [
        ([], "page", False),
        (["*"], "line\nbreak", True),
        (["page"], "page", True),
        (["page"], "page.view", False),
        (["page"], "my page", False),
        (["page"], "Page", False),
        (["page.*"], "page.view\nx", True),
        (["page.*", "cart.?"], "cart.1", True),
        (["cart.?"], "cart.12", False),
        (["a|b"], "a", False),
        (["(["], "([", True),
    ],
)
def test_a_glob_holds_for_the_whole_name(patterns: list[str], name: str, matches: bool) -> None:
    assert globs(patterns)(name) is matches


@given(st.lists(st.text(), max_size=4), st.text())
def test_any_pattern_compiles_and_literal_names_match_themselves(patterns: list[str], name: str) -> None:
    literal = name.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")

    assert globs([*patterns, literal])(name)
