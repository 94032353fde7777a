from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.interactions.conditions import ConditionError, Rule, kept, rules_of, tag_of
from engagement.domain.interactions.kinds import UNWILLING, Did, entry

RULES = st.builds(
    Rule,
    st.sampled_from(["only", "unless"]),
    st.integers(0, 300),
    st.sampled_from([Did.DELIVERED, Did.OPENED, Did.CLICKED]),
)
ENTRIES = st.frozensets(st.builds(entry, st.integers(0, 3), st.sampled_from(Did)), max_size=6)
ONLY, UNLESS = Rule("only", 1, Did.OPENED), Rule("unless", 1, Did.OPENED)


@given(st.lists(RULES, min_size=1, max_size=2))
def test_a_tag_says_what_was_written_and_is_a_value_that_tags_may_have(rules: list[Rule]) -> None:
    tag = tag_of(rules)

    assert list(rules_of(tag)) == rules
    assert re.fullmatch(r"[\w .:/=+@-]{1,256}", tag)


@pytest.mark.parametrize("tag", ["", "only", "only:1:opened ", "only:1:liked", "never:1:opened", "only:x:opened"])
def test_another_tag_is_refused(tag: str) -> None:
    with pytest.raises(ConditionError, match="only runs can make"):
        rules_of(tag)


@pytest.mark.parametrize(
    ("entries", "only", "unless"),
    [
        (set(), False, True),
        ({"1.opened"}, True, False),
        ({"1.delivered"}, False, True),
        ({"0.opened", "11.opened"}, False, True),
        ({"1.opened", "1.clicked", "1.delivered"}, True, False),
        *[({"1.opened", f"1.{did}"}, False, False) for did in UNWILLING],
        *[({f"1.{did}"}, False, False) for did in UNWILLING],
        *[({"1.opened", f"0.{did}"}, True, False) for did in UNWILLING],
    ],
)
def test_who_gets_the_message(entries: set[str], only: bool, unless: bool) -> None:
    assert ONLY.keeps(entries) is only
    assert UNLESS.keeps(entries) is unless


@given(st.dictionaries(st.text(max_size=3), ENTRIES), st.lists(RULES, min_size=1, max_size=2))
def test_who_passes_every_rule_is_kept_and_nobody_else(entries: dict[str, frozenset[str]], rules: list[Rule]) -> None:
    passed = kept(rules, entries)

    assert passed == {one for one, its in entries.items() if all(rule.keeps(its) for rule in rules)}
    assert passed <= entries.keys()
