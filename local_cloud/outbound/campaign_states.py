"""Which state of a campaign allows what. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_cloud.outbound.errors import invalid, wrong_state

INITIALIZED: Final = "Initialized"
RUNNING: Final = "Running"
PAUSED: Final = "Paused"
STOPPED: Final = "Stopped"
FAILED: Final = "Failed"
COMPLETED: Final = "Completed"

ACTIVE: Final = frozenset({RUNNING, PAUSED})
"""What counts against the quota of active campaigns (reading)."""

# From which states, and into which. That one which was stopped cannot be started again is a reading.
_CHANGES: Final[Mapping[str, tuple[frozenset[str], str, str]]] = {
    "StartCampaign": (frozenset({INITIALIZED}), RUNNING, "started"),
    "PauseCampaign": (frozenset({RUNNING}), PAUSED, "paused"),
    "ResumeCampaign": (frozenset({PAUSED}), RUNNING, "resumed"),
    "StopCampaign": (frozenset({RUNNING, PAUSED}), STOPPED, "stopped"),
}
# API reference, DeleteCampaign.
_DELETABLE: Final = frozenset({INITIALIZED, FAILED, COMPLETED, STOPPED})


def changed(operation: str, state: str) -> str:
    """Return the state after an operation.

    Parameters
    ----------
    operation
        `StartCampaign`, `PauseCampaign`, `ResumeCampaign` or `StopCampaign`.
    state
        The state before.

    Returns
    -------
    str
        The new state.

    Raises
    ------
    ServiceError
        409 if the state forbids it.
    """
    allowed, after, done = _CHANGES[operation]
    if state not in allowed:
        raise wrong_state(state, done)
    return after


def check_deletable(state: str) -> None:
    """Refuse to delete a campaign that is under way.

    Parameters
    ----------
    state
        Its state.

    Raises
    ------
    ServiceError
        400: the service model knows no error of the state for this operation.
    """
    if state not in _DELETABLE:
        raise invalid(f"a campaign that is {state} cannot be deleted; stop it first")


def check_open(state: str) -> None:
    """Refuse to change a campaign that was started: API reference, the operations that update one.

    Parameters
    ----------
    state
        Its state.

    Raises
    ------
    ServiceError
        409 if it was started.
    """
    if state != INITIALIZED:
        raise wrong_state(state, "changed")
