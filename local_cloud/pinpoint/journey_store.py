"""The journeys of one application: what was asked for, and how far each one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_cloud.pinpoint.journey_graph import MESSAGES, entry_segment, parts, starts_by_event
from local_cloud.pinpoint.journey_progress import Participant, Progress
from local_cloud.pinpoint.message_counts import MessageCounts
from local_cloud.pinpoint.versions import Versions

Document = dict[str, Any]

UNDER_WAY: Final = frozenset({"ACTIVE", "CLOSED", "PAUSED"})
"""States of a journey that has been published and has not ended. All count against the quotas (reading)."""


class Journeys:
    """Journeys by id."""

    def __init__(self) -> None:
        self.documents = Versions("journey")
        self.message_counts = MessageCounts()
        # Events that wait to let somebody in: ids of the journey and of the endpoint.
        self.waiting: list[tuple[str, str]] = []
        self._progress: dict[str, Progress] = {}

    def progress(self, identifier: str) -> Progress | None:
        """Return how far a journey is, None if it was never published."""
        return self._progress.get(identifier)

    def put(self, document: Document) -> None:
        """Add a journey, or replace one."""
        if document["Id"] in self.documents:
            self.documents.replace(document["Id"], document)
        else:
            self.documents.add(document["Id"], document)

    def publish(self, identifier: str, progress: Progress) -> None:
        """Begin the run of a journey that exists."""
        self._progress[identifier] = progress

    def change_state(self, identifier: str, state: str, now: str) -> Document:
        """Change the state of a journey that exists.

        Parameters
        ----------
        identifier
            Its id.
        state
            `State` of the service model.
        now
            The moment, ISO 8601.

        Returns
        -------
        dict
            The journey as it is now.
        """
        document = {**self.documents.get(identifier), "State": state, "LastModifiedDate": now}
        self.put(document)
        return document

    def remove(self, identifier: str) -> None:
        """Remove a journey that exists."""
        self.documents.remove(identifier)
        self._progress.pop(identifier, None)

    def published(self) -> Iterator[tuple[Document, Progress]]:
        """Yield every journey that was ever published, and how far it is."""
        for document in self.documents.newest():
            progress = self._progress.get(document["Id"])
            if progress:
                yield document, progress

    def under_way(self) -> list[tuple[Document, Progress]]:
        """Return the journeys that have been published and have not ended."""
        return [one for one in self.published() if one[0]["State"] in UNDER_WAY]

    def listening(self, now: str) -> list[Document]:
        """Return the journeys that an event can let somebody into.

        Parameters
        ----------
        now
            The moment, ISO 8601.

        Returns
        -------
        list
            Event-triggered journeys.
        """
        return [
            document
            for document, progress in self.under_way()
            if document["State"] == "ACTIVE" and starts_by_event(document) and progress.begins <= now < progress.ends
        ]

    def uses_segment(self, segment_id: str) -> bool:
        """Tell whether a journey that is under way is entered through a segment."""
        return any(entry_segment(document) == segment_id for document, _ in self.under_way())

    def snapshot(self) -> Document:
        """Return the journeys as a JSON document."""
        return {
            "documents": self.documents.snapshot(),
            "progress": {identifier: progress.snapshot() for identifier, progress in self._progress.items()},
            "message_counts": self.message_counts.snapshot(),
        }

    @classmethod
    def restored(cls, snapshot: Mapping[str, Any]) -> Journeys:
        """Build the journeys from what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document.

        Returns
        -------
        Journeys
            The same journeys. A message that was under way then counts as sent: it would be sent twice.
        """
        journeys = cls()
        journeys.documents = Versions.restored("journey", snapshot["documents"])
        journeys.message_counts = MessageCounts.restored(snapshot["message_counts"])
        journeys._progress = {name: Progress.restored(one) for name, one in snapshot["progress"].items()}
        for document, progress in journeys.published():
            for participant in list(progress.participants.values()):
                _go_on(participant, document, progress)
        return journeys


def _go_on(participant: Participant, document: Document, progress: Progress) -> None:
    """Go on behind an activity that was cut off; what sends nothing is performed again."""
    if not participant.busy:
        return
    participant.busy = False
    kind, settings = parts(document["Activities"][participant.activity])
    if kind not in MESSAGES:
        return
    after = settings.get("NextActivity")
    if after:
        participant.move_to(after, participant.until)
    else:
        progress.dismiss(participant, "ENDPOINT_LEFT")
