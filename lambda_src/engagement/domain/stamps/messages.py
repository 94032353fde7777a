"""What an invocation of the stamper gets: messages, each of which says that a batch is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engagement.domain.stamps.batches import BatchKey, StampError


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages by their ids; several may announce the same batch.

    Parameters
    ----------
    keys
        The batches that they announce.
    faults
        What is wrong with those that announce none.
    """

    keys: Mapping[str, BatchKey]
    faults: Mapping[str, str]

    @classmethod
    def parse(cls, bodies: Iterable[tuple[str, str]]) -> Messages:
        """Read messages, each given with its id."""
        keys, faults = {}, {}
        for message_id, body in bodies:
            try:
                keys[message_id] = BatchKey.parse(body)
            except StampError as error:
                faults[message_id] = str(error)
        return cls(keys, faults)

    def batches(self) -> list[BatchKey]:
        """Every batch once."""
        return list(dict.fromkeys(self.keys.values()))

    def about(self, batches: Collection[BatchKey]) -> list[str]:
        """Ids of the messages that announce one of these."""
        return [message_id for message_id, key in self.keys.items() if key in batches]
