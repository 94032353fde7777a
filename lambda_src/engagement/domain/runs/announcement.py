"""What comes out of the queue of company events: announcements, planned starts, stops, and ends of executions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engagement.domain.documents import json_object

ANNOUNCED = "Company Event"
PLANNED = "Company Event Schedule"
CALLED = "Company Event Step"
STOP = "Company Event Stop"
ENDED = "Step Functions Execution Status Change"

_PLAN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_RUN = re.compile(r"[0-9a-f]{40}")
_EXECUTION = re.compile(r".*-([0-9a-f]{40})")
_ID_LENGTH = 256
_STEP = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_OURS = frozenset({"event", "event_id", "dry_run"})


class MessageError(ValueError):
    """A message that means nothing here; the text names the field, the rule and the remedy."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A company event has happened, or a plan's time has come.

    Parameters
    ----------
    plan
        Name of the event, and of its plan.
    key
        What makes the run the only one, whatever the event's way here was.
    detail
        The event's attributes.
    planned
        A schedule has started it, not an event.
    step
        The only step that is to be done, for a journey that was drawn by hand; empty for all.
    """

    plan: str
    key: str
    detail: Mapping[str, Any]
    dry_run: bool = False
    planned: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody asks to stop a run."""

    run: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A run's execution has ended otherwise than by reaching its end; AWS Step Functions says so.

    Parameters
    ----------
    status
        `ABORTED`, `FAILED` or `TIMED_OUT`.
    """

    run: str
    status: str


def read(body: str, *, require_event_id: bool) -> Announcement | Stop | Ended:
    """Read a message of the queue.

    Parameters
    ----------
    body
        The event as EventBridge delivers it, or what a schedule writes.
    require_event_id
        Whether `detail.event_id` must be there; EventBridge's own `id` takes its place otherwise, and a producer that
        sends the same event again then starts another run.

    Raises
    ------
    MessageError
        It is none of them, or a field is missing or malformed.
    """
    envelope = _object(body)
    detail = envelope.get("detail")
    if not isinstance(detail, dict):
        raise MessageError("detail: must be an object. Send the event's name in detail.event")
    kind = envelope.get("detail-type")
    if kind == ENDED:
        return _ended(detail)
    if kind == STOP:
        run = detail.get("run")
        if not isinstance(run, str) or not _RUN.fullmatch(run):
            raise MessageError("detail.run: must be a run's ID, 40 hexadecimal digits. Take it from make run-show")
        return Stop(run)
    plan = detail.get("event")
    if not isinstance(plan, str) or not _PLAN_NAME.fullmatch(plan):
        raise MessageError(
            "detail.event: must be a letter, then letters, digits, _ . or -, at most 64 characters. "
            "Send the name of the plan"
        )
    if kind == PLANNED:
        return Announcement(plan, f"schedule:{plan}:{_text(detail, 'time')}", {}, planned=True)
    if kind == CALLED:
        return _called(plan, detail)
    if kind != ANNOUNCED:
        raise MessageError(f"detail-type: must be {ANNOUNCED} or {STOP}. Check what the producer sends")
    dry_run = detail.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise MessageError("detail.dry_run: must be true or false. Leave it out to send")
    own = "event_id" in detail or require_event_id
    identifier = _text(detail, "event_id") if own else f"bus:{_text(envelope, 'id')}"
    # A rehearsal must not take the place of the run that it rehearses.
    key = f"{'dry-run' if dry_run else 'event'}:{plan}:{identifier}"
    attributes = {name: value for name, value in detail.items() if name not in _OURS}
    return Announcement(plan, key, attributes, dry_run)


def called(plan: str, step: str, journey: str, endpoint: str, occurrence: str, values: Mapping[str, str]) -> str:
    """The message that asks for one step of a plan, as `read` reads it.

    Parameters
    ----------
    journey, endpoint, occurrence
        Which journey calls for whom, and what tells this time from others.
    values
        The event's attributes, as far as the endpoint carries them.
    """
    asked = {"event": plan, "step": step, "journey": journey, "endpoint": endpoint, "occurrence": occurrence}
    return json.dumps({"detail-type": CALLED, "detail": {**asked, "values": dict(values)}})


def _called(plan: str, detail: Mapping[str, Any]) -> Announcement:
    step = detail.get("step")
    if not isinstance(step, str) or not _STEP.fullmatch(step):
        raise MessageError("detail.step: must be the id of a step. Write it as the plan does")
    values = detail.get("values", {})
    parts = (plan, step, *(_text(detail, name) for name in ("journey", "endpoint", "occurrence")))
    return Announcement(plan, f"journey:{json.dumps(parts)}", values if isinstance(values, dict) else {}, step=step)


def _ended(detail: Mapping[str, Any]) -> Ended:
    named = _EXECUTION.fullmatch(str(detail.get("name", "")))
    if not named:
        raise MessageError("detail.name: is not the name of a run's execution. Let the announcer start executions")
    return Ended(named[1], str(detail.get("status", "")))


def _object(body: str) -> dict[str, Any]:
    envelope = json_object(body)
    if envelope is None:
        raise MessageError("the message is not a JSON object. Only the bus and schedules may write to this queue")
    return envelope


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _ID_LENGTH:
        raise MessageError(
            f"{name}: must be a text of 1 to {_ID_LENGTH} characters. Send one that stays the same when the same "
            "event is sent again"
        )
    return value
