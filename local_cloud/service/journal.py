"""The numbered record of data-plane calls."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_MEMORY_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """One call, with its documents still as bytes: parsed only when somebody reads them.

    Attributes
    ----------
    operation, account, region
        What was called.
    facts
        What it was about, such as its application, by name.
    status
        What the caller was answered; 0 when the connection ended without an answer.
    processed
        Whether the call took effect.
    fault
        Kind of the fault that was injected into the call as a whole.
    time
        When it came, ISO 8601.
    request, response
        Body of the request, and of the answer that processing gave, delivered or not.
    """

    operation: str
    facts: Mapping[str, str]
    account: str
    region: str
    status: int
    processed: bool
    fault: str | None
    time: str
    request: bytes
    response: bytes


class Journal:
    """Keeps the last calls, as many as fit into a fixed amount of memory.

    Parameters
    ----------
    memory_bytes
        Size of all bodies together above which the oldest calls are forgotten.
    """

    def __init__(self, memory_bytes: int = _MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._entries: deque[Entry] = deque()
        self._size = 0
        self._next = 0
        self._lock = threading.Lock()

    @property
    def next_number(self) -> int:
        """Number of the next call."""
        return self._next

    def start_at(self, number: int) -> None:
        """Forget everything and give the next call this number.

        Parameters
        ----------
        number
            Number of the next call.
        """
        with self._lock:
            self._entries.clear()
            self._size = 0
            self._next = number

    def append(self, entry: Entry) -> None:
        """Add a call.

        Parameters
        ----------
        entry
            The call.
        """
        with self._lock:
            self._entries.append(entry)
            self._size += _size(entry)
            self._next += 1
            while self._size > self._memory_bytes and len(self._entries) > 1:
                self._size -= _size(self._entries.popleft())

    def entries(self, number: int = 0) -> tuple[int, list[Entry]]:
        """Return the calls from a number on, unparsed.

        Parameters
        ----------
        number
            Number of the first call wanted.

        Returns
        -------
        tuple
            Number of the next call, and those asked for that are not forgotten.
        """
        with self._lock:
            first = self._next - len(self._entries)
            return self._next, list(self._entries)[max(0, number - first) :]

    def since(self, number: int = 0) -> dict[str, Any]:
        """Return the calls from a number on.

        Parameters
        ----------
        number
            Number of the first call wanted, such as the last answer's `next`.

        Returns
        -------
        dict
            `next`, `requests`, and how many of the calls asked for were `forgotten`.
        """
        end, wanted = self.entries(number)
        start = end - len(wanted)
        return {
            "next": end,
            "forgotten": max(0, start - number),
            "requests": [_document(start + index, entry) for index, entry in enumerate(wanted)],
        }


def _size(entry: Entry) -> int:
    return len(entry.request) + len(entry.response)


def _document(number: int, entry: Entry) -> dict[str, Any]:
    return {
        "number": number,
        "operation": entry.operation,
        **entry.facts,
        "account": entry.account,
        "region": entry.region,
        "status": entry.status,
        "processed": entry.processed,
        "fault": entry.fault,
        "time": entry.time,
        "request": _parsed(entry.request),
        "response": _parsed(entry.response),
    }


def _parsed(body: bytes) -> object:
    if not body:
        return None
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
    return document
