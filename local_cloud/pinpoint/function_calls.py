"""Calls of a function that a campaign or a journey names: within a time limit, three times at most."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from local_cloud.pinpoint.neighbours import Functions
from local_cloud.service.neighbours import NeighbourError, Source

# Pinpoint developer guide, customizing segments: a delivery fails that would need more than three attempts, whose
# function takes longer than 15 s, or whose answer cannot be read. For custom channels it is not published, and taken
# to be the same (reading). The function that took too long runs on.
ATTEMPTS: Final = 3
# Pinpoint developer guide: at most 50 endpoints per call.
ENDPOINTS_PER_CALL: Final = 50
# What a function does not get to see of an endpoint.
HIDDEN: Final = ("ApplicationId", "CohortId", "Id", "RequestId")

Answer = TypeVar("Answer")


def shown(endpoints: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what a function gets to see of endpoints.

    Parameters
    ----------
    endpoints
        Endpoints by id.

    Returns
    -------
    dict
        `Endpoints` of its event.
    """
    return {
        known: {name: value for name, value in endpoint.items() if name not in HIDDEN}
        for known, endpoint in endpoints.items()
    }


@dataclass(frozen=True)
class FunctionCalls:
    """Calls functions on behalf of one campaign or journey.

    Attributes
    ----------
    functions
        Where they are.
    source
        The campaign or journey.
    timeout_seconds
        How long each may take.
    """

    functions: Functions
    source: Source
    timeout_seconds: float

    def call(self, function: str, payload: Mapping[str, Any], read: Callable[[object], Answer]) -> Answer:
        """Call a function until it answers what can be read.

        Parameters
        ----------
        function
            Name or ARN.
        payload
            The event.
        read
            Turns the answer into what is wanted; raises NeighbourError if it cannot.

        Returns
        -------
        object
            What `read` returned.

        Raises
        ------
        NeighbourError
            Why the last attempt failed.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return read(self._once(function, payload))
            except NeighbourError:
                continue
        return read(self._once(function, payload))

    def _once(self, function: str, payload: Mapping[str, Any]) -> object:
        outcome: queue.SimpleQueue[object] = queue.SimpleQueue()

        def invoke() -> None:
            try:
                outcome.put(self.functions.invoke(function, payload, self.source))
            except NeighbourError as error:
                outcome.put(error)

        # Nobody waits for a thread whose function took too long.
        threading.Thread(target=invoke, name="pinpoint-function", daemon=True).start()
        try:
            answer = outcome.get(timeout=self.timeout_seconds)
        except queue.Empty:
            raise NeighbourError(f"{function} did not answer within {self.timeout_seconds:g} s") from None
        if isinstance(answer, NeighbourError):
            raise answer
        return answer
