"""One run for each AWS call of the step function, which dies there and is called again, twice at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.functional.runs.cloud import Cloud, Payload
from tests.functional.runs.deaths import Death
from tests.functional.runs.plans import AUDIENCES, event, expected_messages, put_customers, release


@dataclass(frozen=True)
class Killed:
    """What came of a run whose function died at the call of that number."""

    number: int
    ended: str
    campaigns: Counter[str]
    segments: Counter[str]
    messages: Counter[tuple[str, str]]
    audiences: Sequence[str] = AUDIENCES

    def as_planned(self) -> bool:
        """Whether all of it is there, and each once."""
        # Each audience on two channels, at two steps.
        expected = 4 * len(self.audiences)
        return (
            self.ended == "completed"
            and len(self.campaigns) == self.campaigns.total() == expected
            and not self.segments
            and self.messages == expected_messages(self.audiences)
        )


def killed_at_every_call(cloud: Cloud, *, after: bool, audiences: Sequence[str] = AUDIENCES) -> Iterator[Killed]:
    """Runs of the release until one makes no call of that number.

    Parameters
    ----------
    after
        The call takes effect, and its answer is lost.
    """
    put_customers(cloud)
    cloud.put_plan(release(audiences))
    for number in cloud.deaths.numbers(after=after):
        cloud.forget_what_was_made()
        cloud.announce(event(event_id=f"{after}-{number}"))
        payload = cloud.start_payload()
        cloud.deaths.order(number, after=after)
        answer = cloud.walk(payload, lambda payload: _delivered(cloud, payload))
        names = Counter(str(campaign["name"]) for campaign in cloud.campaigns())
        yield Killed(number, answer["next"], names, cloud.segments(), cloud.messages(), audiences)


def _delivered(cloud: Cloud, payload: Payload) -> Payload:
    """One delivery as long as all is well, two at the same time after a death."""
    return _twice_at_once(cloud, payload) if cloud.deaths.died else cloud.advance(payload)


def _twice_at_once(cloud: Cloud, payload: Payload) -> Payload:
    """Two deliveries of one payload at the same time; the answer of the one that got further."""

    def invoke() -> Payload | None:
        try:
            return cloud.advance(payload)
        except Death:
            return None

    with ThreadPoolExecutor(2) as pool:
        answers = [answer.result() for answer in [pool.submit(invoke), pool.submit(invoke)]]
    alive = [answer for answer in answers if answer is not None]
    if not alive:
        raise Death
    return max(alive, key=lambda answer: (answer["step"], answer["phase"] != payload["phase"]))
