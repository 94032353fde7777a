"""The last calls of deployed APIs, and how many came in each second."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ministack.services import apigateway_v1 as records

from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.console.asked import Asked, asked
from local_cloud.console.fates import Fate

_MOST_HITS: Final = 2_000
_MOST_EVENTS: Final = 10_000
_SECONDS: Final = 60
_REFUSED: Final = 400


@dataclass
class Hit:
    """One call and its answer.

    Attributes
    ----------
    number
        Place in the order of arrival, from 0.
    moment
        When it came, Unix milliseconds.
    account, region, api_id, api, stage, method, route
        Where it arrived; the API's name, and the resource's path, which is empty if there is none.
    status, refusal
        The answer, and what it says if it is no success.
    request_id
        The extended request id.
    events
        What it asks for.
    fates
        What became of each event, in the same order; of a call without events, of the call.
    followed
        Whether it was ever seen in a queue.
    revision
        Of the last change of what is known.
    """

    number: int
    moment: int
    account: str
    region: str
    api_id: str
    api: str
    stage: str
    method: str
    route: str
    status: int
    refusal: str
    request_id: str
    events: tuple[Asked, ...]
    fates: tuple[Fate, ...] = ()
    followed: bool = False
    revision: int = 0

    @property
    def refused(self) -> bool:
        """Whether the gateway itself refused it."""
        return self.status >= _REFUSED


class Hits:
    """Hears of every answer of a stage and keeps the last ones."""

    def __init__(self) -> None:
        self._hits: deque[Hit] = deque()
        self._events = 0
        self._next = 0
        self._seconds: deque[list[int]] = deque(maxlen=_SECONDS)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._hits)

    def observe(self, exchange: Exchange, answer: Answer) -> None:
        """Keep one answer.

        Parameters
        ----------
        exchange
            The request.
        answer
            What was answered.
        """
        api = records._rest_apis.get_scoped(exchange.account, exchange.region, exchange.api_id) or {}
        hit = Hit(
            number=self._next,
            moment=int(exchange.time * 1000),
            account=exchange.account,
            region=exchange.region,
            api_id=exchange.api_id,
            api=str(api.get("name") or exchange.api_id),
            stage=exchange.stage_name,
            method=exchange.method,
            route=exchange.resource_path,
            status=answer.status,
            refusal=_message(answer),
            request_id=exchange.extended_request_id,
            events=asked(exchange.query, exchange.body, exchange.header("content-type").lower()),
        )
        self._next += 1
        self._hits.append(hit)
        self._events += len(hit.events)
        while len(self._hits) > _MOST_HITS or (self._events > _MOST_EVENTS and len(self._hits) > 1):
            self._events -= len(self._hits.popleft().events)
        self._count(int(exchange.time), refused=hit.refused)

    def rate(self) -> list[list[int]]:
        """Return taken and refused calls of each of the last 60 seconds, oldest first; the last one is not over."""
        now = int(time.time())
        known = {second: [taken, refused] for second, taken, refused in self._seconds}
        return [known.get(second, [0, 0]) for second in range(now - _SECONDS + 1, now + 1)]

    def _count(self, second: int, *, refused: bool) -> None:
        if not self._seconds or self._seconds[-1][0] < second:
            self._seconds.append([second, 0, 0])
        self._seconds[-1][2 if refused else 1] += 1


def _message(answer: Answer) -> str:
    if answer.status < _REFUSED:
        return ""
    try:
        document = json.loads(answer.body)
        return str(document.get("message") or document.get("Message") or "")
    except (ValueError, AttributeError):
        return answer.body.decode(errors="replace")
