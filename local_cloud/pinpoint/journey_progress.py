"""How far a journey is: who stands where, who came and went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from local_cloud.pinpoint.endpoint_rules import endpoint_key

_ERRORS_KEPT: Final = 20
_EVENTS_KEPT: Final = 100


@dataclass
class Participant:
    """The endpoints of one user, or one endpoint without user, on the way through a journey.

    Attributes
    ----------
    id
        Different each time somebody enters.
    key
        Who it is.
    endpoints
        Ids of the endpoints that move together.
    activity, since
        Where it stands, and since when, ISO 8601.
    until
        When the activity is performed, ISO 8601; empty for who has just come to it.
    came_from
        The activity before, empty at the first one.
    busy
        Whether the activity is being performed.
    events
        What happened to it since it entered, for the conditions of splits: events as PutEvents brings them, what
        became of its messages and `Attributes` that a function answered, with the `activity` that they belong to.
    """

    id: str
    key: str
    endpoints: list[str]
    activity: str
    since: str
    until: str = ""
    came_from: str = ""
    busy: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)

    def note(self, event: Mapping[str, Any]) -> None:
        """Keep what happened."""
        self.events = [*self.events, dict(event)][-_EVENTS_KEPT:]

    def move_to(self, activity: str, now: str) -> None:
        """Come to the next activity."""
        self.came_from, self.activity = self.activity, activity
        self.since, self.until = now, ""


@dataclass
class Progress:
    """One run of a journey, from its publication on.

    Attributes
    ----------
    run_id, status
        The run, and its `JourneyRunStatus` of the service model.
    created, updated
        When it was published, and when its status changed, ISO 8601.
    begins, ends
        From when and until when participants can enter here, where time may pass faster.
    refresh_due
        When the segment is looked at next, None if never.
    segment_version
        Which version of the segment was looked at.
    entering
        Whether members of the segment are entering.
    paused
        Since when it is paused, None if it is not.
    participants
        Who is inside, by id.
    entries
        How often each participant entered, and when the last time, by key.
    metrics, activity_metrics
        Counts of endpoints, of the journey and of each activity.
    passed
        How many endpoints have left each activity.
    entered, ended
        How many endpoints have entered, and how many have left or were cancelled.
    errors
        Why functions failed, the last ones.
    """

    run_id: str
    created: str
    begins: str
    ends: str
    refresh_due: str | None = None
    status: str = "SCHEDULED"
    updated: str = ""
    segment_version: int = 0
    entering: bool = False
    paused: str | None = None
    participants: dict[str, Participant] = field(default_factory=dict)
    entries: dict[str, tuple[int, str]] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)
    activity_metrics: dict[str, dict[str, int]] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    entered: int = 0
    ended: int = 0
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.updated = self.updated or self.created
        self._inside: dict[str, str] = {}
        for participant in self.participants.values():
            self._index(participant)

    def count(self, metric: str, number: int = 1) -> None:
        """Count endpoints in a metric of the journey."""
        self.metrics[metric] = self.metrics.get(metric, 0) + number

    def count_at(self, activity: str, metric: str, number: int = 1) -> None:
        """Count endpoints in a metric of an activity."""
        metrics = self.activity_metrics.setdefault(activity, {})
        metrics[metric] = metrics.get(metric, 0) + number

    def fail(self, error: Exception | str) -> None:
        """Keep why a function failed."""
        self.errors = [*self.errors, str(error)][-_ERRORS_KEPT:]

    def become(self, status: str, now: str) -> None:
        """Change the status of the run."""
        self.status, self.updated = status, now

    def inside(self, key: str) -> Participant | None:
        """Return the participant of a key or of an endpoint's key who is inside."""
        return self.participants.get(self._inside.get(key, ""))

    def entered_at(self, participant: Participant) -> str:
        """Return when somebody who is inside entered, ISO 8601."""
        return self.entries[participant.key][1]

    def admit(self, participant: Participant) -> None:
        """Let somebody in who is not inside."""
        number = len(participant.endpoints)
        times, _ = self.entries.get(participant.key, (0, ""))
        self.entries[participant.key] = times + 1, participant.since
        self.participants[participant.id] = participant
        self._index(participant)
        self.entered += number
        self.count("ENDPOINT_ENTERED", number)

    def dismiss(self, participant: Participant, metric: str) -> None:
        """Take somebody out who is inside, and count why."""
        del self.participants[participant.id]
        for key in _keys(participant):
            self._inside.pop(key, None)
        self.ended += len(participant.endpoints)
        self.count(metric, len(participant.endpoints))

    def dismiss_all(self, metric: str) -> None:
        """Take everybody out."""
        for participant in list(self.participants.values()):
            self.dismiss(participant, metric)

    def claim(self, now: str) -> list[Participant]:
        """Return those whose activity is due; nobody is returned twice.

        Parameters
        ----------
        now
            The moment, ISO 8601.

        Returns
        -------
        list
            Participants, busy from now on.
        """
        due = [one for one in self.participants.values() if not one.busy and one.until <= now]
        for participant in due:
            participant.busy = True
        return due

    def snapshot(self) -> dict[str, Any]:
        """Return the run as a JSON document."""
        return asdict(self)

    @classmethod
    def restored(cls, snapshot: Mapping[str, Any]) -> Progress:
        """Build the run from what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document.

        Returns
        -------
        Progress
            The same run.
        """
        known = {
            **snapshot,
            "participants": {name: Participant(**one) for name, one in snapshot["participants"].items()},
            "entries": {key: (times, last) for key, (times, last) in snapshot["entries"].items()},
            "entering": False,
            # Nobody enters before everybody is found: the segment is looked at again.
            "refresh_due": snapshot["begins"] if snapshot["entering"] else snapshot["refresh_due"],
        }
        return cls(**known)

    def _index(self, participant: Participant) -> None:
        for key in _keys(participant):
            self._inside[key] = participant.id


def _keys(participant: Participant) -> Iterable[str]:
    return participant.key, *(endpoint_key(identifier) for identifier in participant.endpoints)


def participant_key(user_id: str | None, endpoint_id: str) -> str:
    """Return what identifies a participant: its user, or its endpoint if that has none."""
    # No id of an endpoint holds a `$`.
    return f"$user/{user_id}" if user_id else endpoint_key(endpoint_id)
