"""Numbers of company events: the real functions in this process, Pinpoint's emulator at its real quotas."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from statistics import median

import pytest

from engagement.domain.plans.limits import CAMPAIGN_CREATES_PER_SECOND, SEGMENT_CREATES_PER_SECOND
from local_cloud.pinpoint.emulator import Pinpoint
from local_cloud.pinpoint.server import PinpointServer
from tests.benchmarks.bench import LATENCY_SECONDS
from tests.benchmarks.row import Row
from tests.environment import PLAN_SETTINGS
from tests.functional.runs.clock import Clock
from tests.functional.runs.cloud import Cloud, running
from tests.functional.runs.kills import killed_at_every_call
from tests.functional.runs.plans import event, fan_out

AUDIENCES, CHANNELS = 50, 4
FAN_OUTS = 3
MOST = 1.3
CREATES = ("CreateSegment", "CreateCampaign")
ENVIRONMENT = {"PLAN_SETTINGS": json.dumps({**json.loads(PLAN_SETTINGS), "reserved_active_campaigns": 0})}


class WallClock(Clock):
    """The real time."""

    def time(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def now(self) -> datetime:
        return datetime.now(UTC)


def rows() -> Iterator[Row]:
    """Measure everything."""
    yield _fan_out()
    yield _kills()


def _fan_out() -> Row:
    made = [_one_fan_out() for _ in range(FAN_OUTS)]
    seconds = median(one for one, _, _ in made)
    statuses = sum((counted for _, counted, _ in made), Counter[tuple[str, int]]())
    ended = all(following == "wait" for _, _, following in made)
    floor = max(AUDIENCES / SEGMENT_CREATES_PER_SECOND, AUDIENCES * CHANNELS / CAMPAIGN_CREATES_PER_SECOND)
    refused = sum(many for (_, status), many in statuses.items() if status == 429)
    complete = {("CreateSegment", 201): FAN_OUTS * AUDIENCES, ("CreateCampaign", 201): FAN_OUTS * AUDIENCES * CHANNELS}
    return Row(
        f"fan-out of {AUDIENCES} audiences x {CHANNELS} channels against the floor",
        f"{seconds / floor:.2f}, {refused} refused",
        f"<= {MOST}, 0 refused",
        ended and statuses == complete and seconds <= MOST * floor,
        f"{seconds:.1f} s for one call of the step function, median of {FAN_OUTS}; floor of {floor:.1f} s set by "
        f"{CAMPAIGN_CREATES_PER_SECOND} creates per second; {LATENCY_SECONDS * 1000:.0f} ms per create",
    )


def _one_fan_out() -> tuple[float, Counter[tuple[str, int]], str]:
    """Seconds of a call of the step function, how often each create had which status, and what the call answers."""
    with ExitStack() as stack, redirect_stdout(StringIO()):

        def serve(pinpoint: Pinpoint) -> str:
            return stack.enter_context(PinpointServer(pinpoint=pinpoint)).url

        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        cloud = stack.enter_context(running(monkeypatch, ENVIRONMENT, Cloud, clock=WallClock(), serve=serve))
        slow = {"kind": "slow", "seconds": LATENCY_SECONDS, "times": None}
        cloud.faults.put([{"target": f"pinpoint.{operation}", **slow} for operation in CREATES])
        cloud.put_plan(fan_out(AUDIENCES))
        cloud.announce(event("fan_out"))
        started = time.monotonic()
        answer = cloud.invoke(cloud.start_payload())
        seconds = time.monotonic() - started
        statuses = Counter(
            (one["operation"], one["status"]) for operation in CREATES for one in cloud.created(operation)
        )
        return seconds, statuses, answer["next"]


def _kills() -> Row:
    runs = wrong = 0
    for after in (False, True):
        with (
            pytest.MonkeyPatch.context() as monkeypatch,
            redirect_stdout(StringIO()),
            running(monkeypatch, {}, Cloud) as cloud,
        ):
            for killed in killed_at_every_call(cloud, after=after):
                runs += 1
                wrong += not killed.as_planned()
    return Row(
        "runs, killed at every call in turn, that are not as planned",
        str(wrong),
        "0",
        wrong == 0,
        f"{runs} runs: between any two AWS calls of the step function, then called twice at once",
    )
