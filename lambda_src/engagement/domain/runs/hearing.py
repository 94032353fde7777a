"""Hearing what recipients did, before a step goes by it: the recorder must not be behind.

A marker is put into every shard of the stream and waited for in the table: whatever was in the stream before it has
been recorded by then.
"""

from __future__ import annotations

from dataclasses import replace

from engagement.domain.plans import words
from engagement.domain.plans.moments import instant
from engagement.domain.runs.call import Call
from engagement.domain.runs.position import Outcome, Phase
from engagement.domain.runs.records import StepRecord, StepStatus
from engagement.domain.runs.sending import next_look


def listen(call: Call, step: StepRecord) -> StepRecord | Outcome:
    """Wait until the recorder is not behind, or for as long as one should.

    Returns
    -------
    StepRecord
        The step, which says what is known; the same step if it goes by nothing that recipients did.
    Outcome
        Not yet.
    """
    if step.heard or call.record.dry_run or not any(send.conditions for send in call.step.sends):
        return step
    world = call.world
    now = world.now()
    # A call that is cut off forgets this moment; the next one chooses its own, and with it markers of its own.
    since = step.listening or now
    # Markers of one moment are alike, whoever put them: each came after it.
    marker = f"{call.at.run}.{call.at.step}.{int(since.timestamp())}"
    shards = step.shards or tuple(world.hearing.ask(marker))
    step = replace(step, status=StepStatus.LISTENING, listening=since, shards=shards)
    if shards and set(shards) <= set(world.hearing.heard(marker)):
        return replace(step, status=StepStatus.WORKING, heard=f"everything up to {instant(since)}")
    end = since + world.settings.longest_hearing
    if now >= end:
        what = "the recorder was behind" if shards else "the event stream could not be asked"
        heard = f"not everything: {what} for {words.duration(world.settings.longest_hearing)}"
        return replace(step, status=StepStatus.WORKING, heard=heard)
    return call.come_back(step, Phase.LOOK, min(end, next_look([], now, call.at.looks)))
