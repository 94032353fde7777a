"""Batches of endpoints that a step of a run stamps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from engagement.domain.destinations import DestinationName

Kept = Mapping[str, str]
"""What an update must repeat of an endpoint, so that it stays as it is."""
Endpoints = Mapping[str, Kept | None]
"""By id what must be kept of each endpoint; None if nobody has looked."""
Step = tuple[str, int]
"""Run id, and place of the step in the plan."""

MOST_ENDPOINTS = 100
"""What a batch holds, and what one UpdateEndpointsBatch request takes."""

_VERSION = 1
_ID_LENGTH = 40
_DIGEST = re.compile(r"[0-9a-f]{40}")
_LAST_INDEX = 999
_DEFAULTS = {"EndpointStatus": "ACTIVE", "OptOut": "NONE"}
_KEYS = {"run", "index", "batch"}
_FIRST = "pinpoint"
"""The destination of batches that do not say theirs, as those of earlier releases."""


class StampError(ValueError):
    """Something was taken for a stamp and is none; the text names the field, the rule and the remedy."""


@dataclass(frozen=True, slots=True)
class BatchKey:
    """What names a batch.

    Parameters
    ----------
    run
        Run id.
    index
        Place of the step in the plan.
    batch
        Id within the step.
    destination
        Where the endpoints are stamped; each destination has batches of its own.
    """

    run: str
    index: int
    batch: str
    destination: str = _FIRST

    def __post_init__(self) -> None:
        check_step(self.run, self.index)
        if self.destination not in tuple(DestinationName):
            raise StampError(f"destination must be one of {', '.join(DestinationName)}; let the run write the message")
        if not isinstance(self.batch, str) or not _DIGEST.fullmatch(self.batch):
            raise StampError("batch must be 40 hexadecimal digits; let the stamp hook write the message")

    @classmethod
    def of(cls, run: str, index: int, source: str, endpoints: Endpoints) -> BatchKey:
        """The key of these endpoints: the same for the same source and ids, so that a repeat is no second batch.

        Parameters
        ----------
        source
            Where the endpoints come from: a campaign or an export.
        """
        text = json.dumps([source, *sorted(endpoints)])
        return cls(run, index, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH])

    @classmethod
    def parse(cls, text: str) -> BatchKey:
        """Read a message of the stamp queue.

        Raises
        ------
        StampError
            It is none.
        """
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            raise StampError("the message is not JSON; let the stamp hook write it") from None
        if not isinstance(message, dict) or message.pop("version", None) != _VERSION:
            raise StampError(f"version must be {_VERSION}; let a function of the same release write the message")
        if message.keys() - {"destination"} != _KEYS:
            rule = "the message must have run, index and batch, and may have destination"
            raise StampError(f"{rule}; let the stamp hook write it")
        return cls(**message)

    @property
    def step(self) -> Step:
        """The step that stamps it."""
        return self.run, self.index

    def text(self) -> str:
        """The message of the stamp queue that says: this batch is open."""
        message = {"version": _VERSION, "run": self.run, "index": self.index, "batch": self.batch}
        return json.dumps(message if self.destination == _FIRST else message | {"destination": self.destination})

    def at(self, destination: str) -> BatchKey:
        """The same endpoints at a destination."""
        return replace(self, destination=destination)


@dataclass(frozen=True, slots=True)
class Batch:
    """Endpoints to stamp."""

    key: BatchKey
    endpoints: Endpoints


def check_step(run: object, index: object) -> Step:
    """The step of a run that these name.

    Raises
    ------
    StampError
        They cannot name one.
    """
    if not isinstance(run, str) or not _DIGEST.fullmatch(run):
        raise StampError("run must be 40 hexadecimal digits; let the run make its campaigns itself")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= _LAST_INDEX:
        raise StampError(f"index must be a whole number from 0 to {_LAST_INDEX}; let the run make its campaigns itself")
    return run, index


def kept(endpoint: Mapping[str, Any]) -> Kept:
    """What an update of an endpoint must repeat, since an update makes it active.

    What is the default is left out: an opt-out made since then must not be undone by what was true before. No address,
    no user: an update leaves alone what it does not name.
    """
    return {name: endpoint[name] for name, default in _DEFAULTS.items() if endpoint.get(name, default) != default}
