from __future__ import annotations

import pytest

from engagement.domain.destination import Call
from engagement.domain.pacing import FIRST_PAUSE, LONGEST_PAUSE, Pace
from engagement.domain.turns import GIVE_UP_AFTER, Turns
from tests.unit.builders import ManualClock


def waits(*calls: Call) -> list[float]:
    """How long each turn was waited for, at a pace that is no hindrance."""
    clock = ManualClock()
    turns = Turns(Pace(1_000, clock.now), clock, deadline=1_000)
    found = []
    for call in calls:
        before = clock.now
        assert turns.wait()
        found.append(clock.now - before)
        turns.note(call)
    return found


def test_requests_that_achieve_nothing_are_further_and_further_apart() -> None:
    found = waits(*[Call.THROTTLED] * 8)

    assert found[:4] == [0, FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert found[-1] == LONGEST_PAUSE


def test_a_refusal_is_an_answer_so_the_next_request_need_not_wait() -> None:
    assert waits(Call.UNKNOWN, Call.REFUSED, Call.ANSWERED) == [0, FIRST_PAUSE, 0]


@pytest.mark.parametrize(("call", "turns_left"), [(Call.UNKNOWN, GIVE_UP_AFTER), (Call.UNUSABLE, 1)])
def test_a_service_that_is_of_no_use_gets_no_more_turns(call: Call, turns_left: int) -> None:
    clock = ManualClock()
    turns = Turns(Pace(1_000, clock.now), clock, deadline=1_000)

    for _ in range(turns_left):
        assert turns.wait()
        turns.note(call)

    assert not turns.wait()


def test_no_turn_lies_behind_the_deadline() -> None:
    clock = ManualClock()
    turns = Turns(Pace(1, clock.now), clock, deadline=1.5)

    assert [turns.wait() for _ in range(3)] == [True, True, False]
    assert clock.now <= 1.5
