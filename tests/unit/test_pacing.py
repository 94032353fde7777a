from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.pacing import LONGEST_PAUSE, SAFETY, Pace, Pause, return_delay


@given(st.floats(0.5, 50), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_stretch_of_time_holds_more_requests_than_the_pace_and_one_seconds_burst(
    rate: float, gaps: list[float]
) -> None:
    # GIVEN requests that are wanted at any moments
    pace = Pace(rate, now=0.0)
    now, sent = 0.0, []

    # WHEN each waits as it is told
    for gap in gaps:
        now += gap
        now += pace.reserve(now)
        sent.append(now)

    # THEN any stretch from one request to another stays inside the bucket
    burst = max(1.0, rate)
    for start, first in enumerate(sent):
        for end in range(start, len(sent)):
            assert end - start + 1 <= burst + rate * (sent[end] - first) + 1e-6


def test_instances_share_the_rate_with_a_margin() -> None:
    pace = Pace.share(15, 2, now=0.0)

    assert pace.per_second == 15 * SAFETY / 2


def test_a_waiting_queue_is_served_at_the_full_pace() -> None:
    pace, now = Pace(7.125, now=0.0), 0.0
    for _ in range(1_000):
        now += pace.reserve(now)

    assert 1_000 / now >= 7.1


def test_a_pause_doubles_up_to_its_longest_and_ends_with_an_answer() -> None:
    pause, seen = Pause(), []
    for _ in range(8):
        pause.lengthen()
        seen.append(pause.seconds)
    assert seen == [0.25, 0.5, 1.0, 2.0, 4.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]

    pause.end()
    assert pause.seconds == 0.0


def test_twenty_receives_outlast_six_hours() -> None:
    waits = [return_delay(receive_count, 30) for receive_count in range(1, 20)]

    assert waits[:3] == [30, 60, 120]
    assert max(waits) == 1_800
    assert sum(waits) > 6 * 3_600


@given(st.integers(1, 1_000), st.integers(1, 720))
def test_a_delay_stays_inside_what_sqs_takes(receive_count: int, first: int) -> None:
    assert first <= return_delay(receive_count, first) <= 12 * 3_600
