"""Many runs at once: events arrive, executions wait side by side, and things happen in between."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable
from datetime import datetime

from tests.functional.runs.cloud import Cloud, Payload

_RETURN_SECONDS = 60.0
_MOST_ACTS = 20_000


class Theatre:
    """Plays the queue and the state machine for many runs, in the order in which things are due."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._acts: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._known: set[str] = set()
        self.ended: dict[str, str] = {}

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        heapq.heappush(self._acts, (self._cloud.clock.time() + seconds, next(self._numbers), act))

    def event(self, seconds: float, body: str) -> None:
        """A company event comes so many seconds from now; the queue brings it back if it is not settled."""

        def arrive() -> None:
            if self._cloud.announce(body):
                self.at(_RETURN_SECONDS, arrive)
            self._begin_executions()

        self.at(seconds, arrive)

    def play(self) -> None:
        """Until nothing is left to do."""
        for _ in range(_MOST_ACTS):
            if not self._acts:
                return
            due, _, act = heapq.heappop(self._acts)
            while due > self._cloud.clock.time():
                self._cloud.pass_time(min(20.0, due - self._cloud.clock.time()))
            act()
            self._cloud.pinpoint.work.do()
        raise AssertionError("the runs do not end")

    def _begin_executions(self) -> None:
        for execution in self._cloud.executions():
            arn = execution["executionArn"]
            if arn not in self._known:
                self._known.add(arn)
                described = self._cloud.stepfunctions.describe_execution(executionArn=arn)
                self._walk(json.loads(described["input"]))

    def _walk(self, payload: Payload) -> None:
        answer = self._cloud.invoke(payload)
        if answer["next"] == "step":
            self.at(0, lambda: self._walk(answer))
        elif answer["next"] == "wait":
            seconds = datetime.fromisoformat(answer["until"]).timestamp() - self._cloud.clock.time()
            self.at(max(0.0, seconds), lambda: self._walk(answer))
        else:
            self.ended[answer["run"]] = answer["next"]
