"""The campaigns of one application: what was asked for, and how far each one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from local_cloud.pinpoint.versions import Versions

Document = dict[str, Any]

# Pinpoint quotas: what counts as an active campaign.
ACTIVE: Final = frozenset({"SCHEDULED", "EXECUTING", "PENDING_NEXT_RUN"})
ENDED: Final = frozenset({"COMPLETED", "DELETED", "INVALID"})
_ERRORS_KEPT: Final = 20


@dataclass
class Progress:
    """How far a campaign is.

    Attributes
    ----------
    status
        `CampaignStatus` of the service model.
    planned
        When its next run starts as its schedule says, ISO 8601.
    due
        When that run starts here, where time may pass faster.
    ends
        When an event-based campaign stops listening here, None if never.
    activities
        What GetCampaignActivities answers, oldest first.
    skipped
        How many endpoints of the segment got nothing, by reason.
    errors
        Why functions failed, the last ones.
    """

    status: str
    planned: str
    due: str
    ends: str | None = None
    activities: list[Document] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def skip(self, reason: str, count: int = 1) -> None:
        """Count endpoints that get nothing."""
        if count:
            self.skipped[reason] = self.skipped.get(reason, 0) + count

    def wait(self) -> None:
        """Wait for the next run."""
        self.status = "PENDING_NEXT_RUN" if self.activities else "SCHEDULED"

    def cut_off(self) -> None:
        """End a run that cannot go on; one that has not begun can."""
        running = [activity for activity in self.activities if activity["State"] == "RUNNING"]
        for activity in running:
            activity |= {"State": "CANCELLED", "Result": "FAIL"}
        if running:
            self.status = "COMPLETED"
        else:
            self.wait()

    def fail(self, error: Exception) -> None:
        """Keep why a function failed."""
        self.errors = [*self.errors, str(error)][-_ERRORS_KEPT:]


class Campaigns:
    """Campaigns by id."""

    def __init__(self) -> None:
        self.versions = Versions("campaign")
        self._progress: dict[str, Progress] = {}

    def add(self, document: Document, progress: Progress) -> None:
        """Add a campaign."""
        self.versions.add(document["Id"], document)
        self._progress[document["Id"]] = progress

    def progress(self, identifier: str) -> Progress:
        """Return how far a campaign is that exists."""
        return self._progress[identifier]

    def set_progress(self, identifier: str, progress: Progress) -> None:
        """Replace what is known of a campaign that exists and does not run."""
        self._progress[identifier] = progress

    def remove(self, identifier: str) -> None:
        """Remove a campaign that exists."""
        self.versions.remove(identifier)
        del self._progress[identifier]

    def all(self) -> Iterator[tuple[Document, Progress]]:
        """Yield the newest version of every campaign and how far it is."""
        for document in self.versions.newest():
            yield document, self._progress[document["Id"]]

    def active(self) -> int:
        """Return how many count against the quota of active campaigns."""
        return sum(progress.status in ACTIVE for progress in self._progress.values())

    def listening(self) -> list[Document]:
        """Return the event-based campaigns that wait for events."""
        return [
            document
            for document, progress in self.all()
            if progress.status == "EXECUTING" and document["Schedule"].get("Frequency") == "EVENT"
        ]

    def end_those_of(self, segment_id: str) -> None:
        """Service model, CampaignState: if its segment is deleted, a campaign fails and has the status DELETED."""
        for document, progress in self.all():
            if document["SegmentId"] == segment_id and progress.status not in ENDED:
                progress.status = "DELETED"

    def snapshot(self) -> Document:
        """Return the campaigns as a JSON document."""
        return {
            "versions": self.versions.snapshot(),
            "progress": {identifier: asdict(progress) for identifier, progress in self._progress.items()},
        }

    @classmethod
    def restored(cls, snapshot: Mapping[str, Any]) -> Campaigns:
        """Build the campaigns from what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document. A run that was under way then does not go on: it would send twice.

        Returns
        -------
        Campaigns
            The same campaigns.
        """
        campaigns = cls()
        campaigns.versions = Versions.restored("campaign", snapshot["versions"])
        campaigns._progress = {name: Progress(**progress) for name, progress in snapshot["progress"].items()}
        for document, progress in campaigns.all():
            if progress.status == "EXECUTING" and document["Schedule"].get("Frequency") != "EVENT":
                progress.cut_off()
        return campaigns
