from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.limits import cut, length


@given(st.text(), st.integers(1, 30))
def test_a_cut_text_is_the_longest_beginning_that_fits(text: str, limit: int) -> None:
    kept = cut(text, limit)

    assert text.startswith(kept)
    assert length(kept) <= limit
    assert kept == text or length(text[: len(kept) + 1]) > limit


def test_an_emoji_counts_as_two_and_is_never_split() -> None:
    assert length("a😀") == 3
    assert cut("a😀b", 2) == "a"
    assert cut("a😀b", 3) == "a😀"
